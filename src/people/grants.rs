//! The roles of a user in namespaces.

use crate::access::{Grant, Rights};
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

/// What a user may do.
///
/// # Errors
/// Those of the store.
pub fn rights_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Rights> {
    grants_of(tx, tenant, user).map(Rights::new)
}

/// The roles of a user in namespaces, sorted.
///
/// # Errors
/// Those of the store.
pub fn grants_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<Grant>> {
    let rows = tx.all(
        "SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2 ORDER BY namespace, role",
        &params![tenant, user],
    )?;
    rows.iter().map(|row| Ok(Grant { namespace: row.get(0)?, role: row.get(1)? })).collect()
}

/// A role that is named twice is given once.
const GRANT: Batch =
    Batch::new("INSERT INTO grants (tenant, user_id, namespace, role) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");

/// Gives a user these roles and no others.
///
/// # Errors
/// Those of the store.
pub fn replace_grants(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, grants: &[Grant]) -> Result<()> {
    tx.run("DELETE FROM grants WHERE tenant = $1 AND user_id = $2", &params![tenant, user])?;
    let rows: Vec<_> = grants.iter().map(|grant| params![tenant, user, &grant.namespace, &grant.role]).collect();
    tx.each(GRANT, &rows).map(drop)
}

/// Takes away every role that was given in a namespace; how many those were.
///
/// # Errors
/// Those of the store.
pub fn forget_namespace(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<u64> {
    tx.run("DELETE FROM grants WHERE tenant = $1 AND namespace = $2", &params![tenant, namespace])
}
