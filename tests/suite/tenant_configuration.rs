//! The tenant's configuration: one object over the settings that `idm/settings` shows too.

use serde_json::{Value, json};

use crate::access::{delete, ok, put, refused};
use crate::people::in_system;
use crate::rig::{Answered, Rig};

const ALL: &str = "/api/config/namespaces/system/tenant_configurations";
const IDM: &str = "/api/web/namespaces/system/tenant/idm/settings";

fn one(name: &str) -> String {
    format!("{ALL}/{name}")
}

fn spec(length: i64, guesses: i64, name: &str) -> Value {
    json!({
        "basic_configuration": { "display_name": name },
        "brute_force_detection_settings": { "max_login_failures": guesses },
        "password_policy": {
            "minimum_length": length, "digits": 1, "lowercase_characters": 2, "uppercase_characters": 3,
            "special_characters": 4, "not_recently_used": 5, "not_username": false, "expire_password": 90,
        },
    })
}

/// Whether the answer says all that was sent; it may say more.
fn says(answered: &Value, sent: &Value) -> bool {
    match (answered, sent) {
        (Value::Object(answered), Value::Object(sent)) => {
            sent.iter().all(|(name, value)| answered.get(name).is_some_and(|known| says(known, value)))
        }
        (answered, sent) => answered == sent,
    }
}

fn create(rig: &Rig, name: &str, spec: &Value) -> Answered {
    rig.post(ALL, &json!({ "metadata": { "name": name, "labels": { "stage": "test" } }, "spec": spec }))
}

#[test]
fn what_is_read_is_what_was_sent_from_the_first_to_the_last_call() {
    let rig = Rig::start();
    let before = rig.get(IDM).body;
    assert_eq!((rig.get(&one("main")).status, &rig.get(ALL).body["items"]), (404, &json!([])));
    let first = spec(14, 7, "Acme-Works");
    let made = ok(&create(&rig, "main", &first)).clone();
    assert!(says(&made["spec"], &first), "{made}");
    let read = rig.get(&one("main")).body;
    assert!(says(&read["spec"], &first), "{read}");
    assert_eq!(
        read["metadata"],
        json!({ "name": "main", "namespace": "system", "description": "", "disable": false,
        "labels": { "stage": "test" }, "annotations": {} })
    );
    assert_eq!((&read["system_metadata"]["uid"], &read["spec"]), (&made["system_metadata"]["uid"], &rig.get(IDM).body));
    let listed = rig.get(&format!("{ALL}?report_fields")).body;
    assert_eq!((&listed["items"][0]["get_spec"], &listed["items"][0]["name"]), (&read["spec"], &json!("main")));
    assert_eq!(rig.get(&format!("{ALL}?label_filter=stage%3Dlive")).body["items"], json!([]));

    let second = json!({ "password_policy": { "minimum_length": 20 } });
    rig.clock.advance_seconds(60);
    assert_eq!(
        ok(&put(&rig, &one("main"), &json!({ "metadata": { "description": "d" }, "spec": second }))),
        &json!({})
    );
    let read = rig.get(&one("main")).body;
    assert!(says(&read["spec"], &second), "{read}");
    let rest = [
        &read["spec"]["password_policy"]["digits"],
        &read["spec"]["password_policy"]["not_username"],
        &read["spec"]["brute_force_detection_settings"]["max_login_failures"],
        &read["spec"]["basic_configuration"]["display_name"],
        &read["metadata"]["labels"],
    ];
    assert_eq!(rest, [&json!(0), &json!(true), &json!(5), &json!(""), &json!({})], "what is absent has its default");
    assert!(read["system_metadata"]["modification_timestamp"].is_string(), "{read}");

    let form = rig.get(&format!("{}?response_format=2", one("main"))).body["replace_form"].clone();
    ok(&put(&rig, &one("main"), &form));
    assert_eq!(rig.get(&one("main")).body["spec"], read["spec"], "the form can be sent back");
    assert_eq!(ok(&delete(&rig, &one("main"))), &json!({}));
    assert_eq!((rig.get(&one("main")).status, delete(&rig, &one("main")).status), (404, 404));
    let after = rig.get(IDM).body;
    assert_eq!(after["password_policy"], before["password_policy"], "the rules are the usual ones again");
    assert_eq!(after["basic_configuration"]["display_name"], "");
}

#[test]
fn a_tenant_has_one_configuration_and_it_is_what_counts() {
    let rig = Rig::start();
    ok(&create(&rig, "main", &spec(14, 2, "Acme")));
    refused(&create(&rig, "main", &json!({})), 409, "Object already exists");
    refused(
        &create(&rig, "other", &json!({})),
        409,
        "already exists: a tenant has one tenant configuration, and it is main",
    );
    refused(&put(&rig, &one("other"), &json!({})), 404, "other was not found");
    assert_eq!(rig.get(IDM).body["password_policy"]["minimum_length"], 14, "what was refused changed nothing");
    // What is set elsewhere is read here, and what is set here counts.
    ok(&put(&rig, IDM, &json!({ "password_policy": { "minimum_length": 16, "minimum_strength": 4 } })));
    assert_eq!(rig.get(&one("main")).body["spec"]["password_policy"]["minimum_length"], 16);
    let guess = || rig.sign_in("hello@example.com", "wrong");
    assert_eq!((guess(), guess()), (401, 401));
    assert_eq!(rig.sign_in("hello@example.com", &rig.sample.user_password), 429);
    ok(&put(&rig, &one("main"), &json!({ "spec": { "password_policy": { "minimum_length": 18 } } })));
    let policy = rig.get(IDM).body["password_policy"].clone();
    assert_eq!((&policy["minimum_length"], &policy["minimum_strength"]), (&json!(18), &json!(4)), "ours alone stays");
    refused(&put(&rig, &one("main"), &json!({ "spec": spec(6, 5, "Acme") })), 400, "minimum_length");
    refused(&put(&rig, &one("main"), &json!({ "spec": spec(12, 31, "Acme") })), 400, "from 1 to 30");
}

#[test]
fn a_change_is_recorded_once_with_what_it_changed() {
    let rig = Rig::start();
    ok(&create(&rig, "main", &json!({ "password_policy": { "minimum_length": 14 } })));
    ok(&delete(&rig, &one("main")));
    ok(&rig.post(ALL, &json!({ "spec": {} })));
    assert_eq!(rig.get(&one("example-corp")).status, 200, "without a name it has that of the tenant");
    let records = rig.get("/api/tenantry/v1/audit").body;
    let facts = |action: &str| {
        let items = records["items"].as_array().unwrap().iter();
        items.filter(|record| record["action"] == action).map(|record| record["facts"].clone()).collect::<Vec<_>>()
    };
    let made = facts("tenant_configuration.create");
    assert_eq!(made.len(), 2, "{records}");
    let wanted = json!({ "settings": {
        "display_name": { "before": "Example Corp", "after": "" },
        "password_policy.minimum_length": { "before": 12, "after": 14 },
    } });
    assert!(made.contains(&wanted), "{made:?}");
    let wanted = json!({ "settings": { "password_policy.minimum_length": { "before": 14, "after": 12 } } });
    assert_eq!(facts("tenant_configuration.remove"), [wanted]);
    assert!(facts("tenant.set").is_empty());
    let watcher = rig.add_member(rig.tenant(), "watch@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(rig.as_token(&watcher, "GET", &one("example-corp"), None).status, 200);
    assert_eq!(rig.as_token(&watcher, "DELETE", &one("example-corp"), None).status, 403);
}
