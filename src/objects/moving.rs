//! Objects that move with their tenant: written out of one, and brought into another one under the same id.

use serde_json::Value;
use uuid::Uuid;

use super::{KeptMetadata, Kind, NewObject, Place, Said, Spec, create};
use crate::access::{ApiGroup, SYSTEM};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::ActsIn;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// What a kind says of its objects when they move, whatever their spec is.
pub struct MovingKind {
    /// The id of the kind.
    pub id: &'static str,
    /// The word for one object of it.
    pub singular: &'static str,
    /// The action of the record of a new one.
    pub action: &'static str,
    /// The right that making one takes, in its namespace.
    pub write: ApiGroup,
    /// The one namespace in which its objects live, if they live in no other.
    pub lives_in: Option<&'static str>,
    /// Whether a tenant has one at most.
    pub is_single: bool,
    /// Checks a spec; as it is kept.
    pub spec: Box<dyn Fn(Value) -> Result<String>>,
}

impl<S: Spec> Kind<S> {
    /// The same of this kind. `action` is that of the record of a new one.
    pub fn moving(&self, action: &'static str) -> MovingKind {
        let check = self.check;
        let spec = move |value: Value| {
            let spec: S =
                serde_json::from_value(value).map_err(|_| Error::invalid("Field spec is not of its kind."))?;
            check(&spec)?;
            serde_json::to_string(&spec).map_err(Error::internal)
        };
        let lives_in = matches!(self.lives_in, ActsIn::System).then_some(SYSTEM);
        let Self { id, singular, write, .. } = *self;
        MovingKind { id, singular, action, write, lives_in, is_single: false, spec: Box::new(spec) }
    }
}

/// An object on its way.
#[derive(Debug, Clone)]
pub struct MovingObject {
    /// The id of its kind.
    pub kind: String,
    /// The namespace in which it lives.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The id outside.
    pub uid: Uuid,
    /// What its maker said of it.
    pub metadata: KeptMetadata,
    /// Its spec, as JSON that its kind reads.
    pub spec: String,
    /// When made.
    pub created_at: Timestamp,
}

/// The objects of a tenant behind a namespace, a kind and a name, in this order.
///
/// # Errors
/// Those of the store.
pub fn all_behind(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    [namespace, kind, name]: [&str; 3],
    most: i64,
) -> Result<Vec<MovingObject>> {
    let found = tx.all(
        "SELECT kind, namespace, name, uid, metadata, spec, created_at FROM objects
         WHERE tenant = $1 AND (namespace, kind, name) > ($2, $3, $4) ORDER BY namespace, kind, name LIMIT $5",
        &params![tenant, namespace, kind, name, most],
    )?;
    let read = |row: &Row| {
        let metadata: String = row.get(4)?;
        Ok(MovingObject {
            kind: row.get(0)?,
            namespace: row.get(1)?,
            name: row.get(2)?,
            uid: row.get(3)?,
            metadata: serde_json::from_str(&metadata).map_err(Error::internal)?,
            spec: row.get(5)?,
            created_at: row.get(6)?,
        })
    };
    found.iter().map(read).collect()
}

/// What is said of the object of this name, if there is one.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, tenant: TenantId, place: &Place, name: &str) -> Result<Option<Said>> {
    let row = tx.maybe(
        "SELECT metadata, spec FROM objects WHERE tenant = $1 AND namespace = $2 AND kind = $3 AND name = $4",
        &params![tenant, &place.namespace, place.kind, name],
    )?;
    let said = |row: Row| {
        let metadata: String = row.get(0)?;
        Ok(Said { metadata: serde_json::from_str(&metadata).map_err(Error::internal)?, spec: row.get(1)? })
    };
    row.map(said).transpose()
}

/// Whether a place has any object.
///
/// # Errors
/// Those of the store.
pub fn is_any(tx: &mut Tx<'_>, tenant: TenantId, place: &Place) -> Result<bool> {
    let row = tx.maybe(
        "SELECT 1 FROM objects WHERE tenant = $1 AND namespace = $2 AND kind = $3 LIMIT 1",
        &params![tenant, &place.namespace, place.kind],
    )?;
    Ok(row.is_some())
}

/// Makes an object as it was elsewhere, with the age that it had; its record is its caller's.
///
/// # Errors
/// As [`create::insert`].
pub fn bring(tx: &mut Tx<'_>, new: &NewObject, created_at: Timestamp, act: &Act) -> Result<()> {
    create::insert_made_at(tx, new, created_at, act).map(drop)
}
