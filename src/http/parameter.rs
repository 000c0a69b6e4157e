//! The query parameters and headers of an operation. Its row declares them once; the document and
//! [`super::Call::query`] use that.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

/// A query parameter or a header.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    about: &'static str,
    is_required: bool,
    schema: fn(&mut SchemaGenerator) -> Value,
}

impl Parameter {
    pub(super) fn of<T: JsonSchema>(name: &'static str, about: &'static str) -> Self {
        Self { name, about, is_required: false, schema: |schemas| schemas.subschema_for::<T>().to_value() }
    }

    /// The same, where a call without it is refused.
    pub(super) fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// As the document shows it among the parameters of an operation. An optional text in the query may be empty, which
    /// counts as absent: some clients fill in every parameter that they know.
    pub(super) fn shown(&self, place: &str, schemas: &mut SchemaGenerator) -> Value {
        let schema = (self.schema)(schemas);
        let mut shown =
            json!({ "name": self.name, "in": place, "required": self.is_required, "description": self.about });
        if place == "query" && !self.is_required && schema["type"] != "integer" {
            shown["allowEmptyValue"] = true.into();
        }
        shown["schema"] = schema;
        shown
    }

    /// As the document shows it among the headers of an answer.
    pub(super) fn shown_in_answer(&self, schemas: &mut SchemaGenerator) -> Value {
        json!({ "description": self.about, "schema": (self.schema)(schemas) })
    }
}
