//! The operator, while the server runs: by a token of the operators' tenant and by the socket in the data directory.

use std::path::PathBuf;

use serde_json::{Value, json};
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::Scope;
use tenantry::tenants;

use crate::local::Local;
use crate::people::owner;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

pub const TENANTS: &str = "/api/tenantry/v1/system/tenants";
pub const MAILS: &str = "/api/tenantry/v1/system/mails";
pub const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";
pub const DAY: i64 = 24 * 3600;

pub fn data(rig: &Rig) -> PathBuf {
    rig.data.as_ref().unwrap().path().to_path_buf()
}

/// An operator's token.
pub fn operator(rig: &Rig) -> String {
    member(rig, TenantId::SYSTEM, "ops@example.net")
}

/// The token of an owner, for a year.
pub fn member(rig: &Rig, tenant: TenantId, email: &str) -> String {
    let user = rig.add_user(tenant, email, |new| (new.grants, new.is_owner) = (owner(), true));
    rig.add_token(tenant, &user, rig.clock.now().plus_seconds(365 * DAY))
}

pub fn post(rig: &Rig, token: &str, path: &str, body: Value) -> Answered {
    rig.as_token(token, "POST", &format!("{TENANTS}{path}"), Some(&body))
}

pub fn done(answered: Answered) -> Value {
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.body
}

pub fn refused(answered: &Answered, status: u16, words: &str) {
    assert_eq!(answered.status, status, "{}", answered.text);
    assert!(answered.message().contains(words), "{}", answered.text);
}

/// The records by this id: of which tenant, the action and the actor.
pub fn records(rig: &Rig, id: &str) -> Vec<(i64, String, String)> {
    let id = uuid::Uuid::parse_str(id).unwrap();
    let read = |tx: &mut tenantry::store::Tx<'_>| {
        tx.all("SELECT tenant, action, actor FROM audit WHERE id = $1 ORDER BY tenant", &params![&id])
    };
    let rows = rig.store.read(Scope::HOUSE, read).unwrap();
    rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap())).collect()
}

pub fn standing(rig: &Rig, token: &str, name: &str) -> Value {
    done(rig.as_token(token, "GET", &format!("{TENANTS}/{name}"), None))
}

fn id_of(rig: &Rig, name: &str) -> TenantId {
    rig.store.read(Scope::HOUSE, |tx| tenants::get_standing(tx, name)).unwrap().tenant.id
}

#[test]
fn a_tenant_is_made_set_renamed_suspended_and_resumed_and_each_act_is_in_both_records() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let made = post(&rig, &ops, "", json!({ "name": "acme", "display_name": "Acme", "owner": "ada@example.com" }));
    let acme = id_of(&rig, "acme");
    let is_in_both = |answered: &Answered, action: &str| {
        let found = records(&rig, answered.header("x-request-id").unwrap());
        let of = |tenant: TenantId, actor: &str| (tenant.0, action.to_string(), actor.to_string());
        assert_eq!(found, [of(TenantId::SYSTEM, "ops@example.net"), of(acme, "operator ops@example.net")], "{action}");
    };
    is_in_both(&made, "tenant.create");
    assert_eq!(
        (&made.body["state"], &made.body["users"], &made.body["link"]),
        (&json!("served"), &json!(1), &Value::Null)
    );
    assert_eq!(rig.redeem(&rig.token("ada@example.com", 1), GOOD_PASSWORD), 204, "the owner got a link by mail");

    let path = format!("{TENANTS}/acme/settings");
    let set =
        rig.as_token(&ops, "PATCH", &path, Some(&json!({ "link_lifetime_minutes": 90, "contact": "it@example.com" })));
    is_in_both(&set, "tenant.set");
    assert_eq!(standing(&rig, &ops, "acme")["settings"]["link_lifetime_minutes"], 90);
    let theirs = rig.add_member(acme, "boss@example.com", owner());
    let at = |host: &str| {
        let authorization = format!("APIToken {theirs}");
        rig.send("GET", WHOAMI, &[("Host", host), ("Authorization", &authorization)], None).status
    };
    assert_eq!(at("acme.localhost"), 200);
    let renamed = post(&rig, &ops, "/acme/rename", json!({ "name": "apex" }));
    is_in_both(&renamed, "tenant.rename");
    assert_eq!([at("acme.localhost"), at("apex.localhost"), at("localhost")], [404, 200, 200]);

    let suspended = post(&rig, &ops, "/apex/suspend", json!({ "reason": "the invoice is open" }));
    is_in_both(&suspended, "tenant.suspend");
    assert_eq!(suspended.body["suspended"]["by"], "operator ops@example.net");
    assert_eq!([at("apex.localhost"), at("localhost")], [403, 403]);
    refused(&post(&rig, &ops, "/apex/suspend", json!({})), 409, "is suspended already");
    refused(&rig.as_token(&ops, "PATCH", &format!("{TENANTS}/apex/settings"), Some(&json!({}))), 409, "is suspended");
    let resumed = post(&rig, &ops, "/apex/resume", json!({}));
    is_in_both(&resumed, "tenant.resume");
    assert_eq!(at("apex.localhost"), 200);
    refused(&post(&rig, &ops, "/apex/resume", json!({})), 409, "nothing to resume");

    rig.wait_until_sealed();
    for token in [&ops, &theirs] {
        let verdict = rig.as_token(token, "GET", "/api/tenantry/v1/audit/verify", None).body;
        assert_eq!((&verdict["sound"], &verdict["unsealed"]), (&json!(true), &json!(0)), "{verdict}");
    }
}

