//! The passwords that a user had before: kept as hashes, as many as the tenant's policy looks back.

use super::schemes;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// The hashes of the last `count` passwords, the present one (dead or not) first.
///
/// # Errors
/// Those of the store.
pub fn recent_hashes(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, count: u32) -> Result<Vec<String>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let present = tx.maybe("SELECT password_hash FROM users WHERE tenant = $1 AND id = $2", &params![tenant, user])?;
    let mut hashes = Vec::new();
    if let Some(row) = present {
        hashes.extend(row.get::<Option<String>>(0)?);
    }
    let older = i64::from(count) - 1;
    let rows = tx.all(
        "SELECT password_hash FROM password_history WHERE tenant = $1 AND user_id = $2
         ORDER BY retired_at DESC LIMIT $3",
        &params![tenant, user, older],
    )?;
    for row in &rows {
        hashes.push(row.get(0)?);
    }
    Ok(hashes)
}

/// Puts the hash of a password that was replaced into the history, and drops what is older than the
/// newest `keep`.
///
/// # Errors
/// Those of the store.
pub fn retire_hash(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    old_hash: &str,
    keep: u32,
    now: Timestamp,
) -> Result<()> {
    schemes::left(tx, tenant, old_hash)?;
    let rows = tx.all(
        "SELECT retired_at FROM password_history WHERE tenant = $1 AND user_id = $2 ORDER BY retired_at DESC",
        &params![tenant, user],
    )?;
    let known = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<Timestamp>>>()?;
    if keep > 0 {
        // The moment is the key; a clock that stands or was set back must not cost an entry.
        let at = known.first().map_or(now, |newest| now.max(Timestamp(newest.0 + 1)));
        tx.run(
            "INSERT INTO password_history (tenant, user_id, retired_at, password_hash) VALUES ($1, $2, $3, $4)",
            &params![tenant, user, at, old_hash],
        )?;
    }
    let kept = (keep as usize).saturating_sub(1);
    if let Some(too_old) = known.get(kept) {
        tx.run(
            "DELETE FROM password_history WHERE tenant = $1 AND user_id = $2 AND retired_at <= $3",
            &params![tenant, user, *too_old],
        )?;
    }
    Ok(())
}
