//! Revokes tokens.

use serde_json::json;

use super::rows;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Deletes a credential: it is invalid from the next request on, and disappears from all lists.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change.
pub fn revoke(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    let credential = rows::find_changeable(tx, name, act)?;
    tx.run("DELETE FROM credentials WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    act.record(tx, "credential.revoke", name, json!({ "user": credential.user_email }))
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