#[test]
fn what_is_wrong_is_refused_and_changes_nothing() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let before = rig.number("SELECT COUNT(*) FROM audit", &[]);
    refused(&post(&rig, &ops, "", json!({ "name": "example-corp" })), 409, "already exists");
    refused(&post(&rig, &ops, "", json!({ "name": "-a" })), 400, "a word of a host name");
    refused(&post(&rig, &ops, "", json!({ "name": "acme", "owner": "nobody" })), 400, "address");
    refused(&post(&rig, &ops, "/nobody/suspend", json!({})), 404, "There is no tenant with the name nobody.");
    refused(&post(&rig, &ops, "/example-corp/rename", json!({ "name": "system" })), 409, "already exists");
    refused(&post(&rig, &ops, "/example-corp/owner", json!({ "email": "me@example.net" })), 409, "has an owner");
    refused(&post(&rig, &ops, "/example-corp/remove", json!({ "grace_days": 0 })), 400, "grace_days");
    for call in ["suspend", "remove", "rename"] {
        let body = if call == "rename" { json!({ "name": "other" }) } else { json!({}) };
        refused(&post(&rig, &ops, &format!("/system/{call}"), body), 409, "The operators' tenant");
    }
    let leads = json!({ "public_url": "https://elsewhere.example" });
    let path = format!("{TENANTS}/example-corp/settings");
    refused(&rig.as_token(&ops, "PATCH", &path, Some(&leads)), 403, "on the machine of the server alone");
    assert_eq!(rig.number("SELECT COUNT(*) FROM audit WHERE action <> 'access.refuse'", &[]), before);
    assert_eq!(rig.number("SELECT COUNT(*) FROM tenants", &[]), 2);
}

#[test]
fn tenants_are_listed_by_name_page_by_page() {
    let rig = Rig::start();
    let ops = operator(&rig);
    for name in ["b-corp", "a-corp", "d-corp", "c-corp"] {
        rig.add_tenant(name);
    }
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = done(rig.as_token(&ops, "GET", &format!("{TENANTS}?limit=2&cursor={cursor}"), None));
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_string()));
        match page["next"].as_str() {
            Some(next) => cursor = next.into(),
            None => break,
        }
    }
    let state = done(rig.as_token(&ops, "GET", "/api/tenantry/v1/system/state", None));
    assert_eq!((&state["key"], &state["keys"], &state["version"]), (&json!(1), &json!([1]), &json!("0.1.0")));
    assert_eq!(names, ["a-corp", "b-corp", "c-corp", "d-corp", "example-corp", "system"]);
}

