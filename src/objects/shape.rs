//! The parts of an object that are the same for every kind: metadata, which is the caller's, and system_metadata, which is
//! ours.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::SYSTEM;
use crate::clock::Timestamp;
use crate::error::{Error, Result};

/// Longest description, in bytes.
const DESCRIPTION_MAX: usize = 1200;
/// Longest key of a label or annotation.
const KEY_MAX: usize = 64;
/// Longest value of a label or annotation.
const VALUE_MAX: usize = 1024;

/// The empty list in examples.
pub const EMPTY: [String; 0] = [];
/// Labels or annotations.
pub type Words = BTreeMap<String, String>;

/// The caller's part of an object, in answers.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
pub struct Metadata {
    /// The name.
    #[schemars(example = &"team-a")]
    pub name: String,
    /// The namespace; empty for namespaces themselves.
    #[schemars(example = &"")]
    pub namespace: String,
    /// The description.
    #[schemars(example = &"The people of team A")]
    pub description: String,
    /// Whether it is switched off.
    pub disable: bool,
    /// Searchable words.
    pub labels: Words,
    /// Annotations.
    pub annotations: Words,
    /// The id; in the wide form of custom calls only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
}

impl Metadata {
    /// For an object in `system` without further metadata.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), namespace: SYSTEM.into(), ..Self::default() }
    }

    /// For an object of this name and namespace, with what is kept of it.
    pub fn of(name: String, namespace: String, kept: KeptMetadata) -> Self {
        let KeptMetadata { description, disable, labels, annotations } = kept;
        Self { name, namespace, description, disable, labels, annotations, uid: None }
    }
}

/// The caller's part of an object, in requests.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AskedMetadata {
    /// The name.
    #[schemars(example = &"team-a")]
    pub name: Option<String>,
    /// The description, at most 1,200 bytes.
    #[schemars(example = &"The people of team A")]
    pub description: Option<String>,
    /// Whether it is switched off.
    pub disable: Option<bool>,
    /// Searchable words.
    #[schemars(example = Words::from([("stage".into(), "test".into())]))]
    pub labels: Option<Words>,
    /// Annotations.
    pub annotations: Option<Words>,
}

/// The caller's part of a new object; the name is required.
pub enum NewMetadata {}

impl JsonSchema for NewMetadata {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewMetadata".into()
    }

    fn json_schema(schemas: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = AskedMetadata::json_schema(schemas);
        schema.insert("required".into(), vec!["name"].into());
        schema
    }
}

/// The caller's part of an object, as stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptMetadata {
    /// The description.
    pub description: String,
    /// Whether it is switched off.
    pub disable: bool,
    /// Searchable words.
    pub labels: Words,
    /// Annotations.
    pub annotations: Words,
}

impl AskedMetadata {
    /// The part to store.
    ///
    /// # Errors
    /// `Invalid` for a text that is too long, with the name of its field.
    pub fn keep(&self) -> Result<KeptMetadata> {
        let description = self.description.clone().unwrap_or_default();
        if description.len() > DESCRIPTION_MAX {
            return Err(Error::invalid("Field metadata.description is longer than 1200 bytes."));
        }
        Ok(KeptMetadata {
            description,
            disable: self.disable.unwrap_or_default(),
            labels: words("labels", self.labels.as_ref())?,
            annotations: words("annotations", self.annotations.as_ref())?,
        })
    }
}

fn words(field: &str, asked: Option<&Words>) -> Result<Words> {
    let words = asked.cloned().unwrap_or_default();
    let is_fit = |(key, value): (&String, &String)| !key.is_empty() && key.len() <= KEY_MAX && value.len() <= VALUE_MAX;
    if words.iter().all(is_fit) {
        return Ok(words);
    }
    Err(Error::invalid(format!(
        "Field metadata.{field} has a key of none or more than 64 bytes, or a value of more than 1024."
    )))
}

/// The server's part of an object.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct SystemMetadata {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub uid: String,
    #[schemars(example = &"example-corp-abcdefgh")]
    pub tenant: String,
    pub creation_timestamp: Timestamp,
    pub modification_timestamp: Option<Timestamp>,
    pub deletion_timestamp: Option<Timestamp>,
    #[schemars(example = &"prism")]
    pub creator_class: &'static str,
    #[schemars(example = &"owner@example.com")]
    pub creator_id: String,
    pub initializers: Option<Initializers>,
    #[schemars(with = "Vec<String>", example = EMPTY)]
    pub finalizers: [String; 0],
    pub labels: Words,
    pub object_index: i64,
    pub owner_view: Option<Reference>,
    #[serde(flatten)]
    pub wide: Option<Wide>,
}

/// Steps pending before an object is ready: always empty. One real client waits for the empty list.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Initializers {
    #[schemars(with = "Vec<String>", example = EMPTY)]
    pub pending: [String; 0],
    pub result: Option<String>,
}

/// Further members that custom calls answer; most concern the public service alone and are empty here.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Wide {
    #[schemars(example = &"0")]
    pub revision: String,
    #[schemars(example = EMPTY)]
    pub namespace: Vec<Reference>,
    #[schemars(example = &"")]
    pub creator_cookie: &'static str,
    #[schemars(example = &"")]
    pub direct_ref_hash: &'static str,
    pub sre_disable: bool,
    #[schemars(example = &"")]
    pub trace_info: &'static str,
    #[schemars(example = &"")]
    pub vtrp_id: &'static str,
    pub vtrp_stale: bool,
}

/// Points to another object.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Reference {
    #[schemars(example = &"user")]
    pub kind: &'static str,
    #[schemars(example = &"jane@example.com")]
    pub name: String,
    #[schemars(example = &"system")]
    pub namespace: String,
    #[schemars(example = &"example-corp-abcdefgh")]
    pub tenant: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub uid: String,
}

/// The origin of an object, for its metadata.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Its id.
    pub uid: &'a Uuid,
    /// The tenant id of the API.
    pub tenant: &'a str,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: &'a str,
    /// When it was last replaced.
    pub modified_at: Option<Timestamp>,
}

impl SystemMetadata {
    /// The narrow form of plain calls.
    pub fn narrow(origin: Origin<'_>) -> Self {
        Self {
            uid: origin.uid.to_string(),
            tenant: origin.tenant.into(),
            creation_timestamp: origin.created_at,
            modification_timestamp: origin.modified_at,
            deletion_timestamp: None,
            creator_class: "prism",
            creator_id: origin.created_by.into(),
            initializers: None,
            finalizers: [],
            labels: Words::new(),
            object_index: 0,
            owner_view: None,
            wide: None,
        }
    }

    /// The wide form of custom calls. The time of the last change serves as the growing resource version.
    pub fn wide(origin: Origin<'_>) -> Self {
        let revision = origin.modified_at.map_or(0, |moment| moment.0).to_string();
        let wide = Wide {
            revision,
            namespace: Vec::new(),
            creator_cookie: "",
            direct_ref_hash: "",
            sre_disable: false,
            trace_info: "",
            vtrp_id: "",
            vtrp_stale: false,
        };
        Self { wide: Some(wide), ..Self::narrow(origin) }
    }
}

/// One object removed by a cascade.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct Gone {
    #[schemars(example = &"ves.io.schema.user.Object")]
    pub object_type: String,
    #[schemars(example = &"jane@example.com")]
    pub object_name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub object_uid: String,
    #[schemars(example = &"")]
    pub error_message: &'static str,
}
