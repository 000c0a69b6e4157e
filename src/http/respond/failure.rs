//! The bodies of answers that say why something was not done.

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Kind};

/// Why it was not done.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(in crate::http) struct ErrorBody<'a> {
    /// The gRPC number of the kind of error.
    #[schemars(example = 5)]
    pub(super) code: i32,
    /// Further sentences, such as each reason why a password was refused.
    pub(super) details: Vec<Detail<'a>>,
    /// One plain sentence; it names the field that is at fault.
    #[schemars(example = &"User jane@example.com was not found in this tenant.")]
    pub(super) message: &'a str,
    /// The id of the request, for questions about it.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b300")]
    pub(super) request_id: &'a str,
}

/// One sentence of several.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ErrorDetail")]
pub(in crate::http) struct Detail<'a> {
    /// The sentence.
    #[schemars(example = &"Use at least 12 characters.")]
    pub(super) reason: &'a str,
}

/// Why it was not done, as RFC 9457 has it.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct Problem<'a> {
    /// Always `about:blank`: the status says it all.
    #[schemars(example = &"about:blank")]
    pub(super) r#type: &'static str,
    /// The status in words.
    #[schemars(example = &"Not Found")]
    pub(super) title: &'static str,
    /// The status.
    #[schemars(example = 404)]
    pub(super) status: u16,
    /// One plain sentence; it names the field that is at fault.
    #[schemars(example = &"User jane@example.com was not found in this tenant.")]
    pub(super) detail: &'a str,
    /// The gRPC number of the kind of error.
    #[schemars(example = 5)]
    pub(super) code: i32,
    /// Further sentences; absent where there is none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) reasons: &'a [String],
    /// The id of the request, for questions about it.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b300")]
    pub(super) request_id: &'a str,
}

/// Why it was not done, as RFC 7644 § 3.12 has it.
#[derive(Serialize, JsonSchema)]
pub(in crate::http) struct ScimError<'a> {
    /// Always that of an error.
    #[schemars(example = &["urn:ietf:params:scim:api:messages:2.0:Error"])]
    schemas: [&'static str; 1],
    /// The status, as text.
    #[schemars(example = &"409")]
    status: &'a str,
    /// The word for what is wrong; absent where RFC 7644 has none.
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"uniqueness")]
    scim_type: Option<&'static str>,
    /// One plain sentence, and further ones such as each reason why a password was refused.
    #[schemars(example = &"A user with the address jane@example.com already exists.")]
    detail: String,
}

impl<'a> ScimError<'a> {
    pub(super) fn of(error: &Error, status: &'a str) -> Self {
        let of_kind = match error.kind {
            Kind::Invalid | Kind::Refused => Some("invalidValue"),
            Kind::Duplicate => Some("uniqueness"),
            _ => None,
        };
        let sentences: Vec<_> = std::iter::once(&error.message).chain(&error.details).map(String::as_str).collect();
        Self {
            schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
            status,
            scim_type: error.scim_type.or(of_kind),
            detail: sentences.join(" "),
        }
    }
}
