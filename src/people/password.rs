//! What a sign-in and a change of the password write into the user's row, if it is still as it was when the password was
//! checked: hashing takes long, and happens outside of any transaction. And with which words a new password is compared.

use super::rows::User;
use super::schemes;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Tenant, TenantId};
use crate::params;
use crate::passwords::About;
use crate::store::Tx;

impl User {
    /// The words that the user's password must not consist of. A tenant without a display name is known by its name.
    pub fn about(&self, tenant: &Tenant) -> About {
        let shown = &tenant.settings.brand.display_name;
        About {
            email: self.email.clone(),
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            tenant_name: if shown.is_empty() { tenant.name.clone() } else { shown.clone() },
        }
    }
}

/// Notes a sign-in, with the password's hash at its present cost; whether the user may still sign in with the password that
/// was checked.
///
/// # Errors
/// Those of the store.
pub fn note_sign_in(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    checked: &User,
    hash: Option<&str>,
    now: Timestamp,
) -> Result<bool> {
    // Not the hash itself must be the same: two sign-ins at once may both bring it to the present cost.
    let was_changed_at = checked.password_changed_at.unwrap_or_default();
    let replaced = match hash {
        Some(hash) => still_there(tx, tenant, checked, hash)?,
        None => None,
    };
    let changed = tx.run(
        // A password that was set by a clock which ran ahead ages from now on.
        "UPDATE users SET last_login_at = $3, password_hash = $4,
             password_changed_at = CASE WHEN password_changed_at > $7 THEN $3 ELSE password_changed_at END
         WHERE tenant = $1 AND id = $2 AND COALESCE(password_changed_at, 0) = $5 AND session_epoch = $6
           AND disabled_at IS NULL AND password_dead_at IS NULL",
        &params![tenant, checked.id, now, hash, was_changed_at, checked.session_epoch, now.with_skew()],
    )?;
    if let Some(old) = replaced.filter(|_| changed == 1) {
        schemes::left(tx, tenant, old)?;
    }
    Ok(changed == 1)
}

/// Keeps another hash of the same password, where the user may still sign in with it.
///
/// # Errors
/// Those of the store.
pub fn upgrade_hash(tx: &mut Tx<'_>, tenant: TenantId, checked: &User, hash: &str) -> Result<()> {
    let was_changed_at = checked.password_changed_at.unwrap_or_default();
    let replaced = still_there(tx, tenant, checked, hash)?;
    let changed = tx.run(
        "UPDATE users SET password_hash = $3
         WHERE tenant = $1 AND id = $2 AND COALESCE(password_changed_at, 0) = $4 AND session_epoch = $5
           AND disabled_at IS NULL AND password_dead_at IS NULL",
        &params![tenant, checked.id, hash, was_changed_at, checked.session_epoch],
    )?;
    if let Some(old) = replaced.filter(|_| changed == 1) {
        schemes::left(tx, tenant, old)?;
    }
    Ok(())
}

/// The hash that was checked, if `hash` is another one and it is still there: of two sign-ins at once, one has replaced it.
fn still_there<'a>(tx: &mut Tx<'_>, tenant: TenantId, checked: &'a User, hash: &str) -> Result<Option<&'a str>> {
    let Some(old) = checked.password_hash.as_deref().filter(|old| *old != hash) else { return Ok(None) };
    let row = tx.maybe(
        "SELECT 1 FROM users WHERE tenant = $1 AND id = $2 AND password_hash = $3",
        &params![tenant, checked.id, old],
    )?;
    Ok(row.map(|_| old))
}

/// Sets a new password, by which every session ends; whether the user was still as they were when the old one was checked.
/// The open reset is among what must be the same; it stays to be ended.
///
/// # Errors
/// Those of the store.
pub fn replace_password(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    checked: &User,
    new_hash: &str,
    now: Timestamp,
) -> Result<bool> {
    let was_changed_at = checked.password_changed_at.unwrap_or_default();
    let open_reset = checked.open_reset.as_ref();
    let changed = tx.run(
        "UPDATE users SET password_hash = $3, password_changed_at = $4, password_must_change_at = NULL,
             session_epoch = session_epoch + 1
         WHERE tenant = $1 AND id = $2 AND session_epoch = $5 AND COALESCE(password_changed_at, 0) = $6
           AND (open_reset = $7 OR (open_reset IS NULL AND $7 IS NULL))
           AND disabled_at IS NULL AND password_dead_at IS NULL",
        &params![tenant, checked.id, new_hash, now, checked.session_epoch, was_changed_at, open_reset],
    )?;
    Ok(changed == 1)
}
