//! A new namespace, ready at once.

use serde_json::json;
use uuid::Uuid;

use super::Namespace;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::objects::{self, AskedMetadata, KeptMetadata};
use crate::params;
use crate::people;
use crate::random::Random;
use crate::store::Tx;

/// What a new namespace is made from.
#[derive(Debug, Clone)]
pub struct NewNamespace {
    name: String,
    uid: Uuid,
    metadata: KeptMetadata,
}

impl NewNamespace {
    /// Reads what was asked and draws the id.
    ///
    /// # Errors
    /// `Invalid` for a name or a description that cannot be.
    pub fn draw(asked: &AskedMetadata, random: &Random, act: &Act) -> Result<Self> {
        let name = asked.name.clone().unwrap_or_default();
        objects::check_name("metadata.name", &name, objects::NAME_MAX)?;
        Ok(Self { name, uid: random.uuid(act.now), metadata: asked.keep()? })
    }
}

/// Makes the namespace.
///
/// # Errors
/// `Duplicate` when there is one of that name.
pub fn create(tx: &mut Tx<'_>, new: &NewNamespace, act: &Act) -> Result<Namespace> {
    let NewNamespace { name, uid, metadata } = new.clone();
    let made =
        Namespace { name, uid, metadata, created_at: act.now, created_by: act.actor.name.clone(), modified_at: None };
    insert(tx, act.tenant.id, &made)?;
    act.record(tx, "namespace.create", &made.name, json!({}))?;
    Ok(made)
}

/// Writes a namespace without a record: for a verb whose own record tells of it.
///
/// # Errors
/// `Duplicate` when there is one of that name.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &Namespace) -> Result<()> {
    let metadata = serde_json::to_string(&new.metadata).map_err(Error::internal)?;
    let inserted = tx.run(
        "INSERT INTO namespaces (tenant, name, uid, metadata, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
        &params![tenant, &new.name, &new.uid, &metadata, new.created_at, &new.created_by],
    )?;
    if inserted == 0 {
        return Err(Error::duplicate(format!("Object already exists: a namespace with the name {}.", new.name)));
    }
    // A release that knows no groups leaves their roles behind when it removes a namespace.
    people::forget_namespace(tx, tenant, &new.name).map(drop)
}
