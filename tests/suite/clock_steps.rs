//! A clock that is set back by days, or runs ahead and comes back: everything goes on within its usual time, and nothing
//! that was stamped in the future binds anyone, or lives, until that future has come.

use std::time::Duration;

use serde_json::json;
use tenantry::clock::{SECOND, Timestamp};
use tenantry::config::SmtpSecurity;
use tenantry::params;

use crate::access::{WHOAMI, ok, refused};
use crate::relay::{Act, Fault, Relay, Script, Step};
use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::user_settings::{ACCEPT, REQUEST, SETTINGS};

const DAYS: i64 = 8 * 24 * 3600;
const MINUTE: i64 = 60;
const HELLO: &str = "hello@example.com";
const JANE: &str = "jane@example.com";
const KENJI: &str = "kenji@example.com";
const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";

/// Counts everything that binds or lives by a time and is stamped more than a minute ahead of `$1`.
const AHEAD: &str = "SELECT (SELECT COUNT(*) FROM sign_in_failures WHERE last_at > $1)
    + (SELECT COUNT(*) FROM sessions WHERE started_at > $1 OR last_seen_at > $1)
    + (SELECT COUNT(*) FROM credentials WHERE created_at > $1)
    + (SELECT COUNT(*) FROM resets WHERE requested_at > $1)
    + (SELECT COUNT(*) FROM reset_keys WHERE created_at > $1)
    + (SELECT COUNT(*) FROM reset_budgets WHERE hour_started_at > $1)
    + (SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND (queued_at > $1 OR failed_at > $1 OR due_at > $1 + 3600000000))";
const WAITING: &str = "SELECT COUNT(*) FROM mails WHERE attempts > 0 AND sent_at IS NULL";
const UNSENT: &str = "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL";
const GIVEN_UP: &str = "SELECT COUNT(*) FROM mails WHERE failed_at IS NOT NULL";

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..2_000 {
        if is_so() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("in vain: {what}");
}

/// Moves the clock and waits until the house has noticed.
fn step(rig: &Rig, seconds: i64) {
    rig.clock.advance_seconds(seconds);
    let ahead = rig.clock.now().plus_seconds(MINUTE);
    wait_until("nothing is stamped in the future", || rig.number(AHEAD, &params![ahead]) == 0);
}

fn mood(rig: &Rig, mood: &str) {
    assert_eq!(rig.post_open("/dev/faults", &json!({ "mail": mood })).status, 200);
}

fn reset_under_key(rig: &Rig, email: &str) -> Answered {
    let authorization = rig.authorization();
    let headers =
        [("Authorization", &*authorization), ("Content-Type", "application/json"), ("Idempotency-Key", "one")];
    rig.send("POST", ADMIN_RESET, &headers, Some(&json!({ "email": email }).to_string()))
}

/// Whether this cookie still signs in.
fn is_signed_in(rig: &Rig, cookie: &str) -> bool {
    rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", cookie)], None).status == 200
}

/// Uses up the guesses for one address, and those of the one network address that all clients here have.
fn use_up_the_guesses(rig: &Rig) {
    let mut tries = std::iter::repeat_with(|| rig.sign_in(HELLO, "not the password")).take(20);
    assert!(tries.any(|status| status == 429), "a lock-out");
    let mut tries = std::iter::repeat_with(|| rig.sign_in("nobody@example.com", "not the password")).take(100);
    assert!(tries.by_ref().filter(|status| *status == 429).count() > 30, "an allowance that is used up");
}

#[test]
fn everything_goes_on_within_its_usual_time_after_a_step_of_the_clock() {
    for steps in [&[-DAYS][..], &[DAYS], &[DAYS, -DAYS]] {
        let rig = Rig::start();
        let cookie = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
        mood(&rig, "refuse");
        assert_eq!((rig.reset(JANE).status, reset_under_key(&rig, KENJI).status), (200, 200));
        wait_until("both mails are tried", || rig.number(WAITING, &[]) == 2);
        use_up_the_guesses(&rig);
        for seconds in steps {
            step(&rig, *seconds);
            if *seconds > 0 {
                wait_until("the mails are given up: their links are dead", || rig.number(GIVEN_UP, &[]) >= 2);
            }
        }
        let is_ahead = steps.iter().sum::<i64>() > 0;
        assert_eq!(is_signed_in(&rig, &cookie), !is_ahead, "{steps:?}: a session lives its time");
        assert_eq!(rig.number("SELECT COUNT(*) FROM reset_keys", &[]), 1, "{steps:?}: no key is forgotten too early");
        mood(&rig, "accept");
        rig.clock.advance_seconds(16 * MINUTE);
        assert_eq!(rig.sign_in(HELLO, &rig.sample.user_password), 204, "{steps:?}: no wait is longer than 15 minutes");
        if is_ahead {
            assert_eq!(rig.reset(JANE).status, 200);
        }
        assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204, "{steps:?}: a link that lives for an hour");
        rig.clock.advance_seconds(61 * MINUTE);
        assert!(!is_signed_in(&rig, &cookie), "{steps:?}: an hour without use ends a session");
        assert_eq!(rig.reset(KENJI).status, 200);
        rig.wait_until_sealed();
        assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true, "{steps:?}");
    }
}

