//! A namespace goes, and with it the roles that were given in it.

use serde_json::json;

use super::{Namespace, rows};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::params;
use crate::people;
use crate::store::Tx;

/// Removes a namespace and every grant in it, so that a later one of the same name gives nobody anything.
///
/// # Errors
/// `NotFound`; `Forbidden` for those that every tenant has.
pub fn remove(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<Namespace> {
    let namespace = rows::get(tx, act.tenant.id, name)?;
    if namespace.is_built_in() {
        return Err(Error::forbidden(format!("Namespace {name} belongs to every tenant and cannot be removed.")));
    }
    let grants = people::forget_namespace(tx, act.tenant.id, name)?;
    tx.run("DELETE FROM namespaces WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    act.record(tx, "namespace.remove", name, json!({ "grants_removed": grants }))?;
    Ok(namespace)
}
