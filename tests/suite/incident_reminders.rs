//! Users of an incident who have not chosen a password are mailed once more, in rounds, and nobody else is.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{ok, refused};
use crate::bulk::records;
use crate::incidents::{act, begun, of_jane_held, outcomes, shown, wait_while};
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";
const HELLO: &str = "hello@example.com";
const USERS: u32 = 12;

pub fn wait_until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("it did not come to that");
}

/// From now on one mail leaves in a second of the clock, which stands still. Nothing else of an incident whose mails have left may be
/// changed.
pub fn slow_down(rig: &Rig, id: &str) {
    let (tenant, id) = (rig.tenant(), uuid::Uuid::parse_str(id).unwrap());
    let slower = "UPDATE incidents SET pace = 60 WHERE tenant = $1 AND id = $2";
    rig.write(move |tx| tx.run(slower, &params![tenant, &id]).map(drop));
}

/// An incident of two users whose mails have left; its id.
fn mailed(rig: &Rig) -> String {
    let id = begun(rig, &json!({ "name": "Leak", "emails": [JANE, HELLO], "pace_per_minute": 0 }));
    wait_while(rig, &id, &["ending", "mailing"]);
    rig.wait_for_mails(JANE, 1);
    rig.wait_for_mails(HELLO, 1);
    id
}

/// Begins a round and waits until it is over; how many reminders there were in all rounds.
pub fn reminded(rig: &Rig, id: &str) -> Value {
    ok(&act(rig, id, "remind", &json!({})));
    let after = wait_while(rig, id, &["mailing"]);
    assert_eq!(after["state"], "mailed", "{after}");
    after["progress"]["reminded"].clone()
}

fn is_dead(rig: &Rig, token: &str) -> bool {
    rig.redeem(token, GOOD_PASSWORD) == 400
}

#[test]
fn a_live_link_goes_again_and_lives_anew_and_who_has_chosen_gets_nothing() {
    let rig = Rig::start();
    let id = mailed(&rig);
    let first = rig.token(JANE, 1);
    assert_eq!(rig.redeem(&rig.token(HELLO, 1), GOOD_PASSWORD), 204);
    refused(&act(&rig, &id, "remind", &json!({})), 409, "within the last hour");
    rig.clock.advance_seconds(23 * 3_600);
    assert_eq!(reminded(&rig, &id), 1);
    rig.wait_for_mails(JANE, 2);
    assert_eq!(rig.token(JANE, 2), first, "the same link");
    // The first one would be dead by now.
    rig.clock.advance_seconds(2 * 3_600);
    assert_eq!(
        shown(&rig, &id)["progress"]["links"],
        json!({ "waiting": 0, "mailed": 2, "opened": 0, "redeemed": 1,
        "stuck": 0, "superseded": 0, "expired": 0 })
    );
    assert_eq!(rig.redeem(&first, GOOD_PASSWORD), 204);
    assert_eq!(rig.mails(HELLO).len(), 2, "the link, and that the password was changed");
    assert_eq!(outcomes(&rig, &id), BTreeMap::from([JANE, HELLO].map(|email| (email.into(), "redeemed".into()))));
    assert_eq!(records(&rig, "incident.remind").get(&id), Some(&1));
}

