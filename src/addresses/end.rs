//! The end of changes that no link will confirm any more.

use super::rows::forget;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Takes away the change of a user who is removed.
///
/// # Errors
/// Those of the store.
pub fn end_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    forget(tx, tenant, user)
}

/// Takes away every change of a tenant that waits for its link. How many there were.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId) -> Result<u64> {
    tx.run("DELETE FROM address_changes WHERE tenant = $1 AND confirmed_at IS NULL", &params![tenant])
}

/// Deletes changes whose links expired before a moment.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.run("DELETE FROM address_changes WHERE expires_at < $1", &params![before]).map(drop)
}

/// How many links that are not used a key has made, and when the last of them expires.
///
/// # Errors
/// Those of the store.
pub fn links_of_key(tx: &mut Tx<'_>, tenant: TenantId, key: i64, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let row = tx.one(
        "SELECT COUNT(*), MAX(expires_at) FROM address_changes
         WHERE tenant = $1 AND expires_at > $2 AND confirmed_at IS NULL AND key_id = $3",
        &params![tenant, now, key],
    )?;
    Ok((row.get(0)?, row.get(1)?))
}
