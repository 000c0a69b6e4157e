//! The statements over namespaces that several rooms need.

use uuid::Uuid;

use crate::access::{ApiGroup, Rights, SHARED, SYSTEM};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::objects::{KeptMetadata, namespace_exists, namespace_not_found};
use crate::params;
use crate::store::{Row, Tx};

/// The namespace for applications that every tenant has.
const DEFAULT: &str = "default";

/// A namespace.
#[derive(Debug, Clone)]
pub struct Namespace {
    /// The name.
    pub name: String,
    /// The id outside.
    pub uid: Uuid,
    /// What its maker said of it.
    pub metadata: KeptMetadata,
    /// When made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When last replaced.
    pub modified_at: Option<Timestamp>,
}

impl Namespace {
    /// Whether it belongs to the tenant as such and cannot go.
    pub fn is_built_in(&self) -> bool {
        is_in_every_tenant(&self.name)
    }
}

/// Whether every tenant has this namespace, so that its name tells nothing.
pub fn is_in_every_tenant(name: &str) -> bool {
    [SYSTEM, SHARED, DEFAULT].contains(&name)
}

/// Whether someone with these rights may learn that there is a namespace of this name: with a role in it, or as one who
/// may see the roles of all users.
pub fn may_know(rights: &Rights, name: &str) -> bool {
    rights.know(name) || rights.allow(ApiGroup::UamRead, SYSTEM)
}

/// Whether the tenant has this namespace.
///
/// # Errors
/// Those of the store.
pub fn exists(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<bool> {
    // Every tenant has it from its first moment, and nearly every call names it.
    if name == SYSTEM {
        return Ok(true);
    }
    namespace_exists(tx, tenant, name)
}

/// The namespace of this name.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<Option<Namespace>> {
    let row = tx.maybe(
        "SELECT name, uid, metadata, created_at, created_by, modified_at FROM namespaces
         WHERE tenant = $1 AND name = $2",
        &params![tenant, name],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The namespace of this name.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<Namespace> {
    find(tx, tenant, name)?.ok_or_else(|| namespace_not_found(name))
}

/// All namespaces of a tenant, by name.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<Namespace>> {
    let rows = tx.all(
        "SELECT name, uid, metadata, created_at, created_by, modified_at FROM namespaces
         WHERE tenant = $1 ORDER BY name",
        &params![tenant],
    )?;
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Namespace> {
    let metadata: String = row.get(2)?;
    Ok(Namespace {
        name: row.get(0)?,
        uid: row.get(1)?,
        metadata: serde_json::from_str(&metadata).map_err(Error::internal)?,
        created_at: row.get(3)?,
        created_by: row.get(4)?,
        modified_at: row.get(5)?,
    })
}
