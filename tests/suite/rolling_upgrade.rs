//! Two processes under traffic: the schema grows beneath them, each is replaced in turn, and then taken back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::fleet::{Fleet, Served, code};
use crate::postgres::server;
use crate::rig::GOOD_PASSWORD;
use crate::wire::{Reply, Wire, request};

const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";
const CLIENTS: usize = 4;
const USERS_EACH: usize = 500;
/// Requests between two steps of the upgrade.
const PACE: usize = 80;

/// The answers, by what a client can conclude from them.
#[derive(Default)]
struct Counts {
    /// Answered as it should be.
    requests: AtomicUsize,
    /// 503 with a time to come again.
    unavailable: AtomicUsize,
    /// The connection was refused, so nothing was sent.
    refused: AtomicUsize,
    /// Links of one process that the other redeemed.
    redeemed: AtomicUsize,
    /// Anything else.
    failures: AtomicUsize,
}

fn add(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::SeqCst);
}

/// Sends to each process in turn as a balancer does, and again where a client may.
struct Client {
    wires: [Wire; 2],
    next: usize,
    is_kept: bool,
    counts: Arc<Counts>,
}

impl Client {
    fn new(addresses: [SocketAddr; 2], is_kept: bool, counts: &Arc<Counts>) -> Self {
        Self { wires: addresses.map(Wire::to), next: 0, is_kept, counts: Arc::clone(counts) }
    }

    /// The answer, once there is one that counts.
    fn ask(&mut self, what: &str, expected: u16) -> Reply {
        for _ in 0..1_000 {
            let place = self.next % 2;
            self.next += 1;
            let wire = &mut self.wires[place];
            let is_refused = !wire.is_open() && wire.open().is_err();
            if is_refused {
                wire.close();
                add(&self.counts.refused);
                thread::sleep(Duration::from_millis(5));
                continue;
            }
            let reply = wire.call(what.to_owned());
            if !self.is_kept {
                wire.close();
            }
            match reply {
                Some(reply) if reply.status == expected => {
                    add(&self.counts.requests);
                    return reply;
                }
                Some(reply) if reply.status == 503 && reply.header("retry-after").is_some() => {
                    add(&self.counts.unavailable);
                    thread::sleep(Duration::from_millis(5));
                }
                other => {
                    eprintln!("{} was answered {other:?}", what.lines().next().unwrap());
                    add(&self.counts.failures);
                }
            }
        }
        panic!("nobody answers {}", what.lines().next().unwrap());
    }
}

/// Resets users, redeems each link at the other process, and reads, until it is stopped; returns the users reset.
fn traffic(fleet: &Fleet, mut client: Client, first: usize, stop: &AtomicBool) -> Vec<String> {
    let mut done = Vec::new();
    for number in first..first + USERS_EACH {
        if stop.load(Ordering::SeqCst) {
            return done;
        }
        let email = format!("user{number:05}@example.com");
        let body = json!({ "email": email }).to_string();
        client.ask(&request("POST", ADMIN_RESET, &fleet.authorization(), &body), 200);
        done.push(email.clone());
        client.ask(&request("GET", "/api/web/custom/namespaces/system/whoami", &fleet.authorization(), ""), 200);
        let from = format!("X-Forwarded-For: 10.1.{}.{}\r\n", number / 250, number % 250);
        let redemption = json!({ "token": fleet.code(&email), "password": GOOD_PASSWORD }).to_string();
        client.ask(&request("POST", "/reset", &from, &redemption), 204);
        add(&client.counts.redeemed);
    }
    panic!("there are too few users for so long an upgrade");
}

/// A later release: it only adds, and says that the release before it still runs.
const EXPAND: &str = "BEGIN;
    ALTER TABLE users ADD COLUMN nickname TEXT;
    CREATE TABLE gadgets (tenant BIGINT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (tenant, id));
    INSERT INTO migrations (number, name, digest, runs_from, applied_at)
        SELECT MAX(number) + 1, 'gadgets', 'later', 1, 0 FROM migrations;
    COMMIT";
/// The release after that removes what the first release needs.
const CONTRACT: &str = "INSERT INTO migrations (number, name, digest, runs_from, applied_at)
    SELECT MAX(number) + 1, 'gadgets_only', 'later still', MAX(number), 0 FROM migrations";

/// No request failed, and each reset was mailed one link, which was redeemed.
fn assert_kept(fleet: &Fleet, counts: &Counts, reset: &[String]) {
    let is_mailed_one_link = |email: &&String| {
        let mut codes: Vec<_> = fleet.mails(email).iter().filter_map(code).collect();
        codes.dedup();
        codes.len() == 1
    };
    let mailed = reset.iter().filter(is_mailed_one_link).count();
    let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    eprintln!(
        "rolling upgrade and rollback: {} requests answered, {} sent again after 503 with Retry-After, {} after a refused \
         connection, {} failures that may not be sent again; {} resets, {mailed} mailed one link, {} redeemed",
        count(&counts.requests),
        count(&counts.unavailable),
        count(&counts.refused),
        count(&counts.failures),
        reset.len(),
        count(&counts.redeemed),
    );
    assert_eq!(count(&counts.failures), 0);
    assert_eq!((mailed, count(&counts.redeemed)), (reset.len(), reset.len()));
}

#[test]
fn an_upgrade_and_its_rollback_under_traffic_fail_no_request_that_may_not_be_sent_again() {
    const DATABASE: &str = "rolling_upgrade";
    let fleet = Fleet::new(server().database(DATABASE).unwrap(), u32::try_from(CLIENTS * USERS_EACH).unwrap());
    let (counts, stop) = (Arc::new(Counts::default()), AtomicBool::new(false));
    let (one, other) = (fleet.serve(), fleet.serve());
    let addresses = [one.address, other.address];
    let reset = thread::scope(|scope| {
        let start = |nth: usize| {
            let client = Client::new(addresses, nth.is_multiple_of(2), &counts);
            let (fleet, stop) = (&fleet, &stop);
            scope.spawn(move || traffic(fleet, client, 1 + nth * USERS_EACH, stop))
        };
        let clients: Vec<_> = (0..CLIENTS).map(start).collect();
        let go_on = || {
            let target = counts.requests.load(Ordering::SeqCst) + PACE;
            while counts.requests.load(Ordering::SeqCst) < target {
                assert!(clients.iter().all(|client| !client.is_finished()), "a client has given up");
                thread::sleep(Duration::from_millis(10));
            }
        };
        let replace = |served: Served| {
            let address = served.address;
            assert!(served.drain(), "it drains and ends well");
            fleet.serve_at(address)
        };
        go_on();
        server().ask(DATABASE, EXPAND).unwrap();
        go_on();
        let (mut one, mut other) = (one, other);
        // Up, and back again.
        for _ in 0..2 {
            one = replace(one);
            go_on();
            other = replace(other);
            go_on();
        }
        stop.store(true, Ordering::SeqCst);
        let reset: Vec<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        drop((one, other));
        reset
    });
    assert_kept(&fleet, &counts, &reset);

    server().ask(DATABASE, CONTRACT).unwrap();
    let refused = fleet.refused();
    assert!(refused.contains("written by a newer release of Tenantry, and this one is too old for it"), "{refused}");
}
