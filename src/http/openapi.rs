//! The OpenAPI document (3.1), made from the table that also routes and authorises.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::operation::{Body, Operation, Permission};

/// The document for these operations.
pub fn document(operations: &[Operation]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut schemas = settings.into_generator();
    let mut paths = Map::new();
    for operation in operations.iter().filter(|operation| operation.permission != Permission::DevOnly) {
        let described = describe(operation, &mut schemas);
        let path = paths.entry(operation.path.replace("{*", "{")).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = described;
    }
    json!({
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
            "schemas": with_error(schemas.take_definitions(true)),
            "securitySchemes": {
                "token": {
                    "type": "apiKey", "in": "header", "name": "Authorization",
                    "description": "`APIToken <token>`; `Bearer <token>` is taken too.",
                },
            },
        },
    })
}

fn describe(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters(operation, schemas),
        "responses": {
            "200": success(operation, schemas),
            "4XX": failure("What is wrong with the call, or why it may not be made."),
            "5XX": failure("Why it was not done; try again later."),
        },
        "security": match operation.permission {
            Permission::Public | Permission::Open | Permission::DevOnly => json!([{}]),
            Permission::SignedIn | Permission::Group(_) => json!([{ "token": [] }]),
        },
    });
    if let Permission::Group(group) = operation.permission {
        described["x-tenantry-api-group"] = group.name().into();
    }
    if let Some(schema) = (operation.request)(schemas) {
        let media = match operation.body {
            Body::Form => json!({
                "application/json": { "schema": schema },
                "application/x-www-form-urlencoded": { "schema": schema },
            }),
            Body::Json | Body::None => json!({ "application/json": { "schema": schema } }),
        };
        described["requestBody"] = json!({ "content": media });
    }
    described
}

fn failure(description: &str) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/Error" } } });
    let wait = json!({ "description": "Seconds until it may be tried again.", "schema": { "type": "integer" } });
    json!({ "description": description, "headers": headers([("Retry-After", wait)]), "content": content })
}

/// Those of every answer, and further ones.
fn headers<'n>(further: impl IntoIterator<Item = (&'n str, Value)>) -> Value {
    let id = json!({ "description": "The id of the request, for questions about it.", "schema": { "type": "string" } });
    let all = further.into_iter().chain([("X-Request-Id", id)]);
    all.map(|(name, shown)| (name.to_string(), shown)).collect::<Map<_, _>>().into()
}

fn parameters(operation: &Operation, schemas: &mut SchemaGenerator) -> Vec<Value> {
    let names = operation.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = names.map(|name| {
        let name = name.trim_start_matches('*');
        json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } })
    });
    let mut all: Vec<Value> = in_path.collect();
    all.extend(operation.queries.iter().map(|parameter| parameter.shown("query", schemas)));
    all.extend(operation.headers.iter().map(|parameter| parameter.shown("header", schemas)));
    all
}

fn success(operation: &Operation, schemas: &mut SchemaGenerator) -> Value {
    let own = operation.answer_headers.iter().map(|one| (one.name, one.shown_in_answer(schemas)));
    let mut answer = json!({ "description": "Done.", "headers": headers(own.collect::<Vec<_>>()) });
    if let Some(schema) = (operation.response)(schemas) {
        answer["content"] = json!({ "application/json": { "schema": schema } });
    }
    answer
}

fn with_error(mut definitions: Map<String, Value>) -> Map<String, Value> {
    let error = json!({
        "type": "object",
        "required": ["code", "details", "message", "request_id"],
        "properties": {
            "code": { "type": "integer", "description": "The gRPC number of the kind of error." },
            "details": { "type": "array", "items": { "type": "object" } },
            "message": { "type": "string" },
            "request_id": { "type": "string" },
        },
    });
    definitions.insert("Error".into(), error);
    definitions
}
