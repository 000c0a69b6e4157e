//! The calls about users, over HTTP.

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, SYSTEM};

use crate::people::{in_system, owner};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const REMOVE: &str = "/api/web/custom/namespaces/system/users/cascade_delete";
const DISABLE: &str = "/api/tenantry/v1/users/disable";
const ENABLE: &str = "/api/tenantry/v1/users/enable";
const HELPER_ROLE: &str = "ves-io-uam-admin-role";
const EMAIL: &str = "hello@example.com";
const NEW: &str = "Nora@example.org";

fn put(rig: &Rig, body: &Value) -> Answered {
    rig.as_token(&rig.sample.api_token, "PUT", USERS, Some(body))
}

/// The whole of one user in the list of all.
fn listed(rig: &Rig, email: &str) -> Option<Value> {
    let answered = rig.get(USERS);
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.body["items"].as_array().unwrap().iter().find(|user| user["email"] == email).cloned()
}

fn who_am_i(rig: &Rig, cookie: &str) -> Answered {
    rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", cookie)], None)
}

#[test]
fn a_new_user_is_invited_chooses_a_first_password_and_signs_in() {
    let rig = Rig::start();
    let body = json!({ "email": NEW, "first_name": "Nora", "last_name": "Berg", "type": "USER",
                       "idm_type": "VOLTERRA_MANAGED", "group_names": [],
                       "namespace_roles": [{ "namespace": "system", "role": "ves-io-monitor-role" }] });
    let made = rig.post(USERS, &body);
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(made.body["metadata"]["name"], NEW);
    assert_eq!(made.body["spec"]["gc_spec"]["email"], NEW);
    assert!(!made.text.contains("password"), "{}", made.text);

    let mail = rig.wait_for_mails(NEW, 1).remove(0);
    assert!(!mail.to_string().contains(&rig.sample.api_token));
    let token = rig.token(NEW, 1);
    assert_eq!(rig.sign_in(NEW, GOOD_PASSWORD), 401);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400, "a link works once");
    assert_eq!(rig.sign_in("nora@EXAMPLE.org", GOOD_PASSWORD), 204);
    let actions: Vec<_> = rig.audit().into_iter().filter(|(.., subject)| subject == NEW).map(|(one, ..)| one).collect();
    assert_eq!(actions.iter().filter(|action| *action == "user.create").count(), 1, "{actions:?}");
}

#[test]
fn a_user_of_single_sign_on_gets_no_link() {
    let rig = Rig::start();
    assert_eq!(rig.post(USERS, &json!({ "email": "sso@example.org", "idm_type": "SSO" })).status, 200);
    assert_eq!(rig.post(USERS, &json!({ "email": NEW })).status, 200);
    rig.wait_for_mails(NEW, 1);
    assert!(rig.mails("sso@example.org").is_empty());
    assert_eq!(rig.reset("sso@example.org").status, 409);
}

#[test]
fn an_address_that_is_taken_is_told_so_that_clients_see_it() {
    let rig = Rig::start();
    for email in [EMAIL, "HELLO@Example.COM"] {
        let refused = rig.post(USERS, &json!({ "email": email }));
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!(6)), "{}", refused.text);
        assert!(refused.message().contains("already exist"), "{}", refused.text);
    }
    assert!(rig.mails(EMAIL).is_empty(), "a refused creation mails nobody");
}

#[test]
fn what_a_new_user_lacks_or_has_too_much_is_named() {
    let rig = Rig::start();
    for (body, word) in [
        (json!({}), "email"),
        (json!({ "email": "" }), "email"),
        (json!({ "email": "nobody" }), "address"),
        (json!({ "email": NEW, "type": "SERVICE" }), "type"),
        (json!({ "email": NEW, "idm_type": "LDAP" }), "idm_type"),
        (json!({ "email": NEW, "first_name": "a\nb" }), "first_name"),
        (json!({ "email": NEW, "group_names": ["ops"] }), "ops"),
        (json!({ "email": NEW, "namespace_roles": [{ "namespace": "nowhere", "role": ADMIN_ROLE }] }), "nowhere"),
        (json!({ "email": NEW, "namespace_roles": [{ "namespace": SYSTEM, "role": "king" }] }), "king"),
        (json!({ "email": NEW, "namespace_roles": "all" }), "namespace_roles"),
    ] {
        let refused = rig.post(USERS, &body);
        assert_eq!(refused.status, 400, "{body}: {}", refused.text);
        assert!(refused.message().contains(word), "{body}: {}", refused.text);
    }
    assert_eq!(listed(&rig, NEW), None);
    assert_eq!(rig.number("SELECT COUNT(*) FROM audit WHERE action = 'user.create'", &[]), 0);
}

