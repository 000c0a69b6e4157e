//! Reminders by two processes, across a restart and in a restored store, and what the file of evidence tells of them.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::incidents::Running;
use tenantry::keys::Keys;
use tenantry::random::Random;
use tenantry::store::Store;
use tokio::sync::watch;

use crate::access::ok;
use crate::bulk::records;
use crate::command_line::Ended;
use crate::engine::{is_postgres, settings_of};
use crate::erasure::erase_wholly;
use crate::evidence::{fetch, lines, user};
use crate::evidence_reminders::sound;
use crate::import_crossings::let_in;
use crate::incident_reminders::{slow_down, wait_until};
use crate::incidents::{INCIDENTS, act, begun, shown, wait_while};
use crate::keeping::{self, beside, call, redeem, say, text, token};
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::{GOOD_PASSWORD, Rig};

/// Users of a round of reminders.
const USERS: u32 = 12;

fn email(nth: u32) -> String {
    format!("user{nth:05}@example.com")
}

fn everyone() -> Value {
    json!({ "name": "Everyone", "filter": { "q": "user" }, "pace_per_minute": 0 })
}

/// A second process that goes on with incidents: on PostgreSQL on a pool of its own.
struct Second {
    store: Store,
    stop: watch::Sender<bool>,
    worker: tokio::task::JoinHandle<()>,
    runtime: tokio::runtime::Runtime,
}

impl Second {
    fn start(rig: &Rig, data: &Path) -> Self {
        let store = match is_postgres() {
            true => Store::open(&settings_of(data, 100), rig.clock.now()).unwrap(),
            false => rig.store.clone(),
        };
        let (stop, stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let keys = Keys::open(&data.join("link.keys"), false, &Random::system()).unwrap();
        let running = Running { store: store.clone(), keys };
        let worker = runtime.spawn(running.keep_going(rig.clock.clone(), stopped));
        Self { store, stop, worker, runtime }
    }

    fn end(self) {
        self.stop.send(true).unwrap();
        self.runtime.block_on(self.worker).unwrap();
        if is_postgres() {
            self.store.close();
        }
    }
}

/// Reminds users whose links have died, one in a second of the clock, while the store fails now and then.
fn reminded_with_bad_luck(rig: &Rig, id: &str) {
    rig.clock.advance_seconds(25 * 3_600);
    slow_down(rig, id);
    ok(&act(rig, id, "remind", &json!({})));
    let mut nth = 0;
    wait_until(|| {
        nth += 1;
        if nth % 3 == 0 {
            rig.store.faults().fail_call(1 + nth % 7);
        }
        rig.clock.advance_seconds(2);
        sleep(Duration::from_millis(50));
        rig.store.faults().stop();
        shown(rig, id)["state"] == "mailed"
    });
}

#[test]
fn two_processes_remind_each_user_once_and_the_file_tells_each_link() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), USERS, |_| {});
    let id = begun(&rig, &everyone());
    wait_while(&rig, &id, &["ending", "mailing"]);
    (1..=USERS).for_each(|nth| drop(rig.wait_for_mails(&email(nth), 1)));
    erase_wholly(&rig, &email(USERS));
    let second = Second::start(&rig, data.path());
    reminded_with_bad_luck(&rig, &id);
    second.end();
    rig.restart(data.path(), |_| {});
    let requested = records(&rig, "reset.request");
    for nth in 1..USERS {
        assert_eq!(rig.wait_for_mails(&email(nth), 2).len(), 2, "{nth}");
        assert_eq!(requested.get(&email(nth)), Some(&2), "{nth}: one for each link");
    }
    assert_eq!(shown(&rig, &id)["progress"]["reminded"], USERS - 1);
    let chosen = rig.token(&email(1), 2);
    assert_eq!(rig.redeem(&chosen, GOOD_PASSWORD), 204);
    let pseudonym = erase_wholly(&rig, &email(1));
    let text = fetch(&rig, &id, "plain");
    assert!(!text.contains(&email(1)) && !text.contains(&email(USERS)), "{text}");
    let totals = sound(&rig, &text).totals;
    assert_eq!((totals.ended, totals.renewed, totals.redeemed), (USERS.into(), i64::from(USERS) - 1, 1));
    let lines = lines(&text);
    assert!(!user(&lines, &pseudonym)["reminders"][0]["redeem"].is_null());
    let acts: Vec<_> = lines.iter().filter_map(|line| line["act"]["action"].as_str()).collect();
    assert_eq!(acts.iter().filter(|act| **act == "incident.remind").count(), 1, "{acts:?}");
    assert_eq!(acts.iter().filter(|act| **act == "incident.mail").count(), 2, "{acts:?}");
}

