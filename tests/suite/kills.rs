//! The real binary, killed under load again and again on one data directory: everything acknowledged is there.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::store::{Param, Scope, Store};
use uuid::Uuid;

use crate::dice::Dice;
use crate::engine::settings_of;
use crate::process::{Place, Process};
use crate::rig::START;
use crate::wire::{Wire, request};

const USERS: usize = 3_000;
const CLIENTS: usize = 4;
const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";

fn email(number: usize) -> String {
    format!("user{number:05}@example.com")
}

fn reset(authorization: &str, number: usize) -> String {
    let body = json!({ "email": email(number) }).to_string();
    request("POST", ADMIN_RESET, authorization, &body)
}

/// Clients that reset random users until they are stopped or the server is gone.
struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<thread::JoinHandle<Vec<(String, Uuid)>>>,
}

impl Load {
    fn on(process: &Process, dice: &mut Dice) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let clients = (0..CLIENTS)
            .map(|_| {
                let (stop, mut dice, address) = (Arc::clone(&stop), dice.split(), process.address);
                let authorization = process.authorization();
                thread::spawn(move || {
                    let (mut wire, mut acknowledged) = (Wire::to(address), Vec::new());
                    while !stop.load(Ordering::Relaxed) {
                        let number = 1 + dice.below(USERS);
                        let Some(reply) = wire.call(reset(&authorization, number)) else { break };
                        assert!(matches!(reply.status, 200 | 429 | 503), "{reply:?}");
                        if reply.status == 200 {
                            let id = reply.header("tenantry-reset-id").unwrap().parse().unwrap();
                            acknowledged.push((email(number), id));
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        Self { stop, clients }
    }

    fn end(self) -> Vec<(String, Uuid)> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    }
}

/// The faults found, counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wrong {
    lost: usize,
    doubled: usize,
    without_record: usize,
    password_alive: usize,
}

const ACKNOWLEDGED: &str = "SELECT r.email, a.action, u.password_dead_at, u.open_reset
    FROM resets r JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id
    LEFT JOIN audit a ON a.tenant = r.tenant AND a.id = r.request_id
    WHERE r.tenant = $1 AND r.id = $2";
const DOUBLED: &str = "SELECT user_id FROM resets WHERE redeemed_at IS NULL AND superseded_at IS NULL
    AND cancelled_at IS NULL AND undeliverable_at IS NULL GROUP BY user_id HAVING COUNT(*) > 1";
/// A mail is sent, waits, or was no longer needed since its reset had been superseded.
const NEVER_MAILED: &str = "SELECT r.id FROM resets r LEFT JOIN mails m ON m.tenant = r.tenant AND m.reset_id = r.id
    WHERE m.id IS NULL OR (m.failed_at IS NOT NULL AND r.superseded_at IS NULL)";

/// Looks into the store of a server that is not running.
fn inspect<'a>(data: &Path, acknowledged: impl Iterator<Item = (&'a Uuid, &'a String)>) -> Wrong {
    let store = Store::open(&settings_of(data, 16), START).unwrap();
    let wrong = store.read(Scope::HOUSE, |tx| {
        let doubled = tx.all(DOUBLED, &[])?.len();
        let mut wrong = Wrong { doubled, ..Wrong::default() };
        let tenant: i64 = tx.one("SELECT id FROM tenants WHERE id <> 0", &[])?.get(0)?;
        for (id, email) in acknowledged {
            let Some(row) = tx.maybe(ACKNOWLEDGED, &[Param::from(tenant), Param::from(id)])? else {
                wrong.lost += 1;
                continue;
            };
            wrong.lost += usize::from(row.get::<String>(0)? != *email);
            wrong.without_record += usize::from(row.get::<Option<String>>(1)?.as_deref() != Some("reset.request"));
            let (dead, open) = (row.get::<Option<i64>>(2)?, row.get::<Option<Uuid>>(3)?);
            wrong.password_alive += usize::from(dead.is_none() || open.is_none());
        }
        Ok(wrong)
    });
    store.close();
    wrong.unwrap()
}

/// The checks that take too long for every round: the whole database and every mail.
fn assert_sound(data: &Path) {
    let store = Store::open(&settings_of(data, 16), START).unwrap();
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    assert_eq!(store.read(Scope::HOUSE, |tx| tx.all(NEVER_MAILED, &[])).unwrap().len(), 0);
    assert_eq!(links_that_differ(data), 0);
    store.close();
}

/// The same mail, sent again after a crash, carries the same link.
fn links_that_differ(data: &Path) -> usize {
    let mailbox = std::fs::read(data.join("mailbox.jsonl")).unwrap_or_default();
    let mails = mailbox.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let mut links: HashMap<String, String> = HashMap::new();
    let mut differ = 0;
    for mail in mails {
        let text = |name: &str| mail[name].as_str().unwrap_or_default().to_string();
        let link = text("link").split_once('#').map(|(_, token)| token.to_string()).unwrap_or_default();
        let first = links.entry(text("message_id")).or_insert_with(|| link.clone());
        differ += usize::from(*first != link);
    }
    differ
}

/// Kills of each of the tests that follow: two, so that they take half as long.
const ROUNDS: usize = 15;

#[test]
fn what_was_acknowledged_outlives_fifteen_kills() {
    outlive_kills(Dice::of("kills"));
}

#[test]
fn what_was_acknowledged_outlives_fifteen_kills_at_other_moments() {
    outlive_kills(Dice::of("kills").split());
}

fn outlive_kills(mut dice: Dice) {
    let place = Place::new();
    let mut acknowledged = HashMap::new();
    for round in 1..=ROUNDS {
        let process = Process::start(&place, USERS);
        // Beyond the window of repeats, so that resets are superseded too.
        process.move_clock(31 * round);
        let load = Load::on(&process, &mut dice);
        thread::sleep(Duration::from_millis(30 + dice.below(270) as u64));
        process.kill();
        let latest: HashMap<Uuid, String> = load.end().into_iter().map(|(email, id)| (id, email)).collect();
        let wrong = inspect(&place.data(), latest.iter());
        acknowledged.extend(latest);
        assert_eq!(wrong, Wrong::default(), "round {round}, {} acknowledged", acknowledged.len());
    }
    let process = Process::start(&place, USERS);
    check_over_http(&process, &acknowledged);
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    assert_eq!(inspect(&place.data(), acknowledged.iter()), Wrong::default());
    assert_sound(&place.data());
    eprintln!("kills: {ROUNDS} rounds, {} acknowledged, 0 lost, 0 doubled", acknowledged.len());
}

/// Checks through the API what an administrator and the users see after the last start.
fn check_over_http(process: &Process, acknowledged: &HashMap<Uuid, String>) {
    let mut wire = Wire::to(process.address);
    let authorization = process.authorization();
    let mut open: HashMap<&str, Uuid> = HashMap::new();
    for (id, email) in acknowledged {
        let path = format!("/api/tenantry/v1/resets/{id}");
        let reply = wire.call(request("GET", &path, &authorization, "")).unwrap();
        let reset: Value = serde_json::from_str(&reply.body).unwrap();
        assert_eq!((reply.status, reset["email"].as_str()), (200, Some(email.as_str())));
        if matches!(reset["state"].as_str().unwrap(), "requested" | "mailed" | "opened") {
            assert_eq!(open.insert(email, *id), None, "{email} has two open resets");
        }
    }
    for email in open.keys().take(20) {
        let body = json!({ "email": email, "password": process.directions.user_password }).to_string();
        assert_eq!(wire.call(request("POST", "/signin", "", &body)).unwrap().status, 401);
    }
    assert_every_open_reset_is_mailed(process);
    let verified: Value = serde_json::from_str(&process.get("/api/tenantry/v1/audit/verify").body).unwrap();
    assert_eq!(verified["fault"], Value::Null, "{verified}");
}

/// Mails that a killed process had leased come back when the lease is over.
fn assert_every_open_reset_is_mailed(process: &Process) {
    process.move_clock(3_200);
    let mut waiting = 0;
    for _ in 0..1_000 {
        let page: Value = serde_json::from_str(&process.get("/api/tenantry/v1/resets?state=requested").body).unwrap();
        waiting = page["items"].as_array().unwrap().len();
        if waiting == 0 {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{waiting} open resets were never mailed");
}

#[test]
fn sigterm_under_load_drains_in_time_and_loses_nothing() {
    let mut dice = Dice::of("drain");
    let place = Place::new();
    let mut acknowledged = HashMap::new();
    for _ in 0..3 {
        let process = Process::start(&place, USERS);
        let load = Load::on(&process, &mut dice);
        thread::sleep(Duration::from_millis(200 + dice.below(200) as u64));
        let (took, ended_well) = process.terminate();
        assert!(ended_well && took < Duration::from_secs(15), "it took {took:?}");
        acknowledged.extend(load.end().into_iter().map(|(email, id)| (id, email)));
        assert_eq!(inspect(&place.data(), acknowledged.iter()), Wrong::default());
    }
    eprintln!("drain: {} acknowledged, 0 lost", acknowledged.len());
}

#[test]
fn mail_that_a_killed_process_had_leased_leaves_at_once() {
    if crate::engine::is_postgres() {
        // Another process may be carrying it: there a lease is waited for.
        return;
    }
    let place = Place::new();
    let process = Process::start(&place, 1);
    let mood = json!({ "mail": "stall" }).to_string();
    assert_eq!(Wire::to(process.address).call(request("POST", "/dev/faults", "", &mood)).unwrap().status, 200);
    assert_eq!(Wire::to(process.address).call(reset(&process.authorization(), 1)).unwrap().status, 200);
    let leased = || {
        let store = Store::look(&settings_of(&place.data(), 16), START).unwrap();
        let leased = "SELECT COUNT(*) FROM mails WHERE attempts = 1 AND sent_at IS NULL";
        store.read(Scope::HOUSE, |tx| tx.one(leased, &[])?.get::<i64>(0)).unwrap()
    };
    while leased() == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    process.kill();
    // The clock stands where it was: a lease of a minute would outlast the patience of this.
    let process = Process::start(&place, 1);
    assert!(!crate::process::mailed_token(&process).is_empty());
}
