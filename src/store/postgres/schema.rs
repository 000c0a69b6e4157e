//! The server is looked at, and the schema brought to what this release needs, by one process at a time.

use std::thread;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::failure::Failure;
use super::settings::Address;
use super::transaction::{Opening, Transaction};
use super::{checks, connection, probe, words};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::store::tx::Session;
use crate::store::{Scope, migrate};

/// One line for all processes that start.
const LINE: &str = "SET lock_timeout = '60s'; SELECT pg_advisory_lock(7021600001)";
/// Other work on a table that is to change stands in line behind us: less than they may wait.
const BRIEFLY: &str = "SET lock_timeout = '1s'";
/// How long a moment is looked for in which no long look at a table is in the way.
const PATIENCE: Duration = Duration::from_secs(90);

/// Each writer has a row with the number of its latest transaction: see `writer`.
const WRITERS: &str = "CREATE TABLE IF NOT EXISTS store_writers (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50)";

/// # Errors
/// One sentence when the server cannot be reached, is not set up as it must be, or holds a schema that is too new.
pub(super) fn prepare(address: &Address, now: Timestamp) -> Result<()> {
    try_to_prepare(address, now).map_err(|failure| words::at_start(&address.config, failure))
}

fn try_to_prepare(address: &Address, now: Timestamp) -> Result<()> {
    let connection = Connection::open(address).map_err(Failure::into_error)?;
    let other = Connection::open(address).map_err(Failure::into_error)?;
    probe::sessions_and_locks(&connection, &other)?;
    drop(other);
    checks::check(&connection)?;
    say(&connection, LINE)?;
    probe::wall(&connection)?;
    say(&connection, BRIEFLY)?;
    let begun = Instant::now();
    loop {
        match migrate(&connection, now) {
            Err(failure) if failure.kind == Kind::Timeout && begun.elapsed() < PATIENCE => {
                say(&connection, "ROLLBACK")?;
                thread::sleep(Duration::from_millis(500));
            }
            outcome => return outcome,
        }
    }
}

fn migrate(connection: &Connection, now: Timestamp) -> Result<()> {
    say(connection, "BEGIN")?;
    say(connection, WRITERS)?;
    let session = Transaction::new(connection, Scope::HOUSE, &[], Opening::None, None);
    let outcome = migrate::migrate(&Session::Postgres(&session), now);
    // The cause tells what to do next; what the verb was told are only its words.
    outcome.map_err(|told| session.failure().map_or(told, Failure::into_error))?;
    say(connection, "COMMIT")
}

fn say(connection: &Connection, text: &'static str) -> Result<()> {
    let said: Result<_, Error> = connection.fly(&[connection::Step::Text(text)]).map_err(Failure::into_error);
    said.map(drop)
}
