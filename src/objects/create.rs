//! A new object, of any kind.

use serde_json::json;
use uuid::Uuid;

use super::{KeptObject, Place, Said, namespace_exists, namespace_not_found};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::params;
use crate::store::Tx;

/// What a new object is made from.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// Its kind and namespace.
    pub place: Place,
    /// Its name, checked.
    pub name: String,
    /// Its id, drawn before.
    pub uid: Uuid,
    /// What its maker says of it.
    pub said: Said,
}

/// Makes the object. Its namespace is looked for here again: the gate looked before this transaction began.
///
/// # Errors
/// `NotFound` when there is no such namespace, `Duplicate` when it has an object of that kind and name.
pub fn create(tx: &mut Tx<'_>, new: &NewObject, act: &Act) -> Result<KeptObject> {
    let made = insert(tx, new, act)?;
    act.record(tx, &new.place.action("create"), &new.name, json!({ "namespace": new.place.namespace }))?;
    Ok(made)
}

/// As [`create`], without a record: for a verb whose own record tells what else it does.
///
/// # Errors
/// As [`create`].
pub fn insert(tx: &mut Tx<'_>, new: &NewObject, act: &Act) -> Result<KeptObject> {
    insert_made_at(tx, new, act.now, act)
}

/// As [`insert`], with the moment at which it was made.
///
/// # Errors
/// As [`create`].
pub(super) fn insert_made_at(tx: &mut Tx<'_>, new: &NewObject, created_at: Timestamp, act: &Act) -> Result<KeptObject> {
    let NewObject { place, name, uid, said: Said { metadata, spec } } = new.clone();
    if !namespace_exists(tx, act.tenant.id, &place.namespace)? {
        return Err(namespace_not_found(&place.namespace));
    }
    let text = serde_json::to_string(&metadata).map_err(Error::internal)?;
    let (tenant, by) = (act.tenant.id, &act.actor.name);
    let inserted = tx.run(
        "INSERT INTO objects (tenant, namespace, kind, name, uid, metadata, spec, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        &params![tenant, &place.namespace, place.kind, &name, &uid, &text, &spec, created_at, by],
    )?;
    if inserted == 0 {
        let (singular, namespace) = (place.singular, &place.namespace);
        return Err(Error::duplicate(format!(
            "Object already exists: a {singular} with the name {name} in namespace {namespace}."
        )));
    }
    let (namespace, created_by) = (place.namespace, by.clone());
    Ok(KeptObject { name, namespace, uid, metadata, spec, created_at, created_by, modified_at: None })
}
