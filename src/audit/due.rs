//! For which tenants a head of the chain is to be made. The sealer notes it with the first link behind the last head, so that nobody
//! has to look at tenants in which nothing happens.

use super::rows;
use super::witness::Mark;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// A head takes in what is sealed within so long.
pub const HEAD_SECONDS: i64 = 3600;

/// Notes that a link was sealed. One that is noted already stays due when it was.
pub(super) fn note(tx: &mut Tx<'_>, tenant: TenantId, sealed_at: Timestamp) -> Result<()> {
    let statement = "INSERT INTO audit_heads_due (tenant, due_at) VALUES ($1, $2) ON CONFLICT (tenant) DO NOTHING";
    tx.run(statement, &params![tenant, sealed_at.plus_seconds(HEAD_SECONDS)]).map(drop)
}

/// Tenants whose heads are due, the oldest first, each with the moment. For a verb in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn find_due_heads(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<(TenantId, Timestamp)>> {
    let statement = "SELECT tenant, due_at FROM audit_heads_due WHERE due_at <= $1 ORDER BY due_at LIMIT $2";
    tx.all(statement, &params![now, most])?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Takes what was due; whether it was still due as it was found, and no other process has taken it.
///
/// # Errors
/// Those of the store.
pub fn take_due_head(tx: &mut Tx<'_>, tenant: TenantId, due_at: Timestamp) -> Result<bool> {
    let statement = "DELETE FROM audit_heads_due WHERE tenant = $1 AND due_at = $2";
    Ok(tx.run(statement, &params![tenant, due_at])? == 1)
}

/// Lets a head be due later.
///
/// # Errors
/// Those of the store.
pub fn put_off_head(tx: &mut Tx<'_>, tenant: TenantId, until: Timestamp) -> Result<()> {
    let statement = "UPDATE audit_heads_due SET due_at = $2 WHERE tenant = $1";
    tx.run(statement, &params![tenant, until]).map(drop)
}

/// Moves what a clock has stamped that ran ahead back to what it may be.
///
/// # Errors
/// Those of the store.
pub fn bring_due_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let latest = now.plus_seconds(HEAD_SECONDS);
    let statement = "UPDATE audit_heads_due SET due_at = $2 WHERE tenant = $1 AND due_at > $3";
    tx.run(statement, &params![tenant, latest, latest.with_skew()]).map(drop)
}

/// The newest link of a tenant; none before the first.
///
/// # Errors
/// Those of the store.
pub fn newest_link(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<Mark>> {
    Ok(rows::find_last_link(tx, tenant)?.map(|(link, _)| Mark::of(tenant, &link)))
}

/// How many records the links behind one hold, up to and with another.
///
/// # Errors
/// Those of the store.
pub fn count_sealed(tx: &mut Tx<'_>, tenant: TenantId, behind: i64, to: i64) -> Result<i64> {
    let statement = "SELECT CAST(COALESCE(SUM(records), 0) AS BIGINT) FROM audit_links
        WHERE tenant = $1 AND number > $2 AND number <= $3";
    tx.one(statement, &params![tenant, behind, to])?.get(0)
}
