//! The engine for several processes, against a server of its own.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use tenantry::clock::Timestamp;
use tenantry::error::{Error, Result};
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::secret::Secret;
use tenantry::store::{Batch, PostgresSettings, Scope, Settings, Store, Tx, tables};
use testbed::postgres::Server;

const NOW: Timestamp = Timestamp(1_772_615_727_000_000);
pub const INSERT: &str = "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, $3, 0)";
const COUNT: &str = "SELECT COUNT(*) FROM sign_in_failures WHERE tenant = $1";

/// The server that all tests of this process share. It visits none of their many databases by itself: a run is over before
/// that would be of use.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start_with(&["autovacuum=off"]).unwrap())
}

fn open(url: &str) -> Result<Store> {
    open_for(url, PostgresSettings::SILENCE)
}

/// A store on a database that counts as gone after this much silence.
pub fn open_for(url: &str, silence: Duration) -> Result<Store> {
    let url = Secret::new(url.to_owned());
    let postgres = Some(PostgresSettings { url, ca_file: None, readers_max: 4, schema: None, silence });
    Store::open(&Settings { data_dir: std::env::temp_dir(), postgres, queue_max: 100 }, NOW)
}

fn fresh(name: &str) -> Store {
    open(&server().database(name).unwrap()).unwrap()
}

pub fn count(store: &Store, tenant: TenantId) -> i64 {
    store.read(Scope::of(tenant), |tx| tx.one(COUNT, &params![tenant])?.get(0)).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

#[test]
fn a_verb_that_answers_an_error_changed_nothing_whichever_call_into_the_engine_fails() {
    let store = fresh("nothing_changed");
    let tenant = TenantId(1);
    for is_refused in [false, true] {
        for call in 1..=4 {
            store.faults().fail_call(call);
            let verb = move |tx: &mut Tx<'_>| {
                tx.run(INSERT, &params![tenant, [u8::try_from(call).unwrap()].as_slice(), 1])?;
                if is_refused { Err(Error::conflict("Refused.")) } else { Ok(()) }
            };
            let before = count(&store, tenant);
            let outcome = block_on(store.write(Scope::of(tenant), verb));
            store.faults().stop();
            assert_eq!(count(&store, tenant) - before, i64::from(outcome.is_ok()), "call {call}, {outcome:?}");
        }
    }
}

#[test]
fn many_rows_in_one_message_are_answered_one_by_one() {
    let store = fresh("many_rows");
    let tenant = TenantId(7);
    let subjects: Vec<[u8; 1]> = (0..40).map(|nth| [nth]).collect();
    let verb = move |tx: &mut Tx<'_>| {
        let rows: Vec<_> = subjects.iter().map(|subject| params![tenant, subject, i64::from(subject[0])]).collect();
        let inserted = tx.each(Batch::new(INSERT), &rows)?;
        assert!(inserted.iter().all(|answer| answer.changed == 1));
        let rows: Vec<_> = subjects.iter().map(|subject| params![tenant, subject, 20]).collect();
        let update = "UPDATE sign_in_failures SET last_at = 9 WHERE tenant = $1 AND subject = $2 AND failures >= $3";
        let updated = tx.each(Batch::new(update), &rows)?;
        assert!(updated.iter().enumerate().all(|(nth, answer)| answer.changed == u64::from(nth >= 20)));
        let find = "SELECT failures FROM sign_in_failures WHERE tenant = $1 AND subject = $2 AND last_at = $3";
        let found = tx.each(Batch::new(find), &{
            subjects.iter().map(|subject| params![tenant, subject, 9]).collect::<Vec<_>>()
        })?;
        for (nth, answer) in found.iter().enumerate() {
            let failures: Vec<i64> = answer.rows.iter().map(|row| row.get(0).unwrap()).collect();
            assert_eq!(failures, if nth >= 20 { vec![nth as i64] } else { vec![] });
        }
        Ok(())
    };
    block_on(store.write(Scope::of(tenant), verb)).unwrap();
}

