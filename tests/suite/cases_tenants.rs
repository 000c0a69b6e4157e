//! The odd cases of the catalogue about tenants and rights (TZ).

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::Scope;

use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

const CALL: &str = "/api/web/custom/password/admin_reset";

fn rows_of(rig: &Rig, statement: &'static str, tenant: TenantId) -> String {
    format!("{:?}", rig.store.read(Scope::HOUSE, |tx| tx.all(statement, &params![tenant])).unwrap())
}

fn masked(answered: &Answered, name: &str) -> (u16, String) {
    let id = answered.header("x-request-id").unwrap();
    (answered.status, answered.text.replace(id, "ID").replace(name, "NAME"))
}

#[test]
fn case_21_an_address_of_another_tenant_is_answered_like_one_that_nobody_has() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    rig.add_user(other, "theirs@example.com", |_| {});
    let users = "SELECT * FROM users WHERE tenant = $1";
    let audit = "SELECT action, outcome, subject FROM audit WHERE tenant = $1 ORDER BY id";
    let before = (rows_of(&rig, users, other), rows_of(&rig, audit, other));
    let theirs = rig.reset("theirs@example.com");
    let nobodys = rig.reset("absent@example.com");
    assert_eq!(masked(&theirs, "theirs@example.com"), masked(&nobodys, "absent@example.com"));
    assert_eq!(theirs.status, 404);
    assert_eq!((rows_of(&rig, users, other), rows_of(&rig, audit, other)), before);
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets", &[]) + rig.number("SELECT COUNT(*) FROM mails", &[]), 0);
    let ours = rows_of(&rig, audit, rig.tenant());
    for email in ["theirs@example.com", "absent@example.com"] {
        assert_eq!(ours.matches(email).count(), 1, "{ours}");
    }
}

#[test]
fn case_23_cursors_and_filters_of_another_tenant_show_nothing_of_it() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let boss = rig.add_member(other, "boss@other.example", owner());
    rig.add_user(other, "theirs@other.example", |_| {});
    let theirs = rig.as_token(&boss, "POST", CALL, Some(&json!({ "email": "theirs@other.example" })));
    let reset = theirs.header("tenantry-reset-id").unwrap().to_string();
    assert_eq!(rig.reset("jane@example.com").status, 200);
    let page = rig.as_token(&boss, "GET", "/api/tenantry/v1/resets?limit=1", None);
    let cursor = page.body["next"].as_str().unwrap();
    for (query, status) in [
        ("email=theirs@other.example".to_string(), 200),
        (format!("cursor={cursor}"), 400),
        (format!("cursor={cursor}&email=theirs@other.example"), 400),
        (format!("cursor={reset}"), 400),
        ("cursor=ffffffff-ffff-ffff-ffff-ffffffffffff&limit=1000".into(), 400),
    ] {
        let listed = rig.get(&format!("/api/tenantry/v1/resets?{query}"));
        assert_eq!(listed.status, status, "{query} {}", listed.text);
        assert!(!listed.text.contains("other"), "{query} {}", listed.text);
    }
    let page = rig.as_token(&boss, "GET", "/api/tenantry/v1/audit?limit=1", None);
    let cursor = page.body["next"].as_str().unwrap();
    for query in [format!("cursor={cursor}"), "actor=boss@other.example".into(), "subject=theirs@other.example".into()]
    {
        let listed = rig.get(&format!("/api/tenantry/v1/audit?{query}"));
        assert!(matches!(listed.status, 200 | 400), "{query} {}", listed.text);
        assert!(!listed.text.contains("other"), "{query} {}", listed.text);
    }
    for path in ["/api/web/custom/namespaces/system/user_roles", "/api/web/namespaces/system/api_credentials"] {
        let listed = rig.get(path);
        assert!(listed.status == 200 && !listed.text.contains("other"), "{path} {}", listed.text);
    }
}

