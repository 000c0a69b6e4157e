//! The OpenAPI document describes exactly what operations read and answer. `sweeps` hands every answer that it gets to
//! [`check`].

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::rig::{Answered, GOOD_PASSWORD, Rig};
use crate::schema::{faults, resolved};
use crate::sweeps::{Named, Row, furnish, table};

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
    let states = &document["components"]["schemas"]["ResetState"];
    assert!(states.to_string().contains("superseded"), "{states}");
    let reset = told("post", "/api/web/custom/password/admin_reset");
    assert_eq!(parameters(&reset), ["header Idempotency-Key"]);
    let headers = &reset["responses"]["200"]["headers"];
    assert!(headers["Tenantry-Reset-Id"].is_object() && headers["X-Request-Id"].is_object(), "{headers}");
    let failed = resolved(&document, &reset["responses"]["5XX"]);
    assert_eq!(failed["headers"]["Retry-After"]["schema"], json!({ "type": "integer" }));
    // A filter is applied as declared: only answers in that state come back.
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
        ("/api/tenantry/v1/export", "after"),
        ("/api/tenantry/v1/audit/verify", "number"),
    ] {
        assert!(parameters(&document["paths"][path]["get"]).contains(&format!("query {name}")), "{path} {name}");
        let answered = rig.get(&format!("{path}?{name}=nonsense"));
        assert_eq!(answered.status, 400, "{}", answered.text);
    }
}

/// The kinds of content declared for this status, each with its schema.
fn told_contents(document: &Value, row: &Row, status: u16) -> Option<Vec<(String, Value)>> {
    let exact = &row.told["responses"][status.to_string()];
    let told = if exact.is_null() { &row.told["responses"][format!("{}XX", status / 100)] } else { exact };
    let told = resolved(document, told);
    let contents = ["content", "x-tenantry-content"].into_iter().filter_map(|place| told[place].as_object());
    let all = contents.flatten().map(|(kind, media)| (kind.clone(), media["schema"].clone())).collect();
    (!told.is_null()).then_some(all)
}

/// Checks an answer against the document: its status, the kind of its content, and every member.
pub fn check(document: &Value, row: &Row, answered: &Answered) {
    let what = format!("{} {} {}", row.id, answered.status, answered.text);
    let told =
        told_contents(document, row, answered.status).unwrap_or_else(|| panic!("no such status is told: {what}"));
    let Some(kind) = answered.header("content-type") else {
        assert!(told.is_empty() && answered.text.is_empty(), "a body is told: {what}");
        return;
    };
    let kind = kind.split(';').next().unwrap();
    let told = told.iter().find(|(known, _)| known == kind);
    let (_, schema) = told.unwrap_or_else(|| panic!("no {kind} is told: {what}"));
    let values: Vec<Value> = match kind {
        "application/x-ndjson" => answered.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        _ if kind.ends_with("json") => vec![answered.body.clone()],
        _ => vec![json!(answered.text)],
    };
    for value in values {
        assert_eq!(faults(document, schema, &value), [""; 0], "{what}");
    }
}

