//! What the operator does to one tenant hinders no other, however busy it is.

use serde_json::{Value, json};

use crate::operator::{TENANTS, done, member, operator, post, standing, until_listed};
use crate::resetting::Resetting;
use crate::rig::Rig;

#[test]
fn tenants_and_mails_are_steered_by_the_api_under_load_and_nobody_elses_call_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let rig = Rig::at(data.path(), 16, |_| {});
    let ops = operator(&rig);
    let other = rig.add_tenant("other-corp");
    let theirs = member(&rig, other, "boss@other.example");
    let own = rig.sample.api_token.clone();
    let mut users: Vec<_> = (1..=16).map(|nth| (own.clone(), format!("user{nth:05}@example.com"))).collect();
    for nth in 1..=16 {
        let email = format!("user{nth}@other.example");
        rig.add_user(other, &email, |_| {});
        users.push((theirs.clone(), email));
    }
    let mood = |mood: &str| assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": mood })).status, 200);
    mood("refuse");
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let is_kenjis = |mail: &Value| mail["to"] == "kenji@example.com" && !mail["relay_words"].is_null();
    let waiting = until_listed(&rig, &ops, &is_kenjis)["id"].as_str().unwrap().to_string();
    mood("accept");
    let clients = Resetting::begin(rig.address, users);
    clients.is_under_way();
    for nth in 0..5 {
        let (name, next) = (format!("acme-{nth}"), format!("apex-{nth}"));
        done(post(&rig, &ops, "", json!({ "name": name, "owner": "ada@example.com" })));
        let path = format!("{TENANTS}/{name}/settings");
        done(rig.as_token(&ops, "PATCH", &path, Some(&json!({ "link_lifetime_minutes": 90 }))));
        done(post(&rig, &ops, &format!("/{name}/suspend"), json!({})));
        done(post(&rig, &ops, &format!("/{name}/resume"), json!({})));
        done(post(&rig, &ops, &format!("/{name}/rename"), json!({ "name": next })));
        done(post(&rig, &ops, &format!("/{next}/remove"), json!({})));
        assert_eq!(standing(&rig, &ops, &next)["state"], "removed");
    }
    assert!(rig.mails("kenji@example.com").is_empty(), "the clock stands still, so only the operator sends it");
    done(post(&rig, &ops, &format!("/example-corp/mails/{waiting}/retry"), json!({})));
    rig.wait_for_mails("kenji@example.com", 1);
    assert!(clients.end() > 64);
    rig.wait_until_sealed();
    for token in [&ops, &theirs, &own] {
        assert_eq!(rig.as_token(token, "GET", "/api/tenantry/v1/audit/verify", None).body["sound"], true);
    }
}
