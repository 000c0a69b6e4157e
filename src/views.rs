//! The regular object of the public API where callers may read it by the plain calls and not write it: its list, and one of it.

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, Items, Json, Written};
use crate::objects::{
    ERRORS, Filter, Form, KeptMetadata, Metadata, Object, ObjectAnswer, ObjectItem, ObjectList, Origin, Reference,
    SystemMetadata,
};
use crate::text;

/// The tenant to which built-in objects belong, and its pseudo-namespace (as in the public API).
pub const BUILT_IN_TENANT: &str = "ves-io";
/// The maker of built-in objects.
const BUILT_IN_BY: &str = "tenantry";
/// When built-in objects were made, so to speak: the first second of the year of the first release.
const BUILT_IN_SINCE: Timestamp = Timestamp(1_767_225_600_000_000);

/// An object to be shown, with its spec.
#[derive(Debug, Clone)]
pub struct Shown<S> {
    /// The name.
    pub name: String,
    /// The namespace in which it lives.
    pub namespace: &'static str,
    /// The id of its tenant.
    pub tenant: String,
    /// The id.
    pub uid: Uuid,
    /// The caller's part of it.
    pub kept: KeptMetadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was last replaced.
    pub modified_at: Option<Timestamp>,
    /// What it says.
    pub spec: S,
}

impl<S> Shown<S> {
    /// An object that every tenant has and that nobody changes. Its id follows from its kind and name.
    pub fn built_in(kind: &'static str, name: impl Into<String>, spec: S) -> Self {
        let name = name.into();
        Self {
            uid: crate::ids::of_name(&format!("{kind}/{name}")),
            name,
            namespace: crate::access::SHARED,
            tenant: BUILT_IN_TENANT.into(),
            kept: KeptMetadata::default(),
            created_at: BUILT_IN_SINCE,
            created_by: BUILT_IN_BY.into(),
            modified_at: None,
            spec,
        }
    }

    /// A reference to it from another object.
    pub fn reference(&self, kind: &'static str) -> Reference {
        Reference {
            kind,
            name: self.name.clone(),
            namespace: self.namespace.into(),
            tenant: self.tenant.clone(),
            uid: self.uid.to_string(),
        }
    }

    fn metadata(&self) -> Metadata {
        let KeptMetadata { description, disable, labels, annotations } = self.kept.clone();
        let (name, namespace) = (self.name.clone(), self.namespace.into());
        Metadata { name, namespace, description, disable, labels, annotations, uid: None }
    }

    fn system_metadata(&self) -> SystemMetadata {
        SystemMetadata::narrow(Origin {
            uid: &self.uid,
            tenant: &self.tenant,
            created_at: self.created_at,
            created_by: &self.created_by,
            modified_at: self.modified_at,
        })
    }
}

impl<S> From<Shown<S>> for Object<S> {
    fn from(shown: Shown<S>) -> Self {
        Self { metadata: shown.metadata(), system_metadata: shown.system_metadata(), spec: shown.spec }
    }
}

/// The list of these objects, as far as their labels pass the filter of the query; with `report_fields` each in full.
///
/// # Errors
/// `Invalid` for a filter that cannot be read.
pub fn list<S: Serialize>(call: &Call, all: impl IntoIterator<Item = Shown<S>>) -> Result<Written<ObjectList<S>>> {
    let is_full = call.query("report_fields").is_some();
    let filter = Filter::parse(&call.query("label_filter").unwrap_or_default())?;
    let mut items = Items::begin();
    for shown in all.into_iter().filter(|shown| filter.passes(&shown.kept.labels)) {
        items.push(&ObjectItem::new(shown.into(), is_full))?;
    }
    Ok(items.end(ERRORS))
}

/// One of these objects, with the form that the query asks for.
///
/// # Errors
/// `Invalid` for a form that there is not.
pub fn answer<S: Clone>(call: &Call, shown: Shown<S>) -> Result<Json<ObjectAnswer<S>>> {
    let form = Form::of(call)?;
    Ok(Json(ObjectAnswer::new(shown.into(), form)))
}

/// The one of these objects with the name in the path.
///
/// # Errors
/// `NotFound`, with the word for its kind; as [`answer`].
pub fn one<S: Clone>(
    call: &Call,
    kind: &str,
    all: impl IntoIterator<Item = Shown<S>>,
) -> Result<Json<ObjectAnswer<S>>> {
    let name = call.param("name");
    let found = all.into_iter().find(|shown| shown.name == name).ok_or_else(|| not_found(kind, name))?;
    answer(call, found)
}

/// The sentence for an object that is not there.
pub fn not_found(kind: &str, name: &str) -> Error {
    Error::not_found(format!("{kind} {} was not found in this tenant.", text::shown(name)))
}
