//! A tenant whose owner asks for its end: the request only marks it, and a suspension keeps everyone out until the operator
//! resumes it.

use std::net::Ipv4Addr;

use serde_json::{Value, json};
use tenantry::identity::Actor;
use tenantry::random::Random;
use tenantry::store::Scope;
use tenantry::tenants::{self, Asked, Standing};

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const DEACTIVATE: &str = "/api/saas/namespaces/system/v2/tenant/deactivate";
const REQUEST: &str = "/api/web/namespaces/system/tenant/request-delete";
const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";
const JANE: &str = "jane@example.com";

fn put(rig: &Rig, token: &str, body: &Value) -> Answered {
    rig.as_token(token, "PUT", DEACTIVATE, Some(body))
}

pub fn deactivate(rig: &Rig) -> Answered {
    let answered =
        put(rig, &rig.sample.api_token, &json!({ "reason": "REASON_NO_LONGER_NEEDED", "feedback": "moved" }));
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered
}

fn standing(rig: &Rig) -> Standing {
    rig.store.read(Scope::HOUSE, |tx| tenants::get_standing(tx, "example-corp")).unwrap()
}

pub fn resume(rig: &Rig) {
    let now = rig.clock.now();
    let request_id = Random::system().uuid(now);
    let actor = Actor {
        user: None,
        name: "operator".into(),
        credential: None,
        address: Ipv4Addr::LOCALHOST.into(),
        request_id,
    };
    let tenant = standing(rig).tenant.id;
    rig.write(move |tx| tenants::resume(tx, tenant, &actor, now).map(drop));
}

pub fn is_told(answered: &Answered) {
    assert_eq!((answered.status, &answered.body["code"]), (403, &7.into()), "{}", answered.text);
    assert!(answered.message().contains("This tenant is suspended. Ask the operator"), "{}", answered.text);
}

/// A call by the name of the tenant's host, without a credential.
pub fn at_the_host(rig: &Rig, method: &str, path: &str, body: Option<&Value>) -> Answered {
    let host = format!("example-corp.localhost:{}", rig.address.port());
    let headers = [("Host", host.as_str()), ("Content-Type", "application/json"), ("Accept", "application/json")];
    rig.send(method, path, &headers, body.map(Value::to_string).as_deref())
}

#[test]
fn a_caller_who_proves_to_be_of_a_suspended_tenant_is_told_from_the_next_request_on() {
    let rig = Rig::start();
    let cookie = rig.session(JANE, &rig.sample.user_password);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let link = rig.token("kenji@example.com", 1);
    let before = rig.get("/api/tenantry/v1/resets").body["items"].as_array().unwrap().len();
    let answered = deactivate(&rig);
    assert_eq!(answered.body["job_id"], answered.header("x-request-id").unwrap().replace('-', ""));
    for path in [WHOAMI, "/api/tenantry/v1/resets", "/api/web/namespaces/system/tenant/settings"] {
        is_told(&rig.get(path));
    }
    is_told(&rig.reset(JANE));
    is_told(&rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": "new@example.com" })));
    let sign_in = json!({ "email": JANE, "password": rig.sample.user_password });
    let redeem = json!({ "token": link, "password": GOOD_PASSWORD });
    for (path, body) in [("/signin", &sign_in), ("/reset", &redeem)] {
        is_told(&rig.post_open(path, body));
        is_told(&at_the_host(&rig, "POST", path, Some(body)));
    }
    is_told(&rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None));
    is_told(&put(&rig, &rig.sample.api_token, &json!({})));
    let resets = rig.number("SELECT COUNT(*) FROM resets", &[]);
    assert_eq!(usize::try_from(resets).unwrap(), before, "what was refused left nothing");
    assert_eq!(rig.send("GET", "/livez", &[], None).status, 200);
}

#[test]
fn what_was_there_is_there_again_when_the_tenant_is_resumed() {
    let rig = Rig::start();
    let cookie = rig.session(JANE, &rig.sample.user_password);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let link = rig.token("kenji@example.com", 1);
    rig.clock.advance_seconds(1);
    deactivate(&rig);
    rig.clock.advance_seconds(1);
    let (_, asked) = standing(&rig).suspended.unwrap();
    let by = "admin@example.com".to_string();
    let (reason, feedback) = ("REASON_NO_LONGER_NEEDED".into(), "moved".into());
    assert_eq!(asked, Asked { by, email: String::new(), reason, feedback });
    resume(&rig);
    assert_eq!(rig.get(WHOAMI).body["tenant_state"], "StateActive");
    assert_eq!(rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None).status, 200);
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 204);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204);
    let records: Vec<_> = rig.audit().into_iter().filter(|(action, ..)| action.starts_with("tenant.")).collect();
    let actions: Vec<_> = records.iter().map(|(action, outcome, _)| format!("{action} {outcome}")).collect();
    assert!(actions.ends_with(&["tenant.suspend accepted".into(), "tenant.resume accepted".into()]), "{actions:?}");
}

#[test]
fn a_suspension_shuts_nobody_else_out_and_no_host_means_another_tenant_meanwhile() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let theirs = rig.add_member(other, "boss@other.example", owner());
    let sign_in = json!({ "email": JANE, "password": rig.sample.user_password });
    let signed_in = at_the_host(&rig, "POST", "/signin", Some(&sign_in));
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
    deactivate(&rig);
    assert_eq!(rig.as_token(&theirs, "GET", WHOAMI, None).status, 200);
    is_told(&rig.get(WHOAMI));
    assert_eq!(at_the_host(&rig, "GET", WHOAMI, None).status, 401);
    is_told(&rig.send("GET", WHOAMI, &[("Cookie", &cookie)], None));
    assert_eq!(rig.sign_in("boss@other.example", GOOD_PASSWORD), 400, "the bare host means no tenant");
    let lookup = rig.as_token(&theirs, "GET", "/api/web/namespaces/system/tenant/lookup?cname=example-corp", None);
    assert_eq!(lookup.body, json!({ "err": "EEXISTS" }));
    let host = [("Host", "example-corp.localhost"), ("Authorization", &format!("APIToken {theirs}"))];
    assert_eq!(rig.send("GET", WHOAMI, &host, None).status, 401, "a stranger here");
}

