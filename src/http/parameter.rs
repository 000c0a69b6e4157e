//! What an operation reads beside its path and body, and what comes with its answer: declared once in its row, for the
//! document and for whoever reads it.

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};

use super::operation::Operation;

/// A parameter of the query, or a header.
#[derive(Clone, Copy)]
pub(super) struct Parameter {
    pub(super) name: &'static str,
    about: &'static str,
    schema: fn(&mut SchemaGenerator) -> Value,
}

impl Parameter {
    fn of<T: JsonSchema>(name: &'static str, about: &'static str) -> Self {
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

impl Operation {
    /// Reads a parameter of the query; `T` is what it may be. [`super::Call::query`] finds no other.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.queries.push(Parameter::of::<T>(name, about));
        self
    }

    /// Reads a header that no other operation is bound to know.
    #[must_use]
    pub fn header<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.headers.push(Parameter::of::<T>(name, about));
        self
    }

    /// Answers with a header of its own.
    #[must_use]
    pub fn answer_header<T: JsonSchema>(mut self, name: &'static str, about: &'static str) -> Self {
        self.answer_headers.push(Parameter::of::<T>(name, about));
        self
    }

    /// Whether its row says that it reads this parameter of the query.
    pub(super) fn reads(&self, name: &str) -> bool {
        self.queries.iter().any(|parameter| parameter.name == name)
    }
}
