//! The regular object of the public API where callers may read it by the plain calls and not write it: its list, and one of it.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, EmptyObject};
use crate::objects::{EMPTY, KeptMetadata, Metadata, Origin, Reference, SystemMetadata, Words};
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

/// The three parts of an object.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Object<S> {
    pub metadata: Metadata,
    pub spec: S,
    pub system_metadata: SystemMetadata,
}

impl<S> From<Shown<S>> for Object<S> {
    fn from(shown: Shown<S>) -> Self {
        Self { metadata: shown.metadata(), system_metadata: shown.system_metadata(), spec: shown.spec }
    }
}

/// One object, as the plain call for it answers.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct View<S> {
    #[serde(flatten)]
    pub object: Object<S>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub status: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub deleted_referred_objects: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub disabled_referred_objects: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub referring_objects: [String; 0],
}

impl<S> From<Shown<S>> for View<S> {
    fn from(shown: Shown<S>) -> Self {
        Self {
            object: shown.into(),
            status: [],
            deleted_referred_objects: [],
            disabled_referred_objects: [],
            referring_objects: [],
        }
    }
}

/// Many objects, as the plain call for all of them answers.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct ViewList<S> {
    pub items: Vec<ViewItem<S>>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub errors: [String; 0],
}

/// One object among many.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct ViewItem<S> {
    #[schemars(example = &"example-corp-abcdefgh")]
    pub tenant: String,
    #[schemars(example = &"shared")]
    pub namespace: &'static str,
    #[schemars(example = &"ves-io-monitor-role")]
    pub name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub uid: String,
    #[schemars(example = &"")]
    pub description: String,
    pub disabled: bool,
    pub labels: Words,
    pub annotations: Words,
    pub owner_view: Option<Reference>,
    pub metadata: Metadata,
    pub get_spec: Option<S>,
    pub system_metadata: Option<SystemMetadata>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub status_set: [String; 0],
}

impl<S> ViewList<S> {
    /// The list of these objects; with `report_fields` in the query each is answered in full.
    pub fn of(call: &Call, all: impl IntoIterator<Item = Shown<S>>) -> Self {
        let is_full = call.query("report_fields").is_some();
        let items = all.into_iter().map(|shown| ViewItem {
            metadata: shown.metadata(),
            system_metadata: is_full.then(|| shown.system_metadata()),
            tenant: shown.tenant,
            namespace: shown.namespace,
            name: shown.name,
            uid: shown.uid.to_string(),
            description: shown.kept.description,
            disabled: shown.kept.disable,
            labels: shown.kept.labels,
            annotations: shown.kept.annotations,
            owner_view: None,
            get_spec: is_full.then_some(shown.spec),
            status_set: [],
        });
        Self { items: items.collect(), errors: [] }
    }
}

/// The one of these objects with the name in the path.
///
/// # Errors
/// `NotFound`, with the word for its kind.
pub fn one<S>(call: &Call, kind: &str, all: impl IntoIterator<Item = Shown<S>>) -> Result<View<S>> {
    let name = call.param("name");
    let found = all.into_iter().find(|shown| shown.name == name);
    found.map(View::from).ok_or_else(|| not_found(kind, name))
}

/// The sentence for an object that is not there.
pub fn not_found(kind: &str, name: &str) -> Error {
    Error::not_found(format!("{kind} {} was not found in this tenant.", text::shown(name)))
}
