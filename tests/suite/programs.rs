//! Credentials of programs that act as nobody: a service user of its own for each, roles of its own, gone with the credential.

use serde_json::{Value, json};

use crate::access::{JANE, grants, make_group, make_role, may_list_users, ok, put, refused};
use crate::people::in_system;
use crate::rig::Rig;

const SERVICES: &str = "/api/web/namespaces/system/service_credentials";
const TOKENS: &str = "/api/web/namespaces/system/api_credentials";
const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";

/// Makes one with these roles: its name and its token.
fn make(rig: &Rig, roles: &[(&str, &str)]) -> (String, String) {
    let asked = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": grants(roles) });
    let made = rig.post(SERVICES, &asked);
    let text = |name: &str| ok(&made)[name].as_str().unwrap().to_string();
    (text("name"), text("data"))
}

fn change(rig: &Rig, token: &str, verb: &str, body: &Value) -> crate::rig::Answered {
    rig.as_token(token, "POST", &format!("/api/web/namespaces/system/{verb}/service_credentials"), Some(body))
}

fn names(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect()
}

#[test]
fn a_service_credential_acts_as_a_user_of_its_own_until_it_is_revoked() {
    let rig = Rig::start();
    let (name, token) = make(&rig, &[("system", "ves-io-monitor-role")]);
    let me = rig.as_token(&token, "GET", WHOAMI, None).body;
    assert_eq!((&me["type"], &me["email"]), (&json!("SERVICE"), &json!(format!("{name}@service.invalid"))));
    assert!(may_list_users(&rig, &token));
    let listed = rig.get(SERVICES).body;
    assert_eq!(names(&listed), [&name]);
    let item = &listed["items"][0];
    assert_eq!(item["namespace_access"]["namespace_role_map"]["system"]["names"], json!(["ves-io-monitor-role"]));
    assert_eq!((&item["type"], &item["active"]), (&json!("SERVICE_API_TOKEN"), &json!(true)));
    assert_eq!(&rig.get(&format!("{SERVICES}/{name}")).body, item);
    assert!(!names(&rig.get(TOKENS).body).contains(&name.as_str()), "it is no token of a person");
    assert_eq!(rig.get(&format!("{TOKENS}/{name}")).status, 404);
    let users = rig.get("/api/web/custom/namespaces/system/user_roles").body;
    assert!(!users.to_string().contains("service.invalid"), "{users}");

    let owner = &rig.sample.api_token;
    ok(&change(&rig, owner, "activate", &json!({ "name": name, "active": false })));
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401);
    ok(&change(&rig, owner, "activate", &json!({ "name": name, "active": true })));
    ok(&change(&rig, owner, "renew", &json!({ "name": name, "expiration_days": "90" })));
    rig.clock.advance_seconds(60 * 24 * 3600);
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 200);
    let reset = rig.reset(&format!("{name}@service.invalid"));
    refused(&reset, 409, "is a service user and has no password");
    ok(&change(&rig, owner, "revoke", &json!({ "name": name })));
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401);
    assert_eq!(rig.get(&format!("/api/tenantry/v1/users/{name}@service.invalid")).status, 404);
    assert_eq!(change(&rig, owner, "revoke", &json!({ "name": name })).status, 404);
}

#[test]
fn the_roles_and_groups_of_a_service_user_count_from_the_next_call() {
    let rig = Rig::start();
    let (name, token) = make(&rig, &[]);
    make_role(&rig, "auditor", &["ves-io-uam-read"]);
    ok(&make_group(&rig, "ops", &[], &[("system", "auditor")]));
    assert!(!may_list_users(&rig, &token));
    let path = format!("{SERVICES}/{name}");
    let access = json!({ "namespace_role_map": { "system": { "names": ["auditor"] } } });
    ok(&put(&rig, &path, &json!({ "namespace_access": access })));
    assert!(may_list_users(&rig, &token));
    ok(&put(&rig, &path, &json!({ "namespace_access": {}, "user_group_names": ["ops"] })));
    assert!(may_list_users(&rig, &token), "by the group");
    assert_eq!(rig.get(&path).body["user_group_names"], json!(["ops"]));
    ok(&put(&rig, &path, &json!({ "user_group_names": [] })));
    assert!(!may_list_users(&rig, &token));
    refused(&put(&rig, &path, &json!({ "user_group_names": ["absent"] })), 400, "groups that do not exist: absent");
    assert_eq!(put(&rig, &format!("{SERVICES}/absent-abcdefgh"), &json!({})).status, 404);
}