#[test]
fn forms_browsers_and_other_readers_are_answered_as_the_document_tells() {
    let rig = Rig::start();
    let (document, rows) = (rig.get("/openapi.json").body, table(&rig));
    let (named, cookie) = furnish(&rig);
    let ask = |id: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>| {
        rig.clock.advance_seconds(6);
        let row = rows.iter().find(|row| row.id == id).unwrap();
        let answered = rig.send(&row.method, if path.is_empty() { &row.path } else { path }, headers, body);
        check(&document, row, &answered);
        answered.status
    };
    let (browser, script) = (("Accept", "text/html"), ("Accept", "application/json"));
    let (form, signed_in) = (("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", cookie.as_str()));
    for row in rows.iter().filter(|row| row.method == "GET" && !row.path.contains('{')) {
        ask(&row.id, "", &[browser], None);
        ask(&row.id, "", &[browser, signed_in], None);
    }
    assert_eq!(ask("tenantry.account.show_account", "", &[script, signed_in], None), 200);
    for (path, status) in [("icon.svg", 200), ("reset.js", 200), ("tenantry.css", 200), ("nothing", 404)] {
        assert_eq!(ask("tenantry.assets", &format!("/assets/{path}"), &[], None), status);
    }
    let (wish, dead) = ("email=jane%40example.com", format!("token={}&password=x", "A".repeat(48)));
    let good = format!("token={}&password={}", named.link, GOOD_PASSWORD.replace(' ', "+"));
    let wrong = format!("email=jane%40example.com&password={}", "x".repeat(20));
    let right = format!("email=jane%40example.com&password={}", rig.sample.user_password.replace(' ', "+"));
    for (id, body, status) in [
        ("tenantry.reset.fresh", wish, 303),
        ("tenantry.forgot.send", wish, 303),
        ("tenantry.forgot.send", "email=nobody", 400),
        ("tenantry.reset.redeem", dead.as_str(), 400),
        ("tenantry.reset.redeem", &good, 303),
        ("tenantry.account.sign_in", &wrong, 401),
        ("tenantry.account.sign_in", &right, 303),
        ("tenantry.account.sign_out", "", 303),
    ] {
        assert_eq!(ask(id, "", &[form, browser], Some(body)), status, "{id} {body}");
    }
    let refused = "ves.io.schema.user.CustomAPI.ResetPasswordByAdmin";
    for reader in ["application/problem+json", "text/plain"] {
        assert_eq!(ask(refused, "", &[("Accept", reader)], Some("{}")), 401);
    }
    let owner = rig.authorization();
    let full = [("Authorization", owner.as_str())];
    assert_eq!(ask("ves.io.schema.namespace.API.List", "/api/web/namespaces?report_fields=", &full, None), 200);
    for form in ["CREATE", "REPLACE"] {
        let path = format!("/api/web/namespaces/team-a?response_format=GET_RSP_FORMAT_FOR_{form}");
        assert_eq!(ask("ves.io.schema.namespace.API.Get", &path, &full, None), 200);
    }
}

/// Every schema, nested ones included, with its owner and whether it belongs to a request.
fn schemas(document: &Value) -> Vec<(String, Value)> {
    fn within(name: &str, schema: &Value, found: &mut Vec<(String, Value)>) {
        for (member, inner) in schema["properties"].as_object().into_iter().flatten() {
            within(&format!("{name}.{member}"), inner, found);
        }
        for inner in [&schema["items"], &schema["additionalProperties"]].into_iter().filter(|inner| inner.is_object()) {
            within(&format!("{name}.*"), inner, found);
        }
        for choice in schema["anyOf"].as_array().into_iter().flatten() {
            within(name, choice, found);
        }
        found.push((name.into(), schema.clone()));
    }
    let mut found = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        within(name, schema, &mut found);
    }
    found
}

/// Members that an answer may leave out; the type of each gives the reason.
const SOMETIMES: [&str; 16] = [
    "CredentialGlobalSpec.narrowed_to",
    "CredentialItem.narrowed_to",
    "EvidenceLine.h",
    "Metadata.uid",
    "OperatedTenantInFull.link",
    "Problem.reasons",
    "ServiceCredentialItem.narrowed_to",
    "SystemMetadata.creator_cookie",
    "SystemMetadata.direct_ref_hash",
    "SystemMetadata.namespace",
    "SystemMetadata.revision",
    "SystemMetadata.sre_disable",
    "SystemMetadata.trace_info",
    "SystemMetadata.vtrp_id",
    "SystemMetadata.vtrp_stale",
    "WhoAmI.narrowed_to",
];

#[test]
fn every_schema_tells_all_that_a_client_is_made_from() {
    let document = Rig::start().get("/openapi.json").body;
    let all = schemas(&document);
    let asked = asked(&document);
    let mut left_out = BTreeSet::new();
    for (name, schema) in &all {
        let is_numbered = !name.contains('.') && name.ends_with(|c: char| c.is_ascii_digit());
        assert!(!is_numbered, "two types of one name: {name}");
        assert!(schema["type"] != "array" || schema["items"].is_object(), "{name} is a list of nobody knows what");
        assert!(schema["oneOf"].is_null() && schema["allOf"].is_null(), "{name}");
        let members: BTreeSet<_> =
            schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name).collect();
        let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
        let required: BTreeSet<_> = required.collect();
        assert!(required.iter().all(|name| members.iter().any(|member| member == name)), "{name} {required:?}");
        if !asked.contains(name) {
            let absent = members.iter().filter(|member| !required.contains(member.as_str()));
            left_out.extend(absent.map(|member| format!("{name}.{member}")));
        }
        // A text is a word of a list, a moment, a secret, or shown by an example.
        let is_shown = schema["examples"].is_array() || schema["enum"].is_array() || schema["format"].is_string();
        let is_within_a_list = name.ends_with(".*");
        assert!(schema["type"] != "string" || is_shown || is_within_a_list, "{name} needs an example");
    }
    assert_eq!(left_out, SOMETIMES.map(String::from).into());
}