#[test]
fn the_list_has_every_member_of_everyone() {
    let rig = Rig::start();
    let members = [
        "creation_timestamp",
        "disabled",
        "domain_owner",
        "email",
        "first_name",
        "group_names",
        "idm_type",
        "last_login_timestamp",
        "last_name",
        "name",
        "namespace",
        "namespace_roles",
        "otp_enabled",
        "state",
        "sync_mode",
        "tenant",
        "tenant_type",
        "type",
    ];
    rig.post(USERS, &json!({ "email": NEW }));
    let all = rig.get(USERS).body;
    let users = all["items"].as_array().unwrap();
    assert_eq!(users.len(), 5);
    for user in users {
        assert_eq!(user.as_object().unwrap().keys().collect::<Vec<_>>(), members, "{user}");
    }
    assert_eq!(listed(&rig, NEW).unwrap()["namespace_roles"], json!([]));
    assert_eq!(listed(&rig, rig.sample.admin_email).unwrap()["domain_owner"], true);
}

#[test]
fn absent_roles_stay_and_an_empty_list_takes_them_away() {
    let rig = Rig::start();
    let before = listed(&rig, EMAIL).unwrap()["namespace_roles"].clone();
    assert_eq!(before.as_array().unwrap().len(), 2);
    assert_eq!(put(&rig, &json!({ "email": "Hello@Example.com", "first_name": "Hannah" })).status, 200);
    assert_eq!(put(&rig, &json!({ "email": EMAIL, "last_name": null, "namespace_roles": null })).status, 200);
    let user = listed(&rig, EMAIL).unwrap();
    assert_eq!((&user["first_name"], &user["last_name"]), (&json!("Hannah"), &json!("Ellroy")));
    assert_eq!(user["namespace_roles"], before);

    let by_path = rig.post(&format!("{USERS}/{EMAIL}"), &json!({ "namespace_roles": [] }));
    assert_eq!(by_path.status, 200, "{}", by_path.text);
    assert_eq!(listed(&rig, EMAIL).unwrap()["namespace_roles"], json!([]));
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 204, "roles are not the password");

    let absent = put(&rig, &json!({ "email": "nobody@example.com", "namespace_roles": [] }));
    assert_eq!((absent.status, absent.message()), (404, "User nobody@example.com was not found in this tenant."));
}

#[test]
fn a_removed_user_is_gone_with_sessions_tokens_and_open_link() {
    let rig = Rig::start();
    let token = rig.add_member(rig.tenant(), "gone@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&token, "GET", USERS, None).status, 200);
    let cookie = rig.session(EMAIL, &rig.sample.user_password);
    assert_eq!(who_am_i(&rig, &cookie).status, 200);
    assert_eq!(rig.reset("gone@example.com").status, 200);
    let link = rig.token("gone@example.com", 1);

    let removed = rig.post(REMOVE, &json!({ "email": "GONE@example.com" }));
    assert_eq!((removed.status, &removed.body["delete_ok"]), (200, &json!(true)), "{}", removed.text);
    assert_eq!(removed.body["items"][0]["object_name"], "gone@example.com");
    assert_eq!(rig.post(REMOVE, &json!({ "email": EMAIL })).status, 200);
    assert_eq!(rig.as_token(&token, "GET", USERS, None).status, 401);
    assert_eq!(who_am_i(&rig, &cookie).status, 401);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 400);
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 401);
    assert_eq!(listed(&rig, EMAIL), None);
    assert_eq!(rig.post(REMOVE, &json!({ "email": EMAIL })).status, 404);

    assert_eq!(rig.post(USERS, &json!({ "email": EMAIL })).status, 200, "the address is free again");
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 401, "the new user has no password yet");
}

