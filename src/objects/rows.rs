//! The statements over objects that several verbs need.

use uuid::Uuid;

use super::KeptMetadata;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};
use crate::text;

/// Where objects of one kind stand: every list and every write is about one such place.
#[derive(Debug, Clone)]
pub struct Place {
    /// The id of the kind.
    pub kind: &'static str,
    /// The word for one object of it, in sentences and in the actions of records.
    pub singular: &'static str,
    /// The namespace.
    pub namespace: String,
}

impl Place {
    /// The one sentence for an object that is not there.
    pub(super) fn not_found(&self, name: &str) -> Error {
        let (singular, name, namespace) = (self.singular, text::shown(name), text::shown(&self.namespace));
        Error::not_found(format!("The {singular} {name} was not found in namespace {namespace}."))
    }

    /// The action of a record: `contact.create`.
    pub(super) fn action(&self, verb: &str) -> String {
        format!("{}.{verb}", self.singular)
    }
}

/// What a client says of an object, checked: the parts that a replacement sets as a whole.
#[derive(Debug, Clone)]
pub struct Said {
    /// Description, labels and annotations.
    pub metadata: KeptMetadata,
    /// The spec, as JSON.
    pub spec: String,
}

/// An object as it is kept.
#[derive(Debug, Clone)]
pub struct KeptObject {
    /// The name.
    pub name: String,
    /// The namespace in which it lives.
    pub namespace: String,
    /// The id outside.
    pub uid: Uuid,
    /// What its maker said of it.
    pub metadata: KeptMetadata,
    /// Its spec, as JSON that its kind reads.
    pub spec: String,
    /// When made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When last replaced.
    pub modified_at: Option<Timestamp>,
}

/// Whether the tenant has this namespace.
///
/// # Errors
/// Those of the store.
pub fn namespace_exists(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<bool> {
    let row = tx.maybe("SELECT 1 FROM namespaces WHERE tenant = $1 AND name = $2", &params![tenant, name])?;
    Ok(row.is_some())
}

/// The one sentence for a namespace that is not there for this caller.
pub fn namespace_not_found(name: &str) -> Error {
    Error::not_found(format!("Namespace {} was not found in this tenant.", text::shown(name)))
}

/// The object of this name.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Tx<'_>, tenant: TenantId, place: &Place, name: &str) -> Result<KeptObject> {
    let row = tx.maybe(
        "SELECT name, namespace, uid, metadata, spec, created_at, created_by, modified_at FROM objects
         WHERE tenant = $1 AND namespace = $2 AND kind = $3 AND name = $4",
        &params![tenant, &place.namespace, place.kind, name],
    )?;
    read(&row.ok_or_else(|| place.not_found(name))?)
}

const PAGE: usize = 1_000;
const OBJECTS: &str = "SELECT name, namespace, uid, metadata, spec, created_at, created_by, modified_at FROM objects
    WHERE tenant = $1 AND namespace = $2 AND kind = $3 AND name > $4 ORDER BY name LIMIT 1000";

/// Hands the first objects of a place behind the name `after` to `take`, by name, and returns the last name if there may be
/// more.
///
/// # Errors
/// Those of the store, and those of `take`.
pub fn each(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    place: &Place,
    after: &str,
    mut take: impl FnMut(KeptObject) -> Result<()>,
) -> Result<Option<String>> {
    let page = tx.all(OBJECTS, &params![tenant, &place.namespace, place.kind, after])?;
    page.iter().try_for_each(|row| take(read(row)?))?;
    page.last().filter(|_| page.len() == PAGE).map(|last| last.get(0)).transpose()
}

fn read(row: &Row) -> Result<KeptObject> {
    let metadata: String = row.get(3)?;
    Ok(KeptObject {
        name: row.get(0)?,
        namespace: row.get(1)?,
        uid: row.get(2)?,
        metadata: serde_json::from_str(&metadata).map_err(Error::internal)?,
        spec: row.get(4)?,
        created_at: row.get(5)?,
        created_by: row.get(6)?,
        modified_at: row.get(7)?,
    })
}
