//! What is asked and answered of an object over HTTP. `S` is the spec of its kind; the names of the types in the document
//! begin with that of `S`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};

use super::{AskedMetadata, EMPTY, Form, KeptObject, Metadata, NewMetadata, Origin, Reference, SystemMetadata, Words};
use crate::http::EmptyObject;

/// A spec in a request, where members may be absent. It has a name of its own in the document, since in answers all members
/// are there.
pub(super) struct Asked<S>(pub(super) S);

impl<'de, S: Deserialize<'de>> Deserialize<'de> for Asked<S> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        S::deserialize(deserializer).map(Self)
    }
}

impl<S: JsonSchema> JsonSchema for Asked<S> {
    fn schema_name() -> Cow<'static, str> {
        format!("Asked{}", S::schema_name()).into()
    }

    fn json_schema(schemas: &mut SchemaGenerator) -> Schema {
        S::json_schema(schemas)
    }
}

/// A new object.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "New{S}", extend("required" = ["metadata"]))]
pub(super) struct NewAsk<S> {
    #[schemars(with = "NewMetadata")]
    pub(super) metadata: Option<AskedMetadata>,
    pub(super) spec: Option<Asked<S>>,
}

/// What is to stand in the place of an object's metadata and spec.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "{S}Replacement")]
pub(super) struct ReplacementAsk<S> {
    pub(super) metadata: Option<AskedMetadata>,
    pub(super) spec: Option<Asked<S>>,
}

/// What clients send with a removal says nothing that the path does not: no kind is referred to by other objects yet.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ObjectRemoval {}

/// An object in its three parts.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "{S}Object")]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Object<S> {
    pub metadata: Metadata,
    pub spec: S,
    pub system_metadata: SystemMetadata,
}

impl<S> Object<S> {
    /// The object of the public API, of a tenant with this id.
    pub fn of(kept: KeptObject, spec: S, tenant: &str) -> Self {
        let origin = Origin {
            uid: &kept.uid,
            tenant,
            created_at: kept.created_at,
            created_by: &kept.created_by,
            modified_at: kept.modified_at,
        };
        Self {
            system_metadata: SystemMetadata::narrow(origin),
            metadata: Metadata::of(kept.name, kept.namespace, kept.metadata),
            spec,
        }
    }
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{S}Form")]
struct ObjectForm<S> {
    metadata: Metadata,
    spec: S,
}

/// One object, as it is read by its name.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{S}Answer")]
pub struct ObjectAnswer<S> {
    create_form: Option<ObjectForm<S>>,
    replace_form: Option<ObjectForm<S>>,
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    deleted_referred_objects: [String; 0],
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    disabled_referred_objects: [String; 0],
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    referring_objects: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    status: [String; 0],
    #[serde(flatten)]
    object: Object<S>,
}

impl<S: Clone> ObjectAnswer<S> {
    /// The object with the form that is wanted.
    pub fn new(object: Object<S>, form: Form) -> Self {
        let filled = || ObjectForm { metadata: object.metadata.clone(), spec: object.spec.clone() };
        Self {
            create_form: (form == Form::Create).then(filled),
            replace_form: (form == Form::Replace).then(filled),
            deleted_referred_objects: [],
            disabled_referred_objects: [],
            referring_objects: [],
            status: [],
            object,
        }
    }
}

/// An object in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{S}Item")]
pub struct ObjectItem<S> {
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    /// The namespace; empty for namespaces themselves.
    #[schemars(example = &"team-a")]
    namespace: String,
    /// The name.
    #[schemars(example = &"main")]
    pub name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    #[schemars(example = &"The people of team A")]
    description: String,
    disabled: bool,
    labels: Words,
    annotations: Words,
    owner_view: Option<Reference>,
    metadata: Metadata,
    get_spec: Option<S>,
    system_metadata: Option<SystemMetadata>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    status_set: [String; 0],
}

impl<S> ObjectItem<S> {
    /// The object, in full or without the members that are only sent when they are asked for.
    pub fn new(object: Object<S>, is_full: bool) -> Self {
        let Object { metadata, spec, system_metadata } = object;
        Self {
            tenant: system_metadata.tenant.clone(),
            namespace: metadata.namespace.clone(),
            name: metadata.name.clone(),
            uid: system_metadata.uid.clone(),
            description: metadata.description.clone(),
            disabled: metadata.disable,
            labels: metadata.labels.clone(),
            annotations: metadata.annotations.clone(),
            owner_view: None,
            metadata,
            get_spec: is_full.then_some(spec),
            system_metadata: is_full.then_some(system_metadata),
            status_set: [],
        }
    }
}

/// A list of objects, for the document: it is written item by item, and [`ERRORS`] behind them.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
#[schemars(rename = "{S}List")]
pub struct ObjectList<S> {
    items: Vec<ObjectItem<S>>,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    errors: [String; 0],
}

/// The rest of the text of a list of objects: clients take a list with anything in `errors` for an incomplete one.
pub const ERRORS: &str = ",\"errors\":[]";
