//! An incident beside what else happens to its users, to the person who began it, to the tenant and to the server.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::incidents::Running;
use tenantry::params;
use tenantry::store::Store;
use tokio::sync::watch;

use crate::access::{ok, refused};
use crate::bulk::{reasons, records};
use crate::engine::{is_postgres, settings_of};
use crate::incidents::{
    INCIDENTS, act, begun, outcomes, planned, shown, start, start_whatever_came, wait_until_mailed, wait_while,
};
use crate::keeping::{beside, call, say, text};
use crate::people::{in_system, owner};
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::{GOOD_PASSWORD, Rig};

/// So many that passwords are ending when a test looks.
const USERS: u32 = 2_500;
const JANE: &str = "jane@example.com";

fn everyone() -> Value {
    json!({ "name": "Everyone", "filter": { "q": "user" }, "hold": true })
}

fn rig() -> (Rig, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Rig::at(data.path(), USERS, |_| {}), data)
}

/// Passwords that have ended, each with exactly one record and one reset that is held or let go.
fn ended(rig: &Rig) -> i64 {
    let found = records(rig, "reset.request");
    let found: Vec<_> = found.iter().filter(|(email, _)| email.starts_with("user")).collect();
    assert!(found.iter().all(|(_, times)| **times == 1), "one record for each user");
    let count = "SELECT COUNT(*) FROM users u JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
        WHERE u.tenant = $1 AND u.password_dead_at IS NOT NULL AND r.incident IS NOT NULL";
    let resets = "SELECT COUNT(*) FROM resets WHERE tenant = $1 AND incident IS NOT NULL";
    let own = params![rig.tenant()];
    assert_eq!((rig.number(count, &own), rig.number(resets, &own)), (found.len() as i64, found.len() as i64));
    found.len() as i64
}

fn until_begun(rig: &Rig, id: &str) {
    for _ in 0..3_000 {
        if shown(rig, id)["progress"]["ended"].as_i64().unwrap() > 0 {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("no password ends");
}

#[test]
fn what_was_begun_goes_on_whoever_is_disabled_and_whatever_they_may_do_then() {
    let (rig, _data) = rig();
    let helper = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let id = planned(&rig, &helper, &everyone());
    rig.give("user00007@example.com", in_system("ves-io-admin-role"));
    ok(&start_whatever_came(&rig, &helper, &id));
    until_begun(&rig, &id);
    rig.give("helper@example.com", in_system("ves-io-monitor-role"));
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "helper@example.com" })));
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!(held["state"], "held", "{held}");
    assert_eq!(reasons(&held["progress"]["dropped"]), [("above_rank".into(), 1)].into());
    assert_eq!(ended(&rig), i64::from(USERS) - 1);
    // A plan dies with the access of the person who made it.
    let other = rig.add_member(rig.tenant(), "other@example.com", in_system("ves-io-uam-admin-role"));
    let plan = planned(&rig, &other, &json!({ "name": "Other", "emails": [JANE] }));
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "other@example.com" })));
    assert_eq!(start(&rig, &other, &plan).status, 401);
}

#[test]
fn paused_and_cancelled_in_the_middle_nobody_further_is_touched() {
    let (rig, _data) = rig();
    let id = begun(&rig, &everyone());
    until_begun(&rig, &id);
    ok(&act(&rig, &id, "pause", &json!({})));
    let paused = ended(&rig);
    assert!(paused < i64::from(USERS));
    sleep(Duration::from_millis(1_200));
    assert_eq!(ended(&rig), paused);
    let other = planned(&rig, &rig.sample.api_token.clone(), &json!({ "name": "Other", "emails": [JANE] }));
    refused(&start(&rig, &rig.sample.api_token, &other), 409, "is still ending passwords");
    ok(&act(&rig, &id, "go_on", &json!({})));
    while shown(&rig, &id)["progress"]["ended"].as_i64() == Some(paused) {
        sleep(Duration::from_millis(5));
    }
    ok(&act(&rig, &id, "cancel", &json!({})));
    let cancelled = ended(&rig);
    sleep(Duration::from_millis(1_200));
    assert_eq!(ended(&rig), cancelled);
    let told = shown(&rig, &id);
    assert_eq!((&told["state"], &told["progress"]["ended"]), (&json!("cancelled"), &json!(cancelled)));
    // The others are as they were, and the mails of those whose passwords have ended can be let go.
    let alive = format!("user{USERS:05}@example.com");
    assert!(!outcomes_of(&rig, &id, "waiting").contains(&alive));
    ok(&act(&rig, &id, "change", &json!({ "pace_per_minute": 0 })));
    ok(&act(&rig, &id, "release", &json!({})));
    let mailed = wait_until_mailed(&rig, &id);
    assert_eq!((&mailed["state"], &mailed["progress"]["queued"]), (&json!("mailed"), &json!(cancelled)), "{mailed}");
}

