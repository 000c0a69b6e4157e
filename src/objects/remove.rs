//! Objects of any kind go.

use serde_json::json;
use uuid::Uuid;

use super::Place;
use crate::act::Act;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Removes one object.
///
/// # Errors
/// `NotFound`.
pub fn remove(tx: &mut Tx<'_>, place: &Place, name: &str, act: &Act) -> Result<()> {
    take(tx, place, name, act.tenant.id)?;
    act.record(tx, &place.action("remove"), name, json!({ "namespace": place.namespace }))
}

/// As [`remove`], without a record: for a verb whose own record tells what else it does.
///
/// # Errors
/// `NotFound`.
pub fn take(tx: &mut Tx<'_>, place: &Place, name: &str, tenant: TenantId) -> Result<()> {
    let removed = tx.run(
        "DELETE FROM objects WHERE tenant = $1 AND namespace = $2 AND kind = $3 AND name = $4",
        &params![tenant, &place.namespace, place.kind, name],
    )?;
    if removed == 1 { Ok(()) } else { Err(place.not_found(name)) }
}

/// An object that went with its namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RemovedObject {
    /// The id of its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its id.
    pub uid: Uuid,
}

/// Removes every object of a namespace, for the verb that removes the namespace and records it; by kind and name.
///
/// # Errors
/// Those of the store.
pub fn remove_all_in(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<Vec<RemovedObject>> {
    let rows = tx.all(
        "DELETE FROM objects WHERE tenant = $1 AND namespace = $2 RETURNING kind, name, uid",
        &params![tenant, namespace],
    )?;
    let removed = rows.iter().map(|row| Ok(RemovedObject { kind: row.get(0)?, name: row.get(1)?, uid: row.get(2)? }));
    let mut removed = removed.collect::<Result<Vec<_>>>()?;
    removed.sort();
    Ok(removed)
}
