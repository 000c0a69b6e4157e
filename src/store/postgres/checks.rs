//! What would break a promise is refused at the start, with the statement that mends it.

use super::connection::Connection;
use super::failure::Failure;
use crate::error::{Error, Kind, Result};
use crate::store::Tx;
use crate::store::value::Row;

const ASK: &str = "SELECT current_setting('fsync'), current_setting('full_page_writes'),
        current_setting('synchronous_commit'), current_setting('server_encoding'),
        current_setting('server_version_num'), current_user::text, rolsuper, rolbypassrls
    FROM pg_roles WHERE rolname = current_user";

/// The oldest that is tried in the tests.
const OLDEST: i64 = 130_000;

const STANDBYS: &str = "SELECT current_setting('synchronous_standby_names')";

/// What is not wrong and yet should be known to the operator of several servers.
///
/// # Errors
/// When the server cannot be asked.
pub(super) fn advice(tx: &mut Tx<'_>) -> Result<Option<String>> {
    let standbys: String = tx.one(STANDBYS, &[])?.get(0)?;
    let advice = "store.postgres names several hosts, and synchronous_standby_names is empty on the server: a fail-over \
                  could lose what was acknowledged. `ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (…)';` with the \
                  names of the standbys, then `SELECT pg_reload_conf();`";
    Ok(standbys.trim().is_empty().then(|| advice.to_owned()))
}

/// # Errors
/// One sentence for the first thing that is not as it must be.
pub(super) fn check(connection: &Connection) -> Result<()> {
    let row = connection.maybe(ASK, &[]).map_err(Failure::into_error)?;
    let row = row.ok_or_else(|| Error::internal("the role of this session is not among the roles"))?;
    complaint(&row)?.map_or(Ok(()), |sentence| Err(Error::new(Kind::Conflict, sentence)))
}

fn complaint(row: &Row) -> Result<Option<String>> {
    let text = |index| row.get::<String>(index);
    let role = text(5)?;
    let mends = "then `SELECT pg_reload_conf();` as a superuser";
    Ok(if text(4)?.parse().unwrap_or(0) < OLDEST {
        Some("PostgreSQL 13 or newer is needed.".into())
    } else if text(3)? != "UTF8" {
        Some(
            "The database is not in UTF8. Make one with `CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;`."
                .into(),
        )
    } else if text(0)? != "on" {
        Some(format!(
            "fsync is off, so a power cut would lose what was acknowledged: `ALTER SYSTEM SET fsync = on;` {mends}."
        ))
    } else if text(1)? != "on" {
        Some(format!(
            "full_page_writes is off, so a power cut could tear pages: `ALTER SYSTEM SET full_page_writes = on;` {mends}."
        ))
    } else if !matches!(text(2)?.as_str(), "on" | "remote_apply") {
        Some(format!(
            "synchronous_commit is {}, so a crash would lose what was acknowledged: \
             `ALTER ROLE {role} SET synchronous_commit = on;` (or ALTER SYSTEM, {mends}).",
            text(2)?
        ))
    } else if row.get(6)? {
        Some(format!(
            "Role {role} is a superuser, so the wall between tenants would not hold: `ALTER ROLE {role} NOSUPERUSER;`"
        ))
    } else if row.get(7)? {
        Some(format!(
            "Role {role} has BYPASSRLS, so the wall between tenants would not hold: `ALTER ROLE {role} NOBYPASSRLS;`"
        ))
    } else {
        None
    })
}
