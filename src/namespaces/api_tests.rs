use serde_json::{Value, json};

use super::*;
use crate::access::Grant;
use crate::act::rig::{NOW, OWNER, Rig};

#[test]
fn a_new_namespace_is_answered_as_real_clients_read_it() {
    let rig = Rig::new();
    let ask: NewNamespaceAsk = serde_json::from_value(json!({
        "metadata": { "name": "team-a", "namespace": "", "labels": null, "annotations": {}, "disable": false },
        "spec": {},
    }))
    .unwrap();
    let made = rig.run(create_one(rig.call(OWNER, &[], ""), ask)).unwrap().0;
    let answer = serde_json::to_value(made).unwrap();
    assert_eq!(
        answer,
        json!({
            "metadata": { "name": "team-a", "namespace": "", "labels": {}, "annotations": {}, "description": "",
                          "disable": false },
            "spec": {},
            "system_metadata": {
                "uid": answer["system_metadata"]["uid"], "tenant": rig.tenant.uid, "creation_timestamp": NOW.to_string(),
                "modification_timestamp": null, "deletion_timestamp": null,
                "initializers": { "pending": [], "result": null }, "finalizers": [], "creator_class": "prism",
                "creator_id": OWNER, "object_index": 0, "owner_view": null, "labels": {},
            },
        })
    );
}

#[test]
fn a_namespace_without_a_role_is_as_if_absent() {
    let rig = Rig::new();
    rig.add("jane@example.com", &[Grant::new("shared", "ves-io-default-role")], false);
    let get = |who: &str, name: &str| rig.run(get_one(rig.call(who, &[("name", name)], "")));
    let names = |who: &str| -> Vec<String> {
        let listed = rig.run(list_all(rig.call(who, &[], ""))).unwrap().0;
        listed.items.into_iter().map(|item| item.name).collect()
    };
    assert!(get("jane@example.com", "shared").is_ok());
    let hidden = get("jane@example.com", "default").err().unwrap().message;
    let absent = get("jane@example.com", "nowhere").err().unwrap().message;
    assert_eq!(hidden, absent.replace("nowhere", "default"));
    assert_eq!(names("jane@example.com"), ["shared"]);
    assert_eq!(names(OWNER), ["default", "shared", "system"]);
}

#[test]
fn a_form_to_send_back_is_filled_when_asked_for() {
    let rig = Rig::new();
    let call = rig.call(OWNER, &[("name", "default")], "response_format=GET_RSP_FORMAT_FOR_REPLACE");
    let answer = serde_json::to_value(rig.run(get_one(call)).unwrap().0).unwrap();
    assert_eq!(answer["replace_form"]["metadata"]["name"], "default");
    assert_eq!(answer["create_form"], Value::Null);
    let call = rig.call(OWNER, &[("name", "default")], "response_format=9");
    assert!(rig.run(get_one(call)).is_err());
}
