//! The calls about namespaces, over HTTP.

use serde_json::{Value, json};
use tenantry::access::Grant;

use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

const NAMESPACES: &str = "/api/web/namespaces";

fn make(rig: &Rig, name: &str, labels: Value) -> Answered {
    let made = rig.post(NAMESPACES, &json!({ "metadata": { "name": name, "labels": labels }, "spec": {} }));
    assert_eq!(made.status, 200, "{}", made.text);
    made
}

fn names(answered: &Answered) -> Vec<&str> {
    answered.body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

fn remove(rig: &Rig, name: &str) -> Answered {
    rig.post(&format!("{NAMESPACES}/{name}/cascade_delete"), &json!({}))
}

#[test]
fn a_namespace_is_ready_as_soon_as_it_is_made() {
    let rig = Rig::start();
    let made = make(&rig, "team-a", json!({ "stage": "test" }));
    let read = rig.get(&format!("{NAMESPACES}/team-a"));
    for part in ["metadata", "spec", "system_metadata"] {
        assert_eq!(read.body[part], made.body[part], "{part}");
    }
    assert_eq!(read.body["system_metadata"]["initializers"], json!({ "pending": [], "result": null }));
    assert_eq!(names(&rig.get(NAMESPACES)), ["default", "shared", "system", "team-a"]);
    let users = rig.get("/api/web/custom/namespaces/team-a/user_roles");
    assert_eq!(users.status, 200, "{}", users.text);
}

#[test]
fn a_name_that_is_taken_or_cannot_be_is_refused() {
    let rig = Rig::start();
    for taken in ["system", "default"] {
        let refused = rig.post(NAMESPACES, &json!({ "metadata": { "name": taken } }));
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!(6)), "{}", refused.text);
        assert!(refused.message().contains("already exist"), "{}", refused.text);
    }
    for bad in [json!({}), json!({ "metadata": null }), json!({ "metadata": { "name": "Team_A" } })] {
        let refused = rig.post(NAMESPACES, &bad);
        assert_eq!(refused.status, 400, "{bad}: {}", refused.text);
        assert!(refused.message().contains("metadata.name"), "{}", refused.text);
    }
    assert_eq!(names(&rig.get(NAMESPACES)).len(), 3);
}

#[test]
fn what_is_said_of_a_namespace_is_replaced_as_a_whole() {
    let rig = Rig::start();
    make(&rig, "team-a", json!({ "stage": "test" }));
    let put = |path: &str, body: Value| rig.as_token(&rig.sample.api_token, "PUT", path, Some(&body));
    let path = format!("{NAMESPACES}/team-a");
    let replaced = put(&path, json!({ "metadata": { "name": "ignored", "description": "Ours" }, "spec": {} }));
    assert_eq!((replaced.status, replaced.text.as_str()), (200, "{}"));
    let read = rig.get(&path).body;
    assert_eq!((&read["metadata"]["description"], &read["metadata"]["labels"]), (&json!("Ours"), &json!({})));
    assert_eq!(read["metadata"]["name"], "team-a", "the path names it");
    assert_eq!(put(&path, json!({ "metadata": { "description": "x".repeat(1201) } })).status, 400);

    let absent = put(&format!("{NAMESPACES}/nowhere"), json!({ "metadata": {} }));
    assert_eq!((absent.status, absent.message()), (404, "Namespace nowhere was not found in this tenant."));
    assert_eq!(rig.get(&format!("{NAMESPACES}/nowhere")).status, 404, "a replacement never creates");
}

#[test]
fn the_list_is_narrowed_by_labels_and_widened_by_fields() {
    let rig = Rig::start();
    make(&rig, "team-a", json!({ "stage": "test", "team": "a" }));
    make(&rig, "team-b", json!({ "stage": "live", "team": "b" }));
    for (filter, wanted) in [
        ("team", vec!["team-a", "team-b"]),
        ("stage%3Dtest", vec!["team-a"]),
        ("team,stage%21%3Dtest", vec!["team-b"]),
        ("stage+in+(test,live)", vec!["team-a", "team-b"]),
        ("%21team", vec!["default", "shared", "system"]),
    ] {
        assert_eq!(names(&rig.get(&format!("{NAMESPACES}?label_filter={filter}"))), wanted, "{filter}");
    }
    assert_eq!(rig.get(&format!("{NAMESPACES}?label_filter=in+(")).status, 400);
    let short = rig.get(NAMESPACES).body["items"][0].clone();
    let full = rig.get(&format!("{NAMESPACES}?report_fields=")).body["items"][0].clone();
    assert_eq!(short.as_object().unwrap().len(), full.as_object().unwrap().len());
    assert!(short["system_metadata"].is_null() && full["system_metadata"]["uid"].is_string(), "{full}");
}

#[test]
fn a_removed_namespace_takes_the_roles_in_it_along() {
    let rig = Rig::start();
    make(&rig, "team-a", json!({}));
    let grants = vec![Grant::new("team-a", "ves-io-default-role")];
    let member = rig.add_member(rig.tenant(), "member@example.com", grants);
    let path = format!("{NAMESPACES}/team-a");
    assert_eq!(rig.as_token(&member, "GET", &path, None).status, 200);
    let removed = remove(&rig, "team-a");
    assert_eq!((removed.status, &removed.body["items"][0]["object_name"]), (200, &json!("team-a")), "{}", removed.text);
    assert_eq!(remove(&rig, "team-a").status, 404);
    make(&rig, "team-a", json!({}));
    assert_eq!(rig.as_token(&member, "GET", &path, None).status, 404, "the same name gives nobody anything");
}

#[test]
fn what_every_tenant_has_stays() {
    let rig = Rig::start();
    for name in ["system", "shared", "default"] {
        let refused = remove(&rig, name);
        assert_eq!(refused.status, 403, "{}", refused.text);
        assert!(refused.message().contains(name), "{}", refused.text);
    }
    assert_eq!(names(&rig.get(NAMESPACES)).len(), 3);
}

#[test]
fn a_namespace_without_a_role_and_one_of_another_tenant_are_as_if_absent() {
    let rig = Rig::start();
    make(&rig, "team-a", json!({}));
    let member = rig.add_member(rig.tenant(), "member@example.com", in_system("ves-io-default-role"));
    let other = rig.add_tenant("other-corp");
    let stranger = rig.add_member(other, "owner@other.example", owner());
    let get = |token: &str, name: &str| rig.as_token(token, "GET", &format!("{NAMESPACES}/{name}"), None);
    for token in [&member, &stranger] {
        let (hidden, absent) = (get(token, "team-a"), get(token, "nowhere"));
        assert_eq!((hidden.status, absent.status), (404, 404));
        assert_eq!(hidden.message(), absent.message().replace("nowhere", "team-a"));
    }
    assert_eq!(names(&rig.as_token(&member, "GET", NAMESPACES, None)), ["system"]);
    let path = format!("{NAMESPACES}/team-a/cascade_delete");
    assert_eq!(rig.as_token(&member, "POST", &path, Some(&json!({}))).status, 403);
    assert_eq!(rig.as_token(&stranger, "POST", &path, Some(&json!({}))).status, 404);
    assert_eq!(get(&rig.sample.api_token, "team-a").status, 200);
}
