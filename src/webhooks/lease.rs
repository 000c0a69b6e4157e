//! Which deliveries of a webhook are begun now, by this process and no other.

use super::deliveries::{Delivery, delivery_columns, read};
use super::rows::Webhook;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::outbound::CALL;
use crate::params;
use crate::store::{Batch, Tx};

/// A lease is longer than any call: what a killed process has leased is free after it.
const LEASE_SECONDS: i64 = CALL.as_secs() as i64 + 15;
/// On their way to one webhook at the same time, in all processes.
const AT_ONCE: i64 = 4;
/// The same after a failure, until a success.
const AT_ONCE_FAILING: i64 = 1;

/// When a lease ends at the latest: one that ends later was stamped by a clock that ran ahead, and holds nothing.
pub(super) fn longest_lease(now: Timestamp) -> Timestamp {
    now.plus_seconds(LEASE_SECONDS).with_skew()
}

const HELD: &str = "SELECT COUNT(*) FROM webhook_deliveries
    WHERE tenant = $1 AND webhook = $2 AND leased_until > $3 AND leased_until <= $4";
const DUE: &str = concat!(
    "SELECT ",
    delivery_columns!(),
    " FROM webhook_deliveries WHERE tenant = $1 AND webhook = $2 AND due_at <= $3 AND delivered_at IS NULL
        AND failed_at IS NULL AND (leased_until IS NULL OR leased_until <= $3 OR leased_until > $4)
      ORDER BY due_at, link, position LIMIT $5"
);
const LEASE: Batch = Batch::new(
    "UPDATE webhook_deliveries SET leased_until = $3, attempts = attempts + 1, tries = tries + 1
     WHERE tenant = $1 AND id = $2",
);

/// Leases deliveries that are due, in the order of the chain, as far as the webhook takes more at once. The changes of a tenant
/// happen one after the other, so two processes count each other's.
pub(super) fn lease(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    webhook: &Webhook,
    most: i64,
    now: Timestamp,
) -> Result<Vec<Delivery>> {
    if webhook.off_at.is_some() || most == 0 {
        return Ok(Vec::new());
    }
    let longest = longest_lease(now);
    let held: i64 = tx.one(HELD, &params![tenant, &webhook.id, now, longest])?.get(0)?;
    let at_once = if webhook.failing_since.is_some() { AT_ONCE_FAILING } else { AT_ONCE };
    let room = (at_once - held).min(most);
    if room <= 0 {
        return Ok(Vec::new());
    }
    let due = tx.all(DUE, &params![tenant, &webhook.id, now, longest, room])?;
    let due: Vec<_> = due.iter().map(read).collect::<Result<_>>()?;
    let until = now.plus_seconds(LEASE_SECONDS);
    let rows: Vec<_> = due.iter().map(|delivery| params![tenant, &delivery.id, until]).collect();
    tx.each(LEASE, &rows)?;
    let begun =
        |delivery: Delivery| Delivery { attempts: delivery.attempts + 1, tries: delivery.tries + 1, ..delivery };
    Ok(due.into_iter().map(begun).collect())
}

/// Frees all deliveries that are leased: for a process which knows that no other can be sending them.
pub(super) fn release_all(tx: &mut Tx<'_>) -> Result<()> {
    tx.run("UPDATE webhook_deliveries SET leased_until = NULL WHERE leased_until IS NOT NULL", &[]).map(drop)
}
