//! Users of an import who are invited by mail: the right ones, at the pace that was asked for, each once.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{ok, refused};
use crate::imports::{IMPORTS, begin, bring, line, open_window, plan, run, step};
use crate::rig::{GOOD_PASSWORD, Rig};

const BCRYPT: &str = "$2b$08$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK";
/// Longer than the worker takes to look again.
const A_LOOK: Duration = Duration::from_secs(3);

/// Lines of so many users without a password.
fn without_password(count: usize) -> Vec<String> {
    (0..count).map(|nth| line(&address(nth), &json!({}))).collect()
}

fn address(nth: usize) -> String {
    format!("i{nth:03}@import.example")
}

/// An import that has run to its end.
fn brought(rig: &Rig, lines: Vec<String>) -> String {
    bring(rig, &json!({}), &[lines])["id"].as_str().unwrap().into()
}

fn invite(rig: &Rig, id: &str, body: &Value) -> Value {
    let asked = step(rig, &rig.sample.api_token, id, "invite", body);
    ok(&asked);
    asked.body
}

fn shown(rig: &Rig, id: &str) -> Value {
    rig.get(&format!("{IMPORTS}/{id}/invitations")).body
}

/// Waits until so many were invited, and the next ones are not due. That a clock was set back is noticed after some seconds.
fn wait_for(rig: &Rig, id: &str, invited: i64) -> Value {
    for _ in 0..4_000 {
        let shown = shown(rig, id);
        let is_due = shown["next_at"].as_str().is_some_and(|next_at| next_at <= &*rig.clock.now().to_string());
        if shown["invited"] == invited && !is_due {
            return shown;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("not {invited}: {}", shown(rig, id));
}

/// The users who were invited, as often as they were, by the records.
fn records(rig: &Rig) -> Vec<String> {
    let invited = rig.audit().into_iter().filter(|(action, ..)| action == "user.invite");
    let mut invited: Vec<_> = invited.map(|(.., subject)| subject).collect();
    invited.sort();
    invited
}

#[test]
fn a_user_who_needs_a_link_gets_one_and_chooses_a_password_by_it() {
    let rig = Rig::start();
    open_window(&rig);
    let id = brought(
        &rig,
        vec![
            line("new@import.example", &json!({})),
            line("hashed@import.example", &json!({ "password": { "hash": BCRYPT } })),
            line("sso@import.example", &json!({ "idm_type": "SSO" })),
            line("off@import.example", &json!({ "state": "disabled" })),
            line("linked@import.example", &json!({})),
            line("gone@import.example", &json!({})),
        ],
    );
    assert_eq!(rig.reset("linked@import.example").status, 200);
    let removed = json!({ "email": "gone@import.example" });
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &removed));
    assert_eq!(shown(&rig, &id)["asked_at"], Value::Null);
    assert_eq!(rig.mails("new@import.example").len(), 0, "nobody is told unless it is asked for");

    let asked = invite(&rig, &id, &json!({ "whom": "without_password" }));
    assert_eq!((&asked["whom"], &asked["per_hour"]), (&json!("without_password"), &json!(500)));
    let token = rig.token("new@import.example", 1);
    assert_eq!(wait_for(&rig, &id, 1)["next_at"], Value::Null);
    assert_eq!(records(&rig), ["new@import.example"]);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in("new@import.example", GOOD_PASSWORD), 204);

    invite(&rig, &id, &json!({ "whom": "all" }));
    rig.wait_for_mails("hashed@import.example", 1);
    wait_for(&rig, &id, 2);
    assert_eq!(records(&rig), ["hashed@import.example", "new@import.example"]);
    for (email, mails) in [("sso", 0), ("off", 0), ("linked", 1)] {
        assert_eq!(rig.mails(&format!("{email}@import.example")).len(), mails, "{email}");
    }
}

