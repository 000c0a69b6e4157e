//! The body of a request: bounded in size and time, of a kind that we read, and from its bytes to the type that a handler
//! asks for, with a sentence that names the field.

use std::time::Duration;

use bytes::Bytes;
use http::header;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::call::{Call, Head};
use super::operation::Operation;
use crate::error::{Error, Kind, Result};

/// Refuses a body whose announced length is beyond the operation's bound, before any of it is read.
pub(super) fn check_length(operation: &Operation, incoming: &Incoming) -> Result<()> {
    if incoming.size_hint().lower() > operation.body_max as u64 { Err(too_large(operation)) } else { Ok(()) }
}

/// All of it, within the operation's bound and `patience`.
pub(super) async fn read(operation: &Operation, incoming: Incoming, patience: Duration) -> Result<Bytes> {
    if incoming.is_end_stream() {
        return Ok(Bytes::new());
    }
    let read = Limited::new(incoming, operation.body_max).collect();
    match tokio::time::timeout(patience, read).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(cause)) if cause.is::<LengthLimitError>() => Err(too_large(operation)),
        Ok(Err(_)) => Err(Error::invalid("The body broke off. Send it whole.")),
        Err(_) => Err(Error::invalid("The body came too slowly. Send it again.")),
    }
}

/// Whether it is the form of a page; else it is JSON.
pub(super) fn is_form(head: &Head) -> Result<bool> {
    let content_type = head.header(header::CONTENT_TYPE).unwrap_or_default();
    match content_type.split(';').next().unwrap_or_default().trim() {
        "application/x-www-form-urlencoded" => Ok(true),
        "application/json" => Ok(false),
        _ => Err(Error::invalid("Send the body as application/json, or as the form of the page.")),
    }
}

/// Reads the body. None at all is `{}`, since real clients leave it out.
pub(super) fn decode<B: DeserializeOwned>(call: &Call) -> Result<B> {
    if call.is_form {
        return from_form(&call.body);
    }
    let text = if call.body.iter().all(u8::is_ascii_whitespace) { b"{}".as_slice() } else { &call.body };
    check_object(text)?;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let asked = serde_path_to_error::deserialize(&mut reader)
        .map_err(|failure| explain(&failure.path().to_string(), failure.inner()))?;
    reader
        .end()
        .map_err(|_| Error::invalid("The body has something behind its JSON object. Send one object alone."))?;
    Ok(asked)
}

/// A type of named fields would also be read from a list of their values, which no document speaks of.
fn check_object(text: &[u8]) -> Result<()> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return Ok(());
    }
    match serde_json::from_slice::<serde::de::IgnoredAny>(text) {
        Ok(_) => Err(Error::invalid("Field body has the wrong type: one JSON object is expected.")),
        Err(failure) => Err(explain(".", &failure)),
    }
}

fn from_form<B: DeserializeOwned>(body: &[u8]) -> Result<B> {
    let mut fields = serde_json::Map::new();
    for (name, value) in form_urlencoded::parse(body) {
        if fields.insert(name.to_string(), Value::String(value.into_owned())).is_some() {
            return Err(Error::invalid(format!("Field {name} is given twice.")));
        }
    }
    serde_path_to_error::deserialize(Value::Object(fields))
        .map_err(|failure| explain(&failure.path().to_string(), failure.inner()))
}

fn explain(path: &str, failure: &serde_json::Error) -> Error {
    let said = failure.to_string();
    let said = said.split(" at line ").next().unwrap_or(&said);
    if failure.is_syntax() || failure.is_eof() {
        return Error::invalid(format!(
            "The body is not valid JSON (line {}, column {}). Send one JSON object.",
            failure.line(),
            failure.column()
        ));
    }
    let quoted = said.split('`').nth(1).unwrap_or_default();
    let field = if path == "." { "body" } else { path };
    Error::invalid(if said.starts_with("missing field") {
        format!("Field {} should be not nil, got nil in request.", inside(path, quoted))
    } else if said.starts_with("unknown field") {
        format!("Field {quoted} is not known to this call. Leave it out.")
    } else if said.starts_with("duplicate field") {
        format!("Field {quoted} is given twice.")
    } else if let Some(rest) = said.strip_prefix("invalid type: ") {
        let expected = rest.rsplit_once("expected ").map_or(rest, |(_, expected)| expected);
        format!("Field {field} has the wrong type: {expected} is expected.")
    } else if said.starts_with("Field ") {
        said.to_string()
    } else {
        format!("Field {field} cannot be read: {said}.")
    })
}

fn inside(path: &str, field: &str) -> String {
    if path == "." || path.is_empty() || path == field { field.to_string() } else { format!("{path}.{field}") }
}

fn too_large(operation: &Operation) -> Error {
    Error::new(
        Kind::TooLarge,
        format!("The body is larger than {} bytes, the most that this call takes.", operation.body_max),
    )
}
