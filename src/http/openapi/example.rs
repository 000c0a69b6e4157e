//! Examples, put together from schemas: so none of them can tell of what is no more.

use serde_json::{Map, Value};

/// One value that fits this schema: the one that stands there or in the type of a member, else the simplest. Members that
/// may be left out are shown where they have an example of their own, and what may be null is null where it has none.
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
        // A choice, or several types: each of them may be null.
        _ => Value::Null,
    }
}

/// The schema that a reference leads to; itself if it is none.
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
