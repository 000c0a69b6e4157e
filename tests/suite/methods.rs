//! Operations that remove something or change parts of it, asked of rows that stand only here: whatever holds for the other
//! methods holds for DELETE and PATCH.

use serde_json::{Value, json};
use tenantry::access::ApiGroup;
use tenantry::http::{Answer, Call, Json, Operation, Permission};

use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::schema::resolved;
use crate::served::serve;
use crate::wire::{Wire, request};

const PATH: &str = "/api/web/namespaces/{namespace}/things/{name}";
const THING: &str = "/api/web/namespaces/system/things/one";
const DOCUMENT: &str = "/document";

/// What the contract sends with a DELETE.
#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[schemars(rename = "RemoveThing")]
struct Remove {
    #[serde(default)]
    fail_if_referred: bool,
    #[serde(default)]
    name: String,
}

/// What was asked, as the handler received it.
async fn shown(call: Call, asked: Remove) -> tenantry::error::Result<Json<Value>> {
    Ok(Json(json!({ "method": call.head.method.as_str(), "name": call.param("name"), "asked": asked })))
}

fn rows() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::NamespaceWrite);
    let document = async |call: Call| Ok(Answer::new("application/json", call.contents.document()));
    vec![
        Operation::delete(PATH, write, shown).id("things.remove").in_system(),
        Operation::patch(PATH, write, shown).id("things.change").in_system(),
        Operation::get(PATH, Permission::SignedIn, async |call: Call| Ok(Json(json!(call.param("name")))))
            .id("things.get")
            .in_system(),
        Operation::post("/api/web/namespaces/{namespace}/things/analyze", write, shown)
            .id("things.analyze")
            .in_system(),
        Operation::get(DOCUMENT, Permission::Public, document).id("document"),
    ]
}

fn asked(answered: &Answered) -> (u16, &Value) {
    (answered.status, &answered.body["asked"])
}

#[test]
fn a_removal_takes_a_body_and_an_absent_one_is_an_empty_object() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    for method in ["DELETE", "PATCH"] {
        let send = |body: Option<&str>| rig.send(method, THING, &[("Authorization", &rig.authorization())], body);
        let empty = json!({ "fail_if_referred": false, "name": "" });
        for body in [None, Some(""), Some("{}"), Some(" ")] {
            let answered = send(body);
            assert_eq!(asked(&answered), (200, &empty), "{method} {body:?} {}", answered.text);
            assert_eq!((&answered.body["method"], &answered.body["name"]), (&json!(method), &json!("one")));
        }
        let full = json!({ "fail_if_referred": true, "name": "one" });
        assert_eq!(asked(&send(Some(&full.to_string()))), (200, &full), "{method}");
        for (body, status) in [("{", 400), ("[]", 400), ("{\"name\":7}", 400), (&*" ".repeat(20_000), 413)] {
            let answered = send(Some(body));
            assert_eq!((answered.status, &answered.body["code"]), (status, &json!(3)), "{method} {}", answered.text);
        }
    }
}

#[test]
fn the_body_of_a_removal_ends_where_the_next_request_begins() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    let owner = format!("Authorization: APIToken {}\r\n", rig.sample.api_token);
    for method in ["DELETE", "PATCH"] {
        let chunked = format!(
            "{method} {THING} HTTP/1.1\r\nHost: 127.0.0.1\r\n{owner}Transfer-Encoding: chunked\r\n\r\n\
             10\r\n{{\"name\":\"chunk\"}}\r\n0\r\n\r\n"
        );
        let mut wire = Wire::to(rig.address);
        let replies = wire.ask(&[
            request(method, THING, &owner, "{\"name\":\"first\"}"),
            request(method, THING, &owner, ""),
            request(method, THING, "", "{\"name\":\"refused\"}"),
            request(method, "/nowhere", &owner, "{\"name\":\"unknown\"}"),
            chunked,
        ]);
        let said: Vec<_> = replies
            .iter()
            .map(|reply| (reply.status, serde_json::from_str::<Value>(&reply.body).unwrap()["asked"]["name"].clone()))
            .collect();
        let none = Value::Null;
        let wanted = [(200, json!("first")), (200, json!("")), (401, none.clone()), (404, none), (200, json!("chunk"))];
        assert_eq!(said, wanted, "{method}");
    }
}

#[test]
fn a_removal_is_refused_to_nobody_to_a_role_without_the_right_and_to_a_foreign_page() {
    let mut rig = Rig::start();
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    let cookie = rig.session(rig.sample.admin_email, &rig.sample.admin_password);
    let _runtime = serve(&mut rig, rows());
    for method in ["DELETE", "PATCH"] {
        assert_eq!(rig.send(method, THING, &[], None).status, 401, "{method}");
        let before = rig.audit().len();
        assert_eq!(rig.as_token(&reader, method, THING, None).status, 403, "{method}");
        assert_eq!(rig.audit().len(), before + 1, "{method}: the refusal is on record");
        let own = format!("http://{}", rig.address);
        for (origin, status) in [(own.as_str(), 200), ("https://evil.example", 403), ("null", 403)] {
            let answered = rig.send(method, THING, &[("Cookie", &cookie), ("Origin", origin)], Some("{}"));
            assert_eq!(answered.status, status, "{method} from {origin} {}", answered.text);
        }
    }
}

#[test]
fn a_name_may_be_the_word_of_another_methods_path() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    let path = "/api/web/namespaces/system/things/analyze";
    for method in ["DELETE", "PATCH"] {
        let answered = rig.as_token(&rig.sample.api_token, method, path, None);
        assert_eq!((answered.status, &answered.body["name"]), (200, &json!("analyze")), "{method} {}", answered.text);
    }
    assert_eq!(rig.get(path).body, "analyze");
    assert_eq!(rig.post(path, &json!({})).body["name"], "");
    let unknown = rig.as_token(&rig.sample.api_token, "PUT", path, None);
    assert_eq!((unknown.status, &unknown.body["code"]), (404, &json!(5)), "{}", unknown.text);
}

#[test]
fn the_document_tells_the_body_of_a_removal_and_that_it_may_be_left_out() {
    let mut rig = Rig::start();
    let _runtime = serve(&mut rig, rows());
    let document = rig.get(DOCUMENT).body;
    for (method, id) in [("delete", "things.remove"), ("patch", "things.change")] {
        let told = &document["paths"][PATH][method];
        assert_eq!((&told["operationId"], &told["requestBody"]["required"]), (&json!(id), &json!(false)), "{told}");
        let schema = resolved(&document, &told["requestBody"]["content"]["application/json"]["schema"]);
        assert!(schema["properties"]["fail_if_referred"].is_object(), "{schema}");
        assert_eq!(told["x-tenantry-api-group"], ApiGroup::NamespaceWrite.name());
    }
}
