//! Some real clients leave placeholders such as `{namespace}` in the path, and name the value in the body. They are
//! replaced before the call is judged, so that the gate, the verb and the records all see the same path.

use serde_json::Value;

use super::head::Head;
use super::operation::Operation;
use super::path;
use crate::access::SYSTEM;
use crate::error::{Error, Result};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meant {
    Namespace,
    Name,
}

fn meant(value: &str) -> Option<Meant> {
    match value {
        "{namespace}" | "{metadata.namespace}" => Some(Meant::Namespace),
        "{name}" | "{metadata.name}" => Some(Meant::Name),
        _ => None,
    }
}

/// Whether the path has a placeholder to be replaced from the body.
pub(super) fn stands_in(head: &Head) -> bool {
    head.params.iter().any(|(_, value)| meant(value).is_some())
}

/// Replaces each placeholder by the body's member of that name, or by the one inside `metadata`. A namespace that the
/// body does not name is `system`.
///
/// # Errors
/// `Invalid`, with the name of the field, for a name that is missing or that cannot stand in a path.
pub(super) fn resolve(head: &mut Head, operation: &Operation, body: &Value) -> Result<()> {
    for (param, value) in &mut head.params {
        let resolved = match meant(value) {
            None => continue,
            Some(Meant::Namespace) => said(body, "namespace")?.unwrap_or(SYSTEM),
            Some(Meant::Name) => {
                said(body, "name")?.ok_or_else(|| Error::invalid("Field name should be not empty in request."))?
            }
        };
        path::check(param, resolved)?;
        *value = resolved.to_owned();
    }
    head.path = filled(operation.path, head).into();
    Ok(())
}

fn said<'b>(body: &'b Value, member: &str) -> Result<Option<&'b str>> {
    for (field, value) in
        [(member.to_owned(), &body[member]), (format!("metadata.{member}"), &body["metadata"][member])]
    {
        match value {
            Value::Null => {}
            Value::String(text) if text.is_empty() => {}
            Value::String(text) => return Ok(Some(text)),
            _ => return Err(Error::invalid(format!("Field {field} has the wrong type: a string is expected."))),
        }
    }
    Ok(None)
}

fn filled(template: &str, head: &Head) -> String {
    let name = |segment: &str| segment.strip_prefix('{')?.strip_suffix('}').map(str::to_owned);
    let segments = template.split('/').map(|segment| match name(segment) {
        Some(name) => head.param(&name).unwrap_or_default().to_owned(),
        None => segment.to_owned(),
    });
    segments.collect::<Vec<_>>().join("/")
}
