//! Which mails are due, and taking them so that no other process takes them too.

use super::fate::Job;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The tenants with mail that is due; the mail of a suspended tenant waits until the tenant is resumed. It steps through the
/// index over mails that wait, from each tenant in it to the next one, so where no mail waits it is one look, however many
/// tenants there are. The order names both columns of that index: by the tenant alone a planner might walk through the mails
/// of all times.
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
    WHERE (SELECT m.due_at FROM mails m WHERE m.tenant = w.tenant AND m.sent_at IS NULL AND m.failed_at IS NULL
        ORDER BY m.due_at LIMIT 1) <= $1
        AND EXISTS (SELECT 1 FROM tenants t WHERE t.id = w.tenant AND t.disabled_at IS NULL)
    ORDER BY w.tenant";
const DUE: &str =
    "SELECT tenant, id, kind, user_id, reset_id, facts, queued_at, give_up_at, attempts, due_at FROM mails
    WHERE tenant = $1 AND due_at <= $2 AND sent_at IS NULL AND failed_at IS NULL ORDER BY due_at LIMIT $3";
/// `COALESCE` keeps the planner from the index over due mails: the key leads to the row. The relay's words are taken away
/// until this attempt has its own; without words a mail that was tried is leased.
const LEASE: Batch = Batch::new(
    "UPDATE mails SET due_at = $4, attempts = attempts + 1, relay_words = NULL
    WHERE tenant = $1 AND id = $2 AND due_at = $3 AND COALESCE(sent_at, failed_at) IS NULL",
);

/// A mail that was found, and when it was due then.
pub(super) type Found = (Job, Timestamp);

/// What is due: an equal share of each tenant's, so that the flood of one holds up no other, then whatever
/// there is, up to `most`.
pub(super) fn find_due(tx: &mut Tx<'_>, now: Timestamp, most: usize) -> Result<Vec<Found>> {
    let tenants = tx.all(TENANTS, &params![now])?;
    let tenants = tenants.iter().map(|row| row.get(0)).collect::<Result<Vec<TenantId>>>()?;
    let share = most.div_ceil(tenants.len().max(1));
    // Where there are more tenants than places, another one begins each time.
    let first = usize::try_from(now.0 / 1_000).unwrap_or(0) % tenants.len().max(1);
    let in_turn = || tenants.iter().cycle().skip(first).take(tenants.len());
    let mut due = Vec::new();
    for (passed_over, wanted) in [(0, share), (share, most)] {
        for tenant in in_turn() {
            let wanted = wanted.min(most - due.len());
            if wanted > 0 {
                due.extend(due_of(tx, *tenant, now, passed_over + wanted)?.into_iter().skip(passed_over));
            }
        }
    }
    Ok(due)
}

fn due_of(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp, most: usize) -> Result<Vec<Found>> {
    let rows = tx.all(DUE, &params![tenant, now, most as i64])?;
    rows.iter().map(read).collect()
}

/// Takes those that are still as they were found, until then.
pub(super) fn lease(tx: &mut Tx<'_>, found: &[Found], until: Timestamp) -> Result<Vec<Job>> {
    let rows: Vec<_> = found.iter().map(|(job, due_at)| params![job.tenant, &job.id, *due_at, until]).collect();
    let leased = tx.each(LEASE, &rows)?;
    Ok(found.iter().zip(leased).filter(|(_, answer)| answer.changed == 1).map(|((job, _), _)| job.clone()).collect())
}

fn read(row: &Row) -> Result<Found> {
    let mut row = row.columns();
    let job = Job {
        tenant: row.take()?,
        id: row.take()?,
        kind: row.take()?,
        user: row.take()?,
        reset: row.take()?,
        facts: row.take()?,
        queued_at: row.take()?,
        give_up_at: row.take()?,
        attempts: row.take::<i64>()? + 1,
    };
    Ok((job, row.take()?))
}
