//! Makes examples from schemas, so that no example can be out of date.

use serde_json::{Map, Value};

/// One value that fits this schema: its own example or that of its member, otherwise the simplest value. Optional
/// members are shown if they have an example of their own; a nullable member without an example is null.
pub(super) fn example(schema: &Value, schemas: &Value) -> Value {
    if let Some(shown) = schema.pointer("/examples/0").or(schema.pointer("/enum/0")) {
        return shown.clone();
    }
    if schema["$ref"].is_string() {
        return example(resolved(schema, schemas), schemas);
    }
    match schema["type"].as_str() {
        Some("object") => object(schema, schemas),
        Some("array") => vec![example(&schema["items"], schemas)].into(),
        Some("boolean") => false.into(),
        Some("integer") => 1.into(),
        Some("string") => "".into(),
        // A choice of schemas or several types: each of these may be null.
        _ => Value::Null,
    }
}

/// The schema that a reference points to; the schema itself if it is no reference.
pub(super) fn resolved<'s>(schema: &'s Value, schemas: &'s Value) -> &'s Value {
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}

fn object(schema: &Value, schemas: &Value) -> Value {
    let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
    let members = schema["properties"].as_object().into_iter().flatten();
    let shown =
        members.filter(|(name, member)| required.iter().any(|known| *known == **name) || member["examples"].is_array());
    shown.map(|(name, member)| (name.clone(), example(member, schemas))).collect::<Map<_, _>>().into()
}
