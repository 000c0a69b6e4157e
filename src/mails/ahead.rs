//! Mails whose next attempt lies further ahead than any attempt may: a process that is gone has leased them, or a clock
//! that ran ahead has stamped them.

use uuid::Uuid;

use super::settle::RETRY_SECONDS;
use crate::clock::{SECOND, Timestamp};
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Tx};

/// No mail waits longer for its first attempt: what is allowed to one address in an hour.
const FIRST_WAIT_SECONDS: i64 = 3600;

/// The longest lease that the settings allow: three times the longest patience with the relay, and the margin.
const LEASE_SECONDS: i64 = 3 * 300 + 15;

/// A lease where the settings are as they come.
const USUAL_LEASE_SECONDS: i64 = 60;

/// The tenants with a mail whose next attempt lies ahead, found as those with due mail are.
const TENANTS: &str = "SELECT w.tenant FROM (
        WITH RECURSIVE waiting (tenant) AS (
            SELECT (SELECT m.tenant FROM mails m WHERE m.sent_at IS NULL AND m.failed_at IS NULL
                ORDER BY m.tenant, m.due_at LIMIT 1)
            UNION ALL
            SELECT (SELECT m.tenant FROM mails m
                WHERE m.tenant > l.tenant AND m.sent_at IS NULL AND m.failed_at IS NULL
                ORDER BY m.tenant, m.due_at LIMIT 1)
            FROM waiting l WHERE l.tenant IS NOT NULL)
        SELECT tenant FROM waiting) w
    WHERE EXISTS (SELECT 1 FROM mails m WHERE m.tenant = w.tenant AND m.due_at > $1 AND m.sent_at IS NULL
        AND m.failed_at IS NULL)
    ORDER BY w.tenant";

/// Until its fate is written, a mail that was leased has no words of the relay.
const RELEASE: Batch = Batch::new(
    "UPDATE mails SET due_at = $2 WHERE tenant = $1 AND due_at > $2 AND attempts > 0
    AND relay_words IS NULL AND sent_at IS NULL AND failed_at IS NULL",
);

/// Lets mails that are leased leave at once. For when nobody can be carrying them.
///
/// # Errors
/// Those of the store.
pub(super) fn release_all(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    let tenants = tx.all(TENANTS, &params![now])?;
    let tenants = tenants.iter().map(|row| row.get(0)).collect::<Result<Vec<TenantId>>>()?;
    let rows: Vec<_> = tenants.into_iter().map(|tenant| params![tenant, now]).collect();
    tx.each(RELEASE, &rows).map(drop)
}

const QUEUED: &str = "UPDATE mails SET due_at = due_at - (queued_at - $2), give_up_at = give_up_at - (queued_at - $2),
        queued_at = $2
    WHERE tenant = $1 AND due_at > $3 AND queued_at > $3 AND sent_at IS NULL AND failed_at IS NULL";
/// Not due at once but after a lease: someone may be carrying it.
const DUE: &str = "UPDATE mails SET due_at = $3
    WHERE tenant = $1 AND due_at > $2 AND sent_at IS NULL AND failed_at IS NULL
        AND due_at > $2 + CASE WHEN attempts = 0 THEN CAST($4 AS BIGINT)
            WHEN relay_words IS NULL THEN CAST($5 AS BIGINT) ELSE CAST($6 AS BIGINT) END";
const GIVEN_UP: &str = "SELECT id, reset_id FROM mails
    WHERE tenant = $1 AND failed_at > $2 AND give_up_at > $3 AND sent_at IS NULL";
const AGAIN: &str = "UPDATE mails SET failed_at = NULL, due_at = $3 WHERE tenant = $1 AND id = $2";

/// Lets mails that are stamped in the future go on within their usual time, and tries those again that were given up in
/// a future that is not there yet: their links live. The resets of those that are tried again.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Vec<Uuid>> {
    let ahead = now.with_skew();
    tx.run(QUEUED, &params![tenant, now, ahead])?;
    let after_a_lease = now.plus_seconds(USUAL_LEASE_SECONDS);
    let retry_seconds = RETRY_SECONDS.iter().max().unwrap_or(&0) + 2;
    let bounds = [FIRST_WAIT_SECONDS, LEASE_SECONDS, retry_seconds].map(|seconds| seconds * SECOND);
    tx.run(DUE, &params![tenant, ahead, after_a_lease, bounds[0], bounds[1], bounds[2]])?;
    let mut resets = Vec::new();
    for row in tx.all(GIVEN_UP, &params![tenant, ahead, now])? {
        tx.run(AGAIN, &params![tenant, &row.get::<Uuid>(0)?, now])?;
        resets.extend(row.get::<Option<Uuid>>(1)?);
    }
    Ok(resets)
}
