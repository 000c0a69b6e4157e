//! The OpenAPI document (3.1), made from the table that also routes and authorises calls.

mod example;
mod schemas;

use serde_json::{Map, Value, json};

use self::example::{example, resolved};
use self::schemas::{Schemas, tell_text};
use super::form::Form;
use super::operation::Operation;
use super::path;
use super::permission::{Body, Permission};
use super::respond::{ErrorBody, Problem, ScimError, Success};
use crate::access::SYSTEM;

/// Where further kinds of content are listed, in the shape of `content`: generators of clients handle JSON and text,
/// and complain about any other kind.
const OWN_CONTENT: &str = "x-tenantry-content";

/// Examples for variable parts of paths that mean the same in every operation.
const SHOWN_IN_PATHS: [(&str, &str); 2] = [("namespace", SYSTEM), ("email", "jane@example.com")];

/// The document for these operations.
pub fn document(operations: &[Operation]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    let is_for_programs =
        |operation: &&Operation| operation.permission != Permission::DevOnly && operation.console_of.is_none();
    for operation in operations.iter().filter(is_for_programs) {
        let described = describe(operation, &mut schemas);
        let path = paths.entry(operation.path.replace("{*", "{")).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = described;
    }
    let failures = failures(operations, &mut schemas);
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tenantry",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Tenants, users, roles, credentials, and password resets that are never lost and never doubled.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.take(),
            "responses": failures,
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "`APIToken <token>`; `Bearer <token>` is taken too.",
                },
            },
        },
    });
    add_examples(&mut document);
    document
}

/// The schema of a line, as far as every line has it.
fn a_line() -> Value {
    json!({
        "type": "object",
        "properties": {
            "kind": { "type": "string", "examples": ["user"] },
            "email": { "type": "string", "examples": ["jane@example.com"] },
        },
        "required": ["kind"],
        "additionalProperties": true,
    })
}

fn describe(operation: &Operation, schemas: &mut Schemas) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters(operation, schemas),
        "responses": responses(operation, schemas),
        "security": match operation.permission {
            Permission::Public | Permission::Open | Permission::DevOnly => json!([{}]),
            Permission::SignedIn | Permission::Group(_) | Permission::Operator => json!([{ "token": [] }]),
        },
    });
    if let Permission::Group(group) = operation.permission {
        described["x-tenantry-api-group"] = group.name().into();
    }
    if operation.permission == Permission::Operator {
        described["x-tenantry-operator"] = true.into();
    }
    if let Some(schema) = (operation.request)(&mut schemas.asked) {
        let media = match operation.body {
            Body::Form => json!({
                "application/json": { "schema": schema },
                "application/x-www-form-urlencoded": { "schema": schema },
            }),
            // RFC 7644 § 3.1: a client may send either.
            Body::Json | Body::None if operation.form == Form::Scim => json!({
                "application/json": { "schema": schema },
                "application/scim+json": { "schema": schema },
            }),
            Body::Json | Body::Lines | Body::File | Body::None => json!({ "application/json": { "schema": schema } }),
        };
        described["requestBody"] = json!({ "content": media });
    }
    tell_bytes(operation, &mut described);
    described
}

/// The body of an operation whose handler reads it by itself.
fn tell_bytes(operation: &Operation, described: &mut Value) {
    if operation.body == Body::File {
        let bytes = json!({ "type": "string", "format": "binary" });
        let form = json!({ "type": "object", "properties": { "file": bytes }, "required": ["file"] });
        described["requestBody"] = json!({
            "required": true,
            "content": {
                "application/octet-stream": { "schema": bytes },
                "multipart/form-data": { "schema": form },
            },
        });
    }
    if operation.body == Body::Lines {
        let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
        described["requestBody"] = json!({
            "required": true,
            "content": { "application/octet-stream": bytes },
            OWN_CONTENT: { "application/x-ndjson": { "schema": a_line() } },
        });
    }
}

fn parameters(operation: &Operation, schemas: &mut Schemas) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let name = name.trim_start_matches('*');
        let schema = json!({ "type": "string", "pattern": path::PATTERN });
        let mut shown = json!({ "name": name, "in": "path", "required": true, "schema": schema });
        if let Some((_, example)) = SHOWN_IN_PATHS.iter().find(|(known, _)| *known == name) {
            shown["example"] = (*example).into();
        }
        shown
    });
    let mut all: Vec<Value> = in_path.collect();
    all.extend(operation.queries.iter().map(|parameter| parameter.shown("query", &mut schemas.asked)));
    all.extend(operation.headers.iter().map(|parameter| parameter.shown("header", &mut schemas.asked)));
    all.iter_mut().filter_map(|parameter| parameter["schema"].as_object_mut()).for_each(tell_text);
    all
}

fn responses(operation: &Operation, schemas: &mut Schemas) -> Value {
    let [refused, failed] = failure_names(operation.form);
    let of = |name: &str| json!({ "$ref": format!("#/components/responses/{name}") });
    let mut responses = json!({ "4XX": of(refused), "5XX": of(failed) });
    for success in &operation.successes {
        add_success(&mut responses[success.status.as_str()], operation, success, schemas);
    }
    responses
}

