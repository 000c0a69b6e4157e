//! The roles of a tenant's own, as stored.

use uuid::Uuid;

use crate::access::{self, ApiGroups};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::objects::KeptMetadata;
use crate::params;
use crate::store::{Row, Tx};
use crate::views::{Shown, not_found};

/// A role with its API groups by name. Names that this release does not know are kept and grant nothing.
pub type Role = Shown<Vec<String>>;

/// The roles that every tenant has.
pub(super) fn built_in() -> impl Iterator<Item = Role> {
    access::BUILT_IN.into_iter().map(|(name, groups)| of_groups(name, groups))
}

/// The built-in role of this name, also where it is one of the public service's products.
pub(super) fn find_built_in(name: &str) -> Option<Role> {
    access::built_in_role(name).map(|groups| of_groups(name, groups))
}

fn of_groups(name: &str, groups: ApiGroups) -> Role {
    Shown::built_in("role", name, groups.each().map(|group| group.name().to_string()).collect())
}

fn read(row: &Row, tenant_uid: &str) -> Result<Role> {
    let (metadata, api_groups): (String, String) = (row.get(2)?, row.get(3)?);
    let kept: KeptMetadata = serde_json::from_str(&metadata).map_err(Error::internal)?;
    Ok(Shown {
        name: row.get(0)?,
        namespace: access::SYSTEM,
        tenant: tenant_uid.into(),
        uid: row.get::<Uuid>(1)?,
        kept,
        created_at: row.get::<Timestamp>(4)?,
        created_by: row.get(5)?,
        modified_at: row.get(6)?,
        spec: serde_json::from_str(&api_groups).map_err(Error::internal)?,
    })
}

/// The tenant's own roles, by name.
///
/// # Errors
/// Those of the store.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, tenant_uid: &str) -> Result<Vec<Role>> {
    let rows = tx.all(
        "SELECT name, uid, metadata, api_groups, created_at, created_by, modified_at FROM roles
         WHERE tenant = $1 ORDER BY name",
        &params![tenant],
    )?;
    rows.iter().map(|row| read(row, tenant_uid)).collect()
}

/// One of the tenant's own roles.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, tenant_uid: &str, name: &str) -> Result<Role> {
    find(tx, tenant, tenant_uid, name)?.ok_or_else(|| not_found("Role", name))
}

/// One of the tenant's own roles, if it is there.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, tenant: TenantId, tenant_uid: &str, name: &str) -> Result<Option<Role>> {
    let row = tx.maybe(
        "SELECT name, uid, metadata, api_groups, created_at, created_by, modified_at FROM roles
         WHERE tenant = $1 AND name = $2",
        &params![tenant, name],
    )?;
    row.map(|row| read(&row, tenant_uid)).transpose()
}

/// Writes a new role, without a record: for a verb whose own record tells of it.
///
/// # Errors
/// `Duplicate` when there is one of that name.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, role: &Role) -> Result<()> {
    let inserted = tx.run(
        "INSERT INTO roles (tenant, name, uid, metadata, api_groups, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        &params![
            tenant,
            &role.name,
            &role.uid,
            &text(&role.kept)?,
            &text(&role.spec)?,
            role.created_at,
            &role.created_by
        ],
    )?;
    if inserted == 0 {
        return Err(taken(&role.name));
    }
    Ok(())
}

/// The sentence for a name that is in use. Real clients search it for `already exist`.
pub(super) fn taken(name: &str) -> Error {
    Error::duplicate(format!("Object already exists: a role with the name {name}."))
}

/// Writes metadata and API groups of a role anew.
///
/// # Errors
/// Those of the store.
pub(super) fn update(tx: &mut Tx<'_>, tenant: TenantId, role: &Role) -> Result<()> {
    tx.run(
        "UPDATE roles SET metadata = $3, api_groups = $4, modified_at = $5 WHERE tenant = $1 AND name = $2",
        &params![tenant, &role.name, &text(&role.kept)?, &text(&role.spec)?, role.modified_at],
    )
    .map(drop)
}

/// Removes a role.
///
/// # Errors
/// Those of the store.
pub(super) fn delete(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<()> {
    tx.run("DELETE FROM roles WHERE tenant = $1 AND name = $2", &params![tenant, name]).map(drop)
}

fn text(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}
