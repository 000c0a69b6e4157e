//! Administrators cannot take rights from themselves that they could not give back, and a tenant never loses its owner.

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, Grant, OWNER_ROLE};
use tenantry::params;
use tenantry::store::Scope;

use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

const USERS: &str = "/api/web/custom/namespaces/system/user_roles";
const REMOVE: &str = "/api/web/custom/namespaces/system/users/cascade_delete";
const UAM_ADMIN: &str = "ves-io-uam-admin-role";

/// Every way to take a user's access, by their address.
fn ways(email: &str) -> [(&'static str, String, Value); 6] {
    let none = json!({ "email": email, "namespace_roles": [] });
    let less = json!({ "email": email, "namespace_roles": [{ "namespace": "system", "role": "ves-io-monitor-role" }] });
    [
        ("POST", REMOVE.into(), json!({ "email": email.to_uppercase() })),
        ("PUT", USERS.into(), none.clone()),
        ("PUT", USERS.into(), less),
        ("POST", format!("{USERS}/{email}"), none),
        ("POST", "/api/tenantry/v1/users/disable".into(), json!({ "email": email })),
        ("PUT", "/api/web/namespaces/system/user/settings/idm/disable".into(), json!({ "user_email": email })),
    ]
}

fn call(rig: &Rig, token: &str, (method, path, body): &(&'static str, String, Value)) -> Answered {
    rig.as_token(token, method, path, Some(body))
}

#[test]
fn nobody_removes_disables_or_strips_themselves() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "keeper@example.com", in_system(ADMIN_ROLE));
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system(UAM_ADMIN));
    let owner = rig.sample.api_token.clone();
    let owners_email = rig.sample.admin_email.to_string();
    for (token, email) in [(&admin, "keeper@example.com"), (&helper, "helper@example.com"), (&owner, &owners_email)] {
        for way in ways(email) {
            let answered = call(&rig, token, &way);
            assert_eq!(
                (answered.status, &answered.body["code"]),
                (409, &json!(9)),
                "{email} {way:?} {}",
                answered.text
            );
            assert!(answered.message().starts_with("You "), "{}", answered.text);
        }
        assert_eq!(rig.as_token(token, "GET", USERS, None).status, 200, "{email}");
    }
}

#[test]
fn a_role_goes_while_another_one_keeps_the_right() {
    let rig = Rig::start();
    let grants = vec![Grant::new("system", ADMIN_ROLE), Grant::new("system", UAM_ADMIN)];
    let token = rig.add_member(rig.tenant(), "keeper@example.com", grants);
    let keep = |role: &str| {
        let roles = json!([{ "namespace": "system", "role": role }]);
        rig.as_token(&token, "PUT", USERS, Some(&json!({ "email": "keeper@example.com", "namespace_roles": roles })))
    };
    assert_eq!(keep(UAM_ADMIN).status, 200);
    let refused = keep("ves-io-default-role");
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert!(refused.message().contains("ves-io-uam-write"), "{}", refused.text);
    let renamed = json!({ "email": "keeper@example.com", "first_name": "Ada" });
    assert_eq!(rig.as_token(&token, "PUT", USERS, Some(&renamed)).status, 200);
}

#[test]
fn the_owner_of_a_tenant_is_lost_by_no_way() {
    let rig = Rig::start();
    let second = rig.add_member(rig.tenant(), "second@example.com", Vec::new());
    rig.give("second@example.com", owner());
    let admin = rig.add_member(rig.tenant(), "keeper@example.com", Grant::of_an_owner());
    let owners_email = rig.sample.admin_email.to_string();
    for token in [&second, &admin] {
        for way in ways(&owners_email) {
            let answered = call(&rig, token, &way);
            assert_eq!((answered.status, &answered.body["code"]), (403, &json!(7)), "{way:?} {}", answered.text);
        }
    }
    let mine = rig.get("/api/web/custom/namespaces/system/whoami");
    assert_eq!((mine.status, &mine.body["domain_owner"]), (200, &json!(true)));
    let role = json!({ "namespace": "system", "role": OWNER_ROLE });
    assert!(mine.body["namespace_roles"].as_array().unwrap().contains(&role), "{}", mine.text);
}

#[test]
fn of_two_administrators_who_take_each_others_access_at_once_one_keeps_it() {
    let rig = Rig::start();
    for (nth, (one, other)) in [(0, 0), (1, 1), (4, 4), (0, 1), (4, 0), (1, 4)].into_iter().enumerate() {
        let emails = [format!("one{nth}@example.com"), format!("other{nth}@example.com")];
        let tokens = emails.each_ref().map(|email| {
            let token = rig.add_member(rig.tenant(), email, Vec::new());
            rig.give(email, owner());
            token
        });
        let calls = [(&tokens[0], &ways(&emails[1])[one]), (&tokens[1], &ways(&emails[0])[other])];
        let held = rig.hold_writer();
        let answers = std::thread::scope(|scope| {
            let asked = calls.map(|(token, way)| scope.spawn(|| call(&rig, token, way)));
            // Until both were let in, by rights that they still have.
            for _ in 0..60 {
                if rig.store.stats().waiting >= 2 {
                    break;
                }
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            held.let_go();
            asked.map(|answer| answer.join().unwrap())
        });
        let statuses = answers.each_ref().map(|answer| answer.status);
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{one} {other} {statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 401 | 403)), "{one} {other} {statuses:?}");
        let still = tokens.each_ref().map(|token| rig.as_token(token, "GET", USERS, None).status == 200);
        assert_eq!(still.iter().filter(|may| **may).count(), 1, "{one} {other}");
    }
    let owners = rig.store.read(Scope::HOUSE, |tx| {
        let count = "SELECT COUNT(*) FROM grants WHERE tenant = $1 AND role = $2 AND namespace = 'system'";
        tx.one(count, &params![rig.tenant(), OWNER_ROLE])?.get::<i64>(0)
    });
    assert!(owners.unwrap() >= 1);
}
