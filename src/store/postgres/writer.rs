//! Runs changes: again where that is right, and never when it is not known whether they were made.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::failure::Failure;
use super::settings::Address;
use super::transaction::{Opening, Transaction};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::faults::Faults;
use crate::store::job::{Failed, Hold};
use crate::store::tx::Session;
use crate::store::{Scope, Tx};

/// Others may be in the way so often in a row.
const AGAIN_MAX: u32 = 10;
/// A connection may turn out to be dead so often in a row: all of a pool die with one restart of the server.
const LOST_MAX: u32 = 2;
/// How long the fate of a change is asked for. The server ends a session of ours that idles within a transaction after
/// 15 s, and one whose other end is gone after as long (see `SESSION`), so it is known by then unless the server stays
/// away.
const DOUBT: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(50);

const ENTER: &str = "INSERT INTO store_writers (id, number, seen_at) VALUES (gen_random_uuid()::text, 0, now())
    RETURNING id";
const LEAVE: &str = "DELETE FROM store_writers WHERE id = $1 OR seen_at < now() - interval '7 days'";
/// A lock that the session has as long as it lives, so that its end can be waited for: whatever was sent to it has been
/// done by then, or never will be.
const LIVE: &str = "SELECT pg_advisory_lock(0, hashtext($1))::text";
const ITS_END: &str = "SELECT pg_advisory_xact_lock(0, hashtext($1))::text";
const FATE: &str = "SELECT number FROM store_writers WHERE id = $1";

/// One who writes, on a connection of its own.
pub struct Writer {
    address: Arc<Address>,
    faults: Arc<Faults>,
    connection: RefCell<Option<Connection>>,
    /// Its row in `store_writers`; empty until it has one.
    id: RefCell<String>,
    number: Cell<i64>,
}

impl Writer {
    pub(super) fn new(address: Arc<Address>, faults: Arc<Faults>) -> Self {
        Self { address, faults, connection: RefCell::default(), id: RefCell::default(), number: Cell::new(0) }
    }

    /// Runs a verb in a transaction of its own, which is durable when this returns `Ok`, and undone otherwise.
    ///
    /// # Errors
    /// What the verb answers; `Unavailable` when the server cannot be reached or is busy.
    pub(in crate::store) fn transact<T>(
        &self,
        scope: Scope,
        tenants: &[TenantId],
        mut hold: Hold,
        verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T, Failed> {
        let mut tenants: Vec<i64> = tenants.iter().map(|tenant| tenant.0).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let (mut again, mut lost) = (0, 0);
        loop {
            match self.attempt(scope, &tenants, hold, verb) {
                Ok(done) => return done.map_err(Failed::by_verb),
                // Whoever was first has been: alone, what is found stays as it is.
                Err(Failure::Meanwhile(_) | Failure::Again(_)) if hold == Hold::InCompany => hold = Hold::Alone,
                Err(Failure::Meanwhile(error)) if self.has_its_row() => return Err(Failed::by_verb(error)),
                Err(Failure::Meanwhile(_)) if lost < LOST_MAX => {
                    self.connection.take();
                    lost += 1;
                }
                Err(Failure::Again(_)) if again < AGAIN_MAX => {
                    again += 1;
                    thread::sleep(PAUSE / AGAIN_MAX * again);
                }
                Err(Failure::Lost(_)) if lost < LOST_MAX => lost += 1,
                Err(failure) => return Err(Failed::by_engine(failure.into_error())),
            }
        }
    }

    /// The verb's own answer, or why the engine gave none: then nothing was done, unless the sentence says that this is
    /// not known.
    fn attempt<T>(
        &self,
        scope: Scope,
        tenants: &[i64],
        hold: Hold,
        verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
    ) -> Result<Result<T>, Failure> {
        self.connect()?;
        let held = self.connection.borrow();
        let Some(connection) = held.as_ref() else { return Ok(Err(Error::internal("no connection"))) };
        let (id, number) = (self.id.borrow().clone(), self.number.get() + 1);
        self.number.set(number);
        let opening = Opening::Change { tenants, hold, writer: &id, number };
        let transaction = Transaction::new(connection, scope, tenants, opening, Some(&self.faults));
        let run = || verb(&mut Tx { session: Session::Postgres(&transaction), scope });
        let outcome = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err(Error::internal("a verb panicked")));
        let failed = match (outcome, transaction.failure()) {
            (Ok(value), None) => match transaction.commit() {
                Ok(()) => return Ok(Ok(value)),
                Err(Failure::Lost(_)) => {
                    drop(transaction);
                    drop(held);
                    return self.fate(number).map(|()| Ok(value));
                }
                Err(failure) => Err(failure),
            },
            (Err(error), None) => Ok(Err(error)),
            // Also where the verb went on after a failure: nothing of it counts.
            (_, Some(failure)) => Err(failure),
        };
        let is_undone = transaction.roll_back();
        drop(transaction);
        drop(held);
        if !is_undone {
            self.connection.take();
        }
        match failed {
            // The server has refused a statement: with other values it might not.
            Err(Failure::Other(error)) => Ok(Err(error)),
            failed => failed,
        }
    }

