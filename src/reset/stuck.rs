//! Mails of many resets that were given up, tried once more.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mails;
use crate::params;
use crate::store::{Batch, Tx};

const STUCK: &str = "SELECT r.id, u.id FROM resets r
    JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id AND u.open_reset = r.id AND u.disabled_at IS NULL
    WHERE r.tenant = $1 AND r.id >= $2 AND r.id <= $3 AND r.undeliverable_at IS NOT NULL ORDER BY r.id LIMIT $4";
const OPEN: Batch =
    Batch::new("UPDATE users SET open_reset_expires_at = $4 WHERE tenant = $1 AND id = $2 AND open_reset = $3");
pub(super) const DELIVERABLE: Batch =
    Batch::new("UPDATE resets SET undeliverable_at = NULL, expires_at = $3 WHERE tenant = $1 AND id = $2");

/// Queues the mails once more of the resets between two ids that were given up, and gives their links a whole life, up to
/// `most` of them. The mail of a reset has its id. How many there were.
///
/// # Errors
/// Those of the store; then nothing was done.
pub fn mail_stuck_again(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (least, greatest): (Uuid, Uuid),
    most: i64,
    (now, expires_at): (Timestamp, Timestamp),
) -> Result<i64> {
    let found = tx.all(STUCK, &params![tenant, &least, &greatest, most])?;
    let stuck = found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<Vec<(Uuid, UserId)>>>()?;
    let rows: Vec<_> = stuck.iter().map(|(reset, user)| params![tenant, *user, reset, expires_at]).collect();
    tx.put(OPEN, &rows)?;
    let rows: Vec<_> = stuck.iter().map(|(reset, _)| params![tenant, reset, expires_at]).collect();
    tx.put(DELIVERABLE, &rows)?;
    let mails: Vec<_> = stuck.iter().map(|(reset, _)| *reset).collect();
    mails::try_again_each(tx, tenant, &mails, (now, expires_at))?;
    Ok(stuck.len() as i64)
}
