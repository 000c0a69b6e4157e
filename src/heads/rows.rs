//! SQL over heads.

use crate::audit;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// A head as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// The number of its link.
    pub(super) number: i64,
    /// How many records the chain holds up to and with it.
    pub(super) records: i64,
    pub(super) note: String,
    pub(super) made_at: Timestamp,
    /// When the operator's receiver has taken it.
    pub(super) sent_at: Option<Timestamp>,
}

fn read(row: &Row) -> Result<Kept> {
    let mut row = row.columns();
    Ok(Kept {
        number: row.take()?,
        records: row.take()?,
        note: row.take()?,
        made_at: row.take()?,
        sent_at: row.take()?,
    })
}

/// Number and records of the last head; zeros before the first.
pub(super) fn last(tx: &mut Tx<'_>, tenant: TenantId) -> Result<(i64, i64)> {
    let statement = "SELECT number, records FROM audit_heads WHERE tenant = $1 ORDER BY number DESC LIMIT 1";
    match tx.maybe(statement, &params![tenant])? {
        Some(row) => Ok((row.get(0)?, row.get(1)?)),
        None => Ok((0, 0)),
    }
}

/// Keeps a new head. `due_at` is when it is sent to the operator's receiver, if there is one.
pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, head: &Kept, due_at: Option<Timestamp>) -> Result<()> {
    tx.run(
        "INSERT INTO audit_heads (tenant, number, records, note, made_at, due_at, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, 0)",
        &params![tenant, head.number, head.records, &head.note, head.made_at, due_at],
    )
    .map(drop)
}

/// Heads before one, the newest first.
pub(super) fn list_before(tx: &mut Tx<'_>, tenant: TenantId, before: i64, most: i64) -> Result<Vec<Kept>> {
    let statement = "SELECT number, records, note, made_at, sent_at FROM audit_heads
        WHERE tenant = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    tx.all(statement, &params![tenant, before, most])?.iter().map(read).collect()
}

/// A head on its way to the operator's receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unsent {
    pub(super) tenant: TenantId,
    /// The name of its tenant.
    pub(super) name: String,
    pub(super) head: Kept,
    pub(super) due_at: Timestamp,
    pub(super) attempts: i64,
}

/// Heads of all tenants that are due, those of suspended ones too, the oldest first; each with whether its tenant is served. For a
/// verb in the house's scope.
pub(super) fn find_unsent(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<(Unsent, bool)>> {
    let statement = "SELECT h.number, h.records, h.note, h.made_at, h.sent_at, h.tenant, t.name, h.due_at, h.attempts,
            t.disabled_at
        FROM audit_heads h JOIN tenants t ON t.id = h.tenant WHERE h.due_at <= $1 ORDER BY h.due_at LIMIT $2";
    let found = tx.all(statement, &params![now, most])?;
    let unsent = found.iter().map(|row| {
        let is_served = row.get::<Option<Timestamp>>(9)?.is_none();
        let (tenant, name, due_at, attempts) = (row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?);
        Ok((Unsent { tenant, name, head: read(row)?, due_at, attempts }, is_served))
    });
    unsent.collect()
}

/// Puts off those that are due as they were found, so that no other process sends them meanwhile; which they were.
pub(super) fn lease(tx: &mut Tx<'_>, found: Vec<Unsent>, until: Timestamp) -> Result<Vec<Unsent>> {
    const LEASE: Batch = Batch::new(
        "UPDATE audit_heads SET due_at = $4, attempts = attempts + 1 WHERE tenant = $1 AND number = $2 AND due_at = $3",
    );
    let rows: Vec<_> = found.iter().map(|one| params![one.tenant, one.head.number, one.due_at, until]).collect();
    let leased = tx.each(LEASE, &rows)?;
    let leased = found.into_iter().zip(leased).filter(|(_, answer)| answer.changed == 1);
    Ok(leased.map(|(one, _)| Unsent { due_at: until, attempts: one.attempts + 1, ..one }).collect())
}

/// Writes that the receiver has them.
pub(super) fn note_sent(tx: &mut Tx<'_>, sent: &[Unsent], now: Timestamp) -> Result<()> {
    const SENT: Batch =
        Batch::new("UPDATE audit_heads SET sent_at = $3, due_at = NULL WHERE tenant = $1 AND number = $2");
    let rows: Vec<_> = sent.iter().map(|one| params![one.tenant, one.head.number, now]).collect();
    tx.each(SENT, &rows).map(drop)
}

/// Lets them be due at these moments, unless another process has leased them since.
pub(super) fn put_off(tx: &mut Tx<'_>, each: &[(Unsent, Timestamp)]) -> Result<()> {
    const AGAIN: Batch = Batch::new(
        "UPDATE audit_heads SET due_at = $4 WHERE tenant = $1 AND number = $2 AND attempts = $3 AND sent_at IS NULL",
    );
    let rows: Vec<_> =
        each.iter().map(|(one, until)| params![one.tenant, one.head.number, one.attempts, *until]).collect();
    tx.each(AGAIN, &rows).map(drop)
}

/// Moves what a clock has stamped that ran ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    audit::bring_due_back(tx, tenant, now)?;
    let latest = now.plus_seconds(super::ship::WAIT_SECONDS_MAX).with_skew();
    let statement = "UPDATE audit_heads SET due_at = $2 WHERE tenant = $1 AND due_at > $3";
    tx.run(statement, &params![tenant, now, latest]).map(drop)
}
