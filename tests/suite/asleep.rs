//! Users who are not active for long: told by mail, disabled, removed, and what keeps them awake.

use std::collections::BTreeMap;
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{WHOAMI, ok, refused};
use crate::imports::{bring, line};
use crate::local::Local;
use crate::operator::data;
use crate::rig::Rig;
use crate::suspension::{deactivate, mood, resume};

const HOUSEKEEPING: &str = "/api/tenantry/v1/system/housekeeping";
const SETTINGS: &str = "/api/tenantry/v1/settings";
const USERS: &str = "/api/tenantry/v1/users";
const DAY: i64 = 24 * 3_600;
pub const HELLO: &str = "hello@example.com";
pub const JANE: &str = "jane@example.com";
pub const KENJI: &str = "kenji@example.com";
/// The mails of this kind that wait.
pub const WAITING: &str =
    "SELECT COUNT(*) FROM mails WHERE kind = 'falls_asleep' AND sent_at IS NULL AND failed_at IS NULL";
const SLEEPERS: &str = "SELECT COUNT(*) FROM sleepers";

pub fn choose(rig: &Rig, [disable, notice, remove]: [i64; 3]) {
    let days = json!({
        "inactive_users.disable_days": disable,
        "inactive_users.notice_days": notice,
        "inactive_users.remove_days": remove,
    });
    ok(&rig.as_token(&rig.sample.api_token, "PATCH", SETTINGS, Some(&days)));
}

/// A round of housekeeping in this data directory, once its server listens.
pub fn go_round(data: &Path) -> (u16, Value) {
    for _ in 0..1_000 {
        if UnixStream::connect(data.join("tenantry.sock")).is_ok() {
            return Local(data).call("POST", HOUSEKEEPING, Some(&json!({})));
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("nobody listens in {}", data.display());
}

/// A round of housekeeping, to its end, and the fate of all mails.
pub fn tidy(rig: &Rig) {
    let (status, told) = go_round(&data(rig));
    assert_eq!((status, &told["failure"], &told["has_all"]), (200, &Value::Null, &json!(true)), "{told}");
    rig.wait_until_none(WAITING, &[]);
}

/// Lets days go by, then tidies.
pub fn days(rig: &Rig, days: i64) {
    rig.clock.advance_seconds(days * DAY);
    tidy(rig);
}

/// How often each user has a record of this action.
pub fn records(rig: &Rig, action: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (recorded, outcome, subject) in rig.audit() {
        if recorded == action {
            assert_eq!(outcome, "accepted");
            *found.entry(subject).or_default() += 1;
        }
    }
    found
}

pub fn once(users: &[&str]) -> BTreeMap<String, usize> {
    users.iter().map(|user| ((*user).to_owned(), 1)).collect()
}

fn show(rig: &Rig, email: &str) -> Value {
    ok(&rig.get(&format!("{USERS}/{email}"))).clone()
}

fn enable(rig: &Rig, email: &str) {
    ok(&rig.post(&format!("{USERS}/enable"), &json!({ "email": email })));
}

fn sign_in(rig: &Rig, email: &str) -> u16 {
    rig.sign_in(email, &rig.sample.user_password)
}

#[test]
fn who_is_not_here_is_told_then_disabled_then_removed_and_who_is_here_is_not() {
    let rig = Rig::start();
    let tess = rig.add_user(rig.tenant(), "tess@example.com", |_| {});
    let token = rig.add_token(rig.tenant(), &tess, rig.clock.now().plus_seconds(300 * DAY));
    choose(&rig, [45, 14, 90]);
    days(&rig, 30);
    assert_eq!((records(&rig, "user.warn"), rig.number(SLEEPERS, &[])), (BTreeMap::new(), 0));
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI, "tess@example.com"]), "no owner");
    let until = rig.clock.now().plus_seconds(14 * DAY).to_string();
    let mail = &rig.wait_for_mails(KENJI, 1)[0];
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains(&format!("{} {} UTC", &until[..10], &until[11..16])), "{text}");
    assert!(text.contains("/signin\n") && text.contains("removed some time later"), "{text}");
    let told = show(&rig, KENJI);
    assert_eq!((told["inactivity_told_at"].is_string(), &told["asleep_since"]), (true, &Value::Null));
    tidy(&rig);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn").values().sum::<usize>(), 4, "told once");
    assert_eq!(sign_in(&rig, JANE), 204);
    assert_eq!(rig.as_token(&token, "GET", WHOAMI, None).status, 200);
    rig.wait_until_none("SELECT 1 - COUNT(*) FROM credentials WHERE used_at = $1", &params![rig.clock.now()]);
    assert_eq!(show(&rig, "tess@example.com")["last_active_at"], rig.clock.now().to_string());
    days(&rig, 12);
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new(), "a day is missing");
    days(&rig, 1);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[HELLO, KENJI]));
    assert_eq!((sign_in(&rig, KENJI), sign_in(&rig, JANE)), (401, 204));
    let found = ok(&rig.get(&format!("{USERS}?q=kenji"))).clone();
    assert_eq!(
        (&found["items"][0]["state"], &found["items"][0]["asleep_since"]),
        (&json!("disabled"), &json!(rig.clock.now().to_string()))
    );
    assert_eq!(show(&rig, KENJI)["disabled_by"], "housekeeping");
    assert_eq!(show(&rig, JANE)["inactivity_told_at"], Value::Null, "it began anew");
    let uid = show(&rig, KENJI)["uid"].clone();
    days(&rig, 35);
    days(&rig, 9);
    assert_eq!(records(&rig, "user.remove"), BTreeMap::new());
    days(&rig, 1);
    assert_eq!(records(&rig, "user.remove"), once(&[HELLO, KENJI]));
    assert_eq!(rig.get(&format!("{USERS}/{KENJI}")).status, 404);
    assert_eq!(records(&rig, "user.warn")[KENJI], 1, "the records stay");
    let again = rig.post("/api/web/custom/namespaces/system/user_roles", &json!({ "email": KENJI }));
    assert_eq!(again.status, 200, "{}", again.text);
    let shown = show(&rig, KENJI);
    assert_ne!(shown["uid"], uid);
    assert_eq!(
        (&shown["state"], &shown["namespace_roles"], &shown["asleep_since"], &shown["last_login_at"]),
        (&json!("invited"), &json!([]), &Value::Null, &Value::Null)
    );
}