#[test]
fn a_helper_touches_nobody_above_them_and_gives_no_more_than_they_have() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system(HELPER_ROLE));
    rig.add_member(rig.tenant(), "chief@example.com", in_system(ADMIN_ROLE));
    let lock = |path: &str, email: &str| rig.as_token(&helper, "POST", path, Some(&json!({ "email": email })));
    for email in ["chief@example.com", rig.sample.admin_email] {
        for path in [DISABLE, ENABLE, REMOVE] {
            assert_eq!(lock(path, email).status, 403, "{path} {email}");
        }
        let body = json!({ "email": email, "namespace_roles": [] });
        assert_eq!(rig.as_token(&helper, "PUT", USERS, Some(&body)).status, 403);
    }
    let more =
        json!({ "email": "helper@example.com", "namespace_roles": [{ "namespace": SYSTEM, "role": ADMIN_ROLE }] });
    let refused = rig.as_token(&helper, "PUT", USERS, Some(&more));
    assert_eq!(refused.status, 403, "{}", refused.text);
    assert!(refused.message().starts_with("You cannot give what you do not have"), "{}", refused.text);
    let more = json!({ "email": NEW, "namespace_roles": [{ "namespace": "*", "role": HELPER_ROLE }] });
    assert_eq!(rig.as_token(&helper, "POST", USERS, Some(&more)).status, 403);
    let equal = json!({ "email": NEW, "namespace_roles": [{ "namespace": SYSTEM, "role": HELPER_ROLE }] });
    assert_eq!(rig.as_token(&helper, "POST", USERS, Some(&equal)).status, 200);
    assert_eq!(lock(DISABLE, NEW).status, 200, "an equal is not above them");
    assert_eq!(lock(REMOVE, NEW).status, 200);
    assert_eq!(listed(&rig, "chief@example.com").unwrap()["disabled"], false);
}

#[test]
fn nobody_but_an_owner_touches_an_owner_and_the_last_one_stays() {
    let rig = Rig::start();
    let all_roles = owner().into_iter().filter(|grant| grant.role == ADMIN_ROLE).collect();
    let admin = rig.add_member(rig.tenant(), "admin2@example.com", all_roles);
    for (token, status) in [(&admin, 403), (&rig.sample.api_token, 409)] {
        let as_token = |method: &str, path: &str, body: Value| rig.as_token(token, method, path, Some(&body)).status;
        let email = rig.sample.admin_email;
        assert_eq!(as_token("POST", DISABLE, json!({ "email": email })), status);
        assert_eq!(as_token("POST", REMOVE, json!({ "email": email })), status);
        assert_eq!(as_token("PUT", USERS, json!({ "email": email, "namespace_roles": [] })), status);
    }
    let kept = listed(&rig, rig.sample.admin_email).unwrap();
    assert_eq!((&kept["disabled"], kept["namespace_roles"].as_array().unwrap().len()), (&json!(false), 4));
}

#[test]
fn a_reader_may_not_write() {
    let rig = Rig::start();
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&reader, "GET", USERS, None).status, 200);
    for (method, path) in [("POST", USERS), ("PUT", USERS), ("POST", REMOVE), ("POST", DISABLE), ("POST", ENABLE)] {
        let refused = rig.as_token(&reader, method, path, Some(&json!({ "email": EMAIL })));
        assert_eq!(refused.status, 403, "{method} {path}: {}", refused.text);
    }
    assert_eq!(listed(&rig, EMAIL).unwrap()["disabled"], false);
}

