//! The two calls that tell when users signed in last, over HTTP.

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::params;
use tenantry::people::Kind;

use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig, START};

const INACTIVE: &str = "/api/web/namespaces/system/tenant/idm/users/inactive";
const LAST_LOGIN: &str = "/api/web/namespaces/system/tenant/idm/events/last_login";
const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const DAY: i64 = 24 * 3600;
/// The users of the sample tenant, all created at the start.
const SAMPLE: [&str; 4] = ["admin@example.com", "hello@example.com", "jane@example.com", "kenji@example.com"];

/// What the call answers, whose only member is `users`, each with `email` alone.
fn addresses(answered: &Answered) -> Vec<String> {
    assert_eq!((answered.status, answered.body.as_object().unwrap().len()), (200, 1), "{}", answered.text);
    let address = |user: &Value| {
        assert_eq!(user.as_object().unwrap().len(), 1, "{user}");
        user["email"].as_str().unwrap().to_owned()
    };
    answered.body["users"].as_array().unwrap().iter().map(address).collect()
}

fn inactive(rig: &Rig) -> Vec<String> {
    addresses(&rig.get(INACTIVE))
}

#[test]
fn a_user_is_inactive_ninety_days_after_the_last_sign_in() {
    let rig = Rig::start();
    let sign_in = |email| assert_eq!(rig.sign_in(email, &rig.sample.user_password), 204);
    sign_in("hello@example.com");
    rig.clock.advance_seconds(40 * DAY);
    sign_in("jane@example.com");
    rig.clock.advance_seconds(50 * DAY - 1);
    assert_eq!(rig.get(INACTIVE).text, r#"{"users":[]}"#);
    rig.clock.advance_seconds(1);
    assert_eq!(inactive(&rig), ["admin@example.com", "hello@example.com", "kenji@example.com"]);
    sign_in("hello@example.com");
    assert_eq!(inactive(&rig), ["admin@example.com", "kenji@example.com"], "a sign-in counts at once");
    rig.clock.advance_seconds(40 * DAY);
    assert_eq!(inactive(&rig), ["admin@example.com", "jane@example.com", "kenji@example.com"]);
}

#[test]
fn a_user_who_never_signed_in_counts_from_the_creation_and_a_service_user_never() {
    let rig = Rig::start();
    rig.clock.advance_seconds(90 * DAY);
    assert_eq!(rig.post(USERS, &json!({ "email": "invited@example.org" })).status, 200);
    assert_eq!(rig.post(USERS, &json!({ "email": "Sso@Example.org", "idm_type": "SSO" })).status, 200);
    rig.add_user(rig.tenant(), "robot@service.invalid", |new| new.kind = Kind::Service);
    assert_eq!(inactive(&rig), SAMPLE, "nobody who has just been created");
    rig.clock.advance_seconds(90 * DAY);
    let all = [&SAMPLE[..2], &["invited@example.org"], &SAMPLE[2..], &["Sso@Example.org"]].concat();
    assert_eq!(inactive(&rig), all, "by address, as first written");
}

#[test]
fn a_disabled_user_is_judged_by_the_same_time() {
    let rig = Rig::start();
    rig.clock.advance_seconds(60 * DAY);
    assert_eq!(rig.sign_in("jane@example.com", &rig.sample.user_password), 204);
    for email in ["jane@example.com", "kenji@example.com"] {
        assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": email })).status, 200);
    }
    rig.clock.advance_seconds(30 * DAY);
    assert_eq!(inactive(&rig), ["admin@example.com", "hello@example.com", "kenji@example.com"]);
    let map = rig.get(LAST_LOGIN).body["last_login_map"].clone();
    assert_eq!(map.as_object().unwrap().keys().collect::<Vec<_>>(), ["jane@example.com"]);
}

#[test]
fn the_map_has_the_last_sign_in_of_each_user_who_ever_signed_in() {
    let rig = Rig::start();
    assert_eq!(rig.get(LAST_LOGIN).text, r#"{"last_login_map":{}}"#);
    for email in ["hello@example.com", "JANE@example.com", "hello@example.com"] {
        rig.clock.advance_seconds(60);
        assert_eq!(rig.sign_in(email, &rig.sample.user_password), 204);
    }
    rig.clock.advance_seconds(60);
    assert_eq!(rig.sign_in("hello@example.com", "not the password at all"), 401, "which is no sign-in");
    let wanted = json!({ "last_login_map": {
        "hello@example.com": START.plus_seconds(180).to_string(),
        "jane@example.com": START.plus_seconds(120).to_string(),
    } });
    assert_eq!(rig.get(LAST_LOGIN).body, wanted);
    let removed = rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": SAMPLE[2] }));
    assert_eq!(removed.status, 200, "{}", removed.text);
    let map = rig.get(LAST_LOGIN).body["last_login_map"].clone();
    assert_eq!(map.as_object().unwrap().keys().collect::<Vec<_>>(), ["hello@example.com"]);
}

#[test]
fn neither_call_tells_anything_of_another_tenant() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    rig.add_user(other, "there@other.example", |_| {});
    rig.clock.advance_seconds(90 * DAY);
    let token = rig.add_member(other, "boss@other.example", owner());
    let at = rig.clock.now();
    for (tenant, email) in [(rig.tenant(), "jane@example.com"), (other, "boss@other.example")] {
        let sign_in = "UPDATE users SET last_login_at = $2 WHERE tenant = $1 AND email_key = $3";
        rig.write(move |tx| tx.run(sign_in, &params![tenant, at, email]));
    }
    assert_eq!(inactive(&rig), ["admin@example.com", "hello@example.com", "kenji@example.com"]);
    assert_eq!(rig.get(LAST_LOGIN).body, json!({ "last_login_map": { "jane@example.com": at.to_string() } }));
    let theirs = |path| rig.as_token(&token, "GET", path, None);
    assert_eq!(addresses(&theirs(INACTIVE)), ["there@other.example"]);
    assert_eq!(theirs(LAST_LOGIN).body, json!({ "last_login_map": { "boss@other.example": at.to_string() } }));
}

#[test]
fn a_caller_needs_the_right_to_read_users_in_system() {
    let rig = Rig::start();
    let grants = [
        (in_system("ves-io-monitor-role"), 200),
        (in_system("ves-io-uam-admin-role"), 200),
        (in_system("ves-io-power-developer-role"), 403),
        (vec![Grant::new("*", "ves-io-admin-role"), Grant::new("shared", "ves-io-admin-role")], 403),
        (Vec::new(), 403),
    ];
    for (nth, (grants, status)) in grants.into_iter().enumerate() {
        let token = rig.add_member(rig.tenant(), &format!("caller{nth}@example.com"), grants.clone());
        for path in [INACTIVE, LAST_LOGIN] {
            let answered = rig.as_token(&token, "GET", path, None);
            assert_eq!(answered.status, status, "{grants:?} {path} {}", answered.text);
            assert!(status == 200 || answered.message().contains("ves-io-uam-read"), "{}", answered.text);
        }
    }
}

#[test]
fn a_tenant_of_several_pages_is_answered_whole() {
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), 4_001, |_| {});
    rig.clock.advance_seconds(90 * DAY);
    let emails = inactive(&rig);
    assert_eq!((emails.len(), emails.is_sorted()), (4_005, true));
    assert_eq!(emails.last().map(String::as_str), Some("user04001@example.com"));
    assert_eq!(rig.sign_in("user04001@example.com", &rig.sample.user_password), 204);
    let at = rig.clock.now().to_string();
    assert_eq!(rig.get(LAST_LOGIN).body, json!({ "last_login_map": { "user04001@example.com": at } }));
}