#[test]
fn who_was_not_told_is_not_disabled_and_is_told_anew() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 0]);
    mood(&rig, "refuse");
    rig.clock.advance_seconds(31 * DAY);
    let (status, _) = go_round(&data(&rig));
    assert_eq!((status, records(&rig, "user.warn")), (200, once(&[HELLO, JANE, KENJI])));
    let tried =
        "SELECT 3 - COUNT(*) FROM mails WHERE kind = 'falls_asleep' AND attempts > 0 AND relay_words IS NOT NULL";
    rig.wait_until_none(tried, &[]);
    days(&rig, 4);
    days(&rig, 1);
    assert_eq!(rig.number("SELECT COUNT(*) FROM sleepers WHERE mailed_at IS NOT NULL", &[]), 0);
    mood(&rig, "accept");
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
    days(&rig, 20);
    assert_eq!(records(&rig, "user.warn").into_values().collect::<Vec<_>>(), [2, 2, 2]);
    assert_eq!((records(&rig, "user.fall_asleep"), rig.wait_for_mails(JANE, 1).len()), (BTreeMap::new(), 1));
    days(&rig, 13);
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new());
    days(&rig, 1);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[HELLO, JANE, KENJI]));
    assert_eq!(records(&rig, "user.warn").into_values().collect::<Vec<_>>(), [2, 2, 2]);
    days(&rig, 300);
    assert_eq!(records(&rig, "user.remove"), BTreeMap::new(), "the tenant removes nobody");
}

