//! A namespace goes, and with it its objects and the roles that were given in it.

use serde_json::json;

use super::{Namespace, rows};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::objects::{self, RemovedObject};
use crate::params;
use crate::people;
use crate::store::Tx;

/// A namespace that was removed.
#[derive(Debug)]
pub struct RemovedNamespace {
    /// The namespace.
    pub namespace: Namespace,
    /// Its objects, which went with it.
    pub objects: Vec<RemovedObject>,
}

/// Removes a namespace with its objects and every grant in it, so that a later one of the same name gives nobody anything.
///
/// # Errors
/// `NotFound`; `Forbidden` for those that every tenant has.
pub fn remove(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<RemovedNamespace> {
    let namespace = rows::get(tx, act.tenant.id, name)?;
    if namespace.is_built_in() {
        return Err(Error::forbidden(format!("Namespace {name} belongs to every tenant and cannot be removed.")));
    }
    let grants = people::forget_namespace(tx, act.tenant.id, name)?;
    let objects = objects::remove_all_in(tx, act.tenant.id, name)?;
    tx.run("DELETE FROM namespaces WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    let facts = json!({ "grants_removed": grants, "objects_removed": objects.len() });
    act.record(tx, "namespace.remove", name, facts)?;
    Ok(RemovedNamespace { namespace, objects })
}