/// Every call that could take over an account of higher rank.
fn ladder(rig: &Rig, token: &str, email: &str, reset: &str) -> Vec<(String, Answered)> {
    let everything = vec![Grant::new("system", "ves-io-tenant-owner-role")];
    let asks: Vec<(&str, String, Value)> = vec![
        ("POST", CALL.into(), json!({ "email": email })),
        ("POST", "/api/web/custom/namespaces/system/send_password_email".into(), json!({ "email": email })),
        ("POST", format!("/api/tenantry/v1/resets/{reset}/cancel"), json!({})),
        ("POST", format!("/api/tenantry/v1/resets/{reset}/resend"), json!({})),
        ("POST", "/api/tenantry/v1/users/disable".into(), json!({ "email": email })),
        ("PUT", "/api/web/namespaces/system/user/settings/idm/disable".into(), json!({ "user_email": email })),
        ("POST", "/api/web/custom/namespaces/system/users/cascade_delete".into(), json!({ "email": email })),
        (
            "PUT",
            "/api/web/custom/namespaces/system/user_roles".into(),
            json!({ "email": email, "namespace_roles": [] }),
        ),
        (
            "PUT",
            "/api/web/custom/namespaces/system/user_roles".into(),
            json!({ "email": "helper@example.com", "namespace_roles": everything }),
        ),
        (
            "POST",
            "/api/web/custom/namespaces/system/user_roles".into(),
            json!({ "email": "puppet@example.com", "namespace_roles": everything }),
        ),
    ];
    let tried = asks.into_iter().map(|(method, path, body)| {
        let answered = rig.as_token(token, method, &path, Some(&body));
        (format!("{method} {path} {body}"), answered)
    });
    tried.collect()
}

#[test]
fn case_25_a_helper_takes_over_nobody_of_higher_rank_and_each_try_is_on_record() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let helper = rig.add_member(tenant, "helper@example.com", in_system("ves-io-uam-admin-role"));
    rig.add_member(tenant, "second@example.com", owner());
    // An owner whose roles were all taken away is an owner still.
    rig.add_user(tenant, "bare@example.com", |new| new.is_owner = true);
    for email in ["second@example.com", "bare@example.com"] {
        let reset = rig.reset(email).header("tenantry-reset-id").unwrap().to_string();
        let users = rows_of(&rig, "SELECT * FROM users WHERE tenant = $1 ORDER BY id", tenant);
        for (tried, answered) in ladder(&rig, &helper, email, &reset) {
            assert_eq!((answered.status, &answered.body["code"]), (403, &json!(7)), "{tried} {}", answered.text);
        }
        assert_eq!(rows_of(&rig, "SELECT * FROM users WHERE tenant = $1 ORDER BY id", tenant), users);
    }
    let refused = "SELECT COUNT(*) FROM audit WHERE outcome = 'refused' AND actor = 'helper@example.com'";
    assert_eq!(rig.number(refused, &[]), 20);
    let grants = rows_of(&rig, "SELECT namespace, role FROM grants WHERE tenant = $1", tenant);
    assert_eq!(grants.matches("ves-io-uam-admin-role").count(), 1);
}

#[test]
fn case_27_nobody_writes_what_the_house_keeps_for_itself() {
    let rig = Rig::start();
    let path = "/api/web/custom/namespaces/system/user_roles";
    let kept = "SELECT tenant, id, uid, email, email_key, kind, idm_type, owner_since, session_epoch, password_hash,
        password_dead_at, open_reset, created_at, created_by FROM users WHERE tenant = $1 AND email = 'hello@example.com'";
    let before = rows_of(&rig, kept, rig.tenant());
    let body = json!({
        "email": "hello@example.com", "first_name": "Hanna", "role": "ves-io-tenant-owner-role", "tenant": "other",
        "tenant_id": 1, "id": 1, "uid": "x", "email_verified": true, "auth_epoch": 99, "session_epoch": 99,
        "owner_since": 1, "is_owner": true, "domain_owner": true, "password_hash": "x", "password": GOOD, "email_key": "x",
    });
    let answered = rig.as_token(&rig.sample.api_token, "PUT", path, Some(&body));
    assert_eq!(answered.status, 200, "{}", answered.text);
    assert_eq!(rows_of(&rig, kept, rig.tenant()), before);

    let plain = rig.add_member(rig.tenant(), "plain@example.com", in_system("ves-io-default-role"));
    let own = json!({ "email": "plain@example.com", "namespace_roles": [{ "namespace": "system", "role": "ves-io-admin-role" }] });
    assert_eq!(rig.as_token(&plain, "PUT", path, Some(&own)).status, 403);
    for (path, body) in [
        ("/api/tenantry/v1/users/disable", json!({ "email": "hello@example.com", "role": "x" })),
        (CALL, json!({ "email": "hello@example.com", "tenant_id": 1 })),
    ] {
        let answered = rig.post(path, &body);
        assert_eq!(answered.status, 400, "{path} {}", answered.text);
        assert!(answered.message().ends_with("is not known to this call. Leave it out."), "{}", answered.text);
    }
    assert_eq!(rows_of(&rig, kept, rig.tenant()), before);
}

const GOOD: &str = crate::rig::GOOD_PASSWORD;
