//! Taking from every user of a tenant what opens their account.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

use super::User;

/// Ends every session of a tenant's users and empties the place of their open resets. How many users that were.
///
/// # Errors
/// Those of the store.
pub fn end_access(tx: &mut Tx<'_>, tenant: TenantId) -> Result<u64> {
    tx.run(
        "UPDATE users SET session_epoch = session_epoch + 1, open_reset = NULL, open_reset_expires_at = NULL
         WHERE tenant = $1",
        &params![tenant],
    )
}

/// Kills every password of a tenant's users that is alive. How many those were.
///
/// # Errors
/// Those of the store.
pub fn kill_passwords(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    tx.run(
        "UPDATE users SET password_dead_at = $2
         WHERE tenant = $1 AND password_hash IS NOT NULL AND password_dead_at IS NULL",
        &params![tenant, now],
    )
}

/// The addresses of the users whose password is alive.
///
/// # Errors
/// Those of the store.
pub fn with_live_password(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<String>> {
    let found = tx.all(
        "SELECT email FROM users
         WHERE tenant = $1 AND password_hash IS NOT NULL AND password_dead_at IS NULL ORDER BY email_key",
        &params![tenant],
    )?;
    found.iter().map(|row| row.get(0)).collect()
}

/// The first of the owners of a tenant who can sign in by a password.
///
/// # Errors
/// Those of the store.
pub fn first_owner(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<User>> {
    const OWNERS: &str = concat!(
        "SELECT ",
        crate::user_columns!(),
        " FROM users u WHERE u.tenant = $1 AND u.owner_since IS NOT NULL AND u.disabled_at IS NULL
          ORDER BY u.owner_since, u.id"
    );
    let owners = tx.all(OWNERS, &params![tenant])?;
    let owners = owners.iter().map(User::read).collect::<Result<Vec<_>>>()?;
    Ok(owners.into_iter().find(User::has_local_password))
}
