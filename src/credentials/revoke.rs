//! Revokes tokens.

use serde_json::json;

use super::rows::{self, Credential, CredentialKind};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people;
use crate::store::Tx;

/// Deletes a credential: it is invalid from the next request on, and disappears from all lists.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change.
pub fn revoke(tx: &mut Tx<'_>, kind: CredentialKind, name: &str, act: &Act) -> Result<()> {
    let credential = delete(tx, kind, name, act)?;
    act.record(tx, "credential.revoke", name, json!({ "user": credential.user_email }))
}

/// Deletes a credential without a record. The user of a service credential goes with it.
///
/// # Errors
/// As [`revoke`].
pub(super) fn delete(tx: &mut Tx<'_>, kind: CredentialKind, name: &str, act: &Act) -> Result<Credential> {
    let credential = rows::find_changeable(tx, kind, name, act)?;
    tx.run("DELETE FROM credentials WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    if kind == CredentialKind::ServiceToken
        && let Some(user) = people::find_by_id(tx, act.tenant.id, credential.user)?
    {
        revoke_all_of(tx, act.tenant.id, user.id)?;
        people::remove(tx, act.tenant.id, &user, act.now)?;
    }
    Ok(credential)
}

/// Deletes every credential of a user; returns their number, which the reset reports.
///
/// # Errors
/// Those of the store.
pub fn revoke_all_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<i64> {
    let revoked = tx.run("DELETE FROM credentials WHERE tenant = $1 AND user_id = $2", &params![tenant, user])?;
    i64::try_from(revoked).map_err(Error::internal)
}

/// The number of a user's valid credentials.
///
/// # Errors
/// Those of the store.
pub fn alive_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<i64> {
    let alive = tx.one(
        "SELECT COUNT(*) FROM credentials WHERE tenant = $1 AND user_id = $2 AND inactive_at IS NULL AND expires_at > $3",
        &params![tenant, user, now],
    )?;
    alive.get(0)
}
