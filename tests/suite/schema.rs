//! As much of JSON Schema (2020-12) as the OpenAPI document uses. A keyword that is not known here is a fault, so that none
//! goes unchecked; and a value may have no member of which its schema does not tell.

use serde_json::{Map, Value, json};
use tenantry::clock::Timestamp;
use tenantry::text;

/// Keywords that do not restrict the value.
const REMARKS: [&str; 5] = ["description", "examples", "default", "writeOnly", "$ref"];

/// The schema that a reference points to; the schema itself if it is no reference.
pub fn resolved(document: &Value, schema: &Value) -> Value {
    let Some(path) = schema["$ref"].as_str() else { return schema.clone() };
    let found = path.strip_prefix('#').and_then(|pointer| document.pointer(pointer));
    found.unwrap_or_else(|| panic!("{path} leads nowhere")).clone()
}

/// The faults of a value, each with its place; empty if it fits.
pub fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let schema = resolved(document, schema);
    let Some(keywords) = schema.as_object() else { return vec![format!("{schema} is no schema")] };
    keywords.iter().flat_map(|(word, told)| judge(document, keywords, (word, told), value)).collect()
}

fn judge(document: &Value, schema: &Map<String, Value>, (word, told): (&str, &Value), value: &Value) -> Vec<String> {
    let fits = match word {
        "type" => told.as_str().map_or_else(|| many(told), |one| vec![one]).iter().any(|kind| is_of(kind, value)),
        "enum" => told.as_array().unwrap().contains(value),
        "anyOf" => told.as_array().unwrap().iter().any(|choice| faults(document, choice, value).is_empty()),
        "maximum" => value.as_f64().is_none_or(|number| number <= told.as_f64().unwrap()),
        "minimum" => value.as_f64().is_none_or(|number| number >= told.as_f64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= told.as_u64().unwrap()),
        "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= told.as_u64().unwrap()),
        "minLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 >= told.as_u64().unwrap()),
        "maxLength" => value.as_str().is_none_or(|text| text.chars().count() as u64 <= told.as_u64().unwrap()),
        "pattern" => value.as_str().is_none_or(|text| is_like(told, text)),
        "format" => value.as_str().is_none_or(|text| has_format(told, text)),
        "required" => value.as_object().is_none_or(|members| many(told).iter().all(|name| members.contains_key(*name))),
        "items" => return value.as_array().into_iter().flatten().flat_map(|one| faults(document, told, one)).collect(),
        "properties" => return members(document, told, schema, value),
        "additionalProperties" => return others(document, told, schema, value),
        _ => REMARKS.contains(&word),
    };
    if fits { Vec::new() } else { vec![format!("{word} {told} does not hold for {value}")] }
}

fn many(told: &Value) -> Vec<&str> {
    told.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn has_format(format: &Value, text: &str) -> bool {
    format != "date-time" || (Timestamp::parse(text).is_some() && text.len() == "2026-03-04T09:15:27.000000Z".len())
}

/// Whether a text is as an expression has it. Of the few that the document uses, the server's own code knows the meaning.
fn is_like(pattern: &Value, text: &str) -> bool {
    match pattern.as_str().unwrap() {
        text::PATTERN => text::check("", text).is_ok(),
        text::SECRET_PATTERN => text::check_secret("", text).is_ok(),
        text::LINES_PATTERN => text::check_lines("", text).is_ok(),
        _ => false,
    }
}

fn members(document: &Value, told: &Value, schema: &Map<String, Value>, value: &Value) -> Vec<String> {
    let others_may_be = schema.contains_key("additionalProperties");
    let judge = |(name, member): (&String, &Value)| match told.get(name) {
        Some(inner) => faults(document, inner, member).iter().map(|fault| format!("{name}: {fault}")).collect(),
        None if others_may_be => Vec::new(),
        None => vec![format!("nothing tells of {name}")],
    };
    value.as_object().into_iter().flatten().flat_map(judge).collect()
}

fn others(document: &Value, told: &Value, schema: &Map<String, Value>, value: &Value) -> Vec<String> {
    let is_other = |name: &str| schema.get("properties").is_none_or(|known| known.get(name).is_none());
    let others = value.as_object().into_iter().flatten().filter(|(name, _)| is_other(name));
    match told {
        Value::Bool(true) => Vec::new(),
        Value::Bool(false) => others.map(|(name, _)| format!("{name} may not be")).collect(),
        inner => others.flat_map(|(_, member)| faults(document, inner, member)).collect(),
    }
}

#[test]
fn what_does_not_fit_is_found() {
    let document = json!({ "components": { "schemas": {
        "Word": { "type": "string", "enum": ["a", "b"] },
        "Thing": {
            "type": "object",
            "required": ["word"],
            "properties": {
                "word": { "$ref": "#/components/schemas/Word" },
                "at": { "anyOf": [{ "type": "string", "format": "date-time" }, { "type": "null" }] },
                "list": { "type": "array", "items": { "type": "integer", "minimum": 0 } },
                "map": { "type": "object", "additionalProperties": { "type": "string" } },
            },
        },
    } } });
    let thing = json!({ "$ref": "#/components/schemas/Thing" });
    let good = json!({ "word": "a", "at": "2026-03-04T09:15:27.000000Z", "list": [0, 1], "map": { "x": "y" } });
    assert_eq!(faults(&document, &thing, &good), [""; 0]);
    for (name, bad) in [
        ("word", json!("c")),
        ("word", json!(1)),
        ("at", json!("2026-03-04T09:15:27Z")),
        ("list", json!([-1])),
        ("list", json!([1.5])),
        ("map", json!({ "x": 1 })),
        ("other", json!(1)),
    ] {
        let mut value = good.clone();
        value[name] = bad;
        assert!(!faults(&document, &thing, &value).is_empty(), "{value}");
    }
    assert_eq!(faults(&document, &thing, &json!({})).len(), 1, "a member that must be there");
    assert_eq!(faults(&document, &json!({ "pattern": "x" }), &json!("x")).len(), 1, "a keyword that is not known");
}
