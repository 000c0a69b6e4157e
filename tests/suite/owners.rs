//! Who owns a tenant, over HTTP: owners make others owners and are replaced, and the last one stays.

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::people::{Kind, SignInBy};

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const ASSIGN: &str = "/api/web/namespaces/system/tenant/domain_owner/assign";
const UNASSIGN: &str = "/api/web/namespaces/system/tenant/domain_owner/unassign";
const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const REMOVE: &str = "/api/web/custom/namespaces/system/users/cascade_delete";
const ADMIN: &str = "admin@example.com";
const JANE: &str = "jane@example.com";

fn email(email: &str) -> Value {
    json!({ "email": email })
}

fn item(rig: &Rig, email: &str) -> Value {
    let listed = rig.get(USERS).body;
    listed["items"].as_array().unwrap().iter().find(|item| item["email"] == email).unwrap().clone()
}

fn roles(item: &Value) -> Vec<Grant> {
    let mut roles: Vec<Grant> = serde_json::from_value(item["namespace_roles"].clone()).unwrap();
    roles.sort();
    roles
}

fn owners_roles() -> Vec<Grant> {
    let mut roles = owner();
    roles.sort();
    roles
}

/// The text of the one mail to this address, in one line.
fn mail_to(rig: &Rig, email: &str) -> String {
    let mails = rig.wait_for_mails(email, 1);
    mails[0]["text"].as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn refused(answered: &Answered, status: u16, code: u16, words: &str) {
    assert_eq!((answered.status, &answered.body["code"]), (status, &code.into()), "{}", answered.text);
    assert!(answered.message().contains(words), "{}", answered.text);
}

fn last_facts(rig: &Rig, action: &str) -> Value {
    let found = rig.get(&format!("/api/tenantry/v1/audit?action={action}&limit=1")).body;
    found["items"][0]["facts"].clone()
}

#[test]
fn who_is_made_an_owner_gets_the_roles_of_one_and_a_link_to_choose_a_password() {
    let rig = Rig::start();
    rig.add_user(rig.tenant(), "sso@example.com", |new| {
        (new.sign_in_by, new.grants) = (SignInBy::SingleSignOn, vec![Grant::new("default", "ves-io-monitor-role")]);
    });
    assert_eq!(rig.reset("sso@example.com").status, 409, "there is no password to reset");
    let made = rig.post(ASSIGN, &email("SSO@example.com"));
    assert_eq!((made.status, made.text.as_str()), (200, "{}"));
    let shown = item(&rig, "sso@example.com");
    assert_eq!((&shown["domain_owner"], &shown["idm_type"]), (&true.into(), &"VOLTERRA_MANAGED".into()));
    assert_eq!(roles(&shown), owners_roles(), "the role of before is gone");
    let facts = last_facts(&rig, "user.assign_owner");
    assert_eq!((&facts["was_owner"], &facts["idm_type_before"]), (&false.into(), &"SSO".into()));
    assert_eq!(facts["namespace_roles"]["before"], json!([{ "namespace": "default", "role": "ves-io-monitor-role" }]));
    assert!(mail_to(&rig, "sso@example.com").contains("With it you choose your password"));
    assert_eq!(rig.redeem(&rig.token("sso@example.com", 1), GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in("sso@example.com", GOOD_PASSWORD), 204);
}

#[test]
fn a_new_owners_password_and_sessions_live_on_until_the_link_is_used() {
    let rig = Rig::start();
    let cookie = rig.session(JANE, &rig.sample.user_password);
    assert_eq!(rig.post(ASSIGN, &email(JANE)).status, 200);
    let account = || rig.send("GET", "/account", &[("Cookie", &cookie), ("Accept", "application/json")], None).status;
    assert_eq!((account(), rig.sign_in(JANE, &rig.sample.user_password)), (200, 204));
    assert!(mail_to(&rig, JANE).contains("The old one works until then"));
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    assert_eq!((account(), rig.sign_in(JANE, &rig.sample.user_password)), (401, 401));
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 204);
}

#[test]
fn asked_again_nothing_changes_and_nothing_is_mailed() {
    let rig = Rig::start();
    for _ in 0..2 {
        // Records of one moment have no order.
        rig.clock.advance_seconds(1);
        assert_eq!(rig.post(ASSIGN, &email(JANE)).status, 200);
    }
    assert_eq!(last_facts(&rig, "user.assign_owner"), json!({ "was_owner": true }));
    rig.let_background_rest();
    assert_eq!(rig.mails(JANE).len(), 1);
    for was_owner in [true, false] {
        rig.clock.advance_seconds(1);
        assert_eq!(rig.post(UNASSIGN, &email(JANE)).status, 200);
        assert_eq!(last_facts(&rig, "user.unassign_owner"), json!({ "was_owner": was_owner }));
    }
}

#[test]
fn an_owner_is_kept_and_a_former_owner_keeps_roles_and_owns_nothing() {
    let rig = Rig::start();
    assert_eq!(rig.post(ASSIGN, &email(JANE)).status, 200);
    refused(&rig.post(REMOVE, &email(JANE)), 403, 7, "owns this tenant");
    assert_eq!(rig.post(UNASSIGN, &email(JANE)).status, 200);
    let shown = item(&rig, JANE);
    assert_eq!((&shown["domain_owner"], roles(&shown)), (&false.into(), owners_roles()));
    let cookie = rig.session(JANE, &rig.sample.user_password);
    let headers = [("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
    for path in [ASSIGN, UNASSIGN] {
        let answered = rig.send("POST", path, &headers, Some(&email(JANE).to_string()));
        refused(&answered, 403, 7, "Only an owner of this tenant");
    }
    assert_eq!(rig.post(REMOVE, &email(JANE)).status, 200);
}

#[test]
fn the_last_owner_stays_and_one_of_two_may_step_down() {
    let rig = Rig::start();
    refused(&rig.post(UNASSIGN, &email(ADMIN)), 409, 9, "Make another user an owner first");
    // One who could not come in does not count.
    rig.add_user(rig.tenant(), "away@example.com", |new| {
        (new.is_owner, new.sign_in_by) = (true, SignInBy::SingleSignOn)
    });
    refused(&rig.post(UNASSIGN, &email(ADMIN)), 409, 9, "only owner");
    assert_eq!(item(&rig, ADMIN)["domain_owner"], true);
    assert_eq!(rig.post(ASSIGN, &email(JANE)).status, 200);
    assert_eq!(rig.post(UNASSIGN, &email(ADMIN)).status, 200);
    assert_eq!(item(&rig, ADMIN)["domain_owner"], false);
    refused(&rig.post(ASSIGN, &email(ADMIN)), 403, 7, "Only an owner");
}

#[test]
fn who_cannot_own_a_tenant_is_refused_with_what_to_do() {
    let rig = Rig::start();
    rig.add_user(rig.tenant(), "robot@service.invalid", |new| new.kind = Kind::Service);
    refused(&rig.post(ASSIGN, &email("robot@service.invalid")), 409, 9, "service user");
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &email(JANE)).status, 200);
    refused(&rig.post(ASSIGN, &email(JANE)), 409, 9, "Enable the user first");
    refused(&rig.post(ASSIGN, &email("nobody@example.com")), 404, 5, "was not found in this tenant");
    for path in [ASSIGN, UNASSIGN] {
        refused(&rig.post(path, &json!({})), 400, 3, "Field email should be not empty");
        refused(&rig.post(path, &json!({ "email": JANE, "force": true })), 400, 3, "force");
    }
    rig.let_background_rest();
    assert_eq!(rig.mails(JANE).len(), 0);
}

#[test]
fn nobody_but_an_owner_may_ask_and_rank_is_asked() {
    let rig = Rig::start();
    for role in ["ves-io-admin-role", "ves-io-uam-admin-role", "ves-io-monitor-role"] {
        let token = rig.add_member(rig.tenant(), &format!("{role}@example.com"), in_system(role));
        for path in [ASSIGN, UNASSIGN] {
            let answered = rig.as_token(&token, "POST", path, Some(&email(JANE)));
            refused(&answered, 403, 7, "ves-io-tenant-owner");
        }
    }
    // An owner has the owner's right in the namespace of the administration alone.
    rig.add_user(rig.tenant(), "lord@example.com", |new| {
        new.grants = vec![Grant::new("shared", "ves-io-tenant-owner-role")];
    });
    for path in [ASSIGN, UNASSIGN] {
        refused(&rig.post(path, &email("lord@example.com")), 403, 7, "in the namespace shared, which you do not have");
    }
    let other = rig.add_tenant("other-corp");
    let theirs = rig.add_member(other, "boss@other.example", owner());
    let answered = rig.as_token(&theirs, "POST", ASSIGN, Some(&email(JANE)));
    refused(&answered, 404, 5, "was not found in this tenant");
    assert_eq!(item(&rig, JANE)["domain_owner"], false);
}