#[test]
fn a_service_credential_of_higher_rank_is_out_of_reach() {
    let rig = Rig::start();
    let helper = rig.add_member(rig.tenant(), JANE, in_system("ves-io-uam-admin-role"));
    let (chief, _) = make(&rig, &[("system", "ves-io-admin-role")]);
    let (equal, token) = make(&rig, &[("system", "ves-io-uam-admin-role")]);
    let missing = "ves-io-namespace-write";
    let admin = grants(&[("system", "ves-io-admin-role")]);
    let asked = json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "namespace_roles": admin });
    refused(&rig.as_token(&helper, "POST", SERVICES, Some(&asked)), 403, missing);
    for verb in ["renew", "activate", "revoke"] {
        refused(&change(&rig, &helper, verb, &json!({ "name": chief, "active": false })), 403, missing);
    }
    let body = json!({ "namespace_access": { "namespace_role_map": {} } });
    refused(&rig.as_token(&helper, "PUT", &format!("{SERVICES}/{chief}"), Some(&body)), 403, missing);
    let map = json!({ "namespace_access": { "namespace_role_map": { "system": { "names": ["ves-io-admin-role"] } } } });
    refused(&rig.as_token(&helper, "PUT", &format!("{SERVICES}/{equal}"), Some(&map)), 403, missing);
    let bulk = change(&rig, &helper, "bulk_revoke", &json!({ "name_selector": { "names": [chief, equal, "absent"] } }));
    let answered = ok(&bulk);
    assert_eq!(answered["credentials_marked_for_deletion"], json!([equal]));
    assert_eq!(answered["credentials_failed"].as_array().unwrap().len(), 2);
    assert!(!answered["error_message"].as_str().unwrap().is_empty());
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 401);
    assert_eq!(names(&rig.get(SERVICES).body), [&chief]);
}

#[test]
fn what_has_expired_is_revoked_in_bulk_and_nothing_else() {
    let rig = Rig::start();
    let (service, _) = make(&rig, &[]);
    let (kept, _) = make(&rig, &[]);
    ok(&change(&rig, &rig.sample.api_token, "renew", &json!({ "name": kept, "expiration_days": 100 })));
    let asked = json!({ "name": "short", "expiration_days": 1, "spec": { "type": "API_TOKEN" } });
    let own = ok(&rig.post(TOKENS, &asked))["name"].clone();
    rig.clock.advance_seconds(31 * 24 * 3600);
    let bulk = |path: &str, body: Value| rig.post(&format!("/api/web/namespaces/system/bulk_revoke/{path}"), &body);
    let of_type = |kind: &str| json!({ "expired_selector": { "credential_type": kind } });
    let gone = |answered: crate::rig::Answered| ok(&answered)["credentials_marked_for_deletion"].clone();
    assert_eq!(gone(bulk("service_credentials", of_type("API_CERTIFICATE"))), json!([]));
    assert_eq!(gone(bulk("service_credentials", of_type("SERVICE_API_TOKEN"))), json!([service]));
    assert_eq!(gone(bulk("api_credentials", json!({ "expired_selector": { "all": {} } }))), json!([own]));
    assert_eq!(names(&rig.get(SERVICES).body), [&kept]);
    for wrong in [json!({}), json!({ "name_selector": {} }), json!({ "expired_selector": {} })] {
        assert_eq!(bulk("api_credentials", wrong).status, 400);
    }
}

#[test]
fn a_service_credential_is_refused_with_the_name_that_is_wrong() {
    let rig = Rig::start();
    let ask = |body: Value| rig.post(SERVICES, &body);
    refused(&ask(json!({ "type": "SERVICE_API_TOKEN" })), 400, "Field name should be not empty");
    refused(&ask(json!({ "name": "robot" })), 400, "Field type should be not nil");
    refused(&ask(json!({ "name": "robot", "type": "API_TOKEN" })), 400, "Ask for SERVICE_API_TOKEN");
    refused(&ask(json!({ "name": "robot", "type": "SERVICE_API_CERTIFICATE" })), 501, "are not issued here");
    let roles = grants(&[("system", "absent")]);
    refused(&ask(json!({ "name": "robot", "api_token": {}, "namespace_roles": roles })), 400, "the role absent");
    assert_eq!(rig.get(SERVICES).body, json!({ "items": [] }), "nothing is half done");
    ok(&ask(json!({ "name": "robot", "api_token": {} })));
}
