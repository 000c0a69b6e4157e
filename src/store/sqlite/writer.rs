//! The thread that writes, and the one that moves the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Connection;
use crate::error::{Error, Result};
use crate::logs::Seldom;
use crate::store::job::{Job, Writer};
use crate::store::queue::Figures;
use crate::store::tx::Session;
use crate::store::{Scope, Tx};

/// Bounds how long one commit can make the first of its group wait.
const GROUP_MAX: usize = 256;
const CHECKPOINT_EVERY: Duration = Duration::from_millis(100);

/// Runs a verb so that its failure, or its panic, undoes what it did and nothing else. Where even that
/// fails, the whole transaction is given up.
pub(in crate::store) fn in_savepoint<T>(
    connection: &Connection,
    scope: Scope,
    verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    connection.require_whole()?;
    connection.ask("SAVEPOINT verb", &[])?;
    let outcome = catch_unwind(AssertUnwindSafe(|| verb(&mut Tx { session: Session::Sqlite(connection), scope })))
        .unwrap_or_else(|_| Err(Error::internal("a verb panicked")));
    let kept = outcome.and_then(|value| connection.ask("RELEASE verb", &[]).map(|_| value));
    kept.inspect_err(|_| {
        let undone = connection.ask("ROLLBACK TO verb", &[]).and_then(|_| connection.ask("RELEASE verb", &[]));
        if undone.is_err() {
            connection.tear();
        }
    })
}

pub(super) fn start(
    connection: Connection,
    jobs: Receiver<Box<dyn Job>>,
    figures: Arc<Figures>,
) -> Result<JoinHandle<()>> {
    let seldom = Seldom::default();
    let run = move || {
        while let Ok(first) = jobs.recv() {
            let mut group = vec![first];
            group.extend(jobs.try_iter().take(GROUP_MAX - 1));
            figures.waiting.fetch_sub(group.len(), Ordering::Relaxed);
            let committed = commit(&connection, &mut group, &figures, &seldom);
            for job in group {
                job.settle(&committed);
            }
        }
    };
    thread::Builder::new().name("store-writer".into()).spawn(run).map_err(Error::internal)
}

fn commit(connection: &Connection, group: &mut [Box<dyn Job>], figures: &Figures, seldom: &Seldom) -> Result<()> {
    let outcome = connection.begin().and_then(|()| {
        let writes: usize = group.iter_mut().map(|job| job.run(&Writer::Sqlite(connection))).sum();
        figures.writes.fetch_add(writes as u64, Ordering::Relaxed);
        connection.require_whole()?;
        connection.commit()
    });
    // Before anyone is told: `moment` rests on it.
    figures.commits.fetch_add(1, Ordering::Release);
    outcome.inspect_err(|failure| {
        if let Some(times) = seldom.due(&failure.message, Instant::now()) {
            tracing::error!(cause = ?failure.cause, times, "a group of writes was not committed");
        }
        // Fails when the engine has already rolled back by itself, as on a full disk.
        let _ = connection.ask("ROLLBACK", &[]);
    })
}

pub(super) fn start_checkpoints(connection: Connection, figures: Arc<Figures>) -> Result<JoinHandle<()>> {
    let seldom = Seldom::default();
    let run = move || {
        let mut seen = 0;
        while Arc::strong_count(&figures) > 2 || figures.waiting.load(Ordering::Relaxed) > 0 {
            thread::park_timeout(CHECKPOINT_EVERY);
            let commits = figures.commits.load(Ordering::Relaxed);
            if commits != seen {
                seen = commits;
                warn_of(&seldom, connection.ask("PRAGMA wal_checkpoint(PASSIVE)", &[]));
            }
        }
        // So that at rest the database is one file.
        warn_of(&seldom, connection.ask("PRAGMA wal_checkpoint(TRUNCATE)", &[]));
    };
    thread::Builder::new().name("store-checkpoint".into()).spawn(run).map_err(Error::internal)
}

fn warn_of<T>(seldom: &Seldom, outcome: Result<T>) {
    let Err(failure) = outcome else { return };
    if let Some(times) = seldom.due(&failure.message, Instant::now()) {
        tracing::warn!(cause = ?failure.cause, times, "the log could not be moved into the database");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::identity::TenantId;
    use crate::params;
    use crate::store::{Settings, Store};

    const INSERT: &str = "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, 1, 0)";

    fn count(store: &Store) -> i64 {
        let count =
            |tx: &mut Tx<'_>| tx.one("SELECT COUNT(*) FROM sign_in_failures WHERE tenant = $1", &params![TenantId(1)]);
        store.read(Scope::of(TenantId(1)), count).unwrap().get(0).unwrap()
    }

    #[test]
    fn a_verb_that_answers_an_error_changed_nothing_whichever_call_into_the_engine_fails() {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings::embedded(directory.path(), 10);
        let store = Store::open(&settings, Timestamp(0)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for is_refused in [false, true] {
            for call in 1..=8 {
                store.faults().fail_call(call);
                let verb = move |tx: &mut Tx<'_>| {
                    tx.run(INSERT, &params![TenantId(1), [u8::try_from(call).unwrap()].as_slice()])?;
                    if is_refused { Err(Error::conflict("Refused.")) } else { Ok(()) }
                };
                let before = count(&store);
                let outcome = runtime.block_on(store.write(Scope::of(TenantId(1)), verb));
                store.faults().stop();
                let written = count(&store) - before;
                assert_eq!(written, i64::from(outcome.is_ok()), "call {call}, refused: {is_refused}, {outcome:?}");
            }
        }
    }
}
