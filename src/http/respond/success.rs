//! The answers of an operation on success: derived from the handler's return type, or set in its row where that type is
//! [`Answer`](super::Answer), which can be anything.

use http::StatusCode;
use schemars::{JsonSchema, Schema, SchemaGenerator};

/// One answer of an operation on success.
#[derive(Clone, Copy)]
pub struct Success {
    pub(in crate::http) status: StatusCode,
    pub(in crate::http) about: &'static str,
    /// None for an answer without a body.
    pub(in crate::http) content_type: Option<&'static str>,
    /// The schema of the body, or of each line of it; none if it is not JSON.
    pub(in crate::http) schema: Option<fn(&mut SchemaGenerator) -> Schema>,
}

impl Success {
    /// 200 with a JSON object.
    pub fn json<T: JsonSchema>() -> Self {
        let schema: fn(&mut SchemaGenerator) -> Schema = |schemas| schemas.subschema_for::<T>();
        Self { schema: Some(schema), ..Self::file("application/json", "Done.") }
    }

    /// 201 with the JSON object that was made.
    pub fn created<T: JsonSchema>() -> Self {
        Self { status: StatusCode::CREATED, about: "Made; `Location` says where it is.", ..Self::json::<T>() }
    }

    /// 200 with a JSON object on each line.
    pub fn lines<T: JsonSchema>(about: &'static str) -> Self {
        let schema: fn(&mut SchemaGenerator) -> Schema = |schemas| schemas.subschema_for::<T>();
        Self { schema: Some(schema), ..Self::file("application/x-ndjson", about) }
    }

    /// 200 with a page.
    pub fn page() -> Self {
        Self::file("text/html", "The page, for browsers.")
    }

    /// 200 with another kind of content.
    pub const fn file(content_type: &'static str, about: &'static str) -> Self {
        Self { status: StatusCode::OK, about, content_type: Some(content_type), schema: None }
    }

    /// 204: done, no body.
    pub fn done() -> Self {
        Self::bare(StatusCode::NO_CONTENT, "Done; the answer has no body.")
    }

    /// 303: sends the browser to another page.
    pub fn see() -> Self {
        Self::bare(StatusCode::SEE_OTHER, "For browsers: go on to the page that `Location` names.")
    }

    /// 304: the browser's copy is current.
    pub const fn unchanged() -> Self {
        Self::bare(StatusCode::NOT_MODIFIED, "What `If-None-Match` names is what is here.")
    }

    const fn bare(status: StatusCode, about: &'static str) -> Self {
        Self { status, about, content_type: None, schema: None }
    }
}
