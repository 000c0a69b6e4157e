//! The hashes of passwords that were, so that they are not chosen again.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Puts a hash among the old ones of its user and forgets those beyond `keep`.
///
/// # Errors
/// Those of the store.
pub fn retire_hash(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    old_hash: &str,
    keep: usize,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "INSERT INTO password_history (tenant, user_id, retired_at, password_hash) VALUES ($1, $2, $3, $4)",
        &params![tenant, user, now, old_hash],
    )?;
    let keep = i64::try_from(keep).unwrap_or(i64::MAX);
    tx.run(
        "DELETE FROM password_history WHERE tenant = $1 AND user_id = $2 AND retired_at NOT IN (
             SELECT retired_at FROM password_history WHERE tenant = $1 AND user_id = $2 ORDER BY retired_at DESC LIMIT $3)",
        &params![tenant, user, keep],
    )
    .map(drop)
}

/// The latest old hashes of a user.
///
/// # Errors
/// Those of the store.
pub fn recent_hashes(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, count: usize) -> Result<Vec<String>> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let rows = tx.all(
        "SELECT password_hash FROM password_history WHERE tenant = $1 AND user_id = $2 ORDER BY retired_at DESC LIMIT $3",
        &params![tenant, user, count],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}
