//! The calls about API tokens, over HTTP.

use serde_json::{Value, json};

use crate::people::in_system;
use crate::rig::{Answered, Rig};

const TOKENS: &str = "/api/web/namespaces/system/api_credentials";
const SERVICES: &str = "/api/web/namespaces/system/service_credentials";
const DAY_SECONDS: i64 = 24 * 60 * 60;

fn ask(name: &str, days: impl Into<Value>) -> Value {
    json!({ "name": name, "namespace": "system", "expiration_days": days.into(), "spec": { "type": "API_TOKEN" } })
}

/// A new token of the owner: its full name and its secret.
fn made(rig: &Rig, days: impl Into<Value>) -> (String, String) {
    let made = rig.post(TOKENS, &ask("ci", days));
    assert_eq!((made.status, &made.body["active"]), (200, &json!(true)), "{}", made.text);
    (made.body["name"].as_str().unwrap().into(), made.body["data"].as_str().unwrap().into())
}

fn change(rig: &Rig, verb: &str, body: &Value) -> Answered {
    rig.post(&format!("/api/web/namespaces/system/{verb}/api_credentials"), body)
}

/// The status that this token gets for a question that every member may ask.
fn status(rig: &Rig, token: &str) -> u16 {
    rig.as_token(token, "GET", "/api/web/custom/namespaces/system/whoami", None).status
}

/// The token in the list, by its full name.
fn listed(rig: &Rig, name: &str) -> Option<Value> {
    let all = rig.get(TOKENS).body;
    all["items"].as_array().unwrap().iter().find(|item| item["name"] == name).cloned()
}

#[test]
fn a_token_works_at_once_and_is_shown_once() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    assert!(secret.starts_with("tny_"), "{secret}");
    assert_eq!(status(&rig, &secret), 200);
    let reset = rig.as_token(
        &secret,
        "POST",
        "/api/web/custom/password/admin_reset",
        Some(&json!({ "email": "hello@example.com" })),
    );
    assert_eq!((reset.status, reset.text.as_str()), (200, "{}"));
    for shown in [rig.get(TOKENS), rig.get(&format!("{TOKENS}/{name}")), rig.get("/api/tenantry/v1/audit")] {
        assert_eq!(shown.status, 200);
        assert!(shown.text.contains(&name) && !shown.text.contains(&secret), "{}", shown.text);
    }
}

#[test]
fn a_name_gets_eight_letters_so_that_it_can_be_asked_for_again() {
    let rig = Rig::start();
    let (first, second) = (made(&rig, 10).0, made(&rig, 10).0);
    for name in [&first, &second] {
        let suffix = name.strip_prefix("ci-").unwrap();
        assert!(suffix.len() == 8 && suffix.bytes().all(|byte| byte.is_ascii_lowercase()), "{name}");
    }
    assert_ne!(first, second);
    for bad in ["", "CI", "-ci", "a b", &"a".repeat(55)] {
        let refused = rig.post(TOKENS, &ask(bad, 1));
        assert_eq!(refused.status, 400, "{bad}: {}", refused.text);
        assert!(refused.message().starts_with("Field name "), "{}", refused.text);
    }
}

#[test]
fn a_number_of_days_may_come_as_text_and_nothing_means_thirty() {
    let rig = Rig::start();
    for (days, end) in [(json!("7"), 7), (json!(7), 7), (json!(0), 30), (json!(""), 30), (Value::Null, 30)] {
        let made = rig.post(TOKENS, &ask("ci", days.clone()));
        let wanted = rig.clock.now().plus_seconds(end * DAY_SECONDS).to_string();
        assert_eq!(made.body["expiration_timestamp"], wanted, "{days}: {}", made.text);
    }
    for bad in [json!("seven"), json!(1.5), json!([]), json!(-1), json!(1_000_000)] {
        let refused = rig.post(TOKENS, &ask("ci", bad.clone()));
        assert_eq!(refused.status, 400, "{bad}: {}", refused.text);
        assert!(refused.message().contains("expiration_days"), "{}", refused.text);
    }
}

#[test]
fn what_is_not_issued_here_is_said_to_be_so() {
    let rig = Rig::start();
    let no_tokens = ["API_CERTIFICATE", "KUBE_CONFIG", "SITE_GLOBAL_KUBE_CONFIG"];
    let services = ["SERVICE_API_CERTIFICATE", "SERVICE_KUBE_CONFIG", "SERVICE_SITE_GLOBAL_KUBE_CONFIG"];
    let of_type = no_tokens.into_iter().chain(services);
    let mut asks = Vec::new();
    for kind in of_type {
        asks.push((TOKENS, kind, json!({ "name": "ci", "spec": { "type": kind, "password": "hunter22" } })));
        asks.push((SERVICES, kind, json!({ "name": "ci", "type": kind, "password": "hunter22" })));
    }
    for (member, asked) in [
        ("api_certificate", json!({ "password": "hunter22" })),
        ("site_kubeconfig", json!({ "site": "hunter22" })),
        ("vk8s_kubeconfig", json!({})),
    ] {
        asks.push((SERVICES, member, json!({ "name": "ci", member: asked })));
        asks.push((SERVICES, member, json!({ "name": "ci", "type": "API_CERTIFICATE", member: asked })));
    }
    for (path, name, body) in asks {
        let refused = rig.post(path, &body);
        assert_eq!((refused.status, &refused.body["code"]), (501, &json!(12)), "{body}: {}", refused.text);
        let told = refused.message();
        assert!(told.starts_with(name) && told.contains("API_TOKEN") && !told.contains("hunter22"), "{}", refused.text);
    }
    for body in [json!({ "name": "ci" }), json!({ "name": "ci", "spec": { "type": "SERVICE_API_TOKEN" } })] {
        assert_eq!(rig.post(TOKENS, &body).status, 400, "{body}");
    }
    assert_eq!(rig.number("SELECT COUNT(*) FROM credentials", &[]), 1);
}

