//! What can go wrong around an incident, beside what `incident_crossings.rs` and `incident_pairs.rs` show. `docs/incident-traps.md`
//! lists all of it, each with its test.

use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::clock::Clock;
use tenantry::incidents::Running;
use tenantry::keys::Keys;
use tenantry::params;
use tenantry::people::{Kind, SignInBy};
use tenantry::random::Random;
use tenantry::store::Store;
use tokio::sync::watch;

use crate::access::{ok, refused};
use crate::bulk::{reasons, records};
use crate::engine::{is_postgres, settings_of};
use crate::incident_crossings::{in_the_middle, over, read};
use crate::incidents::{self, INCIDENTS, act, begun, listing, planned, shown, start, wait_until_mailed, wait_while};
use crate::local::Local;
use crate::operator::{data, operator};
use crate::process::{Place, Process};
use crate::rig::{GOOD_PASSWORD, Rig};
use crate::suspension::mood;

const JANE: &str = "jane@example.com";
const HELLO: &str = "hello@example.com";
const DAY: i64 = 24 * 3_600;
const USERS: u32 = 2_500;

pub fn crowd(rig: &Rig, users: usize) -> Vec<String> {
    let emails: Vec<_> = (0..users).map(|nth| format!("crowd-{nth:02}@example.com")).collect();
    emails.iter().for_each(|email| drop(rig.add_user(rig.tenant(), email, |_| {})));
    emails
}

pub fn of_the_crowd(more: &Value) -> Value {
    let mut terms = json!({ "name": "Crowd", "filter": { "q": "crowd" } });
    terms.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    terms
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..1_500 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("in vain: {what}");
}

fn queued(rig: &Rig, id: &str) -> i64 {
    shown(rig, id)["progress"]["queued"].as_i64().unwrap()
}

fn wait_for_queued(rig: &Rig, id: &str, expected: i64) {
    wait_until("mails leave", || queued(rig, id) >= expected);
    assert_eq!(queued(rig, id), expected);
}

#[test]
fn whichever_way_the_clock_steps_each_password_ends_once_and_each_mail_leaves_once() {
    for days in [-8, 8] {
        let rig = Rig::start();
        let emails = crowd(&rig, 9);
        let id = begun(&rig, &of_the_crowd(&json!({ "pace_per_minute": 60 })));
        wait_while(&rig, &id, &["ending"]);
        wait_for_queued(&rig, &id, 1);
        for (nth, step) in [days * DAY, -days * DAY, days * DAY].into_iter().enumerate() {
            // A mail that waits for eight days is of no use any more, and is given up.
            rig.wait_until_none("SELECT COUNT(*) FROM mails WHERE sent_at IS NULL", &[]);
            rig.clock.advance_seconds(step);
            let so_far = queued(&rig, &id);
            for tick in 1..=2 {
                wait_until("the mails go on after a step of the clock", || queued(&rig, &id) >= so_far + tick - 1);
                assert!(queued(&rig, &id) <= so_far + tick, "no faster than the pace");
                rig.clock.advance_seconds(1);
            }
            wait_until("as many as the pace lets go", || queued(&rig, &id) > 2 * nth as i64 + 1);
        }
        ok(&act(&rig, &id, "change", &json!({ "pace_per_minute": 0 })));
        let mailed = wait_until_mailed(&rig, &id);
        assert_eq!((&mailed["progress"]["queued"], &mailed["progress"]["ended"]), (&json!(9), &json!(9)), "{mailed}");
        let kept = records(&rig, "reset.request");
        for email in &emails {
            assert_eq!((rig.wait_for_mails(email, 1).len(), kept.get(email)), (1, Some(&1)), "{days}: {email}");
        }
        assert_eq!(rig.redeem(&rig.token(&emails[8], 1), GOOD_PASSWORD), 204, "{days}: mailed by the clock of now");
    }
}

#[test]
fn while_the_relay_refuses_all_mail_for_now_nothing_is_given_up_while_its_link_lives() {
    let rig = Rig::start();
    let emails = crowd(&rig, 14);
    mood(&rig, "refuse");
    let id = begun(&rig, &of_the_crowd(&json!({ "pace_per_minute": 600 })));
    wait_while(&rig, &id, &["ending"]);
    wait_for_queued(&rig, &id, 10);
    let tried = "SELECT COUNT(*) FROM mails WHERE attempts > 0 AND sent_at IS NULL AND failed_at IS NULL";
    wait_until("ten mails are refused", || rig.number(tried, &[]) >= 10);
    wait_until("the pace is halved", || {
        rig.clock.advance_seconds(1);
        shown(&rig, &id)["progress"]["pace_now"] == 300
    });
    let slowed = wait_until_mailed(&rig, &id);
    let progress = &slowed["progress"];
    assert_eq!(progress["queued"], 14, "{slowed}");
    assert!(progress["slowed_by"].as_str().unwrap().starts_with('4'), "{slowed}");
    let given_up = "SELECT COUNT(*) FROM mails WHERE failed_at IS NOT NULL";
    let due = "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL AND due_at <= $1";
    for hour in 1..=21 {
        rig.clock.advance_seconds(3_600);
        wait_until("each mail that is due is tried", || rig.number(due, &params![rig.clock.now()]) == 0);
        assert_eq!(rig.number(given_up, &[]), 0, "hour {hour}");
    }
    assert_eq!(shown(&rig, &id)["progress"]["links"]["stuck"], 0);
    mood(&rig, "accept");
    rig.clock.advance_seconds(2 * 3_600);
    for email in &emails {
        assert_eq!(rig.wait_for_mails(email, 1).len(), 1);
    }
    assert_eq!(rig.redeem(&rig.token(&emails[0], 1), GOOD_PASSWORD), 204, "the link lives still");
}

