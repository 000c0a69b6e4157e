//! A tenant's settings over the public API: each one that is set has its effect from the next request on.

use serde_json::{Value, json};

use crate::access::{ok, put, refused};
use crate::people::in_system;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const SETTINGS: &str = "/api/web/namespaces/system/tenant/settings";
const IDM: &str = "/api/web/namespaces/system/tenant/idm/settings";
const POLICY: &str = "/no_auth/tenant/idm/settings/password_policy";
const EMAIL: &str = "hello@example.com";

fn set_idm(rig: &Rig, part: &str, value: Value) -> Answered {
    put(rig, IDM, &json!({ part: value }))
}

#[test]
fn the_longest_life_of_credentials_counts_from_the_next_one() {
    let rig = Rig::start();
    let make = |days: i64| {
        let asked = json!({ "name": "ci", "expiration_days": days, "spec": { "type": "API_TOKEN" } });
        rig.post("/api/web/namespaces/system/api_credentials", &asked)
    };
    ok(&make(300));
    let changed = put(&rig, SETTINGS, &json!({ "max_credentials_expiry": { "max_api_token_expiry_days": "90" } }));
    let body = ok(&changed);
    assert_eq!(body["max_credentials_expiry"]["max_kube_config_expiry_days"], 90);
    assert_eq!((&body["validation_errors"], &body["otp_status"]), (&json!([]), &json!("OTP_DISABLED")));
    refused(&make(91), 400, "from 0 to 90");
    ok(&make(90));
    let shown = rig.get(SETTINGS).body;
    assert_eq!(shown["max_credentials_expiry"]["max_api_token_expiry_days"], 90);
    assert_eq!((&shown["name"], &shown["company_name"]), (&json!("example-corp"), &json!("Example Corp")));
    let two = json!({ "max_api_token_expiry_days": 30, "max_api_certificate_expiry_days": 60 });
    refused(&put(&rig, SETTINGS, &json!({ "max_credentials_expiry": two })), 400, "names different bounds");
    let none = json!({ "max_credentials_expiry": { "max_api_token_expiry_days": 0 } });
    assert_eq!(ok(&put(&rig, SETTINGS, &none))["max_credentials_expiry"]["max_api_token_expiry_days"], 90);
    refused(
        &put(&rig, SETTINGS, &json!({ "max_credentials_expiry": { "max_api_token_expiry_days": 9999 } })),
        400,
        "3650",
    );
}

#[test]
fn each_rule_for_passwords_counts_for_the_next_password() {
    let rig = Rig::start();
    rig.reset(EMAIL);
    let token = rig.token(EMAIL, 1);
    let chosen = |password: &str| rig.post_open("/reset", &json!({ "token": token, "password": password }));
    for (rule, value, reason) in [
        ("minimum_length", json!(60), "at least 60 characters"),
        ("digits", json!(9), "9 digits"),
        ("uppercase_characters", json!(9), "9 upper-case letters"),
        ("lowercase_characters", json!("99"), ""),
        ("special_characters", json!(9), "9"),
    ] {
        let set = set_idm(&rig, "password_policy", json!({ rule: value }));
        if reason.is_empty() {
            refused(&set, 400, "lowercase_characters of the password policy should be from 0 to 16");
            continue;
        }
        ok(&set);
        let answered = chosen(GOOD_PASSWORD);
        assert_eq!(answered.status, 422, "{rule} {}", answered.text);
        assert!(answered.text.contains(reason), "{rule} {}", answered.text);
        let shown = rig.send("GET", POLICY, &[], None);
        assert_eq!(ok(&shown)[rule], value, "anyone sees the rules");
        let back = if rule == "minimum_length" { 12 } else { 0 };
        ok(&set_idm(&rig, "password_policy", json!({ rule: back })));
    }
    ok(&set_idm(&rig, "password_policy", json!({ "not_username": false, "minimum_strength": 0 })));
    assert_eq!(chosen("hello and some more").status, 204);
    let policy = rig.get(IDM).body["password_policy"].clone();
    assert_eq!((&policy["not_username"], &policy["minimum_length"]), (&json!(false), &json!(12)));
}

#[test]
fn the_bound_of_wrong_guesses_and_the_shown_name_count_at_once() {
    let rig = Rig::start();
    ok(&set_idm(&rig, "brute_force_detection_settings", json!({ "max_login_failures": 2 })));
    assert_eq!((rig.sign_in(EMAIL, "wrong"), rig.sign_in(EMAIL, "wrong again")), (401, 401));
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 429);
    refused(&set_idm(&rig, "brute_force_detection_settings", json!({ "max_login_failures": 31 })), 400, "from 1 to 30");
    ok(&set_idm(&rig, "basic_configuration", json!({ "display_name": "Acme & Söhne" })));
    let page = rig.send("GET", "/signin", &[("Accept", "text/html")], None).text;
    assert!(page.contains("Acme &amp; Söhne"), "{page}");
    assert_eq!(rig.get(SETTINGS).body["company_name"], "Acme & Söhne");
    refused(&set_idm(&rig, "basic_configuration", json!({ "display_name": "x".repeat(256) })), 400, "255 bytes");
    let records = rig.get("/api/tenantry/v1/audit?action=tenant.set").body;
    assert_eq!(records["items"].as_array().unwrap().len(), 2, "{records}");
}

#[test]
fn settings_are_for_administrators_and_rules_and_names_for_anyone() {
    let rig = Rig::start();
    let watcher = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&watcher, "GET", IDM, None).status, 200);
    assert_eq!(rig.as_token(&watcher, "PUT", IDM, Some(&json!({}))).status, 403);
    let uid = rig.get(SETTINGS).body["original_tenant"].as_str().unwrap().to_string();
    let by_id = |id: &str| rig.send("GET", &format!("{POLICY}?realm_id={id}"), &[], None).status;
    assert_eq!((by_id(&uid), by_id("example-corp-aaaaaaaa"), by_id("x")), (200, 404, 404));
    let look_up = |name: &str| rig.send("GET", &format!("/no_auth/cname/lookup?cname={name}"), &[], None);
    assert_eq!(ok(&look_up("example-corp")), &json!({ "err": "EEXISTS" }));
    assert_eq!(ok(&look_up("nobody-corp")), &json!({ "err": "EOK" }));
    refused(&look_up("No_Such"), 400, "Field cname must be a small letter");
    let statuses: Vec<u16> = (0..40).map(|_| look_up("a").status).collect();
    assert!(statuses.contains(&429), "an address may not list all names: {statuses:?}");
    let support = rig.get("/api/web/namespaces/system/tenant/support-info");
    assert_eq!(ok(&support), &json!({ "support_email_address": "help@example.com" }));
}