#[test]
fn an_ordinary_statement_may_have_any_shape() {
    let store = fresh("any_shape");
    let tenant = TenantId(1);
    let nested = "UPDATE sign_in_failures SET failures = failures + $2 WHERE tenant = $1 AND subject IN
        (SELECT subject FROM sign_in_failures WHERE tenant = $1 AND failures < $3)";
    let joined = "UPDATE sign_in_failures f SET last_at = o.failures FROM sign_in_failures o
        WHERE f.tenant = $1 AND o.tenant = f.tenant AND o.subject = f.subject AND f.failures > $2";
    let copied = "INSERT INTO sign_in_failures (tenant, subject, failures, last_at)
        SELECT tenant, $2, failures, last_at FROM sign_in_failures WHERE tenant = $1 AND subject = $3";
    let verb = move |tx: &mut Tx<'_>| {
        for (subject, failures) in [([1].as_slice(), 1), (&[2], 2), (&[3], 3)] {
            tx.run(INSERT, &params![tenant, subject, failures])?;
        }
        let changed = tx.run(nested, &params![tenant, 10, 3])?;
        let moved = tx.run(joined, &params![tenant, 11])?;
        Ok([changed, moved, tx.run(copied, &params![tenant, [4].as_slice(), [3].as_slice()])?])
    };
    assert_eq!(block_on(store.write(Scope::of(tenant), verb)).unwrap(), [2, 1, 1]);
}

#[test]
fn a_scan_is_planned_as_the_server_would_and_a_look_up_as_we_say() {
    let store = fresh("planned");
    let asked = |tx: &mut Tx<'_>| {
        tx.one("SELECT current_setting('enable_hashjoin') || ' ' || current_setting('plan_cache_mode')", &[])?.get(0)
    };
    let scanned =
        || -> String { tokio::runtime::Runtime::new().unwrap().block_on(store.scan(Scope::HOUSE, asked)).unwrap() };
    // More often than there are readers, so that one makes room for the other.
    for _ in 0..5 {
        assert_eq!(store.read::<String>(Scope::HOUSE, asked).unwrap(), "off force_generic_plan");
        assert_eq!(scanned(), "on auto");
    }
}

#[test]
fn without_the_predicate_of_the_tenant_the_rows_of_another_still_do_not_come() {
    let store = fresh("second_wall");
    for tenant in [TenantId(1), TenantId(2)] {
        let verb = move |tx: &mut Tx<'_>| tx.run(INSERT, &params![tenant, [9].as_slice(), 1]);
        block_on(store.write(Scope::of(tenant), verb)).unwrap();
    }
    let unbound = "SELECT COUNT(*) FROM sign_in_failures WHERE $1 > 0";
    for (tenant, expected) in [(TenantId(1), 1), (TenantId(3), 0)] {
        let seen: i64 = store.read(Scope::of(tenant), |tx| tx.one(unbound, &params![tenant])?.get(0)).unwrap();
        assert_eq!(seen, expected);
    }
    let foreign =
        |tx: &mut Tx<'_>| tx.run("UPDATE sign_in_failures SET failures = 5 WHERE $1 = 1", &params![TenantId(1)]);
    assert_eq!(block_on(store.write(Scope::of(TenantId(1)), foreign)).unwrap(), 1);
    let planted = |tx: &mut Tx<'_>| {
        tx.run(
            "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES (2 * $1, $2, 1, 0)",
            &params![TenantId(1), [7].as_slice()],
        )
    };
    assert!(block_on(store.write(Scope::of(TenantId(1)), planted)).is_err());
    assert_eq!(count(&store, TenantId(2)), 1);
}

/// Each table with rows of tenants, and whether it has the wall: row-level security for its owner too, and one policy for
/// every statement of every role that compares the tenant.
const WALLS: &str = "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND (
            SELECT COUNT(*) = 1 AND bool_and(p.polcmd = '*' AND p.polpermissive AND p.polroles = ARRAY[0::oid]
                AND p.polwithcheck IS NULL
                AND pg_get_expr(p.polqual, c.oid) LIKE '%tenantry.tenants%(' || a.attname || ' = ANY%')
            FROM pg_policy p WHERE p.polrelid = c.oid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname = CASE c.relname WHEN 'tenants' THEN 'id' ELSE 'tenant' END
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname";

/// The tables with and without the wall.
fn walls_in(database: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let told = server().ask(database, WALLS).unwrap();
    let (with, without): (Vec<_>, Vec<_>) = told.lines().partition(|line| line.ends_with("|t"));
    let named = |lines: Vec<&str>| lines.iter().map(|line| line.split('|').next().unwrap().to_owned()).collect();
    (named(with), named(without))
}

#[test]
fn every_table_with_rows_of_tenants_stands_behind_the_wall() {
    const DATABASE: &str = "walls";
    drop(fresh(DATABASE));
    let expected: BTreeSet<String> = tables().iter().map(|table| table.name.to_owned()).collect();
    assert_eq!(walls_in(DATABASE), (expected, BTreeSet::new()));
    for (broken, mended) in [
        ("CREATE TABLE audit_copy (n BIGINT, tenant BIGINT)", "DROP TABLE audit_copy"),
        ("ALTER TABLE audit DISABLE ROW LEVEL SECURITY", "ALTER TABLE audit ENABLE ROW LEVEL SECURITY"),
        ("ALTER TABLE audit NO FORCE ROW LEVEL SECURITY", "ALTER TABLE audit FORCE ROW LEVEL SECURITY"),
        ("CREATE POLICY further ON audit USING (true)", "DROP POLICY further ON audit"),
    ] {
        server().ask(DATABASE, broken).unwrap();
        assert_eq!(walls_in(DATABASE).1.len(), 1, "{broken}");
        server().ask(DATABASE, mended).unwrap();
    }
    assert_eq!(walls_in(DATABASE).1, BTreeSet::new());
}

