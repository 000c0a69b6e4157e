//! What the document tells of requests is so: kinds of values, words, bounds and parameters that must be there.

use serde_json::{Value, json};

use crate::access::{ok, put};
use crate::rig::Rig;
use crate::schema::resolved;
use crate::sweeps::{Named, table};

const BULK_REVOKE: &str = "/api/web/namespaces/system/bulk_revoke/api_credentials";
const EVALUATE: &str = "/api/web/namespaces/system/evaluate-api-access";
const USERS: &str = "/api/web/custom/namespaces/system/user_roles";

/// Whether a member is an object with members of its own, perhaps null instead.
fn is_object(document: &Value, schema: &Value) -> bool {
    let choices = schema["anyOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
    choices.iter().any(|choice| resolved(document, choice)["properties"].is_object())
}

#[test]
fn an_object_is_not_taken_from_an_array_of_its_members() {
    let rig = Rig::start();
    let (document, named) = (rig.get("/openapi.json").body, Named::nothing());
    let mut asked = 0;
    for row in table(&rig) {
        let Some(schema) = &row.body else { continue };
        let example = &row.told["requestBody"]["content"]["application/json"]["example"];
        for (name, _) in
            schema["properties"].as_object().into_iter().flatten().filter(|(_, one)| is_object(&document, one))
        {
            for array in [json!([]), json!([null])] {
                rig.clock.advance_seconds(6);
                let mut body = example.clone();
                body[name] = array;
                let answered = rig.as_token(&rig.sample.api_token, &row.method, &named.fill(&row), Some(&body));
                let wanted = format!("Field {name} has the wrong type: an object is expected.");
                assert_eq!((answered.status, answered.message()), (400, wanted.as_str()), "{} {body}", row.id);
                asked += 1;
            }
        }
    }
    assert!(asked > 20, "only {asked}");
    let deep = json!({ "batch_namespace_api_list": [[null, null]] });
    let answered = rig.post("/api/web/namespaces/system/evaluate-batch-api-access", &deep);
    let wanted = "Field batch_namespace_api_list[0] has the wrong type: an object is expected.";
    assert_eq!((answered.status, answered.message()), (400, wanted));
}

#[test]
fn a_word_that_is_in_no_list_is_refused_and_an_empty_one_is_none() {
    let rig = Rig::start();
    let answered = rig.post(BULK_REVOKE, &json!({ "expired_selector": { "credential_type": "API" } }));
    assert_eq!(answered.status, 400, "{}", answered.text);
    assert!(answered.message().starts_with("Field expired_selector.credential_type must be one of API_TOKEN, "));
    let both = json!({ "expired_selector": { "all": {}, "credential_type": "" } });
    assert_eq!(ok(&rig.post(BULK_REVOKE, &both))["credentials_marked_for_deletion"], json!([]));
    let answered = rig.post(EVALUATE, &json!({ "access_control_type": "NONE" }));
    assert_eq!(
        (answered.status, answered.message()),
        (400, "Field access_control_type must be one of RBAC, PBAC, ALL.")
    );
    for word in [json!(null), json!(""), json!("ALL")] {
        assert_eq!(ok(&rig.post(EVALUATE, &json!({ "access_control_type": word })))["item_lists"], json!([]));
    }
    let replaced = |word: &str, value: &str| {
        let asked = json!({ "email": "jane@example.com", word: value });
        put(&rig, USERS, &asked).status
    };
    assert_eq!((replaced("type", "ROBOT"), replaced("idm_type", "NOWHERE")), (400, 400));
    // Real clients say `SSO` of everyone.
    assert_eq!((replaced("type", "USER"), replaced("idm_type", "SSO"), replaced("type", "")), (200, 200, 200));
}

#[test]
fn a_parameter_without_which_a_call_is_refused_is_told_as_required_and_an_empty_one_counts_as_absent_elsewhere() {
    let rig = Rig::start();
    let mut required = Vec::new();
    for row in table(&rig).iter().filter(|row| row.method == "GET" && !row.path.contains('{')) {
        for told in row.told["parameters"].as_array().unwrap().iter().filter(|told| told["in"] == "query") {
            let name = told["name"].as_str().unwrap();
            if told["required"] == true {
                required.push(format!("{} {name}", row.id));
                let without = rig.get(&row.path);
                assert_eq!(without.status, 400, "{} {}", row.id, without.text);
            } else if told["allowEmptyValue"] == true {
                let (empty, absent) = (rig.get(&format!("{}?{name}=", row.path)), rig.get(&row.path));
                assert_eq!(empty.status, absent.status, "{} {name} {}", row.id, empty.text);
            }
        }
    }
    required.sort();
    assert!(required.contains(&"tenantry.access.can user".to_string()), "{required:?}");
    let document = rig.get("/openapi.json").body;
    let limit = &document["paths"]["/api/tenantry/v1/resets"]["get"]["parameters"][5];
    assert_eq!(limit["schema"], json!({ "type": "integer", "minimum": 1, "maximum": 1000 }));
    for (limit, status) in [("0", 400), ("1", 200), ("1000", 200), ("1001", 400)] {
        assert_eq!(rig.get(&format!("/api/tenantry/v1/resets?limit={limit}")).status, status, "{limit}");
    }
}

#[test]
fn each_text_of_a_request_is_told_with_the_characters_that_it_may_hold() {
    let document = Rig::start().get("/openapi.json").body;
    let schema = |name: &str| &document["components"]["schemas"][name]["properties"];
    assert_eq!(schema("UserAddress")["email"]["pattern"], tenantry::text::PATTERN);
    assert_eq!(schema("NewPassword")["password"]["pattern"], tenantry::text::SECRET_PATTERN);
    // Answers hold what was written by older releases too.
    assert!(schema("Metadata")["description"]["pattern"].is_null());
    let reset = &document["paths"]["/api/tenantry/v1/resets/{id}"]["get"]["parameters"][0];
    assert!(reset["schema"]["pattern"].as_str().unwrap().contains("[^/"), "{reset}");
}