#[test]
fn invitations_leave_at_the_pace_that_was_asked_for_whatever_the_clock_does() {
    let rig = Rig::start();
    let id = brought(&rig, without_password(7));
    invite(&rig, &id, &json!({ "whom": "without_password", "per_hour": 120 }));
    wait_for(&rig, &id, 2);
    rig.clock.advance_seconds(59);
    sleep(A_LOOK);
    wait_for(&rig, &id, 2);
    rig.clock.advance_seconds(1);
    wait_for(&rig, &id, 4);
    // A clock that jumps ahead makes the next ones due, not all of them; set back, it holds nobody up for so long.
    rig.clock.advance_seconds(30 * 24 * 3_600);
    wait_for(&rig, &id, 6);
    rig.clock.advance_seconds(-20 * 24 * 3_600);
    wait_for(&rig, &id, 7);
    assert_eq!(records(&rig), (0..7).map(address).collect::<Vec<_>>());
}

#[test]
fn the_rest_can_be_taken_back_and_asked_for_again_at_another_pace() {
    let rig = Rig::start();
    let id = brought(&rig, without_password(5));
    invite(&rig, &id, &json!({ "whom": "without_password", "per_hour": 1 }));
    wait_for(&rig, &id, 1);
    assert_eq!(invite(&rig, &id, &json!({ "whom": "none" }))["next_at"], Value::Null);
    rig.clock.advance_seconds(3_600);
    sleep(A_LOOK);
    wait_for(&rig, &id, 1);
    // The one who has a link already gets no other.
    invite(&rig, &id, &json!({ "whom": "without_password", "per_hour": 60_000 }));
    assert_eq!(wait_for(&rig, &id, 5)["next_at"], Value::Null);
    assert_eq!(records(&rig), (0..5).map(address).collect::<Vec<_>>());
}

#[test]
fn a_restart_a_suspension_and_a_failing_store_invite_nobody_twice() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), 0, |_| {});
    let id = brought(&rig, without_password(12));
    invite(&rig, &id, &json!({ "whom": "without_password", "per_hour": 180 }));
    wait_for(&rig, &id, 3);
    // What is under way would be leased for longer than the clock moves.
    rig.let_background_rest();
    rig.restart(data.path(), |_| {});
    rig.clock.advance_seconds(60);
    wait_for(&rig, &id, 6);
    rig.let_background_rest();
    let (tenant, now) = (rig.tenant(), rig.clock.now());
    let suspend = "UPDATE tenants SET disabled_at = $2, revision = revision + 1 WHERE id = $1";
    let resume = "UPDATE tenants SET disabled_at = NULL, revision = revision + 1 WHERE id = $1";
    rig.write(move |tx| tx.run(suspend, &params![tenant, now]).map(drop));
    rig.clock.advance_seconds(60);
    sleep(A_LOOK);
    assert_eq!(records(&rig).len(), 6, "a suspended tenant invites nobody");
    rig.write(move |tx| tx.run(resume, &params![tenant]).map(drop));
    rig.let_background_rest();
    rig.store.faults().fail_every_call();
    rig.clock.advance_seconds(601);
    sleep(A_LOOK);
    rig.store.faults().stop();
    wait_for(&rig, &id, 9);
    rig.clock.advance_seconds(60);
    assert_eq!(wait_for(&rig, &id, 12)["next_at"], Value::Null);
    assert_eq!(records(&rig), (0..12).map(address).collect::<Vec<_>>());
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn only_an_import_that_has_run_to_its_end_invites() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let lines = [without_password(1)];
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, &lines);
    let ask = json!({ "whom": "all" });
    refused(&step(&rig, &token, &id, "invite", &ask), 409, "once their import has run to its end");
    run(&rig, &token, &id, &planned, &lines);
    for wrong in [json!({ "whom": "all", "per_hour": 0 }), json!({ "whom": "all", "per_hour": 100_001 })] {
        refused(&step(&rig, &token, &id, "invite", &wrong), 400, "per_hour");
    }
    assert_eq!(step(&rig, &token, &id, "invite", &json!({ "whom": "some" })).status, 400);
    assert_eq!(rig.get(&format!("{IMPORTS}/nothing/invitations")).status, 404);
}
