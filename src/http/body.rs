//! The body of a request: which kinds are accepted, and how its bytes become the type that a handler takes. Errors name
//! the field.

use http::header;
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::call::Call;
use super::head::Head;
use super::json;
use super::pairs::pairs;
use super::shape::Shaped;
use crate::error::{Error, Kind, Result};
use crate::text;

/// A body that holds nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Whether the body is a page's form; otherwise it is JSON.
pub(super) fn is_form(head: &Head) -> Result<bool> {
    let content_type = head.header(header::CONTENT_TYPE).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => Ok(true),
        "application/json" => Ok(false),
        _ => Err(Error::invalid("Send the body as application/json, or as the form of the page.")),
    }
}

/// Reads the body into the handler's type. An absent body counts as `{}` and a member that is null as absent, since real
/// clients leave it out or send null.
pub(super) fn decode<B: DeserializeOwned>(call: &Call) -> Result<B> {
    let mut said = values(&call.body, call.is_form)?;
    leave_out_null(&mut said);
    serde_path_to_error::deserialize(Shaped(said))
        .map_err(|failure| explain(&failure.path().to_string(), failure.inner()))
}

/// The members of a body, each text checked.
///
/// # Errors
/// `Invalid`, with the name of the field at fault if there is one.
pub(super) fn values(body: &[u8], is_form: bool) -> Result<Value> {
    if is_form {
        return from_form(body);
    }
    if body.iter().all(u8::is_ascii_whitespace) { Ok(Value::Object(Map::new())) } else { json::read(body) }
}

/// Takes out the members that are null: clients of the public API send them for absent ones, as JSON of protocol buffers has
/// it.
fn leave_out_null(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, value| !value.is_null());
            members.values_mut().for_each(leave_out_null);
        }
        Value::Array(items) => items.iter_mut().for_each(leave_out_null),
        _ => {}
    }
}

fn from_form(body: &[u8]) -> Result<Value> {
    let mut fields = Map::new();
    for pair in pairs(body) {
        let (name, value) = pair?;
        let shown = text::shown(&name);
        text::check("(a name in the form)", &name)?;
        let value = json::taken(&shown, &name, value)?;
        if fields.insert(name, Value::String(value)).is_some() {
            return Err(Error::invalid(format!("Field {shown} is given twice.")));
        }
    }
    Ok(Value::Object(fields))
}

fn explain(path: &str, failure: &serde_json::Error) -> Error {
    let said = failure.to_string();
    let quoted = said.split('`').nth(1).unwrap_or_default();
    let field = if path == "." { "body" } else { path };
    Error::invalid(if said.starts_with("missing field") {
        format!("Field {} should be not nil, got nil in request.", inside(path, quoted))
    } else if said.starts_with("unknown field") {
        format!("Field {} is not known to this call. Leave it out.", text::shown(quoted))
    } else if let Some(rest) = said.strip_prefix("invalid type: ") {
        let expected = rest.rsplit_once("expected ").map_or(rest, |(_, expected)| expected);
        format!("Field {field} has the wrong type: {} is expected.", plain(expected))
    } else if let Some((_, words)) =
        said.strip_prefix("unknown variant ").and_then(|rest| rest.rsplit_once("expected "))
    {
        format!("Field {field} must be one of {}.", words.trim_start_matches("one of ").replace('`', ""))
    } else if said.starts_with("invalid value: integer") {
        format!("Field {field} is a number out of range.")
    } else if said.starts_with("Field ") {
        said
    } else {
        format!("Field {field} cannot be read: {said}.")
    })
}

/// A type's name in words that a client's author knows.
fn plain(expected: &str) -> &str {
    match expected {
        "u8" | "u16" | "u32" | "u64" | "i64" => "a whole number",
        named if named.starts_with("struct ") => "an object",
        other => other,
    }
}

fn inside(path: &str, field: &str) -> String {
    if path == "." || path.is_empty() || path == field { field.to_string() } else { format!("{path}.{field}") }
}

/// The error for a body that exceeds the operation's bound.
pub(super) fn too_large(most: usize) -> Error {
    Error::new(Kind::TooLarge, format!("The body is larger than {most} bytes, the most that this call takes."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_member_that_is_null_is_absent_at_any_depth_and_an_item_is_not() {
        let mut said = json!({ "a": null, "b": { "c": null, "d": [{ "e": null, "f": 0 }, null] } });
        leave_out_null(&mut said);
        assert_eq!(said, json!({ "b": { "d": [{ "f": 0 }, null] } }));
    }
}
