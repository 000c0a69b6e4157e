//! What is over is forgotten after a while; what a restore ends; and times that a clock has stamped which ran ahead.

use uuid::Uuid;

use super::lease::longest_lease;
use super::rows;
use super::schedule::WAIT_SECONDS_MAX;
use super::settle::brought_back;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::random::Random;
use crate::store::{Batch, Tx};

/// Deliveries that are deleted at once.
const SLICE: i64 = 1_000;

/// Why a webhook is off after a restore.
const RESTORED: &str = "A backup was restored: this webhook may have been changed or removed since that was made. Look at its \
    address, let it have another secret if its own was changed, and switch it on.";

const OVER: &str = "SELECT d.id FROM webhook_deliveries d WHERE d.tenant = $1 AND d.id < $2
    AND (d.delivered_at < $3 OR d.failed_at < $3
        OR NOT EXISTS (SELECT 1 FROM webhooks w WHERE w.tenant = $1 AND w.id = d.webhook))
    ORDER BY d.id LIMIT $4";
const ATTEMPTS: Batch = Batch::new("DELETE FROM webhook_attempts WHERE tenant = $1 AND delivery = $2");
const DELIVERY: Batch = Batch::new("DELETE FROM webhook_deliveries WHERE tenant = $1 AND id = $2");

/// Deletes deliveries of a tenant that were over before a moment, with their attempts, some at once; whether that was all. An id
/// tells the time of its record, so younger ones are not looked at.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, tenant: TenantId, before: Timestamp) -> Result<bool> {
    let over = tx.all(OVER, &params![tenant, &Random::least_uuid(before), before, SLICE])?;
    let ids = over.iter().map(|row| row.get(0)).collect::<Result<Vec<Uuid>>>()?;
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, id]).collect();
    tx.each(ATTEMPTS, &rows)?;
    tx.each(DELIVERY, &rows)?;
    Ok((ids.len() as i64) < SLICE)
}

/// Switches every webhook of a tenant off, since nobody knows what was changed after the backup. Nothing of what waits is lost: they
/// go on where they stood once they are switched on. How many there were.
///
/// # Errors
/// Those of the store.
pub fn switch_off_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    let statement = "UPDATE webhooks SET off_at = $2, off_why = $3 WHERE tenant = $1 AND off_at IS NULL";
    tx.run(statement, &params![tenant, now, RESTORED])
}

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    for mut webhook in rows::list(tx, tenant)? {
        if brought_back(&mut webhook, now) {
            rows::replace(tx, tenant, &webhook)?;
        }
        tx.run(
            "UPDATE webhook_deliveries SET due_at = $3
             WHERE tenant = $1 AND webhook = $2 AND due_at > $4 AND delivered_at IS NULL AND failed_at IS NULL",
            &params![tenant, &webhook.id, now, now.plus_seconds(WAIT_SECONDS_MAX).with_skew()],
        )?;
        tx.run(
            "UPDATE webhook_deliveries SET leased_until = NULL WHERE tenant = $1 AND webhook = $2 AND leased_until > $3",
            &params![tenant, &webhook.id, longest_lease(now)],
        )?;
    }
    Ok(())
}