#[test]
fn a_clock_that_runs_ahead_disables_and_removes_nobody() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 90]);
    days(&rig, 400);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new());
    rig.clock.advance_seconds(-396 * DAY);
    rig.wait_until_none("SELECT COUNT(*) FROM sleepers WHERE mailed_at IS NOT NULL", &[]);
    rig.wait_until_none("SELECT COUNT(*) FROM users WHERE tenant <> 0 AND awake_since > $1", &params![rig.clock.now()]);
    days(&rig, 1);
    assert_eq!((rig.number(SLEEPERS, &[]), sign_in(&rig, HELLO)), (0, 204), "it was not time yet");
    days(&rig, 25);
    assert_eq!(records(&rig, "user.warn").into_values().sum::<usize>(), 5, "now it is, but for one");
    // The mails were sent. A year ahead they count no more.
    days(&rig, 365);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new());
    rig.clock.advance_seconds(-366 * DAY);
    let soon = rig.clock.now().plus_seconds(DAY);
    rig.wait_until_none("SELECT COUNT(*) FROM sleepers WHERE told_at > $1", &params![soon]);
    days(&rig, 1);
    days(&rig, 14);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[JANE, KENJI]));
    // And who is asleep is not removed by a year that did not pass.
    days(&rig, 365);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.remove"), BTreeMap::new());
}

#[test]
fn while_a_tenant_is_suspended_nothing_happens_and_then_everyone_begins_anew() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 90]);
    days(&rig, 31);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
    deactivate(&rig);
    days(&rig, 20);
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new());
    resume(&rig);
    days(&rig, 1);
    assert_eq!((records(&rig, "user.fall_asleep"), rig.number(SLEEPERS, &[])), (BTreeMap::new(), 0));
    days(&rig, 29);
    assert_eq!(records(&rig, "user.warn").into_values().sum::<usize>(), 3, "nobody could sign in before");
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn").into_values().sum::<usize>(), 6);
    days(&rig, 14);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[HELLO, JANE, KENJI]));
}

#[test]
fn what_administrators_do_meanwhile_counts() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 60]);
    days(&rig, 20);
    ok(&rig.reset(KENJI));
    days(&rig, 11);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]), "a reset that waits is no sign of life");
    ok(&rig.post(&format!("{USERS}/disable"), &json!({ "email": HELLO })));
    days(&rig, 14);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[JANE, KENJI]));
    assert_eq!(show(&rig, KENJI)["open_reset_id"], Value::Null, "its link opens nothing");
    refused(&rig.reset(KENJI), 409, "disabled");
    enable(&rig, KENJI);
    days(&rig, 5);
    days(&rig, 25);
    assert_eq!(records(&rig, "user.warn")[KENJI], 1, "enabled is active");
    assert_eq!(records(&rig, "user.remove"), once(&[JANE]), "and who was disabled by an administrator stays");
    assert_eq!(show(&rig, HELLO)["disabled_by"], rig.sample.admin_email);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn")[KENJI], 2);
    let removed = rig.as_token(
        &rig.sample.api_token,
        "POST",
        "/api/web/custom/namespaces/system/users/cascade_delete",
        Some(&json!({ "email": KENJI })),
    );
    assert_eq!(removed.status, 200, "{}", removed.text);
    assert_eq!(rig.number(SLEEPERS, &[]), 0, "nothing is known of who is gone");
    days(&rig, 20);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[JANE, KENJI]));
}

#[test]
fn another_setting_counts_from_the_next_look() {
    let rig = Rig::start();
    days(&rig, 300);
    assert_eq!(rig.number("SELECT COUNT(*) FROM tenants WHERE sleep_look_at IS NOT NULL", &[]), 0, "it is off");
    choose(&rig, [1_000, 14, 0]);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn"), BTreeMap::new());
    choose(&rig, [45, 14, 0]);
    tidy(&rig);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, JANE, KENJI]), "who was not here for long is told first");
    choose(&rig, [1_000, 14, 0]);
    days(&rig, 14);
    assert_eq!((records(&rig, "user.fall_asleep"), rig.number(SLEEPERS, &[])), (BTreeMap::new(), 0));
    choose(&rig, [45, 14, 0]);
    days(&rig, 1);
    choose(&rig, [0, 14, 0]);
    days(&rig, 20);
    assert_eq!(records(&rig, "user.fall_asleep"), BTreeMap::new());
    choose(&rig, [45, 14, 0]);
    days(&rig, 1);
    assert_eq!(records(&rig, "user.fall_asleep"), once(&[HELLO, JANE, KENJI]), "they were told that it comes");
    let set = json!({ "inactive_users.remove_days": 50 });
    refused(&rig.as_token(&rig.sample.api_token, "PATCH", SETTINGS, Some(&set)), 400, "inactive_users.remove_days");
}

