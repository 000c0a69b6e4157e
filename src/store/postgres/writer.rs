//! Runs changes: again where that is right, and never when it is not known whether they were made.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::connection::Connection;
use super::failure::Failure;
use super::fate::{Doubt, FATE, Line};
use super::servers::Patience;
use super::settings::Address;
use super::transaction::{Opening, Transaction};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::faults::Faults;
use crate::store::job::{Failed, Hold, all_in_doubt};
use crate::store::tx::Session;
use crate::store::{Scope, Tx};

/// Others may be in the way so often in a row.
const AGAIN_MAX: u32 = 10;
/// A connection may turn out to be dead so often in a row: all of a pool die with one restart of the server.
const LOST_MAX: u32 = 2;
const PAUSE: Duration = Duration::from_millis(50);

/// Does not wait for a standby: a change that a standby has tells that it has this row too, and without the row there is no
/// change. Else each attempt to connect would leave a session behind while the standby is away.
const ENTER: &str = "INSERT INTO store_writers (id, number, seen_at) SELECT gen_random_uuid()::text, 0, now()
    FROM set_config('synchronous_commit', 'local', true) RETURNING id";
const LEAVE: &str = "DELETE FROM store_writers USING set_config('synchronous_commit', 'local', true)
    WHERE id = $1 OR seen_at < now() - interval '7 days'";
/// A lock that the session has as long as it lives, so that its end can be waited for: whatever was sent to it has been
/// done by then, or never will be.
const LIVE: &str = "SELECT pg_advisory_lock(0, hashtext($1))::text";

/// One who writes, on a connection of its own.
/// How a verb is to be run.
struct Asked<'a> {
    scope: Scope,
    /// The tenants that it holds, in order.
    tenants: &'a [i64],
    hold: Hold,
    patience: Patience,
}

pub struct Writer {
    address: Arc<Address>,
    faults: Arc<Faults>,
    connection: RefCell<Option<Connection>>,
    /// Its row in `store_writers`; empty until it has one.
    id: RefCell<String>,
    number: Cell<i64>,
    doubt: Doubt,
}

impl Writer {
    pub(super) fn new(address: Arc<Address>, faults: Arc<Faults>, line: Arc<Line>) -> Self {
        let (connection, id, number) = (RefCell::default(), RefCell::default(), Cell::new(0));
        Self { address, faults, connection, id, number, doubt: Doubt::new(line) }
    }

    /// Runs a verb in a transaction of its own, which is durable when this returns `Ok`, and undone otherwise. `doubt` is
    /// called when it takes a while to learn which.
    ///
    /// # Errors
    /// What the verb answers; `Unavailable` when the server cannot be reached or is busy, or when it is not known what
    /// became of this change or the one before.
    pub(in crate::store) fn transact<T>(
        &self,
        scope: Scope,
        tenants: &[TenantId],
        mut hold: Hold,
        verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
        doubt: &mut dyn FnMut(),
    ) -> Result<T, Failed> {
        if self.doubt.is_there() {
            return Err(Failed::by_engine(all_in_doubt()));
        }
        let is_waited_for = hold == Hold::InCompany || scope.deadline.is_some();
        let patience = if is_waited_for { Patience::Short } else { Patience::Long };
        let mut tenants: Vec<i64> = tenants.iter().map(|tenant| tenant.0).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let (mut again, mut lost) = (0, 0);
        loop {
            match self.attempt(&Asked { scope, tenants: &tenants, hold, patience }, verb, doubt) {
                Ok(done) => return done.map_err(Failed::by_verb),
                // The other writer was first: alone, what is found stays as it is.
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
        asked: &Asked<'_>,
        verb: &mut impl FnMut(&mut Tx<'_>) -> Result<T>,
        doubt: &mut dyn FnMut(),
    ) -> Result<Result<T>, Failure> {
        let Asked { scope, tenants, hold, patience } = *asked;
        self.connect()?;
        let held = self.connection.borrow();
        let Some(connection) = held.as_ref() else { return Ok(Err(Error::internal("no connection"))) };
        connection.wait_for(patience);
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
                    let was_silent = !connection.is_believed();
                    drop(transaction);
                    drop(held);
                    self.connection.take();
                    let fate = self.doubt.resolve(&self.address, &id, number, was_silent, doubt);
                    return fate.map(|()| Ok(value));
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
    /// not waited for: the caller is told, and the next one tries again.
    fn connect(&self) -> Result<(), Failure> {
        if self.connection.borrow().as_ref().is_some_and(Connection::is_alive) {
            return Ok(());
        }
        self.connection.take();
        let connection = Connection::open(&self.address).map_err(|failure| Failure::Busy(failure.into_error()))?;
        connection.wait_for(Patience::Short);
        let entered = connection.maybe(ENTER, &[])?;
        let id = entered.ok_or_else(|| Failure::Other(Error::internal("no row for a writer")))?;
        *self.id.borrow_mut() = id.get(0).map_err(Failure::Other)?;
        connection.maybe(LIVE, &params![self.id.borrow().as_str()])?;
        self.connection.replace(Some(connection));
        Ok(())
    }

    /// Without its row, which another process may have taken for one left behind, no change can be marked.
    fn has_its_row(&self) -> bool {
        let (held, id) = (self.connection.borrow(), self.id.borrow());
        let found = held.as_ref().map(|connection| connection.maybe(FATE, &params![id.as_str()]));
        matches!(found, Some(Ok(Some(_))))
    }

    /// Waits until it knows what became of its last change, if it does not.
    pub(super) fn outlast_doubt(&self) {
        self.doubt.outlast(&self.address);
    }

    /// Takes its row away, so that they do not gather.
    pub(super) fn leave(&self) {
        let (held, id) = (self.connection.borrow(), self.id.borrow());
        if let Some(connection) = held.as_ref() {
            connection.wait_for(Patience::Short);
            let left = connection.maybe(LEAVE, &params![id.as_str()]);
            if let Err(failure) = left {
                tracing::debug!(cause = ?failure, "a writer's row stays behind");
            }
        }
    }
}
