//! What is answered in the form of SCIM (RFC 7644): every error under its paths, and all answers of a row that says so.

use serde_json::{Value, json};
use tenantry::access::ApiGroup;
use tenantry::error::Error;
use tenantry::http::{Answer, Call, Created, Form, Json, Operation, Permission, Success};

use crate::document::check;
use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::served::serve;
use crate::sweeps::table_of;

const WIDGETS: &str = "/api/scim/namespaces/system/v2/Widgets";
const WIDGET: &str = "/api/scim/namespaces/system/v2/Widgets/{id}";
const DOCUMENT: &str = "/openapi.json";

/// Checks that a call was refused in the form of its path: with this status, and the number that clients of the public API read.
pub fn assert_refused(answered: &Answered, path: &str, (status, code): (u16, i64)) {
    if path.starts_with("/api/scim/") {
        assert_scim_error(answered, status, path);
    } else {
        assert_eq!((answered.status, &answered.body["code"]), (status, &json!(code)), "{path} {}", answered.text);
    }
}

fn assert_scim_error(answered: &Answered, status: u16, what: &str) {
    let what = format!("{what} {}", answered.text);
    assert_eq!((answered.status, answered.header("content-type")), (status, Some("application/scim+json")), "{what}");
    let body = answered.body.as_object().expect("an object");
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{what}");
    assert_eq!(body["status"], json!(status.to_string()), "{what}");
    assert!(body["detail"].as_str().is_some_and(|detail| detail.ends_with('.') || detail.contains("Path: ")), "{what}");
    let known = ["schemas", "status", "detail", "scimType"];
    assert!(body.keys().all(|member| known.contains(&member.as_str())), "{what}");
    assert!(answered.header("x-request-id").is_some(), "{what}");
}

#[derive(Debug, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
struct Widget {
    #[serde(rename = "userName")]
    #[schemars(example = &"jane")]
    user_name: String,
}

/// Makes a widget, unless its name says why not.
async fn make(_: Call, asked: Widget) -> tenantry::error::Result<Created<Widget>> {
    match asked.user_name.as_str() {
        "taken" => Err(Error::duplicate("A widget with this name already exists.")),
        "refused" => Err(Error::new(tenantry::error::Kind::Refused, "The name is refused.")
            .with_details(vec!["It is short.".into(), "It is known.".into()])),
        "path" => Err(Error::invalid("There is no such attribute.").scim_type("invalidPath")),
        name => Ok(Created { location: format!("{WIDGETS}/{name}"), value: asked }),
    }
}

fn rows() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamWrite);
    let get = async |call: Call| match call.param("id") {
        "jane" => Ok(Json(Widget { user_name: "jane".into() })),
        _ => Err(Error::not_found("There is no such widget.")),
    };
    let remove = async |_: Call, _: tenantry::http::Nothing| Ok(Answer::done());
    let document = async |call: Call| Ok(Answer::new("application/json", call.contents.document()));
    let scim = [
        Operation::post(WIDGETS, write, make).id("widgets.create"),
        Operation::get(WIDGET, Permission::SignedIn, get).id("widgets.get"),
        Operation::delete(WIDGET, write, remove).id("widgets.delete").answers(&[Success::done()]),
    ];
    let document = Operation::get(DOCUMENT, Permission::Public, document)
        .id("document")
        .answers(&[Success::file("application/json", "The document.")]);
    scim.map(|row| row.form(Form::Scim)).into_iter().chain([document]).collect()
}

fn send(rig: &Rig, body: &str) -> Answered {
    let headers = [("Authorization", rig.authorization()), ("Content-Type", "application/scim+json".into())];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    rig.send("POST", WIDGETS, &headers, Some(body))
}

#[test]
fn what_a_row_of_scim_answers_has_the_media_type_of_scim() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    for name in ["jane", "joe"] {
        let made = send(&rig, &json!({ "userName": name }).to_string());
        assert_eq!((made.status, &made.body), (201, &json!({ "userName": name })), "{}", made.text);
        assert_eq!(made.header("location"), Some(format!("{WIDGETS}/{name}").as_str()));
        assert_eq!(made.header("content-type"), Some("application/scim+json"));
    }
    let plain = rig.post(WIDGETS, &json!({ "userName": "jim" }));
    assert_eq!(plain.status, 201, "a body of application/json is taken too: {}", plain.text);
    let found = rig.get(&format!("{WIDGETS}/jane"));
    assert_eq!((found.status, found.header("content-type")), (200, Some("application/scim+json")), "{}", found.text);
    let gone = rig.as_token(&rig.sample.api_token, "DELETE", &format!("{WIDGETS}/jane"), None);
    assert_eq!((gone.status, gone.text.as_str(), gone.header("content-type")), (204, "", None));
}