fn outcomes_of(rig: &Rig, id: &str, is: &str) -> Vec<String> {
    let page = rig.get(&format!("{INCIDENTS}/{id}/people?is={is}&limit=1000")).body;
    let email = |one: &Value| one["email"].as_str().unwrap().to_owned();
    page["items"].as_array().unwrap().iter().map(email).collect()
}

#[test]
fn a_restart_a_failing_store_and_a_second_process_end_no_password_twice() {
    let (mut rig, data) = rig();
    let id = begun(&rig, &everyone());
    until_begun(&rig, &id);
    rig.store.faults().fail_every_call();
    sleep(Duration::from_millis(500));
    rig.store.faults().stop();
    rig.restart(data.path(), |_| {});
    let store = if is_postgres() {
        Store::open(&settings_of(data.path(), 100), rig.clock.now()).unwrap()
    } else {
        rig.store.clone()
    };
    let (stop, stopped) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let keys = tenantry::keys::Keys::open(&data.path().join("link.keys"), false, &tenantry::random::Random::system());
    let running = Running { store: store.clone(), keys: keys.unwrap() };
    let other = runtime.spawn(running.keep_going(rig.clock.clone(), stopped));
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!((&held["state"], ended(&rig)), (&json!("held"), i64::from(USERS)), "{held}");
    stop.send(true).unwrap();
    runtime.block_on(other).unwrap();
    if is_postgres() {
        store.close();
    }
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

/// In each round another call into the store fails while passwords end and mails leave.
#[test]
fn whatever_fails_each_password_ends_once_and_each_mail_leaves_once() {
    let rig = Rig::start();
    let (token, tenant) = (rig.sample.api_token.clone(), rig.tenant());
    for n in 1..30 {
        let email = format!("round-{n:02}@example.com");
        rig.add_user(tenant, &email, |_| {});
        let id = planned(&rig, &token, &json!({ "name": "Round", "emails": [email] }));
        ok(&start(&rig, &token, &id));
        rig.store.faults().fail_call(n);
        sleep(Duration::from_millis(20));
        rig.store.faults().stop();
        let mailed = wait_while(&rig, &id, &["ending", "mailing"]);
        assert_eq!(
            (&mailed["state"], &mailed["progress"]["queued"]),
            (&json!("mailed"), &json!(1)),
            "round {n}: {mailed}"
        );
        assert_eq!(rig.wait_for_mails(&email, 1).len(), 1);
    }
    let found = records(&rig, "reset.request");
    assert!(found.len() == 29 && found.values().all(|times| *times == 1), "{found:?}");
    for step in ["incident.end", "incident.mail"] {
        assert!(records(&rig, step).values().all(|times| *times == 1), "{step}");
    }
}

#[test]
fn what_happens_to_a_held_user_meanwhile_is_heeded_when_the_mails_leave() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    let email = |name: &str| format!("held-{name}@example.com");
    for name in ["disabled", "enabled", "gone", "moved", "same", "sso"] {
        rig.add_user(tenant, &email(name), |_| {});
    }
    let id = begun(&rig, &json!({ "name": "Held", "filter": { "q": "held" }, "hold": true, "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending"]);
    for name in ["disabled", "enabled"] {
        ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": email(name) })));
    }
    ok(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": email("enabled") })));
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": email("gone") })));
    rig.add_user(tenant, &email("gone"), |_| {});
    let changed = "UPDATE users SET email = 'moved@example.com', email_key = 'moved@example.com'
        WHERE tenant = $1 AND email_key = 'held-moved@example.com'";
    let elsewhere = "UPDATE users SET idm_type = 'SSO' WHERE tenant = $1 AND email_key = 'held-sso@example.com'";
    rig.write(move |tx| {
        tx.run(changed, &params![tenant])?;
        tx.run(elsewhere, &params![tenant]).map(drop)
    });
    ok(&act(&rig, &id, "release", &json!({})));
    let mailed = wait_while(&rig, &id, &["mailing"]);
    assert_eq!((&mailed["progress"]["queued"], &mailed["progress"]["passed"]), (&json!(3), &json!(3)), "{mailed}");
    for address in ["moved@example.com", &email("same"), &email("enabled")] {
        rig.wait_for_mails(address, 1);
    }
    for name in ["disabled", "gone", "sso", "moved"] {
        assert_eq!(rig.mails(&email(name)).len(), 0, "{name}");
    }
    // One who is let in again later is held no more: nobody else would ever release them.
    ok(&rig.post("/api/tenantry/v1/users/enable", &json!({ "email": email("disabled") })));
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": email("disabled") })));
    rig.wait_for_mails(&email("disabled"), 1);
}

#[test]
fn an_owner_who_is_made_meanwhile_gets_no_link_by_that_door() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Owners", "emails": [JANE], "hold": true }));
    wait_while(&rig, &id, &["ending"]);
    let assigned = json!({ "email": JANE });
    let path = "/api/web/namespaces/system/tenant/domain_owner/assign";
    let answered = rig.post(path, &assigned);
    assert!(answered.status == 409 || rig.mails(JANE).is_empty(), "{}", answered.text);
    assert_eq!(rig.mails(JANE).len(), 0);
}

#[test]
fn a_suspended_tenant_stands_still_and_goes_on_when_it_is_resumed() {
    let (rig, _data) = rig();
    let tenant = rig.tenant();
    let id = begun(&rig, &everyone());
    until_begun(&rig, &id);
    let suspend = "UPDATE tenants SET disabled_at = 1, revision = revision + 1 WHERE id = $1";
    let resume = "UPDATE tenants SET disabled_at = NULL, revision = revision + 1 WHERE id = $1";
    rig.write(move |tx| tx.run(suspend, &params![tenant]).map(drop));
    let due = "SELECT COUNT(*) FROM incidents WHERE tenant = $1 AND next_at <= $2";
    rig.wait_until_none(due, &params![tenant, rig.clock.now()]);
    let so_far = ended(&rig);
    sleep(Duration::from_millis(1_200));
    assert_eq!(ended(&rig), so_far);
    rig.write(move |tx| tx.run(resume, &params![tenant]).map(drop));
    rig.clock.advance_seconds(60);
    let held = wait_while(&rig, &id, &["ending"]);
    assert_eq!((&held["state"], ended(&rig)), (&json!("held"), i64::from(USERS)), "{held}");
}

#[test]
fn a_session_that_began_it_ends_last_and_the_link_lets_its_user_in_again() {
    let rig = Rig::start();
    rig.add_member(rig.tenant(), "second@example.com", owner());
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let declared = crate::phone::ask(
        &rig,
        &session,
        INCIDENTS,
        &json!({ "name": "All", "all": true, "hold": true, "pace_per_minute": 0 }),
    );
    let id = declared.body["id"].as_str().unwrap().to_owned();
    let plan = wait_while(&rig, &id, &["planning"])["plan"].clone();
    let body = json!({ "plan": plan["digest"], "users": plan["users"] });
    ok(&crate::phone::ask(&rig, &session, &format!("{INCIDENTS}/{id}/start"), &body));
    wait_while(&rig, &id, &["ending"]);
    assert_eq!(outcomes(&rig, &id)[rig.sample.admin_email], "planned", "held until the release");
    ok(&crate::phone::ask(&rig, &session, &format!("{INCIDENTS}/{id}/release"), &json!({})));
    let mailed = wait_while(&rig, &id, &["mailing"]);
    assert_eq!(mailed["progress"]["ended"], plan["users"]);
    let who = rig.send("GET", "/api/web/custom/namespaces/system/whoami", &[("Cookie", &session)], None);
    assert_eq!(who.status, 401);
    let token = rig.token(rig.sample.admin_email, 2);
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in(rig.sample.admin_email, GOOD_PASSWORD), 204);
}