#[test]
fn a_link_of_an_hour_lives_from_its_own_mail_however_slowly_they_leave() {
    let rig = Rig::start();
    let emails = crowd(&rig, 3);
    let id = planned(
        &rig,
        &rig.sample.api_token.clone(),
        &of_the_crowd(&json!({ "pace_per_minute": 1, "link_hours": 1, "hold": true })),
    );
    assert_eq!(shown(&rig, &id)["plan"]["mail_minutes"], 3, "the plan tells when the last mail leaves");
    ok(&start(&rig, &rig.sample.api_token, &id));
    wait_while(&rig, &id, &["ending"]);
    rig.clock.advance_seconds(3 * 3_600);
    ok(&act(&rig, &id, "release", &json!({})));
    for mails in 1..=3 {
        wait_for_queued(&rig, &id, mails);
        if mails < 3 {
            rig.wait_for_mails(&emails[mails as usize - 1], 1);
            rig.clock.advance_seconds(50 * 60);
        }
    }
    let tokens: Vec<_> = emails.iter().map(|email| rig.token(email, 1)).collect();
    assert_eq!(rig.redeem(&tokens[0], GOOD_PASSWORD), 400, "its hour is over");
    assert_eq!([1, 2].map(|nth| rig.redeem(&tokens[nth], GOOD_PASSWORD)), [204, 204]);
    rig.clock.advance_seconds(60);
    wait_while(&rig, &id, &["mailing"]);
    rig.clock.advance_seconds(3_601);
    assert_eq!(shown(&rig, &id)["state"], "done");
}

#[test]
fn a_part_that_is_too_large_is_refused_and_a_list_that_is_broken_off_changes_nothing_and_is_forgotten() {
    let rig = Rig::start();
    let id = listing(&rig, &rig.sample.api_token);
    let send = |part: &str, text: &str| {
        let headers = [("Authorization", &*rig.authorization()), ("Content-Type", "application/x-ndjson")];
        rig.send("PUT", &format!("{INCIDENTS}/{id}/lines/{part}"), &headers, Some(text))
    };
    assert_eq!(send("1", &"someone@example.com\n".repeat(60_000)).status, 413);
    assert_eq!(ok(&send("1", "HELLO@example.com\nhello@example.com\n"))["kept"], 1);
    assert_eq!(ok(&send("1", "hello@example.com\nkenji@example.com\n"))["listed"], 3, "the same part once more");
    refused(&send("0", "a@example.com\n"), 400, "from 1 to 999");
    refused(&act(&rig, &id, "start", &json!({ "plan": "0".repeat(64), "users": 3 })), 409, "not complete");
    rig.let_background_rest();
    let touched = "SELECT COUNT(*) FROM users WHERE password_dead_at IS NOT NULL";
    assert_eq!((rig.number(touched, &[]), rig.mails(HELLO).len()), (0, 0));
    rig.clock.advance_seconds(2 * DAY + 1);
    let ops = operator(&rig);
    wait_until("it is forgotten", || {
        ok(&rig.as_token(&ops, "POST", "/api/tenantry/v1/system/housekeeping", Some(&json!({}))));
        rig.number("SELECT (SELECT COUNT(*) FROM incidents) + (SELECT COUNT(*) FROM incident_lines)", &[]) == 0
    });
}

