//! What else an operator looks after while the server runs: keys, housekeeping, and addresses that the relay has refused.

use serde_json::{Value, json};

use crate::engine::is_postgres;
use crate::local::Local;
use crate::operator::{TENANTS, data, done, operator, post, records, refused};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::suspension::mood;

const KEYS: &str = "/api/tenantry/v1/system/keys";
const STATE: &str = "/api/tenantry/v1/system/state";
const HOUSEKEEPING: &str = "/api/tenantry/v1/system/housekeeping";

fn act(rig: &Rig, token: &str, path: &str) -> Answered {
    rig.as_token(token, "POST", path, Some(&json!({})))
}

/// The keys by their numbers, the newest first, each with whether it makes links.
fn keys(listed: &Value) -> Vec<(i64, bool)> {
    let items = listed["items"].as_array().unwrap().iter();
    items.map(|item| (item["key"].as_i64().unwrap(), item["makes_links"] == true)).collect()
}

#[test]
fn a_key_is_added_put_to_use_and_taken_away_when_its_links_are_over() {
    let rig = Rig::start();
    let (directory, ops) = (data(&rig), operator(&rig));
    let local = Local(&directory);
    let listed = || done(rig.as_token(&ops, "GET", KEYS, None));
    let change = |path: &str| {
        let (status, told) = local.call("POST", &format!("{KEYS}{path}"), Some(&json!({})));
        assert_eq!(status, 200, "{path}: {told}");
        told
    };
    assert_eq!(rig.reset("jane@example.com").status, 200);
    let link = rig.token("jane@example.com", 1);
    assert_eq!(change("")["key"], 2);
    assert_eq!(keys(&listed()), [(2, false), (1, true)]);
    let file = change("/2/use")["file"].as_str().unwrap().to_string();
    assert!(std::path::Path::new(&file).is_file(), "{file}");
    assert_eq!(change("/rotate")["key"], 3);
    let now = listed();
    assert_eq!(keys(&now), [(3, true), (2, false), (1, false)]);
    assert_eq!((&now["items"][2]["live_links"], &now["items"][2]["signs_audit_records"]), (&json!(1), &json!(true)));
    assert!(!now.to_string().contains(&std::fs::read_to_string(&file).unwrap()[2..66]), "a key is told to nobody");
    let wrong = |path: &str| local.call("POST", &format!("{KEYS}{path}"), Some(&json!({})));
    assert_eq!(
        [wrong("/1/remove").0, wrong("/3/remove").0, wrong("/9/use").0, wrong("/x/use").0],
        [409, 409, 404, 404]
    );
    change("/2/remove");
    assert_eq!(keys(&listed()), [(3, true), (1, false)]);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 204, "a link by an older key goes on working");
    let changed = "SELECT COUNT(*) FROM audit WHERE action LIKE 'key.%' AND tenant = 0 AND actor = 'command line'";
    assert_eq!(rig.number(changed, &[]), 4);
}

#[test]
fn from_elsewhere_a_key_is_changed_where_there_is_one_machine() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let rotated = act(&rig, &ops, &format!("{KEYS}/rotate"));
    if is_postgres() {
        refused(&rotated, 409, "Several machines may serve this database");
        refused(&act(&rig, &ops, &format!("{KEYS}/1/remove")), 409, "Several machines may serve this database");
        return;
    }
    assert_eq!((rotated.status, &rotated.body), (200, &json!({ "key": 2, "file": null })), "{}", rotated.text);
    let found = records(&rig, rotated.header("x-request-id").unwrap());
    assert_eq!(found, [(0, "key.rotate".into(), "ops@example.net".into())]);
    assert_eq!(rig.reset("jane@example.com").status, 200);
    assert_eq!(rig.redeem(&rig.token("jane@example.com", 1), GOOD_PASSWORD), 204);
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets WHERE key_id = 2", &[]), 1, "used at once");
}

