//! A tenant that is removed: out of service at once, taken back for a time, and then gone without a trace but in the operators'
//! records.

use std::collections::BTreeSet;

use serde_json::json;
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::tables;

use crate::bulk;
use crate::operator::{DAY, WHOAMI, data, done, member, operator, post, records, refused};
use crate::rig::Rig;
use crate::webhooks;

/// The tables that hold something of a tenant.
fn left_of(rig: &Rig, tenant: TenantId) -> BTreeSet<&'static str> {
    let has = |name: &str, key: &str| {
        let statement: &'static str =
            Box::leak(format!("SELECT COUNT(*) FROM {name} WHERE {key} = $1").into_boxed_str());
        rig.number(statement, &params![tenant]) > 0
    };
    tables().iter().filter(|table| has(table.name, table.key[0])).map(|table| table.name).collect()
}

/// A plan that waits, and a run that may be under way when its tenant goes.
fn plan_and_act(rig: &Rig) {
    let token = &rig.sample.api_token;
    bulk::planned(rig, token, &bulk::jane_is_disabled());
    let role = json!({ "act": "assign_role", "namespace": "default", "role": "ves-io-monitor-role", "all": true });
    let run = bulk::planned(rig, token, &role);
    assert_eq!(bulk::act(rig, token, &run).status, 200);
    webhooks::delivered(rig, rig.tenant(), token);
}

#[test]
fn a_removed_tenant_can_be_taken_back_until_its_time_is_over_and_then_nothing_is_left_of_it() {
    let mut rig = Rig::start();
    let ops = operator(&rig);
    let other = rig.add_tenant("other-corp");
    let theirs = member(&rig, other, "boss@other.example");
    let (own, directory) = (rig.sample.api_token.clone(), data(&rig));
    assert_eq!(rig.reset("jane@example.com").status, 200);
    rig.wait_for_mails("jane@example.com", 1);
    let tenant = rig.tenant();
    plan_and_act(&rig);
    let whoami = |rig: &Rig, token: &str| rig.as_token(token, "GET", WHOAMI, None).status;
    let removed = post(&rig, &ops, "/example-corp/remove", json!({ "grace_days": 30 }));
    assert_eq!(records(&rig, removed.header("x-request-id").unwrap()).len(), 2);
    assert_eq!((&removed.body["state"], whoami(&rig, &own), whoami(&rig, &theirs)), (&json!("removed"), 403, 200));
    refused(&post(&rig, &ops, "/example-corp/remove", json!({})), 409, "is removed already");
    refused(&post(&rig, &ops, "", json!({ "name": "example-corp" })), 409, "already exists");
    rig.clock.advance_seconds(29 * DAY);
    rig.restart(&directory, |_| {});
    done(post(&rig, &ops, "/example-corp/resume", json!({})));
    assert_eq!((whoami(&rig, &own), rig.reset("kenji@example.com").status), (200, 200), "as it was");

    done(post(&rig, &ops, "/example-corp/remove", json!({ "grace_days": 1 })));
    rig.clock.advance_seconds(DAY);
    refused(&post(&rig, &ops, "/example-corp/resume", json!({})), 409, "is being deleted");
    rig.restart(&directory, |_| {});
    assert!(left_of(&rig, tenant).contains("users"), "a clock that jumped ahead a little deletes nothing");
    rig.clock.advance_seconds(10 * DAY);
    rig.restart(&directory, |_| {});
    for _ in 0..1_000 {
        if left_of(&rig, tenant).is_empty() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    assert_eq!(left_of(&rig, tenant), BTreeSet::new());
    assert_eq!((whoami(&rig, &own), whoami(&rig, &theirs)), (401, 200));
    let proof = rig.as_token(&ops, "GET", "/api/tenantry/v1/audit?subject=example-corp", None).body;
    let items = proof["items"].as_array().unwrap();
    let mut told: Vec<_> = items.iter().map(|item| item["action"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(told, ["tenant.delete", "tenant.deleted", "tenant.remove", "tenant.remove", "tenant.resume"]);
    let begun = items.iter().find(|item| item["action"] == "tenant.delete").unwrap();
    assert!(begun["facts"]["records"]["anchor"]["number"].as_i64().unwrap() > 0, "{begun}");
    let again = post(&rig, &ops, "", json!({ "name": "example-corp" }));
    assert_eq!(again.status, 200, "its name is free again: {}", again.text);
    rig.wait_until_sealed();
    let verdict = rig.as_token(&ops, "GET", "/api/tenantry/v1/audit/verify", None).body;
    assert_eq!(verdict["sound"], true, "{verdict}");
}