#[test]
fn every_error_of_a_row_of_scim_has_the_form_of_scim() {
    let mut rig = Rig::start();
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    let _runtime = serve(&mut rig, rows());
    for (body, status, word) in [
        ("{", 400, "invalidSyntax"),
        ("[]", 400, "invalidSyntax"),
        ("{} {}", 400, "invalidSyntax"),
        ("{}", 400, "invalidValue"),
        ("{\"userName\":7}", 400, "invalidValue"),
        ("{\"userName\":\"a\\u0000\"}", 400, "invalidValue"),
        ("{\"userName\":\"taken\"}", 409, "uniqueness"),
        ("{\"userName\":\"path\"}", 400, "invalidPath"),
        ("{\"userName\":\"refused\"}", 422, "invalidValue"),
    ] {
        let answered = send(&rig, body);
        assert_scim_error(&answered, status, body);
        assert_eq!(answered.body["scimType"], json!(word), "{body} {}", answered.text);
        assert!(!body.contains("refused") || answered.message() == "The name is refused. It is short. It is known.");
    }
    let large = send(&rig, &format!("{{\"userName\":\"{}\"}}", "a".repeat(20_000)));
    assert_scim_error(&large, 413, "a large body");
    let unknown = rig.send("POST", WIDGETS, &[], Some("{}"));
    assert_scim_error(&unknown, 401, "nobody");
    assert_eq!((unknown.header("www-authenticate"), &unknown.body["scimType"]), (Some("APIToken"), &Value::Null));
    assert_scim_error(&rig.as_token(&reader, "POST", WIDGETS, Some(&json!({}))), 403, "a reader");
    assert_scim_error(&rig.get(&format!("{WIDGETS}/joe")), 404, "an absent widget");
}

#[test]
fn whatever_a_client_accepts_an_error_under_the_paths_of_scim_has_its_form() {
    let mut rig = Rig::start();
    let owner = rig.authorization();
    let ask = |rig: &Rig| {
        for accept in
            ["application/scim+json", "application/json", "application/problem+json", "text/plain", "text/html"]
        {
            for (method, path, status) in [
                ("GET", "/api/scim/namespaces/system/v2/Users", 501),
                ("PATCH", "/api/scim/namespaces/system/v2/Groups/a", 501),
                ("GET", "/api/v1/api/production/eu/namespaces/default/api/scim/namespaces/system/v2/Schemas", 501),
                ("GET", "/api/scim/namespaces/system/v2/Nothing", 404),
                ("TRACE", "/api/scim/namespaces/system/v2/Users", 404),
                ("GET", "//api/scim/v2/Users/", 404),
                ("GET", "/api/scim/namespaces/system/v2/Nothing/%00", 400),
            ] {
                let answered = rig.send(method, path, &[("Authorization", &owner), ("Accept", accept)], None);
                assert_scim_error(&answered, status, &format!("{method} {path} {accept}"));
            }
        }
    };
    ask(&rig);
    // Beside rows of SCIM it is the same.
    let _runtime = serve(&mut rig, rows());
    ask(&rig);
    let elsewhere = rig.get("/api/scimitar/v2/Users");
    assert_refused(&elsewhere, "/api/scimitar/v2/Users", (404, 5));
}

#[test]
fn the_document_tells_the_form_of_scim() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    let document = rig.get(DOCUMENT).body;
    let rows = table_of(&document);
    let row = |id: &str| rows.iter().find(|row| row.id == id).unwrap();
    let create = row("widgets.create");
    for kind in ["application/json", "application/scim+json"] {
        assert!(create.told["requestBody"]["content"][kind]["schema"].is_object(), "{}", create.told);
    }
    for (body, status) in [("{\"userName\":\"jane\"}", 201), ("{\"userName\":\"taken\"}", 409), ("{", 400)] {
        let answered = send(&rig, body);
        assert_eq!(answered.status, status, "{}", answered.text);
        check(&document, create, &answered);
    }
    check(&document, row("widgets.get"), &rig.get(&format!("{WIDGETS}/jane")));
    check(&document, row("widgets.get"), &rig.get(&format!("{WIDGETS}/joe")));
    check(
        &document,
        row("widgets.delete"),
        &rig.as_token(&rig.sample.api_token, "DELETE", &format!("{WIDGETS}/a"), None),
    );
    let usual = Rig::start().get("/openapi.json").body;
    assert_eq!(usual["components"]["responses"]["ScimRefused"], Value::Null, "where no row has the form");
}
