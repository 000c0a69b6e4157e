//! What Tenantry leans on is tried at the start over two connections, whatever the server calls itself: that each keeps a
//! session of its own, that an advisory lock of one is refused to the other, that row-level security hides a row.

use super::connection::Connection;
use super::failure::Failure;
use crate::error::{Error, Kind, Result};

/// One message, so one transaction, of which nothing stays.
const WALL: &str = "BEGIN; CREATE TABLE tenantry_probe (tenant BIGINT NOT NULL);
    ALTER TABLE tenantry_probe ENABLE ROW LEVEL SECURITY; ALTER TABLE tenantry_probe FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenantry_probe ON tenantry_probe USING (tenant = current_setting('tenantry.probe')::BIGINT);
    SET LOCAL tenantry.probe = '1'; INSERT INTO tenantry_probe VALUES (1);
    SET LOCAL tenantry.probe = '2'; INSERT INTO tenantry_probe VALUES (2);
    SELECT COUNT(*) FROM tenantry_probe; ROLLBACK";

const USE_POSTGRESQL: &str = "Use PostgreSQL itself, 13 or newer: what only speaks its protocol will not do.";

/// Tries sessions and locks. Two connections to the same place.
///
/// # Errors
/// One sentence that names the remedy.
pub(super) fn sessions_and_locks(one: &Connection, other: &Connection) -> Result<()> {
    if !each_keeps_its_session(one, other)? {
        return refuse(
            "Between Tenantry and PostgreSQL stands a pooler that lends each transaction another session, so what a session \
             sets and locks would be another one's. Set it to session pooling (PgBouncer: pool_mode = session), or name \
             PostgreSQL itself in store.postgres."
                .into(),
        );
    }
    if !a_lock_is_held(one, other)? {
        return refuse(format!(
            "The server of store.postgres gives an advisory lock to two sessions at once, so changes of a tenant would run \
             beside each other. {USE_POSTGRESQL}"
        ));
    }
    Ok(())
}

/// Tries the wall between tenants. For one process at a time.
///
/// # Errors
/// One sentence that names the remedy.
pub(super) fn wall(connection: &Connection) -> Result<()> {
    let seen = ask(connection, WALL).inspect_err(|_| drop(connection.say("ROLLBACK")))?;
    if seen != "1" {
        return refuse(format!(
            "Row-level security hides no row on the server of store.postgres, so the wall between tenants would not hold. \
             {USE_POSTGRESQL}"
        ));
    }
    Ok(())
}

/// A pool hands out the session that came back last, or the one that has rested longest: one of both shows in this order.
fn each_keeps_its_session(one: &Connection, other: &Connection) -> Result<bool> {
    let order = [one, one, other, other, one, other];
    let pids = order.map(|connection| ask(connection, "SELECT pg_backend_pid()"));
    let [a, b, x, y, c, z] = pids;
    let (a, b, x, y, c, z) = (a?, b?, x?, y?, c?, z?);
    Ok(a == b && b == c && x == y && y == z && a != x)
}

/// Processes that start at the same time wait for each other here.
fn a_lock_is_held(one: &Connection, other: &Connection) -> Result<bool> {
    one.say("SELECT pg_advisory_lock(7021600004)").map_err(Failure::into_error)?;
    let taken = ask(other, "SELECT pg_try_advisory_lock(7021600004)")?;
    let freed = ask(one, "SELECT pg_advisory_unlock(7021600004)")?;
    Ok(taken == "f" && freed == "t")
}

/// The one value of an answer, asked without a prepared statement: such a one may be lost between two transactions.
fn ask(connection: &Connection, text: &str) -> Result<String> {
    let answer = connection.say(text).map_err(Failure::into_error)?;
    answer.into_iter().next().ok_or_else(|| Error::internal("an answer without a row"))
}

fn refuse(sentence: String) -> Result<()> {
    Err(Error::new(Kind::Conflict, sentence))
}
