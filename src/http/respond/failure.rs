//! The bodies of answers that say why something was not done.

use schemars::JsonSchema;
use serde::Serialize;

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
