//! What the operator does to one tenant hinders no other, however busy it is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::operator::{TENANTS, WHOAMI, done, member, operator, post, standing, until_listed};
use crate::rig::Rig;

#[test]
fn tenants_and_mails_are_steered_by_the_api_under_load_and_nobody_elses_call_is_refused() {
    let rig = Rig::start();
    let ops = operator(&rig);
    let other = rig.add_tenant("other-corp");
    let theirs = member(&rig, other, "boss@other.example");
    rig.add_user(other, "someone@other.example", |_| {});
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": "refuse" })).status, 200);
    assert_eq!(rig.reset("kenji@example.com").status, 200);
    let (is_over, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let load = |token: &str, email: &str| {
        while !is_over.load(Ordering::Relaxed) {
            let asked = json!({ "email": email });
            assert_eq!(rig.as_token(token, "GET", WHOAMI, None).status, 200);
            let reset = rig.as_token(token, "POST", "/api/web/custom/password/admin_reset", Some(&asked));
            assert_eq!(reset.status, 200, "{}", reset.text);
            calls.fetch_add(2, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| load(&rig.sample.api_token, "jane@example.com"));
        scope.spawn(|| load(&theirs, "someone@other.example"));
        let is_kenjis = |mail: &Value| mail["to"] == "kenji@example.com" && !mail["relay_words"].is_null();
        let waiting = until_listed(&rig, &ops, &is_kenjis)["id"].as_str().unwrap().to_string();
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
        assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": "accept" })).status, 200);
        done(post(&rig, &ops, &format!("/example-corp/mails/{waiting}/retry"), json!({})));
        rig.wait_for_mails("kenji@example.com", 1);
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(calls.load(Ordering::Relaxed) > 20, "{calls:?}");
    rig.wait_until_sealed();
    for token in [&ops, &theirs, &rig.sample.api_token] {
        assert_eq!(rig.as_token(token, "GET", "/api/tenantry/v1/audit/verify", None).body["sound"], true);
    }
}
