//! The statements over credentials that several rooms need.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Who holds a credential, as the gate needs it: tenant, user, and whether it counts.
#[derive(Debug)]
pub struct Bearer {
    /// The tenant.
    pub tenant: TenantId,
    /// Its revision, to see whether what is known of it is still true.
    pub tenant_revision: i64,
    /// The user.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// The name of the credential.
    pub credential: String,
}

/// Who holds the token of this hash. None when it is unknown, expired or inactive, or when its user
/// or tenant is disabled. The only look-up without a tenant: the credential is what tells it.
///
/// # Errors
/// Those of the store.
pub fn find_bearer(tx: &mut Tx<'_>, secret_hash: &[u8; 32], now: Timestamp) -> Result<Option<Bearer>> {
    let row = tx.maybe(
        "SELECT c.tenant, t.revision, c.user_id, u.email, c.name
         FROM credentials c
         JOIN tenants t ON t.id = c.tenant
         JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
         WHERE c.secret_hash = $1 AND c.expires_at > $2 AND c.inactive_at IS NULL
           AND u.disabled_at IS NULL AND t.disabled_at IS NULL",
        &params![secret_hash, now],
    )?;
    row.map(|row| {
        Ok(Bearer {
            tenant: row.get(0)?,
            tenant_revision: row.get(1)?,
            user: row.get(2)?,
            email: row.get(3)?,
            credential: row.get(4)?,
        })
    })
    .transpose()
}

/// What a new credential is made from.
#[derive(Debug, Clone)]
pub struct NewCredential {
    /// The name, with its random suffix.
    pub name: String,
    /// The id outside.
    pub uid: Uuid,
    /// As the contract names it: `API_TOKEN`.
    pub kind: &'static str,
    /// Whose.
    pub user: UserId,
    /// The hash of its secret.
    pub secret_hash: [u8; 32],
    /// Until when it counts.
    pub expires_at: Timestamp,
}

/// Writes a new credential.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &NewCredential, created_by: &str, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO credentials (tenant, name, uid, kind, user_id, secret_hash, created_at, created_by, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![tenant, &new.name, &new.uid, new.kind, new.user, &new.secret_hash, now, created_by, new.expires_at,],
    )
    .map(drop)
}