/// The names of the schemas of request bodies, and of those inside them.
fn asked(document: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut open: Vec<Value> = Vec::new();
    for told in document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values()) {
        open.push(told["requestBody"]["content"]["application/json"]["schema"].clone());
    }
    while let Some(schema) = open.pop() {
        let text = schema.to_string();
        for reference in text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()) {
            if names.insert(reference.to_string()) {
                open.push(document["components"]["schemas"][reference].clone());
            }
        }
    }
    names
}

#[test]
fn every_body_and_every_answer_of_json_has_an_example_that_fits_its_schema() {
    let rig = Rig::start();
    let document = rig.get("/openapi.json").body;
    let mut shown = 0;
    let mut look = |what: &str, told: &Value| {
        for place in ["content", "x-tenantry-content"] {
            for (kind, media) in told[place].as_object().into_iter().flatten().filter(|(kind, _)| kind.contains("json"))
            {
                assert!(media["example"].is_object(), "{what} has no example of {kind}");
                assert_eq!(
                    faults(&document, &media["schema"], &media["example"]),
                    [""; 0],
                    "{what} {}",
                    media["example"]
                );
                shown += 1;
            }
        }
    };
    for row in table(&rig) {
        look(&row.id, &row.told["requestBody"]);
        let answers = row.told["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with(['2', '3'])), "{} answers nothing", row.id);
        answers.values().for_each(|answer| look(&row.id, &resolved(&document, answer)));
    }
    assert!(shown > 200, "only {shown}");
}

/// The places of members that must be there, as pointers into a body.
fn musts(document: &Value, schema: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    let names = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap().to_string());
    let with_inner = |name: String| {
        let here = format!("{at}/{name}");
        let mut inner = musts(document, &schema["properties"][&name], &here);
        inner.push(here);
        inner
    };
    names.flat_map(with_inner).collect()
}

#[test]
fn a_member_is_required_where_the_server_requires_it() {
    let rig = Rig::start();
    let (document, named) = (rig.get("/openapi.json").body, Named::nothing());
    let (mut required, mut optional) = (0, 0);
    // Without any of its members a suspension is one, and nothing could be asked behind it.
    for row in table(&rig).into_iter().filter(|row| !row.id.ends_with("DeactivateTenant")) {
        let media = &row.told["requestBody"]["content"]["application/json"];
        let Some(whole) = media["example"].as_object() else { continue };
        let ask = |body: &Value| {
            rig.clock.advance_seconds(6);
            rig.as_token(&rig.sample.api_token, &row.method, &named.fill(&row), Some(body))
        };
        let musts = musts(&document, &media["schema"], "");
        assert_eq!(row.told["requestBody"]["required"], !musts.is_empty(), "{}", row.id);
        for pointer in &musts {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            let mut body = json!(whole);
            body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
            let answered = ask(&body);
            assert_eq!(answered.status, 400, "{} without {pointer}: {}", row.id, answered.text);
            assert!(answered.message().contains(name), "{} {}", row.id, answered.text);
            required += 1;
        }
        for name in whole.keys().filter(|name| !musts.contains(&format!("/{name}"))) {
            let mut body = json!(whole);
            body.as_object_mut().unwrap().remove(name);
            let answered = ask(&body);
            let names_it = answered.status == 400 && answered.message().contains(&format!("Field {name} "));
            assert!(!names_it, "{} without {name}: {}", row.id, answered.text);
            optional += 1;
        }
    }
    assert!(required > 25 && optional > 10, "{required} required, {optional} optional");
}
