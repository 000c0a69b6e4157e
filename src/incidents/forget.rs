//! What is over: plans that nobody has begun are forgotten after a while, incidents under way are ended by a restore, and times
//! that a clock has stamped which ran ahead are brought back.

use uuid::Uuid;

use super::course::cancelled;
use super::state::{LIFE_SECONDS, State};
use super::worker::SUSPENDED_SECONDS;
use super::{lines, plan, rows};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Rows that are deleted at once.
const SLICE: i64 = 5_000;

/// Deletes the list of one plan that nobody has begun and nobody can begin any more, some rows at once, and the plan with the
/// last of them. What has begun stays: it is the proof of what was done.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    let over = "SELECT tenant, id FROM incidents WHERE next_at IS NULL AND started_at IS NULL AND touched_at < $1
         ORDER BY touched_at LIMIT 1";
    let Some(found) = tx.maybe(over, &params![now.plus_seconds(-2 * LIFE_SECONDS)])? else { return Ok(()) };
    let (tenant, id): (TenantId, Uuid) = (found.get(0)?, found.get(1)?);
    let is_more = lines::forget(tx, tenant, id, SLICE)? || plan::forget(tx, tenant, id, SLICE)?;
    if !is_more {
        tx.run("DELETE FROM incidents WHERE tenant = $1 AND id = $2", &params![tenant, &id])?;
    }
    Ok(())
}

/// Ends every plan and every incident under way of a tenant: after a restore nobody knows what was done since. How many there
/// were.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId, by: &str, now: Timestamp) -> Result<u64> {
    let mut ended = 0;
    for incident in rows::since(tx, tenant, Timestamp(0))? {
        let is_over =
            matches!(State::of(&incident, now), State::Lapsed | State::Mailed | State::Done | State::Cancelled);
        if !is_over {
            rows::replace(tx, tenant, &cancelled(incident, by, Some("A backup was restored."), now))?;
            ended += 1;
        }
    }
    Ok(ended)
}

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE incidents SET next_at = $2 WHERE tenant = $1 AND next_at > $3 AND asked_at IS NULL",
        &params![tenant, now, now.plus_seconds(SUSPENDED_SECONDS).with_skew()],
    )
    .map(drop)
}
