use serde_json::{Value, json};

use super::*;
use crate::act::rig::{NOW, OWNER, Rig};

fn ask(body: Value) -> UserAsk {
    serde_json::from_value(body).unwrap()
}

#[test]
fn a_new_user_is_answered_as_an_object_without_roles() {
    let rig = Rig::new();
    let call = rig.call(OWNER, &[("namespace", "system")], "");
    let body = json!({ "email": "jane@example.com", "first_name": "Jane", "unknown": 1, "group_names": null });
    let made = rig.run(create_one(rig.keys(), call, AddressedAsk(ask(body)))).unwrap().0;
    let made = serde_json::to_value(made).unwrap();
    assert_eq!(made["metadata"]["name"], "jane@example.com");
    assert_eq!(made["metadata"]["namespace"], "system");
    assert_eq!(made["spec"]["gc_spec"]["first_name"], "Jane");
    assert_eq!(made["spec"]["gc_spec"]["state"], "StateActive");
    assert_eq!(made["system_metadata"]["creation_timestamp"], NOW.to_string());
    assert_eq!(made["system_metadata"]["creator_id"], OWNER);
}

#[test]
fn the_path_names_the_user_where_it_names_one() {
    let rig = Rig::new();
    rig.add("jane@example.com", &[], false);
    let params = [("namespace", "system"), ("name", "jane@example.com")];
    for (params, email) in [(&params[..], "other@example.com"), (&params[..1], "jane@example.com")] {
        let body = ask(json!({ "email": email, "last_name": "Roe" }));
        let replaced = rig.run(replace_one(rig.call(OWNER, params, ""), body)).unwrap().0;
        let replaced = serde_json::to_value(replaced).unwrap();
        assert_eq!(replaced["metadata"]["name"], "jane@example.com", "{email}");
        assert_eq!(replaced["system_metadata"]["revision"], NOW.0.to_string());
    }
}

#[test]
fn locking_answers_the_user_in_full_and_the_contract_nothing() {
    let rig = Rig::new();
    rig.add("jane@example.com", &[], false);
    let lock = UserLock { email: "JANE@example.com".into() };
    let shown = rig.run(disable_one(rig.call(OWNER, &[], ""), lock)).unwrap().0;
    assert_eq!((shown.disabled, shown.disabled_by.as_deref()), (true, Some(OWNER)));
    let ask = UserEmail { user_email: Some("jane@example.com".into()) };
    rig.run(enable_contracted(rig.call(OWNER, &[], ""), ask)).unwrap();
    let call = rig.call(OWNER, &[("email", "jane@example.com")], "");
    assert!(!rig.run(show_one(call)).unwrap().0.disabled);
}