    /// Has a connection, and a row that tells how far this writer has come. A server that cannot be reached now is
    /// not waited for: whoever asks is told, and the next one tries again.
    fn connect(&self) -> Result<(), Failure> {
        if self.connection.borrow().as_ref().is_some_and(Connection::is_alive) {
            return Ok(());
        }
        self.connection.take();
        let connection = Connection::open(&self.address).map_err(|failure| Failure::Busy(failure.into_error()))?;
        let entered = connection.maybe(ENTER, &[])?;
        let id = entered.ok_or_else(|| Failure::Other(Error::internal("no row for a writer")))?;
        *self.id.borrow_mut() = id.get(0).map_err(Failure::Other)?;
        connection.maybe(LIVE, &params![self.id.borrow().as_str()])?;
        self.connection.replace(Some(connection));
        Ok(())
    }

    /// Finds out what became of the change of this number: `Ok` if it was made, `Lost` if not. An answer is waited for,
    /// since any other could be wrong.
    fn fate(&self, number: i64) -> Result<(), Failure> {
        self.connection.take();
        let id = self.id.borrow().clone();
        let since = Instant::now();
        loop {
            match self.ask_fate(&id, number) {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Failure::Lost(Error::internal("a change that was not made"))),
                Err(_) if since.elapsed() < DOUBT => thread::sleep(PAUSE),
                Err(failure) => {
                    tracing::error!(cause = ?failure, "the fate of a change could not be learnt");
                    return Err(Failure::Busy(in_doubt()));
                }
            }
        }
    }

    /// Whether the change of this number was made.
    fn ask_fate(&self, id: &str, number: i64) -> Result<bool, Failure> {
        let connection = Connection::open(&self.address)?;
        let is_made = || {
            let row = connection.maybe(FATE, &params![id])?;
            let reached: Option<i64> = row.map(|row| row.get(0)).transpose().map_err(Failure::Other)?;
            Ok::<_, Failure>(reached == Some(number))
        };
        if is_made()? {
            return Ok(true);
        }
        connection.maybe(ITS_END, &params![id])?;
        is_made()
    }

    /// Without its row, which another process may have taken for one left behind, no change can be marked.
    fn has_its_row(&self) -> bool {
        let (held, id) = (self.connection.borrow(), self.id.borrow());
        let found = held.as_ref().map(|connection| connection.maybe(FATE, &params![id.as_str()]));
        matches!(found, Some(Ok(Some(_))))
    }

    /// Takes its row away, so that they do not gather.
    pub(super) fn leave(&self) {
        let (held, id) = (self.connection.borrow(), self.id.borrow());
        if let Some(connection) = held.as_ref() {
            let left = connection.maybe(LEAVE, &params![id.as_str()]);
            if let Err(failure) = left {
                tracing::debug!(cause = ?failure, "a writer's row stays behind");
            }
        }
    }
}

fn in_doubt() -> Error {
    Error::unavailable(
        "The database went away while this was being written, so it may have been done or not. Look before you ask again.",
        30,
    )
}
