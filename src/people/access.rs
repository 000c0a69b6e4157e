//! Whether a user may come in at all, and what is kept when they go.

use super::former;
use super::found::forget_words;
use super::rows::User;
use super::schemes;
use super::sleepers;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;
use crate::tenants;

/// Locks a user out: every session ends. One who is disabled already stays as they are.
///
/// # Errors
/// Those of the store.
pub fn disable(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, by: &str, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE users SET disabled_at = $3, disabled_by = $4, session_epoch = session_epoch + 1
         WHERE tenant = $1 AND id = $2 AND disabled_at IS NULL",
        &params![tenant, user, now, by],
    )
    .map(drop)
}

/// Lets a disabled user in again. The time after which inactive users are disabled starts anew.
///
/// # Errors
/// Those of the store.
pub fn enable(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
    sleepers::forget(tx, tenant, &[user])?;
    tx.run(
        "UPDATE users SET disabled_at = NULL, disabled_by = NULL, awake_since = $3 WHERE tenant = $1 AND id = $2",
        &params![tenant, user, now],
    )
    .map(drop)
}

/// Ends every session of a user, and what else counts in their epoch alone.
///
/// # Errors
/// Those of the store.
pub fn end_sessions(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    let statement = "UPDATE users SET session_epoch = session_epoch + 1 WHERE tenant = $1 AND id = $2";
    tx.run(statement, &params![tenant, user]).map(drop)
}

/// Removes the record of a user: the row, the grants, the memberships and the former passwords. What the address keeps stays.
///
/// # Errors
/// Those of the store.
pub fn remove(tx: &mut Tx<'_>, tenant: TenantId, user: &User, now: Timestamp) -> Result<()> {
    let of_the_user = params![tenant, user.id];
    tx.run("DELETE FROM grants WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    tx.run("DELETE FROM group_members WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    tx.run("DELETE FROM password_history WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    forget_words(tx, tenant, user.id)?;
    sleepers::forget(tx, tenant, &[user.id])?;
    former::keep(tx, tenant, user.id, now)?;
    if let Some(hash) = &user.password_hash {
        schemes::left(tx, tenant, hash)?;
    }
    tx.run("DELETE FROM users WHERE tenant = $1 AND id = $2", &of_the_user)?;
    tenants::change_user_count(tx, tenant, -1)
}
