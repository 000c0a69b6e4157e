//! An act on many users beside what else happens to the person who acts, to the tenant and to the server while it runs.

use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;
use tenantry::store::Store;
use tokio::sync::watch;

use crate::access::{ok, refused};
use crate::bulk::{BULK, act, planned, records, shown, wait_while};
use crate::engine::{is_postgres, settings_of};
use crate::keeping::{beside, call, say, text};
use crate::people::{in_system, owner};
use crate::phone;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::Rig;

/// So many that a run is in the middle when a test looks.
const USERS: u32 = 2_500;

fn everyone() -> Value {
    json!({ "act": "disable", "filter": { "q": "user" } })
}

/// A server with many users, in whose middle a run of `everyone` is, begun by a token; and the id of the run.
fn in_the_middle(rig: &Rig, token: &str) -> String {
    let id = planned(rig, token, &everyone());
    assert_eq!(shown(rig, token, &id)["users"], USERS);
    ok(&act(rig, token, &id));
    until_begun(rig, &id);
    id
}

fn until_begun(rig: &Rig, id: &str) {
    for _ in 0..3_000 {
        if shown(rig, &rig.sample.api_token, id)["done"].as_i64().unwrap() > 0 {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("the run does not begin");
}

/// Users who are disabled, each with exactly one record.
fn disabled(rig: &Rig) -> usize {
    let found = records(rig, "user.disable");
    let found: Vec<_> = found.iter().filter(|(email, _)| email.starts_with("user")).collect();
    assert!(found.iter().all(|(_, times)| **times == 1), "one record for each user");
    let count = "SELECT COUNT(*) FROM users WHERE tenant = $1 AND disabled_at IS NOT NULL AND email LIKE 'user%'";
    assert_eq!(rig.number(count, &params![rig.tenant()]), found.len() as i64);
    found.len()
}

/// A run that was stopped in the middle: what is done stays, nothing is done further, and it says why.
fn assert_stopped(rig: &Rig, id: &str, why: &str) {
    let token = &rig.sample.api_token;
    let ended = wait_while(rig, token, id, "running");
    let done = ended["done"].as_i64().unwrap();
    assert_eq!(ended["state"], "stopped", "{ended}");
    assert!(ended["why"].as_str().unwrap().contains(why), "{ended}");
    assert!(done > 0 && done < i64::from(USERS), "{ended}");
    assert_eq!(disabled(rig) as i64, done);
    sleep(Duration::from_millis(1_500));
    assert_eq!(disabled(rig) as i64, done, "nothing goes on");
    assert_eq!(records(rig, "bulk.end").get(id).or(records(rig, "bulk.stop").get(id)), Some(&1));
}

fn helper(rig: &Rig) -> String {
    rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"))
}

fn rig() -> (Rig, tempfile::TempDir) {
    let data = tempfile::tempdir().unwrap();
    (Rig::at(data.path(), USERS, |_| {}), data)
}

#[test]
fn a_run_stops_when_the_rights_of_the_person_who_acts_end() {
    let (rig, _data) = rig();
    let id = in_the_middle(&rig, &helper(&rig));
    rig.give("helper@example.com", in_system("ves-io-monitor-role"));
    assert_stopped(&rig, &id, "ves-io-uam-admin-write");
}

#[test]
fn a_run_stops_when_the_person_who_acts_is_disabled() {
    let (rig, _data) = rig();
    let id = in_the_middle(&rig, &helper(&rig));
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "helper@example.com" })));
    assert_stopped(&rig, &id, "The access of helper@example.com, who asked for it, has ended.");
    // Another administrator plans anew, and who is done already is left out.
    let token = rig.sample.api_token.clone();
    let again = planned(&rig, &token, &everyone());
    ok(&act(&rig, &token, &again));
    wait_while(&rig, &token, &again, "running");
    assert_eq!(disabled(&rig), USERS as usize);
}

#[test]
fn a_run_stops_when_the_person_who_acts_is_removed() {
    let (rig, _data) = rig();
    let id = in_the_middle(&rig, &helper(&rig));
    let removed = json!({ "email": "helper@example.com" });
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &removed));
    assert_stopped(&rig, &id, "has ended");
}

