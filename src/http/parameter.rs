//! The query parameters and headers of an operation. Its row declares them once; the document and
//! [`super::Call::query`] use that.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// A query parameter or a header.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    about: &'static str,
    schema: fn(&mut SchemaGenerator) -> Value,
}

impl Parameter {
    pub(super) fn of<T: JsonSchema>(name: &'static str, about: &'static str) -> Self {
        Self { name, about, schema: |schemas| schemas.subschema_for::<T>().to_value() }
    }

    /// As the document shows it among the parameters of an operation.
    pub(super) fn shown(&self, place: &str, schemas: &mut SchemaGenerator) -> Value {
        json!({
            "name": self.name, "in": place, "required": false, "description": self.about,
            "schema": (self.schema)(schemas),
        })
    }

    /// As the document shows it among the headers of an answer.
    pub(super) fn shown_in_answer(&self, schemas: &mut SchemaGenerator) -> Value {
        json!({ "description": self.about, "schema": (self.schema)(schemas) })
    }
}
