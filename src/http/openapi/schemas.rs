//! The document's schemas, made from the types of the handlers' bodies and answers.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform};
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::http::json::SECRETS;
use crate::text;

/// An optional member of a request body is always present in an answer, so each type has two schemas: as read and as
/// written.
pub(super) struct Schemas {
    pub(super) asked: SchemaGenerator,
    pub(super) answered: SchemaGenerator,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let mut settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(list_words));
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
        let asked = settings.clone().with_transform(RecursiveTransform(insist)).into_generator();
        Self { asked, answered: settings.for_serialize().into_generator() }
    }

    /// All schemas by name.
    pub(super) fn take(mut self) -> Map<String, Value> {
        let mut all = self.answered.take_definitions(true);
        for (name, schema) in self.asked.take_definitions(true) {
            match all.get_mut(&name) {
                Some(other) => {
                    debug_assert!(*other == schema, "two schemas are called {name}");
                    *other = changed(schema, &[allow_null]);
                }
                None => drop(all.insert(name, changed(schema, &[allow_null, tell_texts]))),
            }
        }
        all
    }
}

/// schemars turns an enum with commented variants into a choice of constants, which client generators handle badly. It
/// becomes a list of words, with the comments joined.
fn list_words(schema: &mut Schema) {
    let Some(Value::Array(choices)) = schema.get("oneOf") else { return };
    let said =
        |choice: &Value| Some((choice["const"].as_str()?.to_string(), choice["description"].as_str()?.to_string()));
    let Some(words) = choices.iter().map(said).collect::<Option<Vec<_>>>() else { return };
    let mut about =
        schema.get("description").and_then(Value::as_str).map_or_else(Vec::new, |about| vec![about.to_string()]);
    about.extend(words.iter().map(|(word, comment)| format!("`{word}`: {comment}")));
    schema.remove("oneOf");
    schema.insert("type".into(), "string".into());
    schema.insert("enum".into(), words.into_iter().map(|(word, _)| word).collect());
    schema.insert("description".into(), about.join("\n\n").into());
}

/// Handlers accept a missing member as empty, so that their own sentence can name it. The schema is therefore generated
/// with optional members, and those without a default that cannot be null are then marked as required.
fn insist(schema: &mut Schema) {
    let required: Vec<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(String::from)
        .collect();
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for (name, member) in members {
        let Value::Object(member) = member else { continue };
        if required.contains(name) {
            member.remove("default");
            take_null_away(member);
        } else if member.get("default") == Some(&Value::Null) {
            member.remove("default");
        }
    }
}

fn changed(schema: Value, changes: &[fn(&mut Schema)]) -> Value {
    let Ok(mut schema) = Schema::try_from(schema) else { return Value::Null };
    changes.iter().for_each(|change| RecursiveTransform(*change).transform(&mut schema));
    schema.to_value()
}

/// A member of a request that is null counts as absent: each that may be absent may be null.
fn allow_null(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &String| required.as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for (_, member) in members.iter_mut().filter(|(name, _)| !is_required(name)) {
        if let Some(Value::String(kind)) = member.get("type") {
            member["type"] = json!([kind, "null"]);
            // A generator of clients takes no empty object for the default of what may be null.
            if let Some(member) = member.as_object_mut().filter(|member| member.get("default") == Some(&json!({}))) {
                member.remove("default");
            }
        } else if member["$ref"].is_string() {
            *member = json!({ "anyOf": [member.take(), { "type": "null" }] });
        }
    }
}

/// Says of each text in a request which characters it may hold, since the same rule holds for all of them. Words of a list
/// and texts of a known format need no rule. A type that is written too has none: what is written may stem from an older
/// release with other rules.
fn tell_texts(schema: &mut Schema) {
    let secrets = SECRETS.map(|name| (name, text::SECRET_PATTERN));
    let of_lines = text::OF_LINES.map(|name| (name, text::LINES_PATTERN));
    for (name, pattern) in secrets.into_iter().chain(of_lines) {
        if let Some(Value::Object(member)) = schema.get_mut("properties").and_then(|members| members.get_mut(name)) {
            member.entry("pattern").or_insert(pattern.into());
        }
    }
    if let Some(schema) = schema.as_object_mut() {
        tell_text(schema);
    }
}

/// The same for the schema of one parameter.
pub(super) fn tell_text(schema: &mut Map<String, Value>) {
    let is_text = match schema.get("type") {
        Some(Value::String(one)) => one == "string",
        Some(Value::Array(several)) => several.iter().any(|one| one == "string"),
        _ => false,
    };
    if is_text && !["enum", "format", "pattern"].iter().any(|word| schema.contains_key(*word)) {
        schema.insert("pattern".into(), text::PATTERN.into());
    }
}

fn take_null_away(member: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = member.get("type") {
        let first = types.iter().find(|word| *word != "null").cloned();
        member.insert("type".into(), first.into());
    }
    if let Some(Value::Array(choices)) = member.remove("anyOf") {
        let first = choices.into_iter().find(|choice| choice["type"] != "null");
        member.extend(first.and_then(|choice| choice.as_object().cloned()).unwrap_or_default());
    }
}
