//! The connections that read: as many as are allowed, and a bounded wait for one of them.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::connection::Connection;
use super::driver::aside;
use super::failure::Failure;
use super::servers::Patience;
use super::session::REPORTS;
use super::settings::Address;
use super::transaction::{Opening, Transaction};
use crate::error::{Error, Result};
use crate::store::queue::held;
use crate::store::tx::Session;
use crate::store::{Scope, Sent, Tx};

/// How long a reader waits while all connections are in use.
const PATIENCE: Duration = Duration::from_secs(2);

/// The pool.
pub(super) struct Readers {
    address: Arc<Address>,
    pool: Mutex<Pool>,
    returned: Condvar,
    max: usize,
}

#[derive(Default)]
struct Pool {
    /// By their use.
    idle: [Vec<Connection>; 2],
    in_use: usize,
}

/// What a connection is set up for; it is never used for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// Look-ups by key, and pages.
    LookUps = 0,
    /// What reads much: a plan for look-ups would read it row by row.
    Reports = 1,
}

impl Readers {
    pub(super) fn new(address: Arc<Address>, max: usize) -> Self {
        Self { address, pool: Mutex::default(), returned: Condvar::new(), max }
    }

    pub(super) fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.with(scope, Opening::Snapshot, Use::LookUps, verb)
    }

    /// As `read`, for what may take long.
    pub(super) fn scan<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.with(scope, Opening::Snapshot, Use::Reports, verb)
    }

    pub(super) fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.with(scope, Opening::None, Use::LookUps, verb)
    }

    pub(super) fn explain(&self, statement: &str, sent: Sent) -> Result<Vec<String>> {
        aside(|| {
            let taken = self.take(if sent == Sent::InScan { Use::Reports } else { Use::LookUps })?;
            let plans = taken.connection().explain(statement, sent);
            taken.give_back(plans.is_ok());
            plans.map_err(Failure::into_error)
        })
    }

    fn with<T>(
        &self,
        scope: Scope,
        opening: Opening<'_>,
        wanted: Use,
        verb: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        aside(|| {
            let taken = self.take(wanted)?;
            taken.connection().wait_for(if wanted == Use::Reports { Patience::Long } else { Patience::Short });
            let transaction = Transaction::new(taken.connection(), scope, &[], opening, None);
            let answer = verb(&mut Tx { session: Session::Postgres(&transaction), scope });
            let failure = transaction.failure();
            let is_fit = if failure.is_some() { transaction.roll_back() } else { transaction.commit().is_ok() };
            drop(transaction);
            taken.give_back(is_fit);
            // The verb was told the words; the cause is for the log.
            answer.map_err(|told| failure.map_or(told, Failure::into_error))
        })
    }

    /// # Errors
    /// `Unavailable` when all stay in use, or when the server cannot be reached.
    fn take(&self, wanted: Use) -> Result<Taken<'_>> {
        let is_full = |pool: &mut Pool| pool.in_use >= self.max;
        let pool = held(&self.pool);
        let (mut pool, waited) =
            self.returned.wait_timeout_while(pool, PATIENCE, is_full).unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return Err(Error::unavailable("All connections to the database are in use. Try again shortly.", 1));
        }
        pool.in_use += 1;
        drop(pool);
        let mut taken = Taken { readers: self, wanted, connection: None };
        let next = || held(&self.pool).idle[wanted as usize].pop();
        // A restart of the server kills all of them: each that is found dead is let go.
        taken.connection = std::iter::from_fn(next).find(Connection::is_alive);
        if taken.connection.is_none() {
            taken.connection = Some(self.open(wanted).map_err(Failure::into_error)?);
        }
        Ok(taken)
    }

    /// A new connection. Where there would be more than are allowed, an idle one of the other use is closed for it.
    fn open(&self, wanted: Use) -> Result<Connection, Failure> {
        let mut pool = held(&self.pool);
        let is_full = pool.in_use + pool.idle.iter().map(Vec::len).sum::<usize>() > self.max;
        let in_its_way = if is_full { pool.idle.iter_mut().find_map(Vec::pop) } else { None };
        drop(pool);
        drop(in_its_way);
        let connection = Connection::open(&self.address)?;
        if wanted == Use::Reports {
            connection.say(REPORTS)?;
        }
        Ok(connection)
    }

    pub(super) fn close(&self) {
        held(&self.pool).idle.iter_mut().for_each(Vec::clear);
    }
}

/// A connection on loan. Whatever happens to the borrower, its place comes back.
struct Taken<'r> {
    readers: &'r Readers,
    wanted: Use,
    connection: Option<Connection>,
}

impl Taken<'_> {
    fn connection(&self) -> &Connection {
        self.connection.as_ref().expect("it is taken away only by give_back, which consumes the loan")
    }

    /// One in doubt is not used again.
    fn give_back(mut self, is_fit: bool) {
        let connection = self.connection.take().filter(|_| is_fit);
        held(&self.readers.pool).idle[self.wanted as usize].extend(connection);
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        // A verb that panicked leaves its connection here, in doubt; outside of a runtime it may be dropped.
        drop(self.connection.take());
        held(&self.readers.pool).in_use -= 1;
        self.readers.returned.notify_one();
    }
}
