//! The OpenAPI document: what an operation reads beside its path and body stands in it, and what comes beside the answer.

use serde_json::{Value, json};

use crate::rig::Rig;

/// The parameters of an operation, by place and name.
fn parameters(told: &Value) -> Vec<String> {
    let all = told["parameters"].as_array().unwrap();
    all.iter().map(|one| format!("{} {}", one["in"].as_str().unwrap(), one["name"].as_str().unwrap())).collect()
}

#[test]
fn what_an_operation_reads_and_answers_beside_its_bodies_is_in_the_document() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let told = |method: &str, path: &str| document["paths"][path][method].clone();
    let resets = told("get", "/api/tenantry/v1/resets");
    let wanted = ["query state", "query email", "query since", "query until", "query cursor", "query limit"];
    assert_eq!(parameters(&resets), wanted);
    assert!(resets["parameters"].as_array().unwrap().iter().all(|one| one["schema"].is_object()), "{resets}");
    let states = &document["components"]["schemas"]["State"];
    assert!(states.to_string().contains("superseded"), "{states}");
    let reset = told("post", "/api/web/custom/password/admin_reset");
    assert_eq!(parameters(&reset), ["header Idempotency-Key"]);
    let headers = &reset["responses"]["200"]["headers"];
    assert!(headers["Tenantry-Reset-Id"].is_object() && headers["X-Request-Id"].is_object(), "{headers}");
    assert_eq!(reset["responses"]["5XX"]["headers"]["Retry-After"]["schema"], json!({ "type": "integer" }));
    // What is declared is what is read: an answer in the declared state alone.
    assert_eq!(rig.reset("jane@example.com").status, 200);
    rig.token("jane@example.com", 1);
    assert_eq!(rig.get("/api/tenantry/v1/resets?state=redeemed").body["items"], json!([]));
    assert_eq!(rig.get("/api/tenantry/v1/resets?state=sometime").status, 400);
}

#[test]
fn a_parameter_that_is_declared_is_read() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    for (path, name) in [
        ("/api/tenantry/v1/resets", "since"),
        ("/api/tenantry/v1/resets", "limit"),
        ("/api/tenantry/v1/audit", "until"),
        ("/api/tenantry/v1/audit/export", "cursor"),
        ("/api/tenantry/v1/audit/verify", "number"),
    ] {
        assert!(parameters(&document["paths"][path]["get"]).contains(&format!("query {name}")), "{path} {name}");
        let answered = rig.get(&format!("{path}?{name}=nonsense"));
        assert_eq!(answered.status, 400, "{}", answered.text);
    }
}