#[test]
fn a_disabled_user_is_out_at_once_and_in_again_when_enabled() {
    let rig = Rig::start();
    let password = rig.sample.user_password.clone();
    let cookie = rig.session(EMAIL, &password);
    assert_eq!(who_am_i(&rig, &cookie).status, 200);
    let shown = rig.post(DISABLE, &json!({ "email": "Hello@EXAMPLE.com" }));
    assert_eq!((shown.status, &shown.body["disabled"]), (200, &json!(true)), "{}", shown.text);
    assert_eq!((&shown.body["disabled_by"], &shown.body["sessions"]), (&json!(rig.sample.admin_email), &json!([])));
    assert_eq!(who_am_i(&rig, &cookie).status, 401);
    assert_eq!(rig.sign_in(EMAIL, &password), 401);
    assert_eq!(rig.reset(EMAIL).status, 409);

    assert_eq!(rig.post(ENABLE, &json!({ "email": EMAIL })).body["disabled"], false);
    assert_eq!(who_am_i(&rig, &cookie).status, 401, "an ended session stays ended");
    assert_eq!(rig.sign_in(EMAIL, &password), 204);
}

#[test]
fn a_link_on_its_way_opens_nothing_once_its_user_is_disabled() {
    let rig = Rig::start();
    let id = rig.reset(EMAIL).header("tenantry-reset-id").unwrap().to_string();
    let link = rig.token(EMAIL, 1);
    rig.let_background_rest();
    assert_eq!(rig.post(DISABLE, &json!({ "email": EMAIL })).status, 200);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 400);
    let reset = rig.get(&format!("/api/tenantry/v1/resets/{id}")).body;
    assert_eq!(reset["state"], "cancelled", "{reset}");
    assert_eq!(reset["timeline"][2]["words"], format!("by {}", rig.sample.admin_email), "{reset}");
    assert_eq!(rig.post(ENABLE, &json!({ "email": EMAIL })).status, 200);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 400, "nor when the user is back");
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 401, "the request killed the password");
}

#[test]
fn the_contracted_calls_lock_and_unlock_too() {
    let rig = Rig::start();
    let lock = |verb: &str| {
        let path = format!("/api/web/namespaces/system/user/settings/idm/{verb}");
        rig.as_token(&rig.sample.api_token, "PUT", &path, Some(&json!({ "user_email": EMAIL })))
    };
    let disabled = lock("disable");
    assert_eq!((disabled.status, disabled.text.as_str()), (200, "{}"));
    assert_eq!(listed(&rig, EMAIL).unwrap()["disabled"], true);
    assert_eq!(lock("enable").text, "{}");
    assert_eq!(listed(&rig, EMAIL).unwrap()["disabled"], false);
}

#[test]
fn one_user_is_shown_whatever_the_case_and_another_tenants_is_as_if_absent() {
    let rig = Rig::start();
    let shown = rig.get("/api/tenantry/v1/users/HELLO@example.COM");
    assert_eq!((shown.status, &shown.body["email"]), (200, &json!(EMAIL)), "{}", shown.text);
    assert_eq!(shown.body["password"], "live");
    assert!(!shown.text.contains("argon2"), "{}", shown.text);

    let other = rig.add_tenant("other-corp");
    rig.add_user(other, "there@example.com", |_| {});
    let foreign = rig.get("/api/tenantry/v1/users/there@example.com");
    let absent = rig.get("/api/tenantry/v1/users/where@example.com");
    assert_eq!((foreign.status, absent.status), (404, 404));
    assert_eq!(foreign.message(), absent.message().replace("where", "there"));
}

#[test]
fn a_user_is_invited_until_the_first_password_is_set() {
    let rig = Rig::start();
    let states = |rig: &Rig| {
        let listed = listed(rig, NEW).unwrap();
        let shown = rig.get(&format!("/api/tenantry/v1/users/{NEW}")).body;
        [listed["state"].as_str().unwrap().to_owned(), shown["state"].as_str().unwrap().to_owned()]
    };
    assert_eq!(rig.post(USERS, &json!({ "email": NEW })).status, 200);
    assert_eq!(states(&rig), ["invited", "invited"]);
    assert_eq!(rig.redeem(&rig.token(NEW, 1), GOOD_PASSWORD), 204);
    assert_eq!(states(&rig), ["active", "active"]);
    rig.clock.advance_seconds(31);
    assert_eq!(rig.reset(NEW).status, 200);
    assert_eq!(states(&rig), ["active", "active"], "a reset is no invitation");
    assert_eq!(rig.post("/api/tenantry/v1/users/disable", &json!({ "email": NEW })).status, 200);
    assert_eq!(states(&rig), ["disabled", "disabled"]);
}