fn asked(process: &Process, method: &str, path: &str, body: &Value) -> String {
    let reply = call(process, method, path, &process.authorization(), body);
    assert!(matches!(reply.status, 200 | 201), "{reply:?}");
    reply.body
}

fn json_of(process: &Process, method: &str, path: &str, body: &Value) -> Value {
    serde_json::from_str(&asked(process, method, path, body)).unwrap()
}

fn until_state(process: &Process, path: &str, wanted: &str) -> Value {
    for _ in 0..1_500 {
        let found = json_of(process, "GET", path, &Value::Null);
        if found["state"] == wanted {
            return found;
        }
        sleep(Duration::from_millis(20));
    }
    panic!("it is never {wanted}");
}

/// The file as the command line fetches and verifies it.
fn proved(place: &Place, process: &Process, id: &str, name: &str) -> (String, String) {
    let out = place.data().with_file_name(name);
    let url = format!("http://{}", process.address);
    let mut fetch = keeping::verb(place, &["incident", "evidence", id, "--out", text(&out)]);
    fetch.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &process.directions.api_token);
    Ended::from(fetch.output().unwrap()).done();
    let said = keeping::run(place, &["audit", "verify", text(&out)]).done();
    (std::fs::read_to_string(out).unwrap(), said)
}

#[test]
fn a_restored_store_proves_the_reminders_that_its_copy_holds_and_no_others() {
    let place = Place::new();
    let process = Process::start(&place, 3);
    let made = json_of(&process, "POST", INCIDENTS, &everyone());
    let (id, path) = (made["id"].as_str().unwrap().to_owned(), format!("{INCIDENTS}/{}", made["id"].as_str().unwrap()));
    let plan = until_state(&process, &path, "planned")["plan"].clone();
    asked(&process, "POST", &format!("{path}/start"), &json!({ "plan": plan["digest"], "users": plan["users"] }));
    until_state(&process, &path, "mailed");
    (1..=3).for_each(|nth| drop(token(&process, &email(nth), 1)));
    process.move_clock(25 * 3_600);
    asked(&process, "POST", &format!("{path}/remind"), &json!({}));
    until_state(&process, &path, "mailed");
    let links: Vec<_> = (1..=3).map(|nth| token(&process, &email(nth), 2)).collect();
    assert_eq!(redeem(&process, &links[0], GOOD_PASSWORD), 204);
    sleep(Duration::from_millis(1_200));
    let file = place.data().with_file_name("some.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    assert_eq!(redeem(&process, &links[1], GOOD_PASSWORD), 204);
    let (_, said) = proved(&place, &process, &id, "before.jsonl");
    assert!(said.contains("3 links had died") && said.contains("2 chose a new password by their link."), "{said}");
    process.kill();
    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = let_in(&process, &restored);
    let (text, said) = proved(&place, &process, &id, "after.jsonl");
    assert!(said.contains("3 links had died") && said.contains("1 chose a new password by their link."), "{said}");
    let lines = lines(&text);
    assert!(!user(&lines, &email(1))["reminders"][0]["redeem"].is_null());
    assert!(user(&lines, &email(2))["reminders"][0]["redeem"].is_null());
    assert_eq!(redeem(&process, &links[2], GOOD_PASSWORD), 400, "what a restore ends");
    process.kill();
}