#[test]
fn a_token_that_counts_no_more_is_told_that_and_not_of_the_suspension() {
    let rig = Rig::start();
    let user = rig.add_user(rig.tenant(), "robot@example.com", |new| new.grants = in_system("ves-io-monitor-role"));
    let token = rig.add_token(rig.tenant(), &user, rig.clock.now().plus_seconds(3600));
    let name = rig.get("/api/web/namespaces/system/api_credentials").body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["user_email"] == "robot@example.com")
        .map(|item| item["name"].clone())
        .unwrap();
    let revoke = json!({ "name": name, "namespace": "system" });
    assert_eq!(rig.post("/api/web/namespaces/system/revoke/api_credentials", &revoke).status, 200);
    deactivate(&rig);
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401);
}

#[test]
fn a_request_to_delete_marks_the_tenant_which_goes_on() {
    let rig = Rig::start();
    let body = json!({
        "name": "example-corp", "email": "Owner@example.com", "reason": "REASON_NOT_JUSTIFY_COSTS", "feedback": "too dear",
    });
    let answered = rig.post(REQUEST, &body);
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    let (at, asked) = standing(&rig).deletion.unwrap();
    assert_eq!(
        (at, asked.by.as_str(), asked.email.as_str()),
        (rig.clock.now(), "admin@example.com", "Owner@example.com")
    );
    assert_eq!((asked.reason.as_str(), asked.feedback.as_str()), ("REASON_NOT_JUSTIFY_COSTS", "too dear"));
    assert_eq!(rig.sign_in(JANE, &rig.sample.user_password), 204);
    assert_eq!(rig.get(WHOAMI).status, 200);
    rig.clock.advance_seconds(60);
    assert_eq!(rig.post(REQUEST, &json!({})).status, 200);
    let (at, asked) = standing(&rig).deletion.unwrap();
    assert_eq!((at, asked.reason.as_str()), (rig.clock.now(), ""), "the latest request stands");
    resume(&rig);
    assert!(standing(&rig).deletion.is_none());
}

#[test]
fn nobody_but_an_owner_may_ask_and_what_is_wrong_changes_nothing() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "admin2@example.com", in_system("ves-io-admin-role"));
    // The role of an owner alone does not do.
    let user = rig.add_user(rig.tenant(), "former@example.com", |new| new.grants = owner());
    let former = rig.add_token(rig.tenant(), &user, rig.clock.now().plus_seconds(3600));
    for (token, words) in [(&admin, "ves-io-tenant-owner"), (&former, "Only an owner of this tenant")] {
        for answered in [put(&rig, token, &json!({})), rig.as_token(token, "POST", REQUEST, Some(&json!({})))] {
            assert_eq!((answered.status, &answered.body["code"]), (403, &7.into()), "{}", answered.text);
            assert!(answered.message().contains(words), "{}", answered.text);
        }
    }
    let long = "x".repeat(4_001);
    for body in [json!({ "reason": "BORED" }), json!({ "feedback": long })] {
        assert_eq!(put(&rig, &rig.sample.api_token, &body).status, 400);
        assert_eq!(rig.post(REQUEST, &body).status, 400);
    }
    for body in [json!({ "name": "other-corp" }), json!({ "email": "no address" })] {
        assert_eq!(rig.post(REQUEST, &body).status, 400, "{body}");
    }
    let Standing { suspended, deletion, .. } = standing(&rig);
    assert!(suspended.is_none() && deletion.is_none());
}

pub fn mood(rig: &Rig, mood: &str) {
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": mood })).status, 200);
}

#[test]
fn a_mail_of_a_suspended_tenant_waits_and_leaves_when_it_is_resumed() {
    let rig = Rig::start();
    mood(&rig, "refuse");
    assert_eq!(rig.reset(JANE).status, 200);
    let tried = "SELECT COUNT(*) - 1 FROM mails WHERE attempts > 0 AND relay_words IS NOT NULL";
    rig.wait_until_none(tried, &[]);
    // From here on only the suspension keeps it: it is due again once the clock goes on.
    mood(&rig, "accept");
    deactivate(&rig);
    let other = rig.add_tenant("other-corp");
    let theirs = rig.add_member(other, "boss@other.example", owner());
    rig.add_user(other, "someone@other.example", |_| {});
    // Longer than the link would live if it had been mailed.
    for count in 1..=3 {
        rig.clock.advance_seconds(1_800);
        // The worker has looked: the mail of another tenant that was queued after it has left.
        let asked = json!({ "email": "someone@other.example" });
        let reset = rig.as_token(&theirs, "POST", "/api/web/custom/password/admin_reset", Some(&asked));
        assert_eq!(reset.status, 200, "{}", reset.text);
        rig.wait_for_mails("someone@other.example", count);
        assert!(rig.mails(JANE).is_empty());
    }
    let waits = "SELECT COUNT(*) FROM mails m JOIN tenants t ON t.id = m.tenant
        WHERE t.disabled_at IS NOT NULL AND m.sent_at IS NULL AND m.failed_at IS NULL";
    assert_eq!(rig.number(waits, &[]), 1);
    resume(&rig);
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
}