#[test]
fn an_operator_sees_what_waits_and_has_what_is_over_taken_away() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let state = || done(rig.as_token(&ops, "GET", STATE, None));
    mood(&rig, "refuse");
    assert_eq!(rig.reset("jane@example.com").status, 200);
    assert_eq!(state()["mails_waiting"], 1);
    rig.session("kenji@example.com", &rig.sample.user_password);
    // Longer than any session lives, and than anything stays afterwards.
    rig.clock.advance_seconds(60 * 24 * 3600);
    assert!(rig.number("SELECT COUNT(*) FROM sessions", &[]) > 0);
    let tidied = act(&rig, &ops, HOUSEKEEPING);
    assert_eq!((tidied.status, &tidied.body["failure"]), (200, &Value::Null), "{}", tidied.text);
    assert_eq!(rig.number("SELECT COUNT(*) FROM sessions", &[]), 0);
    assert_eq!(state()["housekeeping"], tidied.body);
    let found = records(&rig, tidied.header("x-request-id").unwrap());
    assert_eq!(found, [(0, "house.tidy".into(), "ops@example.net".into())]);
}

#[test]
fn an_address_that_is_none_is_left_alone_until_an_administrator_or_the_operator_says_otherwise() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let forgot = |email: &str| assert!(rig.post_open("/forgot", &json!({ "email": email })).status < 300);
    let mails = |email: &str| {
        let listed = done(rig.as_token(&ops, "GET", "/api/tenantry/v1/system/mails", None));
        let own = listed["items"].as_array().unwrap().iter().filter(|mail| mail["to"] == email).cloned();
        own.collect::<Vec<_>>()
    };
    let until_given_up = |email: &str, count: usize| {
        for _ in 0..1_000 {
            let given_up: Vec<_> = mails(email).into_iter().filter(|mail| !mail["given_up_at"].is_null()).collect();
            if given_up.len() == count {
                return given_up;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("{:?}", mails(email));
    };
    let path = format!("{TENANTS}/example-corp/refused_addresses");
    let listed = || done(rig.as_token(&ops, "GET", &path, None))["items"].as_array().unwrap().clone();
    mood(&rig, "bounce");
    for email in ["jane@example.com", "kenji@example.com"] {
        forgot(email);
        until_given_up(email, 1);
    }
    mood(&rig, "accept");
    let addresses: Vec<_> = listed().iter().map(|refused| refused["email"].clone()).collect();
    assert_eq!(addresses, ["jane@example.com", "kenji@example.com"]);
    assert!(listed()[0]["relay_words"].as_str().unwrap().contains("5.1.1"), "{:?}", listed());
    forgot("jane@example.com");
    let held_back = until_given_up("jane@example.com", 2);
    let is_held_back = |mail: &Value| mail["relay_words"].as_str().unwrap().starts_with("Not tried: the relay refused");
    assert_eq!(held_back.iter().filter(|mail| is_held_back(mail)).count(), 1, "{held_back:?}");
    // What an administrator asks for is tried, and arrives.
    assert_eq!(rig.reset("jane@example.com").status, 200);
    assert_eq!(rig.redeem(&rig.token("jane@example.com", 1), GOOD_PASSWORD), 204);
    rig.wait_until_none("SELECT COUNT(*) FROM refused_addresses WHERE email_key = 'jane@example.com'", &[]);
    let allow = |email: &str| post(&rig, &ops, "/example-corp/refused_addresses/allow", json!({ "email": email }));
    refused(&allow("jane@example.com"), 404, "No mail to this address is held back");
    let allowed = allow("Kenji@Example.com");
    assert_eq!(allowed.status, 200, "{}", allowed.text);
    assert_eq!((records(&rig, allowed.header("x-request-id").unwrap()).len(), listed().len()), (2, 0));
    forgot("kenji@example.com");
    assert_eq!(rig.redeem(&rig.token("kenji@example.com", 1), GOOD_PASSWORD), 204);
}

#[test]
fn a_refusal_of_an_address_counts_for_a_day() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let path = format!("{TENANTS}/example-corp/refused_addresses");
    let listed = || done(rig.as_token(&ops, "GET", &path, None))["items"].as_array().unwrap().len();
    mood(&rig, "bounce");
    assert_eq!(rig.reset("jane@example.com").status, 200);
    rig.wait_until_none("SELECT COUNT(*) - 1 FROM refused_addresses", &[]);
    mood(&rig, "accept");
    assert_eq!(listed(), 1);
    rig.clock.advance_seconds(25 * 3600);
    assert_eq!(listed(), 0);
    assert!(rig.post_open("/forgot", &json!({ "email": "jane@example.com" })).status < 300);
    assert_eq!(rig.redeem(&rig.token("jane@example.com", 1), GOOD_PASSWORD), 204);
}