#[test]
fn a_revoked_token_is_refused_on_the_next_request() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    for _ in 0..3 {
        assert_eq!(status(&rig, &secret), 200);
    }
    let revoked = change(&rig, "revoke", &json!({ "name": name, "namespace": "system" }));
    assert_eq!((revoked.status, &revoked.body), (200, &json!({ "status": true })));
    assert_eq!(status(&rig, &secret), 401);
    assert_eq!(listed(&rig, &name), None);
    assert_eq!(change(&rig, "revoke", &json!({ "name": name })).status, 404);
    assert_eq!(change(&rig, "revoke", &json!({})).status, 400);
}

#[test]
fn a_token_dies_at_its_hour_and_renewing_gives_it_a_new_life() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 1);
    rig.clock.advance_seconds(DAY_SECONDS - 1);
    assert_eq!(status(&rig, &secret), 200);
    rig.clock.advance_seconds(1);
    assert_eq!(status(&rig, &secret), 401);
    assert_eq!(
        listed(&rig, &name).unwrap()["active"],
        true,
        "real clients switch on what is not, which would switch it off"
    );
    assert_eq!(change(&rig, "renew", &json!({ "name": name, "expiration_days": "2" })).status, 200);
    assert_eq!(status(&rig, &secret), 200, "the secret stays");
    let wanted = rig.clock.now().plus_seconds(2 * DAY_SECONDS).to_string();
    assert_eq!(listed(&rig, &name).unwrap()["expiry_timestamp"], wanted);
}

#[test]
fn renewing_for_no_days_ends_a_token_at_once() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    assert_eq!(change(&rig, "renew", &json!({ "name": name, "expiration_days": 0 })).status, 200);
    assert_eq!(status(&rig, &secret), 401);
    assert_eq!(change(&rig, "renew", &json!({ "name": name, "expiration_days": 1_000_000 })).status, 400);
    assert_eq!(status(&rig, &secret), 401);
}

#[test]
fn a_token_is_switched_off_and_on() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    for (active, wanted) in [(json!(false), 401), (json!(true), 200), (Value::Null, 401), (Value::Null, 200)] {
        let changed = change(&rig, "activate", &json!({ "name": name, "active": active }));
        assert_eq!(changed.status, 200, "{}", changed.text);
        assert_eq!(status(&rig, &secret), wanted, "{active}");
        assert_eq!(listed(&rig, &name).unwrap()["active"], wanted == 200);
    }
}

#[test]
fn tokens_of_other_users_are_hidden_from_all_but_administrators() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    let member = rig.add_member(rig.tenant(), "member@example.com", in_system("ves-io-default-role"));
    let own = rig.as_token(&member, "GET", TOKENS, None);
    assert_eq!(own.body["items"].as_array().unwrap().len(), 1, "{}", own.text);
    assert_eq!(own.body["items"][0]["user_email"], "member@example.com");
    let read = |name: &str| rig.as_token(&member, "GET", &format!("{TOKENS}/{name}"), None);
    let (hidden, absent) = (read(&name), read("ci-nowheree"));
    assert_eq!((hidden.status, absent.status), (404, 404));
    assert_eq!(hidden.message(), absent.message().replace("ci-nowheree", &name));
    let revoke = "/api/web/namespaces/system/revoke/api_credentials";
    assert_eq!(rig.as_token(&member, "POST", revoke, Some(&json!({ "name": name }))).status, 404);
    assert_eq!(status(&rig, &secret), 200);

    let theirs = own.body["items"][0]["name"].as_str().unwrap();
    assert_eq!(rig.as_token(&member, "POST", revoke, Some(&json!({ "name": theirs }))).status, 200);
    assert_eq!(status(&rig, &member), 401, "the holder of a token may end it");
}

#[test]
fn a_helper_does_not_touch_the_owners_token() {
    let rig = Rig::start();
    let (name, secret) = made(&rig, 10);
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    for (verb, body) in [
        ("revoke", json!({ "name": name })),
        ("renew", json!({ "name": name, "expiration_days": 0 })),
        ("activate", json!({ "name": name, "active": false })),
    ] {
        let path = format!("/api/web/namespaces/system/{verb}/api_credentials");
        let refused = rig.as_token(&helper, "POST", &path, Some(&body));
        assert_eq!(refused.status, 403, "{verb}: {}", refused.text);
    }
    assert_eq!(status(&rig, &secret), 200);
}
