//! What is over: forgotten after a while, ended by a restore, and times that a clock has stamped which ran ahead.

use uuid::Uuid;

use super::worker::SUSPENDED_SECONDS;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Rows that are deleted at once.
const SLICE: i64 = 5_000;

/// Deletes the list of one act that nobody went on with since this time, some at once, and the act with the last of them.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    let over = "SELECT tenant, id FROM bulk_acts WHERE next_at IS NULL AND touched_at < $1 ORDER BY touched_at LIMIT 1";
    let Some(found) = tx.maybe(over, &params![before])? else { return Ok(()) };
    let (tenant, id): (TenantId, Uuid) = (found.get(0)?, found.get(1)?);
    let gone = tx.run(
        "DELETE FROM bulk_users WHERE tenant = $1 AND bulk_id = $2 AND place IN
            (SELECT place FROM bulk_users WHERE tenant = $1 AND bulk_id = $2 ORDER BY place LIMIT $3)",
        &params![tenant, &id, SLICE],
    )?;
    if gone < SLICE.unsigned_abs() {
        tx.run("DELETE FROM bulk_acts WHERE tenant = $1 AND id = $2", &params![tenant, &id])?;
    }
    Ok(())
}

/// Ends every plan and run of a tenant: after a restore nobody knows what was done since. How many there were.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    tx.run(
        "UPDATE bulk_acts SET state = 'stopped', ended_at = $2, next_at = NULL, why = 'A backup was restored.'
         WHERE tenant = $1 AND ended_at IS NULL",
        &params![tenant, now],
    )
}

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE bulk_acts SET next_at = $2 WHERE tenant = $1 AND ended_at IS NULL AND next_at > $3",
        &params![tenant, now, now.plus_seconds(SUSPENDED_SECONDS).with_skew()],
    )
    .map(drop)
}