#[test]
fn a_run_stops_when_the_token_by_which_it_was_begun_is_revoked() {
    let (rig, _data) = rig();
    let id = in_the_middle(&rig, &helper(&rig));
    let listed = rig.get("/api/web/namespaces/system/api_credentials").body;
    let mut tokens = listed["items"].as_array().unwrap().iter();
    let token = tokens.find(|token| token["user_email"] == "helper@example.com").unwrap();
    let name = json!({ "name": token["name"], "namespace": "system" });
    ok(&rig.post("/api/web/namespaces/system/revoke/api_credentials", &name));
    assert_stopped(&rig, &id, "opens nothing any more");
}

#[test]
fn a_run_that_a_session_began_stops_when_the_sessions_of_its_user_end() {
    let (rig, _data) = rig();
    let second = rig.add_member(rig.tenant(), "second@example.com", owner());
    let id = planned(&rig, &second, &everyone());
    let plan = shown(&rig, &second, &id);
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let body = json!({ "plan": plan["plan"], "users": plan["users"] });
    rig.clock.advance_seconds(901);
    let stale = phone::ask(&rig, &session, &format!("{BULK}/{id}/act"), &body);
    assert_eq!(stale.body["details"][0]["reason"], "PROVE_AGAIN", "{}", stale.text);
    let session = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    ok(&phone::ask(&rig, &session, &format!("{BULK}/{id}/act"), &body));
    until_begun(&rig, &id);
    // Signing out is no end of what was asked for; a reset is.
    let reset = json!({ "email": rig.sample.admin_email });
    ok(&rig.as_token(&second, "POST", "/api/web/custom/password/admin_reset", Some(&reset)));
    assert_stopped(&rig, &id, "has ended");
}

#[test]
fn a_run_is_stopped_by_a_call_and_only_one_runs_in_a_tenant() {
    let (rig, _data) = rig();
    let token = rig.sample.api_token.clone();
    let other = planned(&rig, &token, &json!({ "act": "enable", "filter": { "q": "user" } }));
    let waiting = planned(&rig, &token, &json!({ "act": "remove", "filter": { "q": "jane@" } }));
    let id = in_the_middle(&rig, &token);
    refused(&act(&rig, &token, &waiting), 409, &format!("The bulk act {id} is still running."));
    ok(&rig.post(&format!("{BULK}/{id}/stop"), &json!({})));
    assert_stopped(&rig, &id, "has stopped it");
    refused(&act(&rig, &token, &other), 409, "names nobody");
    ok(&act(&rig, &token, &waiting));
    assert_eq!(wait_while(&rig, &token, &waiting, "running")["done"], 1);
}

#[test]
fn a_suspended_tenant_is_as_it_was_and_its_run_goes_on_when_it_is_resumed() {
    let (rig, _data) = rig();
    let (token, tenant) = (rig.sample.api_token.clone(), rig.tenant());
    let id = in_the_middle(&rig, &token);
    let suspend = "UPDATE tenants SET disabled_at = 1, revision = revision + 1 WHERE id = $1";
    let resume = "UPDATE tenants SET disabled_at = NULL, revision = revision + 1 WHERE id = $1";
    rig.write(move |tx| tx.run(suspend, &params![tenant]).map(drop));
    let put_off = "SELECT COUNT(*) FROM bulk_acts WHERE tenant = $1 AND next_at <= $2";
    rig.wait_until_none(put_off, &params![tenant, rig.clock.now()]);
    let done = disabled(&rig);
    assert!(done < USERS as usize);
    sleep(Duration::from_millis(1_500));
    assert_eq!(disabled(&rig), done);
    rig.write(move |tx| tx.run(resume, &params![tenant]).map(drop));
    // A clock that is set back holds up nothing for longer than that.
    rig.clock.advance_seconds(60);
    let ended = wait_while(&rig, &token, &id, "running");
    assert_eq!((&ended["state"], disabled(&rig)), (&json!("done"), USERS as usize), "{ended}");
}

#[test]
fn a_restart_a_failing_store_and_a_second_process_do_nothing_twice() {
    let (mut rig, data) = rig();
    let token = rig.sample.api_token.clone();
    let id = in_the_middle(&rig, &token);
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
    let other = runtime.spawn(tenantry::bulk::keep_going(store.clone(), rig.clock.clone(), stopped));
    let ended = wait_while(&rig, &token, &id, "running");
    assert_eq!((&ended["state"], &ended["done"]), (&json!("done"), &json!(USERS)), "{ended}");
    assert_eq!(disabled(&rig), USERS as usize);
    stop.send(true).unwrap();
    runtime.block_on(other).unwrap();
    if is_postgres() {
        store.close();
    }
    rig.wait_until_sealed();
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").body["sound"], true);
}

