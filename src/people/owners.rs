//! Who owns a tenant.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Makes a user an owner of the tenant, whose password is kept here from now on: an owner must come in even where a provider
/// of single sign-on does not answer.
///
/// # Errors
/// Those of the store.
pub fn appoint_owner(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE users SET owner_since = $3, idm_type = 'VOLTERRA_MANAGED', modified_at = $3
         WHERE tenant = $1 AND id = $2",
        &params![tenant, user, now],
    )
    .map(drop)
}

/// Makes a user an owner no longer. The roles stay.
///
/// # Errors
/// Those of the store.
pub fn dismiss_owner(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE users SET owner_since = NULL, modified_at = $3 WHERE tenant = $1 AND id = $2",
        &params![tenant, user, now],
    )
    .map(drop)
}
