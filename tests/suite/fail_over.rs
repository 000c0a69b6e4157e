//! The primary is lost and its standby takes its place: a running process goes on, and nothing that it acknowledged
//! is gone.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use testbed::postgres::Server;

use crate::fleet::{Fleet, acknowledged};
use crate::wire::{Wire, request};

const DATABASE: &str = "fail_over";
const USERS: usize = 4_000;
/// Far longer than it takes.
const PATIENCE: Duration = Duration::from_secs(120);

/// A primary, and a standby without whose word it acknowledges nothing.
pub fn pair(database: &str) -> (Server, Server) {
    let primary = Server::start().unwrap();
    primary.database(database).unwrap();
    let standby = primary.standby().unwrap();
    primary.require_a_standby().unwrap();
    (primary, standby)
}

/// Work of the start, such as sealing and clean-up, holds the tenant, and would keep it while the standby is away.
fn wait_until_quiet(primary: &Server) {
    let changes = || primary.ask(DATABASE, "SELECT SUM(number) FROM store_writers").unwrap();
    let mut before = String::new();
    while before != changes() {
        before = changes();
        // On a busy machine a start takes its time between two of them.
        thread::sleep(Duration::from_secs(3));
    }
}

/// The answers to a client so far.
#[derive(Default)]
struct Told {
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
    stop: AtomicBool,
}

/// Resets one user after the other until it is stopped; returns the ids of acknowledged resets.
fn traffic(fleet: &Fleet, address: SocketAddr, told: &Told) -> Vec<String> {
    let (mut wire, mut ids) = (Wire::to(address), Vec::new());
    for number in 1..=USERS {
        let reply = wire.call(fleet.reset(number)).expect("the process answers all the while");
        match acknowledged(&reply) {
            Some(id) => {
                ids.push(id);
                told.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            None => {
                told.refused.fetch_add(1, Ordering::SeqCst);
                thread::sleep(Duration::from_millis(20));
            }
        }
        if told.stop.load(Ordering::SeqCst) {
            break;
        }
    }
    ids
}

fn wait_for_more(counter: &AtomicUsize, more: usize) {
    let (target, since) = (counter.load(Ordering::SeqCst) + more, Instant::now());
    while counter.load(Ordering::SeqCst) < target {
        assert!(since.elapsed() < PATIENCE, "the process does not go on");
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_running_process_goes_on_after_a_standby_was_promoted_and_no_acknowledged_reset_is_lost() {
    let (mut primary, standby) = pair(DATABASE);
    // The standby stands first: it takes no writes, so the second is used.
    let url = format!("postgres://tenantry@127.0.0.1:{},127.0.0.1:{}/{DATABASE}", standby.port(), primary.port());
    let fleet = Fleet::new(url, u32::try_from(USERS).unwrap());
    let (served, told) = (fleet.serve(), Told::default());
    let (ids, gap) = thread::scope(|scope| {
        let client = scope.spawn(|| traffic(&fleet, served.address, &told));
        wait_for_more(&told.acknowledged, 50);
        primary.kill().unwrap();
        let killed = Instant::now();
        // Long enough for requests to come that nobody can serve. One that was being written waits for its fate.
        thread::sleep(Duration::from_millis(500));
        standby.promote().unwrap();
        wait_for_more(&told.acknowledged, 50);
        let gap = killed.elapsed();
        told.stop.store(true, Ordering::SeqCst);
        (client.join().unwrap(), gap)
    });
    let listed: Vec<_> = ids.iter().map(|id| format!("'\\x{}'", id.replace('-', ""))).collect();
    let found = format!("SELECT COUNT(*) FROM resets WHERE id IN ({})", listed.join(","));
    let found: usize = standby.ask(DATABASE, &found).unwrap().parse().unwrap();
    eprintln!(
        "fail-over: {} resets acknowledged, {} lost, {} answered 503; on the new primary after {} ms",
        ids.len(),
        ids.len() - found,
        told.refused.load(Ordering::SeqCst),
        gap.as_millis()
    );
    assert_eq!(found, ids.len());
}

#[test]
fn nothing_is_acknowledged_while_the_standby_is_away() {
    let (primary, mut standby) = pair(DATABASE);
    let fleet = Fleet::new(primary.url(DATABASE), 1);
    let served = fleet.serve();
    wait_until_quiet(&primary);
    standby.kill().unwrap();
    let (answered, told) = mpsc::channel();
    let body = json!({ "email": "user00001@example.com" }).to_string();
    let ask = request("POST", "/api/web/custom/password/admin_reset", &fleet.authorization(), &body);
    let address = served.address;
    let client = thread::spawn(move || {
        let mut wire = Wire::to(address);
        wire.open_for(PATIENCE).unwrap();
        // Nobody listens any more if the test has failed.
        while wire.call(ask.clone()).is_some_and(|reply| answered.send((reply.status, reply.body)).is_ok()) {}
    });
    let until = Instant::now() + Duration::from_secs(5);
    // Work of the start that came late holds the tenant in a commit of its own: then the call is refused, and made again.
    while let Ok(answer) = told.recv_timeout(until.saturating_duration_since(Instant::now())) {
        assert!(matches!(answer.0, 503 | 504), "acknowledged without the standby: {answer:?}");
    }
    standby.run().unwrap();
    let taken = told.iter().find(|(status, _)| !matches!(status, 503 | 504));
    assert_eq!(taken, Some((200, "{}".to_owned())));
    drop(told);
    client.join().unwrap();
}
