//! Objects that live in namespaces, by the example of contacts: the five operations that every kind has.

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, Grant};
use tenantry::params;
use tenantry::store::Batch;

use crate::document::check;
use crate::rig::{Answered, Rig};
use crate::sweeps::table;

const NAMESPACES: &str = "/api/web/namespaces";
const CONTACTS: &str = "/api/web/namespaces/default/contacts";

fn call(rig: &Rig, method: &str, path: &str, body: &Value) -> Answered {
    rig.as_token(&rig.sample.api_token, method, path, Some(body))
}

fn make(rig: &Rig, path: &str, name: &str, spec: Value) -> Answered {
    let made = rig.post(path, &json!({ "metadata": { "name": name }, "spec": spec }));
    assert_eq!(made.status, 200, "{}", made.text);
    made
}

fn make_namespace(rig: &Rig, name: &str) {
    let made = rig.post(NAMESPACES, &json!({ "metadata": { "name": name } }));
    assert_eq!(made.status, 200, "{}", made.text);
}

fn names(answered: &Answered) -> Vec<&str> {
    answered.body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

fn told(answered: &Answered) -> (u16, &str) {
    (answered.status, answered.message())
}

#[test]
fn an_object_is_made_read_replaced_and_removed() {
    let rig = Rig::start();
    let metadata = json!({ "name": "billing", "namespace": "", "labels": { "stage": "test" }, "annotations": null });
    let spec = json!({ "contact_type": "BILLING", "city": "Springfield", "phone_number": null, "unknown": 1 });
    let made = rig.post(CONTACTS, &json!({ "metadata": metadata, "spec": spec }));
    let system = &made.body["system_metadata"];
    assert_eq!(
        made.body,
        json!({
            "metadata": { "name": "billing", "namespace": "default", "labels": { "stage": "test" }, "annotations": {},
                          "description": "", "disable": false },
            "spec": { "contact_type": "BILLING", "address1": "", "address2": "", "city": "Springfield", "county": "",
                      "state": "", "state_code": "", "country": "", "zip_code": "", "phone_number": "" },
            "system_metadata": {
                "uid": system["uid"], "tenant": system["tenant"], "creation_timestamp": rig.clock.now().to_string(),
                "modification_timestamp": null, "deletion_timestamp": null, "initializers": null, "finalizers": [],
                "creator_class": "prism", "creator_id": rig.sample.admin_email.to_string(), "object_index": 0,
                "owner_view": null, "labels": {},
            },
        }),
        "{}",
        made.text
    );
    let one = format!("{CONTACTS}/billing");
    let read = rig.get(&one).body;
    assert!(["metadata", "spec", "system_metadata"].iter().all(|part| read[part] == made.body[part]), "{read}");

    rig.clock.advance_seconds(60);
    let anew = json!({ "metadata": { "description": "Bills" }, "spec": { "city": "Shelbyville" } });
    let replaced = call(&rig, "PUT", &one, &anew);
    assert_eq!((replaced.status, replaced.text.as_str()), (200, "{}"));
    let read = rig.get(&one).body;
    assert_eq!((&read["metadata"]["description"], &read["metadata"]["labels"]), (&json!("Bills"), &json!({})));
    assert_eq!((&read["spec"]["city"], &read["spec"]["contact_type"]), (&json!("Shelbyville"), &json!("MAILING")));
    assert_eq!(read["system_metadata"]["modification_timestamp"], rig.clock.now().to_string());
    assert_eq!(read["system_metadata"]["uid"], system["uid"]);

    let asked = json!({ "name": "billing", "namespace": "default", "fail_if_referred": true });
    let removed = call(&rig, "DELETE", &one, &asked);
    assert_eq!((removed.status, removed.text.as_str()), (200, "{}"));
    let absent = (404, "The contact billing was not found in namespace default.");
    assert_eq!(told(&rig.get(&one)), absent);
    assert_eq!(told(&call(&rig, "PUT", &one, &anew)), absent, "a replacement never creates");
    assert_eq!(told(&rig.as_token(&rig.sample.api_token, "DELETE", &one, None)), absent, "a body may be absent");
    assert_eq!(rig.get(CONTACTS).body, json!({ "items": [], "errors": [] }));
}

#[test]
fn a_name_is_taken_once_in_each_namespace_and_must_be_one() {
    let rig = Rig::start();
    make(&rig, CONTACTS, "main", json!({ "city": "first" }));
    make(&rig, "/api/web/namespaces/shared/contacts", "main", json!({ "city": "second" }));
    let again = rig.post(CONTACTS, &json!({ "metadata": { "name": "main" }, "spec": {} }));
    assert_eq!((again.status, &again.body["code"]), (409, &json!(6)), "{}", again.text);
    assert!(again.message().contains("already exist"), "{}", again.text);
    for (namespace, city) in [("default", "first"), ("shared", "second")] {
        let listed = rig.get(&format!("{NAMESPACES}/{namespace}/contacts?report_fields"));
        assert_eq!(names(&listed), ["main"]);
        assert_eq!(listed.body["items"][0]["get_spec"]["city"], city, "{}", listed.text);
        assert_eq!(listed.body["items"][0]["namespace"], namespace);
    }
    for bad in [json!({}), json!({ "metadata": null }), json!({ "metadata": { "name": "Main_1" }, "spec": {} })] {
        let refused = rig.post(CONTACTS, &bad);
        assert_eq!((refused.status, &refused.body["code"]), (400, &json!(3)), "{bad} {}", refused.text);
        assert!(refused.message().contains("metadata.name"), "{}", refused.text);
    }
    let nowhere = rig.post("/api/web/namespaces/nowhere/contacts", &json!({ "metadata": { "name": "main" } }));
    assert_eq!(told(&nowhere), (404, "Namespace nowhere was not found in this tenant."));
}

#[test]
fn where_path_and_body_disagree_the_path_wins() {
    let rig = Rig::start();
    make_namespace(&rig, "team-a");
    let metadata = json!({ "name": "main", "namespace": "team-a" });
    let made = rig.post(CONTACTS, &json!({ "namespace": "team-a", "metadata": metadata, "spec": {} }));
    assert_eq!(made.body["metadata"]["namespace"], "default", "{}", made.text);
    let one = format!("{CONTACTS}/main");
    let other = json!({ "metadata": { "name": "other", "namespace": "team-a" }, "spec": { "city": "Springfield" } });
    assert_eq!(call(&rig, "PUT", &one, &other).status, 200);
    assert_eq!(rig.get(&one).body["spec"]["city"], "Springfield");
    assert_eq!(names(&rig.get("/api/web/namespaces/team-a/contacts")), [""; 0]);
    assert_eq!(call(&rig, "DELETE", &one, &json!({ "name": "other", "namespace": "team-a" })).status, 200);
    assert_eq!(names(&rig.get(CONTACTS)), [""; 0]);
    // A path that leaves it open is filled from the body, and judged as filled.
    let open = rig.post("/api/web/namespaces/%7Bmetadata.namespace%7D/contacts", &json!({ "metadata": metadata }));
    assert_eq!(open.body["metadata"]["namespace"], "team-a", "{}", open.text);
}

#[test]
fn what_a_spec_cannot_be_is_refused_by_the_name_of_its_member() {
    let rig = Rig::start();
    for (spec, sentence) in [
        (json!({ "contact_type": "PRIVATE" }), "Field spec.contact_type must be one of MAILING, BILLING, PAYMENT."),
        (json!({ "city": 7 }), "Field spec.city has the wrong type: a string is expected."),
        (json!({ "zip_code": "1".repeat(1_025) }), "Field spec.zip_code is longer than 1024 bytes."),
    ] {
        let body = json!({ "metadata": { "name": "main" }, "spec": spec });
        assert_eq!(told(&rig.post(CONTACTS, &body)), (400, sentence));
        make(&rig, CONTACTS, "main", json!({}));
        assert_eq!(told(&call(&rig, "PUT", &format!("{CONTACTS}/main"), &body)), (400, sentence));
        assert_eq!(call(&rig, "DELETE", &format!("{CONTACTS}/main"), &json!({})).status, 200);
    }
    for contact_type in ["MAILING", "BILLING", "PAYMENT"] {
        let made = make(&rig, CONTACTS, &contact_type.to_lowercase(), json!({ "contact_type": contact_type }));
        assert_eq!(made.body["spec"]["contact_type"], contact_type);
    }
    let empty = rig.post(CONTACTS, &json!({ "metadata": { "name": "empty" }, "spec": null }));
    assert_eq!((empty.status, &empty.body["spec"]["contact_type"]), (200, &json!("MAILING")), "{}", empty.text);
}

#[test]
fn a_list_comes_by_name_narrowed_by_labels_and_widened_by_fields() {
    let rig = Rig::start();
    for (name, stage) in [("b", "live"), ("a", "test"), ("c", "test")] {
        let asked = json!({ "metadata": { "name": name, "labels": { "stage": stage } }, "spec": { "city": name } });
        assert_eq!(rig.post(CONTACTS, &asked).status, 200);
    }
    assert_eq!(names(&rig.get(CONTACTS)), ["a", "b", "c"]);
    assert_eq!(names(&rig.get(&format!("{CONTACTS}?label_filter=stage%3Dtest"))), ["a", "c"]);
    assert_eq!(rig.get(&format!("{CONTACTS}?label_filter=in+(")).status, 400);
    let short = rig.get(CONTACTS).body["items"][0].clone();
    let full = rig.get(&format!("{CONTACTS}?report_fields=&report_status_fields=")).body["items"][0].clone();
    assert_eq!(short.as_object().unwrap().len(), full.as_object().unwrap().len());
    assert!(short["get_spec"].is_null() && short["system_metadata"].is_null(), "{short}");
    assert_eq!((&full["get_spec"]["city"], &full["metadata"]["name"]), (&json!("a"), &json!("a")));
    assert_eq!((&full["system_metadata"]["uid"], &full["status_set"]), (&full["uid"], &json!([])));
}

#[test]
fn the_answers_in_every_form_are_those_of_the_document() {
    let rig = Rig::start();
    make(&rig, CONTACTS, "main", json!({ "city": "Springfield" }));
    let (document, rows) = (rig.get("/openapi.json").body, table(&rig));
    let row = |id: &str| rows.iter().find(|row| row.id == format!("ves.io.schema.contact.API.{id}")).unwrap();
    for query in ["", "?report_fields"] {
        check(&document, row("List"), &rig.get(&format!("{CONTACTS}{query}")));
    }
    for (format, create, replace) in
        [("0", false, false), ("1", true, false), ("GET_RSP_FORMAT_FOR_REPLACE", false, true)]
    {
        let read = rig.get(&format!("{CONTACTS}/main?response_format={format}"));
        check(&document, row("Get"), &read);
        assert_eq!(read.body["create_form"].is_object(), create, "{}", read.text);
        assert_eq!(read.body["replace_form"].is_object(), replace, "{}", read.text);
    }
    let form = rig.get(&format!("{CONTACTS}/main?response_format=2")).body["replace_form"].clone();
    assert_eq!(call(&rig, "PUT", &format!("{CONTACTS}/main"), &form).status, 200, "the form can be sent back");
    assert_eq!(rig.get(&format!("{CONTACTS}/main")).body["spec"]["city"], "Springfield");
    assert_eq!(rig.get(&format!("{CONTACTS}/main?response_format=9")).status, 400);
}

const INSERT: Batch = Batch::new(
    "INSERT INTO objects (tenant, namespace, kind, name, uid, metadata, spec, created_at, created_by)
     VALUES ($1, 'default', 'ves.io.schema.contact', $2, $3, '{}', '{\"city\":\"kept by an older release\"}', 0, 'test')",
);

#[test]
fn a_list_of_several_pages_is_whole_and_a_spec_of_fewer_members_is_read() {
    let rig = Rig::start();
    let tenant = rig.tenant();
    rig.write(move |tx| {
        let named: Vec<_> =
            (0..2_001_u128).map(|nth| (format!("contact-{nth:05}"), uuid::Uuid::from_u128(nth))).collect();
        let rows: Vec<_> = named.iter().map(|(name, uid)| params![tenant, name, uid]).collect();
        tx.each(INSERT, &rows).map(drop)
    });
    let listed = rig.get(&format!("{CONTACTS}?report_fields"));
    let found = names(&listed);
    assert_eq!(found.len(), 2_001);
    assert!(found.is_sorted() && found[0] == "contact-00000" && found[2_000] == "contact-02000");
    assert_eq!(listed.body["items"][1_000]["get_spec"]["city"], "kept by an older release");
    assert_eq!(listed.body["items"][1_000]["get_spec"]["country"], "");
    assert_eq!(listed.body["errors"], json!([]));
}

#[test]
fn a_role_counts_for_the_objects_of_its_own_namespace_only() {
    let rig = Rig::start();
    ["team-a", "team-b"].into_iter().for_each(|name| make_namespace(&rig, name));
    for team in ["team-a", "team-b"] {
        make(&rig, &format!("{NAMESPACES}/{team}/contacts"), "main", json!({}));
    }
    for (nth, (role, may_read, may_write)) in [
        ("ves-io-default-role", true, false),
        ("ves-io-monitor-role", true, false),
        ("ves-io-billing-role", true, false),
        ("ves-io-power-developer-role", true, true),
        (ADMIN_ROLE, true, true),
        ("ves-io-unheard-of-role", false, false),
    ]
    .into_iter()
    .enumerate()
    {
        let token = rig.add_member(rig.tenant(), &format!("{nth}@example.com"), vec![Grant::new("team-a", role)]);
        for (team, counts) in [("team-a", true), ("team-b", false), ("system", false)] {
            let path = format!("{NAMESPACES}/{team}/contacts");
            let ask = |method: &str, path: &str, body: Option<&Value>| rig.as_token(&token, method, path, body).status;
            let status = |may: bool| if may && counts { 200 } else { 403 };
            let asked = json!({ "metadata": { "name": format!("of-{nth}") } });
            assert_eq!(ask("GET", &path, None), status(may_read), "{role} {team}");
            assert_eq!(ask("POST", &path, Some(&asked)), status(may_write), "{role} {team}");
            assert_eq!(ask("PUT", &format!("{path}/main"), Some(&json!({}))), status(may_write), "{role} {team}");
            let made = format!("{path}/of-{nth}");
            assert_eq!(ask("DELETE", &made, None), status(may_write), "{role} {team}");
        }
    }
    assert_eq!(rig.number("SELECT COUNT(*) FROM objects", &[]), 2);
}

#[test]
fn a_removed_namespace_takes_its_objects_along_and_no_others() {
    let rig = Rig::start();
    make_namespace(&rig, "team-a");
    let theirs = format!("{NAMESPACES}/team-a/contacts");
    let uids =
        ["second", "first"].map(|name| make(&rig, &theirs, name, json!({})).body["system_metadata"]["uid"].clone());
    make(&rig, CONTACTS, "first", json!({}));
    let removed = rig.post(&format!("{NAMESPACES}/team-a/cascade_delete"), &json!({}));
    let items = removed.body["items"].as_array().unwrap();
    assert_eq!(
        (items.len(), &items[0]["object_type"]),
        (3, &json!("ves.io.schema.namespace.Object")),
        "{}",
        removed.text
    );
    for (item, (name, uid)) in items[1..].iter().zip([("first", &uids[1]), ("second", &uids[0])]) {
        assert_eq!((&item["object_name"], &item["object_uid"]), (&json!(name), uid), "{}", removed.text);
        assert_eq!(item["object_type"], "ves.io.schema.contact.Object");
    }
    let facts = rig.get("/api/tenantry/v1/audit?action=namespace.remove").body["items"][0]["facts"].clone();
    assert_eq!(facts["objects_removed"], 2, "{facts}");
    assert_eq!(rig.get(&theirs).status, 404);
    make_namespace(&rig, "team-a");
    assert_eq!(names(&rig.get(&theirs)), [""; 0], "a later namespace of the same name has none of them");
    assert_eq!(names(&rig.get(CONTACTS)), ["first"]);
}

#[test]
fn a_record_tells_which_members_were_changed_and_not_their_values() {
    let rig = Rig::start();
    make(&rig, CONTACTS, "main", json!({ "city": "Springfield", "state": "Oregon" }));
    let anew = json!({ "metadata": { "description": "Mail" }, "spec": { "city": "Shelbyville", "state": "Oregon" } });
    rig.clock.advance_seconds(1);
    assert_eq!(call(&rig, "PUT", &format!("{CONTACTS}/main"), &anew).status, 200);
    rig.clock.advance_seconds(1);
    assert_eq!(call(&rig, "DELETE", &format!("{CONTACTS}/main"), &json!({})).status, 200);
    let found = rig.get("/api/tenantry/v1/audit?subject=main");
    let records: Vec<_> = found.body["items"].as_array().unwrap().iter().rev().collect();
    let actions: Vec<_> = records.iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["contact.create", "contact.replace", "contact.remove"], "{}", found.text);
    assert!(records.iter().all(|record| record["facts"]["namespace"] == "default"), "{}", found.text);
    assert_eq!(records[1]["facts"]["spec_changed"], json!(["city"]));
    assert_eq!(records[1]["facts"]["metadata"]["description"], "Mail");
    assert!(!found.text.contains("Springfield") && !found.text.contains("Shelbyville"), "{}", found.text);
}