pub fn read(process: &Process, path: &str) -> Value {
    let reply = call(process, "GET", path, &process.authorization(), &Value::Null);
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

fn post(process: &Process, path: &str, body: &Value) -> Value {
    let reply = call(process, "POST", path, &process.authorization(), body);
    assert!(matches!(reply.status, 200 | 201), "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

/// An incident of everyone, of whom some passwords have ended; its id.
pub fn in_the_middle(process: &Process) -> String {
    let mut incident = post(process, INCIDENTS, &everyone());
    let path = format!("{INCIDENTS}/{}", incident["id"].as_str().unwrap());
    while incident["state"] == "planning" {
        sleep(Duration::from_millis(50));
        incident = read(process, &path);
    }
    let plan = &incident["plan"];
    post(process, &format!("{path}/start"), &json!({ "plan": plan["digest"], "users": plan["users"] }));
    for _ in 0..3_000 {
        if read(process, &path)["progress"]["ended"].as_i64().unwrap() > 0 {
            return incident["id"].as_str().unwrap().to_owned();
        }
        sleep(Duration::from_millis(5));
    }
    panic!("no password ends");
}

pub fn over(process: &Process, id: &str) -> Value {
    for _ in 0..6_000 {
        let incident = read(process, &format!("{INCIDENTS}/{id}"));
        if incident["state"] != "ending" {
            return incident;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the passwords do not end");
}

#[test]
fn killed_in_the_middle_passwords_go_on_to_end_and_each_user_has_one_record() {
    let place = Place::new();
    let mut process = Process::start(&place, USERS as usize);
    let id = in_the_middle(&process);
    for _ in 0..3 {
        let token = process.directions.api_token.clone();
        process.kill();
        process = Process::start(&place, 0);
        process.directions.api_token = token;
        sleep(Duration::from_millis(200));
    }
    let held = over(&process, &id);
    assert_eq!((&held["state"], &held["progress"]["ended"]), (&json!("held"), &json!(USERS)), "{held}");
    let waiting = || read(&process, &format!("{INCIDENTS}/{id}"))["progress"]["links"]["waiting"].as_i64();
    for _ in 0..500 {
        if waiting() == Some(USERS.into()) {
            break;
        }
        sleep(Duration::from_millis(20));
    }
    assert_eq!(waiting(), Some(USERS.into()), "{held}");
    let (mut subjects, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(&process, &format!("/api/tenantry/v1/audit?action=reset.request&limit=1000&cursor={cursor}"));
        let items = page["items"].as_array().unwrap();
        subjects.extend(items.iter().map(|item| item["subject"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.into();
    }
    assert_eq!(subjects.len(), USERS as usize);
    subjects.sort();
    subjects.dedup();
    assert_eq!(subjects.len(), USERS as usize, "each once");
}

#[test]
fn a_restore_cancels_what_is_not_at_its_end() {
    let place = Place::new();
    let process = Process::start(&place, USERS as usize);
    let id = in_the_middle(&process);
    let file = place.data().with_file_name("running.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    assert_eq!(over(&process, &id)["state"], "held");
    process.kill();
    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    assert_eq!(restored["ended"][1]["incidents"], 1, "{restored}");
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = crate::import_crossings::let_in(&process, &restored);
    let cancelled = read(&process, &format!("{INCIDENTS}/{id}"));
    assert_eq!(
        (&cancelled["state"], &cancelled["why"]),
        (&json!("cancelled"), &json!("A backup was restored.")),
        "{cancelled}"
    );
    let so_far = cancelled["progress"]["ended"].as_i64().unwrap();
    sleep(Duration::from_millis(2_000));
    assert_eq!(read(&process, &format!("{INCIDENTS}/{id}"))["progress"]["ended"], so_far);
    assert!(so_far < i64::from(USERS), "{cancelled}");
}

#[test]
fn a_change_of_the_address_leads_around_no_hold() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Moved", "emails": [JANE], "hold": true }));
    wait_while(&rig, &id, &["ending"]);
    let new = "jane.roe@example.com";
    ok(&rig.post(&format!("/api/tenantry/v1/users/{JANE}/email"), &json!({ "email": new })));
    let token = rig.token(new, 1);
    assert_eq!(rig.post_open("/email", &json!({ "token": token, "agreed": "yes" })).status, 204);
    ok(&rig.post_open("/no_auth/send_password_email", &json!({ "email": new })));
    rig.wait_until_none("SELECT COUNT(*) FROM link_wishes WHERE tenant = $1", &params![rig.tenant()]);
    rig.let_background_rest();
    let links = || {
        let mails = [JANE, new].map(|email| rig.mails(email)).concat();
        mails.iter().filter(|mail| mail.to_string().contains("/reset#")).count()
    };
    assert_eq!(links(), 0);
    refused(&rig.reset(new), 409, "is held by the incident");
    ok(&act(&rig, &id, "release", &json!({})));
    wait_while(&rig, &id, &["mailing"]);
    rig.let_background_rest();
    assert_eq!(links(), 1, "where mail of the account goes by then");
}
