//! The end of a token.

use serde_json::json;

use super::rows;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Removes a credential: it opens nothing from the next request on, and nobody sees it again.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change.
pub fn revoke(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    let credential = rows::find_changeable(tx, name, act)?;
    tx.run("DELETE FROM credentials WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    act.record(tx, "credential.revoke", name, json!({ "user": credential.user_email }))
}

/// Removes every credential of a user; how many that were. Their reset tells of it.
///
/// # Errors
/// Those of the store.
pub fn revoke_all_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<i64> {
    let revoked = tx.run("DELETE FROM credentials WHERE tenant = $1 AND user_id = $2", &params![tenant, user])?;
    i64::try_from(revoked).map_err(Error::internal)
}

/// How many credentials of a user count.
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