#[test]
fn the_socket_of_the_servers_own_machine_is_a_way_to_it() {
    server().database("by_socket").unwrap();
    let store = open(&server().socket_url("by_socket")).unwrap();
    assert_eq!(count(&store, TenantId(1)), 0);
}

const FIND: &str = "SELECT failures FROM sign_in_failures WHERE tenant = $1 AND subject = $2";
const ADD: &str = "UPDATE sign_in_failures SET failures = $3 WHERE tenant = $1 AND subject = $2 AND failures = $4";
const SUBJECT: &[u8] = b"counted by many";

/// Reads a number, and writes a larger one if it is unchanged.
fn add(tx: &mut Tx<'_>, tenant: TenantId, more: i64) -> Result<()> {
    let found: i64 = tx.each(Batch::new(FIND), &[params![tenant, SUBJECT]])?[0].rows[0].get(0)?;
    tx.put(Batch::new(ADD), &[params![tenant, SUBJECT, found + more, found]])
}

fn add_all(tx: &mut Tx<'_>, asks: &[u64]) -> Result<Vec<()>> {
    add(tx, TenantId(1), asks.len() as i64)?;
    Ok(vec![(); asks.len()])
}

/// A store with the number at 0.
fn counting(name: &str) -> (Store, String) {
    let url = server().database(name).unwrap();
    let store = open(&url).unwrap();
    let insert = |tx: &mut Tx<'_>| tx.run(INSERT, &params![TenantId(1), SUBJECT, 0]);
    block_on(store.write(Scope::of(TenantId(1)), insert)).unwrap();
    (store, url)
}

fn counted(store: &Store) -> i64 {
    store.read(Scope::HOUSE, |tx| tx.one(FIND, &params![TenantId(1), SUBJECT])?.get(0)).unwrap()
}

#[test]
fn hot_verbs_of_two_processes_that_change_one_row_at_once_are_each_done_once() {
    const EACH: u64 = 150;
    let (one, url) = counting("in_company");
    let other = open(&url).unwrap();
    let groups = [one.group(|ask: &u64| *ask, add_all), other.group(|ask: &u64| *ask, add_all)];
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        // In waves, so that there are many calls.
        for wave in 0..EACH / 5 {
            let scope = Scope::of(TenantId(1));
            let asked: Vec<_> =
                groups.iter().flat_map(|group| (0..5).map(move |nth| group.call(scope, wave * 5 + nth))).collect();
            let asked: Vec<_> = asked.into_iter().map(tokio::spawn).collect();
            for answer in asked {
                answer.await.unwrap().unwrap();
            }
        }
    });
    assert_eq!(counted(&one), 2 * EACH as i64);
}

#[test]
fn a_hot_verb_waits_for_the_holder_of_its_tenant_and_sees_that_change() {
    let (store, _) = counting("held_tenant");
    let (has_read, read) = std::sync::mpsc::channel();
    let (go_on, wait) = std::sync::mpsc::channel::<()>();
    let holding = {
        let store = store.clone();
        std::thread::spawn(move || {
            let verb = move |tx: &mut Tx<'_>| {
                let found: i64 = tx.one(FIND, &params![TenantId(1), SUBJECT])?.get(0)?;
                has_read.send(()).unwrap();
                wait.recv().unwrap();
                tx.put(Batch::new(ADD), &[params![TenantId(1), SUBJECT, found + 10, found]])
            };
            block_on(store.write(Scope::of(TenantId(1)), verb))
        })
    };
    read.recv().unwrap();
    let hot = {
        let group = store.group(|ask: &u64| *ask, add_all);
        std::thread::spawn(move || block_on(group.call(Scope::of(TenantId(1)), 1)))
    };
    let waiting = "SELECT COUNT(*) FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE datname = 'held_tenant' AND locktype = 'advisory' AND NOT granted";
    while server().ask("postgres", waiting).unwrap() == "0" {
        assert!(!hot.is_finished(), "it did not wait");
        std::thread::sleep(Duration::from_millis(5));
    }
    go_on.send(()).unwrap();
    holding.join().unwrap().unwrap();
    hot.join().unwrap().unwrap();
    assert_eq!(counted(&store), 11);
}