/// Adds one more kind of content to the answer of a status.
fn add_success(told: &mut Value, operation: &Operation, success: &Success, schemas: &mut Schemas) {
    if told.is_null() {
        let own = operation.answer_headers.iter().map(|one| (one.name, one.shown_in_answer(&mut schemas.answered)));
        *told = json!({ "description": success.about, "headers": headers(own.collect::<Vec<_>>()) });
    }
    let Some(content_type) = success.content_type else { return };
    let is_json = content_type == Form::Api.media_type();
    let content_type = if is_json { operation.form.media_type() } else { content_type };
    let schema = success.schema.map(|schema| schema(&mut schemas.answered).to_value());
    told[place(content_type)][content_type] = json!({ "schema": schema.unwrap_or(json!({ "type": "string" })) });
}

fn place(content_type: &str) -> &'static str {
    let is_known = [Form::Api, Form::Scim].into_iter().any(|form| form.media_type() == content_type)
        || content_type.starts_with("text/");
    if is_known { "content" } else { OWN_CONTENT }
}

/// The names of the answers of an operation that refuses, and that fails.
fn failure_names(form: Form) -> [&'static str; 2] {
    match form {
        Form::Api => ["Refused", "Failed"],
        Form::Scim => ["ScimRefused", "ScimFailed"],
    }
}

/// The answers that refuse and fail, in each form that an operation has.
fn failures(operations: &[Operation], schemas: &mut Schemas) -> Map<String, Value> {
    let mut failures = Map::new();
    for form in [Form::Api, Form::Scim] {
        if operations.iter().any(|operation| operation.form == form) {
            let [refused, failed] = failure_names(form);
            let refusal = "What is wrong with the call, or why it may not be made.";
            failures.insert(refused.into(), failure(form, refusal, schemas));
            failures.insert(failed.into(), failure(form, "Why it was not done; try again later.", schemas));
        }
    }
    failures
}

fn failure(form: Form, description: &str, schemas: &mut Schemas) -> Value {
    let wait = json!({ "description": "Seconds until it may be tried again.", "schema": { "type": "integer" } });
    let headers = headers([("Retry-After", wait)]);
    let schema = match form {
        Form::Api => schemas.answered.subschema_for::<ErrorBody<'static>>(),
        Form::Scim => schemas.answered.subschema_for::<ScimError<'static>>(),
    };
    let mut failure = json!({ "description": description, "headers": headers });
    failure["content"] = json!({ form.media_type(): { "schema": schema } });
    if form == Form::Api {
        failure[OWN_CONTENT] = other_formats(schemas);
    }
    failure
}

fn other_formats(schemas: &mut Schemas) -> Value {
    // The other formats of an error, chosen by `Accept`. Listed beside the usual one, each generated client would have
    // to tell them apart.
    json!({
        "application/problem+json": { "schema": schemas.answered.subschema_for::<Problem<'static>>() },
        "text/html": { "schema": { "type": "string" } },
        "text/plain": { "schema": { "type": "string" } },
    })
}

/// The headers of every answer, and further ones.
fn headers<'n>(further: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let id = json!({ "description": "The id of the request, for questions about it.", "schema": { "type": "string" } });
    let all = further.into_iter().chain([("X-Request-Id", id)]);
    all.map(|(name, shown)| (name.to_string(), shown)).collect::<Map<_, _>>().into()
}

/// Adds to each JSON body and answer an example made from its schema, and marks the bodies that must be sent.
fn add_examples(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for told in each(&mut document["paths"]).flat_map(each) {
        if let Some(body) = told.get_mut("requestBody") {
            show_each(body, &schemas);
            let schema = resolved(&body["content"]["application/json"]["schema"], &schemas);
            let needs_members = schema["required"].as_array().is_some_and(|names| !names.is_empty());
            // Lines are no JSON as a whole; there must be some.
            let is_of_lines = body.get(OWN_CONTENT).is_some();
            body["required"] = (needs_members || is_of_lines).into();
        }
        each(&mut told["responses"]).for_each(|answer| show_each(answer, &schemas));
    }
    each(&mut document["components"]["responses"]).for_each(|answer| show_each(answer, &schemas));
}

fn show_each(answer: &mut Value, schemas: &Value) {
    for place in ["content", OWN_CONTENT] {
        answer.get_mut(place).into_iter().for_each(|content| show(content, schemas));
    }
}

fn show(content: &mut Value, schemas: &Value) {
    for (content_type, media) in content.as_object_mut().into_iter().flatten() {
        if content_type.contains("json") {
            media["example"] = example(&media["schema"], schemas);
        }
    }
}

fn each(members: &mut Value) -> impl Iterator<Item = &mut Value> {
    members.as_object_mut().into_iter().flat_map(Map::values_mut)
}
