//! The server is looked at, and the schema brought to what this release needs, by one process at a time.

use super::connection::Connection;
use super::failure::Failure;
use super::settings::Address;
use super::transaction::{Opening, Transaction};
use super::{checks, connection};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::store::tx::Session;
use crate::store::{Scope, migrate};

/// One line for all processes that start.
const LINE: &str = "SET lock_timeout = '60s'; SELECT pg_advisory_lock(7021600001)";

/// Each writer has a row with the number of its latest transaction: see `writer`.
const WRITERS: &str = "CREATE TABLE IF NOT EXISTS store_writers (
    id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    seen_at TIMESTAMPTZ NOT NULL
) WITH (fillfactor = 50)";

/// # Errors
/// One sentence when the server cannot be reached, is not set up as it must be, or holds a newer schema.
pub(super) fn prepare(address: &Address, now: Timestamp) -> Result<()> {
    let connection = Connection::open(address).map_err(Failure::into_error)?;
    checks::check(&connection)?;
    let text = |text| connection.fly(&[connection::Step::Text(text)]).map_err(Failure::into_error);
    text(LINE)?;
    text("BEGIN")?;
    text(WRITERS)?;
    let session = Transaction::new(&connection, Scope::HOUSE, &[], Opening::None, None);
    migrate::migrate(&Session::Postgres(&session), now)?;
    text("COMMIT")?;
    Ok(())
}
