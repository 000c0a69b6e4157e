//! The end of factors with their users and by a restore, and times that a clock which ran ahead has stamped.

use super::codes::step;
use super::prove::AHEAD_MAX;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

/// Forgets the factor of a user who is removed.
///
/// # Errors
/// Those of the store.
pub fn forget(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run("DELETE FROM second_factors WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(drop)
}

/// The addresses of those of these users who have a factor that was set up at that moment or later; none for the others.
///
/// # Errors
/// Those of the store.
pub fn set_up_since(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    users: &[UserId],
    since: Timestamp,
) -> Result<Vec<Option<String>>> {
    const FIND: Batch = Batch::new(
        "SELECT u.email FROM second_factors f JOIN users u ON u.tenant = f.tenant AND u.id = f.user_id
        WHERE f.tenant = $1 AND f.user_id = $2 AND f.confirmed_at >= $3",
    );
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user, since]).collect();
    tx.each(FIND, &asked)?.iter().map(|answer| answer.rows.first().map(|row| row.get(0)).transpose()).collect()
}

/// Uses up, in every factor of a tenant, what may have been used since a backup was made: the present steps, all recovery
/// codes and every link. How many factors there are.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    tx.run(
        "UPDATE second_factors SET recovery_seed = NULL, recovery_used = 0, link_id = NULL, link_key = NULL,
             link_expires_at = NULL, last_step = CASE WHEN last_step < $2 THEN $2 ELSE last_step END
         WHERE tenant = $1",
        // A code of the step after this one counted too.
        &params![tenant, step(now) + 1],
    )
}

/// Moves steps that were used while the clock ran ahead back to now, and waits with them.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE second_factors SET last_step = $2 WHERE tenant = $1 AND last_step > $3",
        &params![tenant, step(now) + 1, step(now) + AHEAD_MAX],
    )?;
    tx.run(
        "UPDATE second_factors SET last_failure_at = $2 WHERE tenant = $1 AND last_failure_at > $3",
        &params![tenant, now, now.with_skew()],
    )
    .map(drop)
}

/// How many links that are not used a key has made, and when the last of them expires.
///
/// # Errors
/// Those of the store.
pub fn links_of_key(tx: &mut Tx<'_>, tenant: TenantId, key: i64, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let row = tx.one(
        "SELECT COUNT(*), MAX(link_expires_at) FROM second_factors
         WHERE tenant = $1 AND link_expires_at > $2 AND link_key = $3",
        &params![tenant, now, key],
    )?;
    Ok((row.get(0)?, row.get(1)?))
}