#[test]
fn the_machine_makes_the_first_operator_who_signs_in_at_the_bare_base_domain() {
    let rig = Rig::start();
    let directory = data(&rig);
    let local = Local(&directory);
    let page = |host: &str| {
        let answered = rig.send("GET", "/signin", &[("Host", host), ("Accept", "text/html")], None);
        (answered.status, answered.text.contains("Example Corp"))
    };
    assert_eq!(page("localhost"), (200, true), "without an operator the host means what it meant");
    let (status, made) =
        local.call("POST", &format!("{TENANTS}/system/owner"), Some(&json!({ "email": "ops@example.net" })));
    assert_eq!(status, 200, "{made}");
    let link = made["link"].as_str().unwrap();
    assert!(link.starts_with(&format!("http://localhost:{}/reset#", rig.address.port())), "{link}");
    let headers = [("Host", "localhost"), ("Content-Type", "application/json")];
    let redeem = json!({ "token": link.split_once('#').unwrap().1, "password": GOOD_PASSWORD }).to_string();
    assert_eq!(rig.send("POST", "/reset", &headers, Some(&redeem)).status, 204);
    assert_eq!((page("localhost"), page("example-corp.localhost")), ((200, false), (200, true)));
    assert_eq!(page("127.0.0.1"), (200, true), "an address is no base domain");
    let body = json!({ "email": "ops@example.net", "password": GOOD_PASSWORD }).to_string();
    let signed_in = rig.send("POST", "/signin", &headers, Some(&body));
    assert_eq!(signed_in.status, 204, "{}", signed_in.text);
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
    let listed = rig.send("GET", TENANTS, &[("Host", "localhost"), ("Cookie", &cookie)], None);
    assert_eq!(listed.status, 200, "{}", listed.text);
    rig.clock.advance_seconds(16 * 60);
    for call in ["owner", "suspend", "remove"] {
        let headers = [("Host", "localhost"), ("Cookie", cookie.as_str()), ("Content-Type", "application/json")];
        let body = json!({ "email": "ada@example.com" }).to_string();
        let old = rig.send("POST", &format!("{TENANTS}/example-corp/{call}"), &headers, Some(&body));
        assert_eq!((old.status, &old.body["details"][0]["reason"]), (403, &json!("PROVE_AGAIN")), "{}", old.text);
    }
    assert_eq!(rig.get(WHOAMI).status, 200, "a credential names its tenant wherever the host names none");
    let actions: Vec<_> = {
        let read = |tx: &mut tenantry::store::Tx<'_>| {
            tx.all("SELECT action, actor FROM audit WHERE tenant = 0 ORDER BY id", &[])
        };
        let rows = rig.store.read(Scope::HOUSE, read).unwrap();
        rows.iter().map(|row| (row.get::<String>(0).unwrap(), row.get::<String>(1).unwrap())).collect()
    };
    // One record, since both tenants are one.
    let given: Vec<_> = actions.iter().filter(|(action, _)| action == "tenant.give_owner").collect();
    assert_eq!(given, [&("tenant.give_owner".to_string(), "command line".to_string())], "{actions:?}");
}

/// The first mail that was not sent and is as asked for, once there is one.
pub fn until_listed(rig: &Rig, token: &str, is_so: &dyn Fn(&Value) -> bool) -> Value {
    for _ in 0..1_000 {
        let listed = done(rig.as_token(token, "GET", MAILS, None));
        if let Some(mail) = listed["items"].as_array().unwrap().iter().find(|mail| is_so(mail)) {
            return mail.clone();
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{}", rig.as_token(token, "GET", MAILS, None).text);
}

#[test]
fn a_mail_is_tried_again_and_given_up_by_the_operator() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let mood = |mood: &str| assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": mood })).status, 200);
    let until = |is_so: &dyn Fn(&Value) -> bool| until_listed(&rig, &ops, is_so);
    mood("refuse");
    for email in ["jane@example.com", "kenji@example.com"] {
        assert_eq!(rig.reset(email).status, 200);
    }
    let of = |email: &'static str| move |mail: &Value| mail["to"] == email && !mail["relay_words"].is_null();
    let (jane, kenji) = (until(&of("jane@example.com")), until(&of("kenji@example.com")));
    assert_eq!(jane["tenant"], "example-corp");
    let steer = |mail: &Value, verb: &str| {
        post(&rig, &ops, &format!("/example-corp/mails/{}/{verb}", mail["id"].as_str().unwrap()), json!({}))
    };
    mood("accept");
    let dropped = steer(&kenji, "drop");
    assert_eq!(dropped.status, 200, "{}", dropped.text);
    assert_eq!(records(&rig, dropped.header("x-request-id").unwrap()).len(), 2);
    refused(&steer(&kenji, "drop"), 409, "was given up already");
    let retried = steer(&jane, "retry");
    assert_eq!(retried.status, 200, "{}", retried.text);
    assert_eq!(rig.wait_for_mails("jane@example.com", 1).len(), 1);
    assert_eq!(rig.mails("kenji@example.com").len(), 0);
    let states: Vec<_> = rig.get("/api/tenantry/v1/resets").body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reset| (reset["email"].as_str().unwrap().to_string(), reset["state"].as_str().unwrap().to_string()))
        .collect();
    assert!(states.contains(&("kenji@example.com".into(), "undeliverable".into())), "{states:?}");
    let given_up = until(&|mail| !mail["given_up_at"].is_null());
    assert_eq!(given_up["relay_words"], "Dropped by the operator.");
    assert_eq!(steer(&given_up, "retry").status, 200);
    assert_eq!(
        rig.redeem(&rig.token("kenji@example.com", 1), GOOD_PASSWORD),
        204,
        "what was given up arrives after all"
    );
    refused(&steer(&jane, "retry"), 404, "No mail of this id waits");
    refused(&post(&rig, &ops, "/system/mails/019cb821-7798-7dc9-9194-e1c74b27545f/retry", json!({})), 404, "No mail");
}
