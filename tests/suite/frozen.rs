//! A server that is there and says nothing: its kernel takes connections and bytes, and no answer comes. It counts as gone.

use std::net::TcpListener;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tenantry::error::{Kind, Result};
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::{Batch, Scope, Store, Tx};
use testbed::postgres::Server;
use tokio::task::JoinHandle;

use crate::fail_over::pair;
use crate::fleet::{Fleet, Served, acknowledged, free};
use crate::postgres::{INSERT, count, open_for, server};
use crate::postgres_start::refusal;
use crate::wire::{Wire, request};

const DATABASE: &str = "frozen";
const USERS: usize = 4_000;
/// How soon a process must have left a frozen primary once another server takes writes.
const LEFT_WITHIN: Duration = Duration::from_secs(15);
/// Between two asks of a client, so that no one comes to the end of its users.
const PAUSE: Duration = Duration::from_millis(5);

/// The answers to the clients of one process so far.
#[derive(Default)]
struct Told {
    acknowledged: AtomicUsize,
    refused: AtomicUsize,
}

impl Told {
    /// Waits for `more` further acknowledged resets; returns how long that took from `since`.
    fn wait_for_more(&self, more: usize, since: Instant) -> Duration {
        let target = self.acknowledged.load(Ordering::SeqCst) + more;
        while self.acknowledged.load(Ordering::SeqCst) < target {
            assert!(since.elapsed() < LEFT_WITHIN, "after {:?} a process does not go on", since.elapsed());
            thread::sleep(Duration::from_millis(5));
        }
        since.elapsed()
    }
}

/// Resets one user after the other until it is stopped; returns the ids of acknowledged resets.
fn traffic(fleet: &Fleet, served: &Served, users: Range<usize>, told: &Told, stop: &AtomicBool) -> Vec<String> {
    let (mut wire, mut ids) = (Wire::to(served.address), Vec::new());
    for number in users {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let reply = wire.call(fleet.reset(number)).expect("an answer, whatever it is");
        match acknowledged(&reply) {
            Some(id) => {
                ids.push(id);
                told.acknowledged.fetch_add(1, Ordering::SeqCst);
            }
            None => {
                told.refused.fetch_add(1, Ordering::SeqCst);
            }
        }
        thread::sleep(PAUSE);
    }
    ids
}

/// The address of a database on two servers, the first one named first.
fn named(first: &Server, second: &Server) -> String {
    format!("postgres://tenantry@127.0.0.1:{},127.0.0.1:{}/{DATABASE}?connect_timeout=1", first.port(), second.port())
}

fn number(server: &Server, question: &str) -> usize {
    server.ask(DATABASE, question).unwrap().parse().unwrap()
}

/// Waits until the answer is nought.
fn wait_for_none(server: &Server, question: &str) {
    let since = Instant::now();
    while number(server, question) > 0 {
        assert!(since.elapsed() < LEFT_WITHIN, "{question}: {}", number(server, question));
        thread::sleep(Duration::from_millis(20));
    }
}

const SESSIONS: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name LIKE 'tenantry%'";
const RESETS: &str = "SELECT COUNT(*) FROM resets";

/// Wakes the old primary; returns the resets in it once it has done the statements sent before.
fn thawed(primary: &Server) -> usize {
    primary.thaw_alone().unwrap();
    wait_for_none(primary, SESSIONS);
    number(primary, RESETS)
}

/// In its figures; nothing is in doubt any more.
fn silence_is_told(served: &Served) {
    let figures = Wire::to(served.address).call(request("GET", "/metrics", "", "")).unwrap().body;
    let figure = |name: &str| figures.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    assert!(figure("tenantry_store_silences_total") > Some(0), "{figures}");
    assert_eq!(figure("tenantry_store_in_doubt"), Some(0), "{figures}");
}

