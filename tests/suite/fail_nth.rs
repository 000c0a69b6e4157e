//! Each call into the store fails once, in turn: the answer is clean and nothing is left half done.

use serde_json::{Value, json};
use tenantry::store::{Param, Scope};

use crate::engine::is_postgres;
use crate::rig::{Answered, GOOD_PASSWORD, Rig};

/// More than any of these calls makes.
const CALLS_MAX: u32 = 200;

fn rig_with(users: u32) -> (Rig, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Rig::at(data.path(), users, |_| {}), data)
}

/// A failure says that it failed and how to ask about it, and nothing of how the house is built.
fn assert_clean(answered: &Answered, n: u32) {
    assert!(matches!(answered.status, 500 | 503), "call {n}: {answered:?}");
    assert!(answered.header("x-request-id").is_some(), "call {n}: {answered:?}");
    assert_eq!(answered.header("content-type"), Some("application/json"), "call {n}");
    let text = answered.text.to_lowercase();
    for word in ["sql", "insert", "update ", "select", "savepoint", "users", "asked for", ".rs"] {
        assert!(!text.contains(word), "call {n} tells of {word}: {}", answered.text);
    }
}

/// The rows of a reset in the store.
#[derive(Debug, PartialEq, Eq)]
struct Left {
    password_dead: bool,
    open: bool,
    resets: i64,
    mails: i64,
    records: i64,
    hash: Option<String>,
}

fn left(rig: &Rig, email: &str, action: &str) -> Left {
    rig.store
        .read(Scope::HOUSE, |tx| {
            let by_email = &[Param::from(email)];
            let user =
                tx.one("SELECT id, password_dead_at, open_reset, password_hash FROM users WHERE email = $1", by_email)?;
            let mails = "SELECT COUNT(*) FROM mails WHERE user_id = $1";
            let resets = "SELECT COUNT(*) FROM resets WHERE email = $1";
            let records = "SELECT COUNT(*) FROM audit WHERE subject = $1 AND action = $2 AND outcome = 'accepted'";
            Ok(Left {
                password_dead: user.get::<Option<i64>>(1)?.is_some(),
                open: user.get::<Option<Vec<u8>>>(2)?.is_some(),
                resets: tx.one(resets, by_email)?.get(0)?,
                mails: tx.one(mails, &[Param::from(user.get::<i64>(0)?)])?.get(0)?,
                records: tx.one(records, &[Param::from(email), Param::from(action)])?.get(0)?,
                hash: user.get(3)?,
            })
        })
        .unwrap()
}

#[test]
fn a_request_is_done_whole_or_not_at_all_whatever_call_fails() {
    let (rig, _data) = rig_with(CALLS_MAX);
    let (mut failures, mut n) = (0, 0);
    loop {
        n += 1;
        let email = format!("user{n:05}@example.com");
        rig.let_background_rest();
        let before = left(&rig, &email, "reset.request");
        rig.store.faults().fail_call(n);
        let answered = rig.reset(&email);
        let untouched = rig.store.faults().is_waiting();
        rig.store.faults().stop();
        let after = left(&rig, &email, "reset.request");
        let done = after.password_dead;
        assert_eq!(
            (after.open, after.resets == 1, after.mails == 1, after.records == 1),
            (done, done, done, done),
            "call {n}: {after:?}"
        );
        assert_eq!(after.hash, before.hash);
        if answered.status == 200 {
            // The group ran again and went through, or the failure has not come.
            assert!(done, "call {n}: acknowledged and not done");
        } else {
            assert_clean(&answered, n);
            assert_eq!(after, before, "call {n} was answered {} and yet done", answered.status);
            failures += 1;
        }
        assert_eq!(rig.reset(&email).status, 200, "call {n}: again");
        assert_eq!(rig.wait_for_mails(&email, 1).len(), 1, "call {n}");
        assert_eq!(left(&rig, &email, "reset.request").resets, 1);
        if untouched {
            break;
        }
        assert!(n < CALLS_MAX);
    }
    // On PostgreSQL each call has a transaction of its own, so the second try makes every failure good.
    assert!((failures > 0) != is_postgres() && n > 5, "{n} calls, {failures} failures");
    eprintln!("a request makes {} calls; {failures} of their failures were answered as such", n - 1);
}

