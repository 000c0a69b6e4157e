//! The three-part object of the public API (metadata, spec, system_metadata), and the rules for its names.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::access::SYSTEM;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::whole::{parse_whole, whole};

/// Longest name of an object (RFC 1035 § 2.3.4, a label).
pub const NAME_MAX: usize = 63;
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
    pub object_type: &'static str,
    #[schemars(example = &"jane@example.com")]
    pub object_name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub object_uid: String,
    #[schemars(example = &"")]
    pub error_message: &'static str,
}

/// Checks the name of an object: a small letter, then small letters, digits and hyphens (RFC 1035 § 2.3.1).
///
/// # Errors
/// `Invalid`, with the name of the field.
pub fn check_name(field: &str, name: &str, length_max: usize) -> Result<()> {
    if name.is_empty() {
        return Err(Error::invalid(format!("Field {field} should be not empty in request.")));
    }
    let is_fit = name.len() <= length_max
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_fit {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Field {field} must be a small letter, then small letters, digits and hyphens, at most {length_max}."
    )))
}

/// A whole number, which real clients also send as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole(pub i64);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wrong =
            || serde::de::Error::invalid_type(serde::de::Unexpected::Other("something else"), &"a whole number");
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            serde_json::Value::String(text) if text.is_empty() => Some(0),
            serde_json::Value::String(text) => parse_whole(&text),
            _ => None,
        }
        .map(Self)
        .ok_or_else(wrong)
    }
}

impl JsonSchema for Whole {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Whole".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": ["integer", "string"], "format": "int64", "examples": [30] })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_a_label_of_a_host_name() {
        for good in ["a", "team-a", "x1"] {
            assert!(check_name("metadata.name", good, NAME_MAX).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "-a", "a-", "A", "1a", "a_b", "*", "a.b", &long] {
            let refused = check_name("metadata.name", bad, NAME_MAX).unwrap_err();
            assert!(refused.message.starts_with("Field metadata.name "), "{bad}");
        }
    }

    #[test]
    fn a_number_may_come_as_text() {
        assert_eq!(serde_json::from_str::<Whole>("10").unwrap(), Whole(10));
        for ten in ["\"10\"", "10.0", "1e1", "\"10.0\"", "\"1e1\""] {
            assert_eq!(serde_json::from_str::<Whole>(ten).unwrap(), Whole(10), "{ten}");
        }
        assert_eq!(serde_json::from_str::<Whole>("\"\"").unwrap(), Whole(0));
        for bad in ["1.5", "\"ten\"", "[]", "true", "1e30", "18446744073709551615", "\"1.5\""] {
            assert!(serde_json::from_str::<Whole>(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_number_reads_alike_as_text(number: i64) {
            let text = format!("\"{number}\"");
            prop_assert_eq!(serde_json::from_str::<Whole>(&text).unwrap(), Whole(number));
        }
    }
}