#[test]
fn what_began_on_a_clock_that_ran_ahead_lives_no_longer_than_usual() {
    let rig = Rig::start();
    step(&rig, DAYS);
    let token = json!({ "name": "ci", "namespace": "system", "expiration_days": 10, "spec": { "type": "API_TOKEN" } });
    let made = rig.post("/api/web/namespaces/system/api_credentials", &token);
    assert_eq!(made.status, 200, "{}", made.text);
    let secret = made.body["data"].as_str().unwrap().to_owned();
    let cookie = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    assert_eq!((rig.reset(JANE).status, reset_under_key(&rig, KENJI).status), (200, 200));
    let link = rig.token(JANE, 1);
    use_up_the_guesses(&rig);

    step(&rig, -DAYS);
    assert!(is_signed_in(&rig, &cookie));
    let key_at = rig.number("SELECT created_at FROM reset_keys", &[]);
    assert!(Timestamp(key_at) <= rig.clock.now(), "a key is remembered for a day from now on");
    let status = |rig: &Rig| rig.as_token(&secret, "GET", "/api/web/custom/namespaces/system/whoami", None).status;
    assert_eq!(status(&rig), 200);
    rig.clock.advance_seconds(16 * MINUTE);
    assert_eq!(rig.sign_in(HELLO, &rig.sample.user_password), 204, "a lock-out from the future");
    rig.clock.advance_seconds(46 * MINUTE);
    assert_eq!(rig.redeem(&link, GOOD_PASSWORD), 400, "a link lives for an hour");
    assert!(!is_signed_in(&rig, &cookie), "a session that nobody uses lives for an hour");
    rig.clock.advance_seconds(10 * 24 * 3600);
    assert_eq!(status(&rig), 401, "a token lives for ten days");
    // That future comes, and nothing of it wakes up.
    assert!(rig.clock.now().0 / SECOND > DAYS);
    assert_eq!(rig.sign_in(HELLO, &rig.sample.user_password), 204);
}

#[test]
fn a_password_that_was_set_in_the_future_ages_from_the_next_sign_in_on() {
    let rig = Rig::start();
    rig.choose(|settings| settings.password.expire_password_days = 5);
    rig.clock.advance_seconds(4 * DAYS);
    assert_eq!(rig.reset(JANE).status, 200);
    assert_eq!(rig.redeem(&rig.token(JANE, 1), GOOD_PASSWORD), 204);
    step(&rig, -4 * DAYS);
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 204);
    rig.clock.advance_seconds(5 * 24 * 3600);
    assert_eq!(rig.sign_in(JANE, GOOD_PASSWORD), 403, "five days are five days");
}

#[test]
fn terms_that_were_accepted_in_the_future_are_accepted_and_nobody_waits_for_that_moment() {
    let rig = Rig::start();
    rig.choose(|settings| (settings.terms.text, settings.terms.version) = ("Be kind.".into(), "2".into()));
    let user = rig.add_user(rig.tenant(), "mary@example.com", |_| {});
    let token = |rig: &Rig| rig.add_token(rig.tenant(), &user, rig.clock.now().plus_seconds(DAYS));
    let terms = |token: &str| {
        let me = ok(&rig.as_token(token, "GET", WHOAMI, None)).clone();
        ["tos_version", "tos_current_version", "tos_accepted_at"].map(|member| me[member].clone())
    };
    let accept = |token: &str, asked| rig.as_token(token, "POST", ACCEPT, Some(&asked));
    let request = |token: &str| rig.as_token(token, "PUT", REQUEST, Some(&json!({})));

    step(&rig, DAYS);
    let (ahead, future) = (token(&rig), rig.clock.now().to_string());
    ok(&accept(&ahead, json!({ "tos_version": "2" })));
    ok(&request(&ahead));
    refused(&request(&ahead), 429, "Ask again tomorrow");
    assert_eq!(terms(&ahead), [json!("2"), json!("2"), json!(future)]);

    step(&rig, -DAYS);
    let token = token(&rig);
    assert_eq!(terms(&token)[..2], [json!("2"), json!("2")], "what was accepted is accepted");
    refused(&accept(&token, json!({ "tos_accepted_at": rig.clock.now().plus_seconds(DAYS).0 / 1_000 })), 400, "passed");
    ok(&accept(&token, json!({})));
    assert_eq!(terms(&token), [json!("2"), json!("2"), json!(rig.clock.now().to_string())]);
    let settings = rig.as_token(&token, "GET", SETTINGS, None);
    assert_eq!(ok(&settings)["is_next_request_allowed"], true, "a request from the future binds nobody");
    ok(&request(&token));
    rig.choose(|settings| settings.terms.version = "3".into());
    assert_eq!(terms(&token)[..2], [json!("2"), json!("3")]);
    ok(&accept(&token, json!({ "tos_version": "3" })));
    assert_eq!(terms(&token)[0], "3");
}

#[test]
fn a_mail_on_its_way_leaves_once_however_far_the_clock_is_set_on() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let faults = vec![Fault::new(Step::Body, Act::Late(Duration::from_secs(3)))];
    let relay = runtime.block_on(Relay::start(Script { faults, ..Script::default() }));
    let rig = Rig::with(|config| {
        (config.smtp.host, config.smtp.port) = (Some(relay.address.ip().to_string()), relay.address.port());
        config.smtp.security = SmtpSecurity::None;
    });
    assert_eq!(rig.reset(JANE).status, 200);
    let on_its_way = || relay.commands().iter().any(|command| command.eq_ignore_ascii_case("DATA"));
    wait_until("the relay is told of it", on_its_way);
    for _ in 0..4 {
        rig.clock.advance_seconds(DAYS / 400);
        std::thread::sleep(Duration::from_millis(300));
    }
    wait_until("its fate is written", || rig.number(UNSENT, &[]) == 0);
    assert_eq!(relay.mails().len(), 1);
    assert_eq!(rig.number("SELECT COUNT(*) FROM mails WHERE attempts = 1 AND sent_at IS NOT NULL", &[]), 1);
}