#[test]
fn a_user_who_was_brought_here_begins_here() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 0]);
    days(&rig, 20);
    let old = line("old@import.example", &json!({ "created_at": "2011-05-03T09:00:00Z" }));
    bring(&rig, &json!({}), &[vec![old]]);
    days(&rig, 30);
    assert!(!records(&rig, "user.warn").contains_key("old@import.example"));
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn")["old@import.example"], 1);
    let (now, tenant) = (rig.clock.now(), rig.tenant());
    // As a release has left a user that knows nothing of this.
    rig.add_user(tenant, "early@example.com", |_| {});
    rig.write(move |tx| {
        let early =
            "UPDATE users SET awake_since = NULL, created_at = $2 WHERE tenant = $1 AND email = 'early@example.com'";
        tx.run(early, &params![tenant, now.plus_seconds(-100 * DAY)])
    });
    days(&rig, 1);
    assert_eq!(records(&rig, "user.warn")["early@example.com"], 1);
}

#[test]
fn a_service_user_is_left_alone_and_one_who_is_no_owner_any_more_is_not() {
    let rig = Rig::start();
    choose(&rig, [45, 14, 0]);
    let made = rig.post(
        "/api/web/namespaces/system/service_credentials",
        &json!({ "name": "robot", "type": "SERVICE_API_TOKEN", "expiration_days": 300 }),
    );
    assert_eq!(made.status, 200, "{}", made.text);
    ok(&rig.post("/api/web/namespaces/system/tenant/domain_owner/assign", &json!({ "email": JANE })));
    days(&rig, 100);
    assert_eq!(records(&rig, "user.warn"), once(&[HELLO, KENJI]));
    ok(&rig.post("/api/web/namespaces/system/tenant/domain_owner/unassign", &json!({ "email": JANE })));
    days(&rig, 31);
    assert_eq!(records(&rig, "user.warn")[JANE], 1);
    assert_eq!(rig.number("SELECT COUNT(*) FROM users WHERE kind = 'SERVICE' AND disabled_at IS NULL", &[]), 1);
}

/// Shows what a setting does.
pub fn disables_after_days(rig: &Rig, set: fn(&Rig, &str, &Value)) {
    set(rig, "inactive_users.disable_days", &json!(20));
    days(rig, 5);
    assert_eq!(records(rig, "user.warn"), BTreeMap::new());
    days(rig, 1);
    assert_eq!(records(rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
    days(rig, 14);
    assert_eq!(records(rig, "user.fall_asleep"), once(&[HELLO, JANE, KENJI]));
}

/// The same.
pub fn tells_days_before(rig: &Rig, set: fn(&Rig, &str, &Value)) {
    choose(rig, [45, 14, 0]);
    set(rig, "inactive_users.notice_days", &json!(7));
    days(rig, 37);
    assert_eq!(records(rig, "user.warn"), BTreeMap::new());
    days(rig, 1);
    assert_eq!(records(rig, "user.warn"), once(&[HELLO, JANE, KENJI]));
}

/// The same.
pub fn removes_after_days(rig: &Rig, set: fn(&Rig, &str, &Value)) {
    choose(rig, [20, 14, 0]);
    set(rig, "inactive_users.remove_days", &json!(30));
    days(rig, 6);
    days(rig, 14);
    days(rig, 9);
    assert_eq!(records(rig, "user.remove"), BTreeMap::new());
    days(rig, 1);
    assert_eq!(records(rig, "user.remove"), once(&[HELLO, JANE, KENJI]));
}