#[test]
fn a_key_that_is_rotated_while_mails_are_held_makes_their_links_and_the_former_one_may_go() {
    let rig = Rig::start();
    let directory = data(&rig);
    let key =
        |path: &str| Local(&directory).call("POST", &format!("/api/tenantry/v1/system/keys/{path}"), Some(&json!({})));
    wait_until("the socket is there", || directory.join("tenantry.sock").exists());
    // The first key signs the records, and stays.
    assert_eq!(key("rotate").0, 200);
    let id = begun(&rig, &json!({ "name": "Held", "emails": [JANE, HELLO], "hold": true, "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending"]);
    ok(&act(&rig, &id, "release", &json!({ "emails": [JANE] })));
    let former = rig.token(JANE, 1);
    assert_eq!(key("rotate").0, 200);
    ok(&act(&rig, &id, "release", &json!({})));
    let latter = rig.token(HELLO, 1);
    assert_eq!(rig.number("SELECT COUNT(*) FROM resets WHERE key_id = 3", &[]), 1);
    assert_eq!(key("2/remove").0, 409, "a link that it made lives");
    assert_eq!(rig.redeem(&former, GOOD_PASSWORD), 204);
    assert_eq!(key("2/remove").0, 200);
    assert_eq!(rig.redeem(&latter, GOOD_PASSWORD), 204);
}

#[test]
fn while_another_holds_the_writer_an_incident_waits_can_be_looked_at_and_goes_on() {
    let rig = Rig::start();
    let emails = crowd(&rig, 12);
    let id = planned(&rig, &rig.sample.api_token.clone(), &of_the_crowd(&json!({ "hold": true })));
    let held = rig.hold_writer();
    let started = std::thread::scope(|scope| {
        let starting = scope.spawn(|| start(&rig, &rig.sample.api_token, &id).status);
        sleep(Duration::from_millis(700));
        assert_eq!(shown(&rig, &id)["state"], "planned", "read while it waits");
        held.let_go();
        starting.join().unwrap()
    });
    assert_eq!(started, 200);
    let held = rig.hold_writer();
    sleep(Duration::from_millis(700));
    let so_far = shown(&rig, &id)["progress"]["ended"].clone();
    sleep(Duration::from_millis(300));
    assert_eq!(shown(&rig, &id)["progress"]["ended"], so_far, "nothing is done that is not written");
    held.let_go();
    let ended = wait_while(&rig, &id, &["ending"]);
    assert_eq!((&ended["state"], &ended["progress"]["ended"]), (&json!("held"), &json!(12)), "{ended}");
    let kept = records(&rig, "reset.request");
    assert!(emails.iter().all(|email| kept.get(email) == Some(&1)), "{kept:?}");
}

#[test]
fn a_process_that_is_frozen_while_passwords_end_does_nothing_twice_when_it_thaws() {
    let place = Place::new();
    let process = Process::start(&place, USERS as usize);
    let id = in_the_middle(&process);
    let signal = |signal: &str| {
        let sent = Command::new("kill").args([signal, &process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    };
    signal("-STOP");
    if is_postgres() {
        goes_on_elsewhere(&place, &id);
    }
    signal("-CONT");
    let held = over(&process, &id);
    assert_eq!((&held["state"], &held["progress"]["ended"]), (&json!("held"), &json!(USERS)), "{held}");
    let page = read(&process, "/api/tenantry/v1/audit?action=incident.end");
    assert_eq!(page["items"].as_array().unwrap().len(), 1, "{page}");
    assert!(process.terminate().1);
    let store = Store::open(&settings_of(&place.data(), 4), Clock::system().now()).unwrap();
    let resets = crate::keeping::count(&store, "SELECT COUNT(*) FROM resets WHERE incident IS NOT NULL");
    let kept = crate::keeping::count(&store, "SELECT COUNT(*) FROM audit WHERE action = 'reset.request'");
    store.close();
    assert_eq!((resets, kept), (i64::from(USERS), i64::from(USERS)));
}

/// Another process goes on with all passwords while the first one is frozen.
fn goes_on_elsewhere(place: &Place, id: &str) {
    let clock = Clock::system();
    let store = Store::open(&settings_of(&place.data(), 100), clock.now()).unwrap();
    let keys = Keys::open(&place.data().join("link.keys"), false, &Random::system()).unwrap();
    let (stop, stopped) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let other = runtime.spawn(Running { store: store.clone(), keys }.keep_going(clock, stopped));
    let ended = "SELECT COUNT(*) FROM incidents WHERE ended_at IS NOT NULL";
    wait_until(&format!("the passwords of {id} end"), || crate::keeping::count(&store, ended) == 1);
    stop.send(true).unwrap();
    runtime.block_on(other).unwrap();
    store.close();
}

#[test]
fn a_user_without_a_password_here_is_left_out_with_the_reason() {
    let rig = Rig::start();
    let (tenant, token) = (rig.tenant(), rig.sample.api_token.clone());
    let emails = crowd(&rig, 3);
    rig.add_user(tenant, "crowd-robot@example.com", |new| new.kind = Kind::Service);
    rig.add_user(tenant, "crowd-elsewhere@example.com", |new| new.sign_in_by = SignInBy::SingleSignOn);
    let named = [&emails[..], &["crowd-robot@example.com".into(), "crowd-elsewhere@example.com".into()]].concat();
    let id = planned(&rig, &token, &json!({ "name": "List", "emails": named, "hold": true }));
    let one = |reason: &str| (reason.to_owned(), 1);
    assert_eq!(reasons(&shown(&rig, &id)["plan"]["left_out"]), [one("service"), one("sso")].into());
    // So are users who have none any more when the passwords end.
    let sso = "UPDATE users SET idm_type = 'SSO' WHERE tenant = $1 AND email_key = 'crowd-00@example.com'";
    let service = "UPDATE users SET kind = 'SERVICE' WHERE tenant = $1 AND email_key = 'crowd-01@example.com'";
    rig.write(move |tx| {
        tx.run(sso, &params![tenant])?;
        tx.run(service, &params![tenant]).map(drop)
    });
    ok(&incidents::start_whatever_came(&rig, &token, &id));
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!(reasons(&held["progress"]["dropped"]), [one("service"), one("sso")].into(), "{held}");
    assert_eq!(held["progress"]["ended"], 1);
}