#[test]
fn in_the_place_of_a_dead_link_another_comes_with_a_record_and_the_dead_one_stays_dead() {
    let rig = Rig::start();
    let id = mailed(&rig);
    let first = rig.token(JANE, 1);
    rig.clock.advance_seconds(25 * 3_600);
    assert_eq!(shown(&rig, &id)["state"], "done");
    assert_eq!(outcomes(&rig, &id)[JANE], "over");
    assert_eq!(reminded(&rig, &id), 2);
    rig.wait_for_mails(JANE, 2);
    let second = rig.token(JANE, 2);
    assert_ne!(second, first);
    assert!(is_dead(&rig, &first));
    assert_eq!(outcomes(&rig, &id)[JANE], "mailed");
    assert_eq!(shown(&rig, &id)["progress"]["links"]["expired"], 0);
    assert_eq!(records(&rig, "reset.request").get(JANE), Some(&2), "one for each reset");
    assert_eq!(rig.redeem(&second, GOOD_PASSWORD), 204);
    assert_eq!(outcomes(&rig, &id)[JANE], "redeemed");
    assert_eq!(shown(&rig, &id)["progress"]["links"]["redeemed"], 1);
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

#[test]
fn there_are_three_rounds_with_an_hour_between_them_and_none_before_the_mails() {
    let rig = Rig::start();
    let held = begun(&rig, &of_jane_held());
    wait_while(&rig, &held, &["ending"]);
    refused(&act(&rig, &held, "remind", &json!({})), 409, "mails are held");
    ok(&act(&rig, &held, "cancel", &json!({})));
    refused(&act(&rig, &held, "remind", &json!({})), 409, "was cancelled");
    let id = mailed(&rig);
    for round in 1..=3 {
        rig.clock.advance_seconds(3_601);
        assert_eq!(reminded(&rig, &id), 2 * round);
        refused(&act(&rig, &id, "remind", &json!({})), 409, "within the last hour");
        rig.wait_for_mails(JANE, 1 + round as usize);
    }
    rig.clock.advance_seconds(3_601);
    refused(&act(&rig, &id, "remind", &json!({})), 409, "were reminded 3 times");
}

#[test]
fn users_who_do_not_wait_for_this_incident_any_more_are_passed_over() {
    let rig = Rig::start();
    let id = mailed(&rig);
    ok(&rig.reset(JANE));
    rig.wait_for_mails(JANE, 2);
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": HELLO })));
    rig.clock.advance_seconds(3_601);
    assert_eq!(reminded(&rig, &id), 0);
    assert_eq!((rig.mails(JANE).len(), rig.mails(HELLO).len()), (2, 1));
    // A later incident has the place then.
    ok(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": HELLO })));
    let later = begun(&rig, &json!({ "name": "Again", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &later, &["ending", "mailing"]);
    rig.wait_for_mails(JANE, 3);
    rig.clock.advance_seconds(3_601);
    assert_eq!(reminded(&rig, &id), 0);
    assert_eq!(reminded(&rig, &later), 1);
}

#[test]
fn nobody_gets_more_mails_in_an_hour_than_the_tenant_allows() {
    let rig = Rig::start();
    rig.choose(|settings| settings.reset.mails_per_hour = 1);
    let id = begun(&rig, &json!({ "name": "Leak", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    rig.wait_for_mails(JANE, 1);
    rig.clock.advance_seconds(3_601);
    let reset = rig.get("/api/tenantry/v1/resets").body["items"][0]["id"].as_str().unwrap().to_owned();
    ok(&rig.post(&format!("/api/tenantry/v1/resets/{reset}/resend"), &json!({})));
    assert_eq!(reminded(&rig, &id), 0);
}

#[test]
fn a_round_that_is_paused_broken_off_and_restarted_reminds_each_user_once() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), USERS, |_| {});
    let all = json!({ "name": "All", "filter": { "q": "user" }, "pace_per_minute": 0 });
    let id = begun(&rig, &all);
    wait_while(&rig, &id, &["ending", "mailing"]);
    let mails = |rig: &Rig| -> Vec<usize> {
        (1..=USERS).map(|nth| rig.mails(&format!("user{nth:05}@example.com")).len()).collect()
    };
    wait_until(|| mails(&rig) == vec![1; USERS as usize]);
    rig.clock.advance_seconds(3_601);
    // One leaves in a second of the clock, which stands still.
    slow_down(&rig, &id);
    ok(&act(&rig, &id, "remind", &json!({})));
    ok(&act(&rig, &id, "remind", &json!({})));
    wait_until(|| shown(&rig, &id)["progress"]["reminded"] == 1);
    ok(&act(&rig, &id, "pause", &json!({})));
    rig.clock.advance_seconds(5);
    sleep(Duration::from_millis(400));
    assert_eq!(shown(&rig, &id)["progress"]["reminded"], 1);
    ok(&act(&rig, &id, "go_on", &json!({})));
    for nth in 0..USERS {
        if nth % 3 == 0 {
            rig.store.faults().fail_call(1 + nth);
        }
        if nth == USERS / 2 {
            rig.restart(data.path(), |_| {});
        }
        rig.clock.advance_seconds(2);
        sleep(Duration::from_millis(100));
        rig.store.faults().stop();
    }
    wait_until(|| {
        rig.clock.advance_seconds(2);
        shown(&rig, &id)["state"] == "mailed"
    });
    assert_eq!(shown(&rig, &id)["progress"]["reminded"], USERS);
    wait_until(|| mails(&rig) == vec![2; USERS as usize]);
    assert_eq!(records(&rig, "incident.remind").get(&id), Some(&1));
}

#[test]
fn a_round_that_is_cancelled_ends_and_what_was_mailed_stays_alive() {
    let rig = Rig::start();
    let id = mailed(&rig);
    rig.clock.advance_seconds(3_601);
    slow_down(&rig, &id);
    ok(&act(&rig, &id, "remind", &json!({})));
    wait_until(|| shown(&rig, &id)["progress"]["reminded"] == 1);
    ok(&act(&rig, &id, "cancel", &json!({})));
    rig.clock.advance_seconds(60);
    sleep(Duration::from_millis(400));
    assert_eq!(shown(&rig, &id)["progress"]["reminded"], 1);
    assert_eq!(shown(&rig, &id)["state"], "cancelled");
    refused(&act(&rig, &id, "remind", &json!({})), 409, "was cancelled");
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
}