/// In each round another call into the store fails while a plan is made and carried out.
#[test]
fn whatever_fails_each_user_is_changed_once() {
    let rig = Rig::start();
    let (token, tenant) = (rig.sample.api_token.clone(), rig.tenant());
    for n in 1..40 {
        let email = format!("round-{n:02}@example.com");
        rig.add_user(tenant, &email, |_| {});
        let id = planned(&rig, &token, &json!({ "act": "disable", "filter": { "q": email } }));
        ok(&act(&rig, &token, &id));
        rig.store.faults().fail_call(n);
        sleep(Duration::from_millis(20));
        rig.store.faults().stop();
        let ended = wait_while(&rig, &token, &id, "running");
        assert_eq!((&ended["state"], &ended["done"]), (&json!("done"), &json!(1)), "round {n}: {ended}");
    }
    let found = records(&rig, "user.disable");
    assert!(found.len() == 39 && found.values().all(|times| *times == 1), "{found:?}");
    assert!(records(&rig, "bulk.end").values().all(|times| *times == 1));
}

pub fn read(process: &Process, path: &str) -> Value {
    let reply = call(process, "GET", path, &process.authorization(), &Value::Null);
    assert_eq!(reply.status, 200, "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

pub fn post(process: &Process, path: &str, body: &Value) -> Value {
    let reply = call(process, "POST", path, &process.authorization(), body);
    assert!(matches!(reply.status, 200 | 201), "{reply:?}");
    serde_json::from_str(&reply.body).unwrap()
}

/// A run of everyone, of whom some are done; its id.
fn begun(process: &Process) -> String {
    let mut plan = post(process, BULK, &everyone());
    let id = plan["id"].as_str().unwrap().to_owned();
    let path = format!("{BULK}/{id}");
    while plan["state"] == "planning" {
        sleep(Duration::from_millis(50));
        plan = read(process, &path);
    }
    post(process, &format!("{path}/act"), &json!({ "plan": plan["plan"], "users": plan["users"] }));
    for _ in 0..3_000 {
        if read(process, &path)["done"].as_i64().unwrap() > 0 {
            return id;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("the run does not begin");
}

/// Waits until the run is over; what is shown of it then.
fn over(process: &Process, id: &str) -> Value {
    for _ in 0..6_000 {
        let bulk = read(process, &format!("{BULK}/{id}"));
        if bulk["state"] != "running" {
            return bulk;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("the run does not end");
}

#[test]
fn killed_in_the_middle_a_run_goes_on_and_each_user_has_one_record() {
    let place = Place::new();
    let mut process = Process::start(&place, USERS as usize);
    let id = begun(&process);
    for _ in 0..3 {
        let token = process.directions.api_token.clone();
        process.kill();
        process = Process::start(&place, 0);
        process.directions.api_token = token;
        sleep(Duration::from_millis(300));
    }
    let ended = over(&process, &id);
    assert_eq!((&ended["state"], &ended["done"]), (&json!("done"), &json!(USERS)), "{ended}");
    let (mut subjects, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = read(&process, &format!("/api/tenantry/v1/audit?action=user.disable&limit=1000&cursor={cursor}"));
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
fn a_restore_ends_plans_and_runs() {
    let place = Place::new();
    let process = Process::start(&place, USERS as usize);
    let id = begun(&process);
    let file = place.data().with_file_name("running.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    assert_eq!(over(&process, &id)["state"], "done");
    process.kill();
    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    assert_eq!(restored["ended"][1]["bulk_acts"], 1, "{restored}");
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = crate::import_crossings::let_in(&process, &restored);
    let ended = read(&process, &format!("{BULK}/{id}"));
    assert_eq!((&ended["state"], &ended["why"]), (&json!("stopped"), &json!("A backup was restored.")), "{ended}");
    let done = ended["done"].as_i64().unwrap();
    sleep(Duration::from_millis(2_500));
    assert_eq!(read(&process, &format!("{BULK}/{id}"))["done"], done);
    assert!(done < i64::from(USERS), "{ended}");
}