/// Running processes do not return to the old primary even without another server: what it acknowledged would be in no
/// history that goes on.
fn stay_away(fleet: &Fleet, running: &[Served]) {
    let since = Instant::now();
    while !fleet.log_text().contains("it is a primary that was replaced") {
        for served in running {
            assert_eq!(Wire::to(served.address).call(fleet.reset(1)).unwrap().status, 503);
        }
        assert!(since.elapsed() < LEFT_WITHIN, "{}", fleet.log_text());
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn whichever_host_is_named_first_processes_leave_a_frozen_primary_and_stay_away_when_it_thaws() {
    let (primary, mut standby) = pair(DATABASE);
    let fleet = Fleet::new(named(&primary, &standby), u32::try_from(USERS).unwrap());
    let other = named(&standby, &primary);
    let soon = ("TENANTRY_STORE_POSTGRES_SILENCE_SECONDS", "5");
    let serve_both_ways =
        || [fleet.serve_with(free(), &[soon]), fleet.serve_with(free(), &[soon, ("TENANTRY_STORE_POSTGRES", &other)])];
    let running = serve_both_ways();
    let (told, stop) = ([Told::default(), Told::default()], AtomicBool::new(false));
    let (ids, in_old) = thread::scope(|scope| {
        let client = |nth: usize| {
            let users = nth * USERS / 4 + 1..(nth + 1) * USERS / 4 + 1;
            let (fleet, served, told, stop) = (&fleet, &running[nth / 2], &told[nth / 2], &stop);
            scope.spawn(move || traffic(fleet, served, users, told, stop))
        };
        let clients: Vec<_> = (0..4).map(client).collect();
        told.iter().for_each(|told| _ = told.wait_for_more(25, Instant::now()));
        primary.freeze().unwrap();
        thread::sleep(Duration::from_secs(1));
        standby.promote().unwrap();
        let promoted = Instant::now();
        let started = serve_both_ways();
        let ready = promoted.elapsed();
        let left: Vec<_> = told.iter().map(|told| told.wait_for_more(25, promoted)).collect();
        eprintln!(
            "frozen primary: two starting processes were ready after {ready:?}, two running ones left after {left:?}"
        );
        let in_old = thawed(&primary);
        told.iter().for_each(|told| _ = told.wait_for_more(50, Instant::now()));
        stop.store(true, Ordering::SeqCst);
        let ids: Vec<_> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        assert!(started.iter().chain(&running).all(Served::is_ready));
        running.iter().for_each(silence_is_told);
        assert_eq!((number(&primary, SESSIONS), number(&primary, RESETS)), (0, in_old), "it is written to");
        (ids, in_old)
    });
    let listed: Vec<_> = ids.iter().map(|id| format!("'\\x{}'", id.replace('-', ""))).collect();
    let found = number(&standby, &format!("{RESETS} WHERE id IN ({})", listed.join(",")));
    assert_eq!(found, ids.len(), "of what was acknowledged something is missing");
    // The sealer and the outbox went over too.
    wait_for_none(&standby, "SELECT COUNT(*) FROM audit_waiting");
    wait_for_none(&standby, "SELECT COUNT(*) FROM mails WHERE sent_at IS NULL AND failed_at IS NULL");
    standby.kill().unwrap();
    stay_away(&fleet, &running);
    assert_eq!(number(&primary, RESETS), in_old);
}

/// A write in `tenant` that a client waits for.
fn write(store: &Store, tenant: i64) -> JoinHandle<Result<()>> {
    let (store, tenant) = (store.clone(), TenantId(tenant));
    let scope = Scope::of(tenant).until(Instant::now() + LEFT_WITHIN);
    let verb = move |tx: &mut Tx<'_>| tx.run(INSERT, &params![tenant, [1].as_slice(), 1]).map(drop);
    tokio::spawn(async move { store.write(scope, verb).await })
}

/// A verb for many requests.
fn write_all(tx: &mut Tx<'_>, asks: &[i64]) -> Result<Vec<()>> {
    let rows: Vec<_> = asks.iter().map(|ask| params![TenantId(*ask), [1].as_slice(), 1]).collect();
    tx.put(Batch::new(INSERT), &rows)?;
    Ok(vec![(); asks.len()])
}

/// Changes that wait for the word of a standby.
const WAITING: &str = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
/// How many writers of a process there are.
const WRITERS: usize = 6;

async fn wait_for_doubts(store: &Store, wanted: usize) {
    let since = Instant::now();
    while store.stats().in_doubt != wanted {
        assert!(since.elapsed() < LEFT_WITHIN, "{} writers are in doubt", store.stats().in_doubt);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The standby without whose word nothing is acknowledged goes away: each change that was begun is in doubt after a while.
#[tokio::test(flavor = "multi_thread")]
async fn while_every_writer_is_in_doubt_changes_are_refused_at_once_and_later_all_are_known() {
    let (primary, mut standby) = pair(DATABASE);
    let store = open_for(&primary.url(DATABASE), Duration::from_secs(4)).unwrap();
    let group = store.group(|ask: &i64| ask.cast_unsigned(), write_all);
    write(&store, 1).await.unwrap().unwrap();
    standby.kill().unwrap();
    let of_group = |ask| tokio::spawn(group.call(Scope::of(TenantId(ask)), ask));
    let mut begun: Vec<_> = (11..10 + WRITERS as i64).map(|tenant| write(&store, tenant)).collect();
    begun.push(of_group(20));
    while number(&primary, WAITING) < WRITERS {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // A call in line is answered as soon as no writer will come; the group of a hot verb waits in the same line.
    let mut refused = vec![write(&store, 21), of_group(22)];
    wait_for_doubts(&store, WRITERS).await;
    let since = Instant::now();
    refused.extend([write(&store, 23), of_group(24)]);
    for refused in refused {
        let refused = refused.await.unwrap().unwrap_err();
        assert!(matches!(refused.kind, Kind::Unavailable { retry_after_seconds: 1.. }), "{refused:?}");
        assert!(refused.message.contains("Nothing was changed"), "{refused:?}");
    }
    assert!(since.elapsed() < Duration::from_secs(2), "it took {:?} to refuse", since.elapsed());
    assert_eq!(count(&store, TenantId(1)), 1, "what is there can be read");
    assert!(begun.iter().all(|begun| !begun.is_finished()), "nobody knows what became of them");
    standby.run().unwrap();
    for begun in begun {
        begun.await.unwrap().unwrap();
    }
    wait_for_doubts(&store, 0).await;
    write(&store, 2).await.unwrap().unwrap();
    for (tenant, rows) in [(11, 1), (20, 1), (21, 0), (22, 0), (23, 0), (24, 0)] {
        assert_eq!(count(&store, TenantId(tenant)), rows, "of tenant {tenant}");
    }
    assert!(store.stats().silences > 0);
}

/// Takes connections, counts them, and says nothing.
fn mute() -> (u16, Arc<AtomicUsize>) {
    let (listener, taken) = (TcpListener::bind("127.0.0.1:0").unwrap(), Arc::new(AtomicUsize::new(0)));
    let (port, counted) = (listener.local_addr().unwrap().port(), Arc::clone(&taken));
    thread::spawn(move || {
        let mut kept = Vec::new();
        while let Ok(one) = listener.accept() {
            kept.push(one);
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, taken)
}

#[test]
fn a_server_that_says_nothing_from_the_first_is_passed_over_and_not_asked_again() {
    let (mute, taken) = mute();
    server().database("passed_over").unwrap();
    let alone = format!("postgres://tenantry@127.0.0.1:{mute}/passed_over?connect_timeout=1");
    let both = alone.replace("/passed", &format!(",127.0.0.1:{}/passed", server().port()));
    let store = open_for(&both, Duration::from_secs(5)).unwrap();
    assert_eq!(count(&store, TenantId(1)), 0);
    assert_eq!(taken.load(Ordering::SeqCst), 1, "the one that worked last is asked first");
    assert_eq!(store.stats().silences, 1);
    let begins = format!("No PostgreSQL server answers at 127.0.0.1:{mute} (127.0.0.1:{mute} said nothing for 1s). ");
    let sentence = refusal(alone, None);
    assert!(sentence.starts_with(&begins), "{sentence}");
}

#[test]
fn the_doctor_tells_that_a_fail_over_could_lose_what_was_acknowledged() {
    let words = "a fail-over could lose what was acknowledged";
    for (name, hosts, is_told) in
        [("doctor_alone", "127.0.0.1", false), ("doctor_several", "localhost,127.0.0.1", true)]
    {
        let url = server().database(name).unwrap();
        let port = format!(":{}", server().port());
        let hosts = hosts.split(',').map(|host| format!("{host}{port}")).collect::<Vec<_>>().join(",");
        let fleet = Fleet::new(url.replace(&format!("127.0.0.1{port}"), &hosts), 0);
        let said = fleet.said(&["doctor"]);
        assert!(said.contains("the database answers"), "{said}");
        assert_eq!(said.contains(words), is_told, "{said}");
    }
}