#[test]
fn a_redemption_is_done_whole_or_not_at_all_whatever_call_fails() {
    let (rig, _data) = rig_with(CALLS_MAX);
    let (mut failures, mut n) = (0, 0);
    loop {
        n += 1;
        let email = format!("user{n:05}@example.com");
        assert_eq!(rig.reset(&email).status, 200);
        let token = rig.token(&email, 1);
        rig.let_background_rest();
        let before = left(&rig, &email, "reset.redeem");
        rig.store.faults().fail_call(n);
        let answered = rig.post_open("/reset", &json!({ "token": token, "password": GOOD_PASSWORD }));
        let untouched = rig.store.faults().is_waiting();
        rig.store.faults().stop();
        let after = left(&rig, &email, "reset.redeem");
        let done = !after.password_dead;
        assert_eq!((!after.open, after.mails == 2, after.records == 1), (done, done, done), "call {n}: {after:?}");
        assert_eq!(after.hash != before.hash, done, "call {n}");
        if answered.status == 204 {
            assert!(done, "call {n}: acknowledged and not done");
        } else {
            assert_clean(&answered, n);
            assert_eq!(after, before, "call {n} was answered {} and yet done", answered.status);
            failures += 1;
            assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204, "call {n}: the link still works");
        }
        assert_eq!(rig.redeem(&token, "another lantern over quiet water"), 400, "call {n}");
        assert_eq!(rig.sign_in(&email, GOOD_PASSWORD), 204, "call {n}");
        // The attempts from this machine are counted by the hour.
        rig.clock.advance_seconds(3600);
        if untouched {
            break;
        }
        assert!(n < CALLS_MAX);
    }
    assert!(failures > 0 && n > 5, "{n} calls, {failures} failures");
    eprintln!("a redemption makes {} calls; {failures} of their failures were answered as such", n - 1);
}

fn mood(rig: &Rig, mood: &str) {
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": mood })).status, 200);
}

fn wait_for(rig: &Rig, id: &str, what: &str, seen: impl Fn(&Value) -> bool) -> Value {
    let mut shown = Value::Null;
    for _ in 0..1_000 {
        shown = rig.get(&format!("/api/tenantry/v1/resets/{id}")).body;
        if seen(&shown) {
            return shown;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("the reset is not {what}: {shown}");
}

#[test]
fn a_relay_that_refuses_for_now_costs_a_reset_nothing_but_time() {
    let (rig, _data) = rig_with(1);
    let email = "user00001@example.com";
    mood(&rig, "refuse");
    let answered = rig.reset(email);
    assert_eq!((answered.status, answered.text.as_str()), (200, "{}"));
    assert_eq!(rig.sign_in(email, &rig.sample.user_password.clone()), 401);
    let id = answered.header("tenantry-reset-id").unwrap();
    let refused = "451 4.3.0 Asked to refuse for now";
    let words = "SELECT COUNT(*) FROM resets WHERE email = $1 AND relay_words LIKE '451%'";
    for _ in 0..1_000 {
        let said: i64 = rig.store.read(Scope::HOUSE, |tx| tx.one(words, &[Param::from(email)])?.get(0)).unwrap();
        if said == 1 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(wait_for(&rig, id, "requested", |shown| shown["state"] == "requested")["email"], email);
    let shown = rig.get(&format!("/api/tenantry/v1/resets/{id}"));
    assert!(shown.text.contains(refused), "the timeline has the relay's own words: {}", shown.text);
    mood(&rig, "accept");
    rig.clock.advance_seconds(30);
    wait_for(&rig, id, "mailed", |shown| shown["state"] == "mailed");
    assert_eq!(rig.redeem(&rig.token(email, 1), GOOD_PASSWORD), 204);
}

#[test]
fn a_mail_that_bounces_is_shown_and_may_be_sent_again() {
    let (rig, _data) = rig_with(1);
    let email = "user00001@example.com";
    mood(&rig, "bounce");
    let answered = rig.reset(email);
    assert_eq!(answered.status, 200);
    let id = answered.header("tenantry-reset-id").unwrap();
    let shown = wait_for(&rig, id, "undeliverable", |shown| shown["state"] == "undeliverable");
    assert!(shown["timeline"].to_string().contains("550 5.1.1 Asked to bounce"), "{shown}");
    assert_eq!(rig.mails(email).len(), 0);
    assert_eq!(rig.sign_in(email, &rig.sample.user_password.clone()), 401);
    mood(&rig, "accept");
    assert_eq!(rig.post(&format!("/api/tenantry/v1/resets/{id}/resend"), &json!({})).status, 200);
    wait_for(&rig, id, "mailed", |shown| shown["state"] == "mailed");
    assert_eq!(rig.redeem(&rig.token(email, 1), GOOD_PASSWORD), 204);
}

#[test]
fn a_relay_that_does_not_answer_holds_up_nobody() {
    let (rig, _data) = rig_with(3);
    mood(&rig, "stall");
    for number in 1..=3 {
        let email = format!("user{number:05}@example.com");
        assert_eq!(rig.reset(&email).status, 200);
        assert_eq!(rig.sign_in(&email, &rig.sample.user_password.clone()), 401);
    }
    mood(&rig, "accept");
}
