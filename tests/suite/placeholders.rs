//! Which namespace a call means, and which callers may know that it exists.

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, Grant};

use crate::people::in_system;
use crate::rig::{Answered, Rig};
use crate::sweeps::{Named, Row, table};

const PREFIX: &str = "/api/v1/api/production/us-east-1/namespaces/default";

fn rows_in_a_namespace(rig: &Rig) -> Vec<Row> {
    let rows: Vec<_> = table(rig).into_iter().filter(|row| row.path.contains("{namespace}")).collect();
    assert!(rows.len() >= 13, "only {} rows", rows.len());
    rows
}

fn in_namespace(row: &Row, namespace: &str) -> String {
    Named::nothing().fill(&Row { path: row.path.replace("{namespace}", namespace), ..row.clone() })
}

fn body(row: &Row, body: Value) -> Option<Value> {
    row.body.as_ref().map(|_| body)
}

fn make(rig: &Rig, name: &str) {
    let made = rig.post("/api/web/namespaces", &json!({ "metadata": { "name": name } }));
    assert_eq!(made.status, 200, "{}", made.text);
}

fn told(answered: &Answered) -> (u16, String) {
    (answered.status, answered.message().to_string())
}

#[test]
fn a_namespace_that_is_not_there_is_404_for_every_operation() {
    let rig = Rig::start();
    for row in rows_in_a_namespace(&rig) {
        for path in [in_namespace(&row, "no-such-team"), format!("{PREFIX}{}", in_namespace(&row, "no-such-team"))] {
            let answered = rig.as_token(&rig.sample.api_token, &row.method, &path, body(&row, json!({})).as_ref());
            let wanted = (404, "Namespace no-such-team was not found in this tenant.".to_string());
            assert_eq!(told(&answered), wanted, "{} {}", row.id, answered.text);
            assert_eq!(answered.body["code"], 5);
        }
    }
}

#[test]
fn a_namespace_hidden_from_the_caller_answers_like_one_that_does_not_exist() {
    let rig = Rig::start();
    make(&rig, "secret-team");
    make(&rig, "own-team");
    let (system, own) = (in_system("ves-io-default-role"), Grant::new("own-team", "ves-io-default-role"));
    let here = rig.add_member(rig.tenant(), "here@example.com", system.into_iter().chain([own]).collect());
    let nowhere = rig.add_member(rig.tenant(), "nowhere@example.com", Vec::new());
    let mut not_found = 0;
    for row in rows_in_a_namespace(&rig) {
        for token in [&here, &nowhere] {
            let ask = |namespace: &str| {
                let sent = body(&row, json!({ "namespace": namespace }));
                let plain = rig.as_token(token, &row.method, &in_namespace(&row, namespace), sent.as_ref());
                let answered = if row.body.is_some() {
                    let path = in_namespace(&row, "%7Bnamespace%7D");
                    let by_body = rig.as_token(token, &row.method, &path, sent.as_ref());
                    assert_eq!(told(&plain), told(&by_body), "{}: the body says the same", row.id);
                    by_body
                } else {
                    plain
                };
                let (status, message) = told(&answered);
                (status, message.replace(namespace, "NAMESPACE"))
            };
            let (hidden, absent) = (ask("secret-team"), ask("no-such-team"));
            assert_eq!(hidden, absent, "{}", row.id);
            assert!(matches!(hidden.0, 403 | 404), "{} {hidden:?}", row.id);
            not_found += usize::from(hidden.0 == 404);
        }
        let known = rig.as_token(&here, &row.method, &in_namespace(&row, "own-team"), body(&row, json!({})).as_ref());
        assert!(!known.message().starts_with("Namespace "), "{} {}", row.id, known.text);
    }
    assert!(not_found >= 6, "only {not_found}");
}

#[test]
fn a_placeholder_is_replaced_from_the_body_or_by_system() {
    let rig = Rig::start();
    make(&rig, "team-a");
    for row in rows_in_a_namespace(&rig).iter().filter(|row| row.body.is_some()) {
        for placeholder in ["%7Bnamespace%7D", "%7Bmetadata.namespace%7D"] {
            let ask = |sent: Value| {
                let path = in_namespace(row, placeholder);
                rig.as_token(&rig.sample.api_token, &row.method, &path, Some(&sent))
            };
            let not_found = |namespace: &str| (404, format!("Namespace {namespace} was not found in this tenant."));
            for sent in [
                json!({ "namespace": "gone" }),
                json!({ "metadata": { "namespace": "gone" } }),
                json!({ "namespace": "", "metadata": { "namespace": "gone" } }),
                json!({ "namespace": null, "metadata": { "namespace": "gone" } }),
                json!({ "namespace": "gone", "metadata": { "namespace": "system" } }),
            ] {
                assert_eq!(told(&ask(sent.clone())), not_found("gone"), "{} {sent}", row.id);
            }
            for sent in [json!({}), json!({ "namespace": "team-a" }), json!({ "metadata": { "namespace": "" } })] {
                let answered = ask(sent.clone());
                assert!(!answered.message().starts_with("Namespace "), "{} {sent} {}", row.id, answered.text);
            }
            for sent in
                [json!({ "namespace": 7 }), json!({ "metadata": { "namespace": [] } }), json!({ "namespace": "a/b" })]
            {
                let answered = ask(sent.clone());
                assert_eq!(answered.status, 400, "{} {sent} {}", row.id, answered.text);
                assert!(answered.message().contains("namespace"), "{} {sent} {}", row.id, answered.text);
            }
        }
    }
    let listed = rig.get("/api/web/namespaces/%7Bnamespace%7D/api_credentials");
    assert_eq!(listed.status, 200, "{}", listed.text);
}

#[test]
fn a_name_that_stands_in_the_body_is_taken_from_there() {
    let rig = Rig::start();
    make(&rig, "team-a");
    let call = |method: &str, path: &str, sent: Value| rig.as_token(&rig.sample.api_token, method, path, Some(&sent));
    for (placeholder, sent) in [
        ("%7Bname%7D", json!({ "name": "team-a", "metadata": { "description": "one" } })),
        ("{metadata.name}", json!({ "metadata": { "name": "team-a", "description": "two" } })),
    ] {
        let replaced = call(
            "PUT",
            &format!("/api/web/namespaces/{}", placeholder.replace('{', "%7B").replace('}', "%7D")),
            sent.clone(),
        );
        assert_eq!(replaced.status, 200, "{}", replaced.text);
        let read = rig.get("/api/web/namespaces/team-a").body;
        assert_eq!(read["metadata"]["description"], sent["metadata"]["description"]);
    }
    let users = format!("{PREFIX}/api/web/custom/namespaces/%7Bnamespace%7D/user_roles/%7Bname%7D");
    let replaced = call("POST", &users, json!({ "name": "hello@example.com", "last_name": "Roe" }));
    assert_eq!(
        (replaced.status, &replaced.body["spec"]["gc_spec"]["last_name"]),
        (200, &json!("Roe")),
        "{}",
        replaced.text
    );
    for row in table(&rig).iter().filter(|row| row.path.contains("{name}") && row.id.starts_with("ves.io")) {
        let path = row.path.replace("{namespace}", "system").replace("{name}", "%7Bname%7D");
        for sent in [json!({}), json!({ "name": "", "metadata": { "name": null } })] {
            let answered = rig.as_token(&rig.sample.api_token, &row.method, &path, body(row, sent).as_ref());
            assert_eq!((answered.status, &answered.body["code"]), (400, &json!(3)), "{} {}", row.id, answered.text);
            assert!(answered.message().contains("name"), "{} {}", row.id, answered.text);
        }
    }
    let removed = call("POST", "/api/web/namespaces/%7Bname%7D/cascade_delete", json!({ "name": "team-a" }));
    assert_eq!((removed.status, rig.get("/api/web/namespaces/team-a").status), (200, 404), "{}", removed.text);
}

#[test]
fn a_role_in_one_namespace_opens_nothing_that_belongs_to_the_tenant() {
    let rig = Rig::start();
    make(&rig, "team-a");
    let roles = [ADMIN_ROLE, "ves-io-tenant-owner-role"].map(|role| Grant::new("team-a", role));
    let token = rig.add_member(rig.tenant(), "team@example.com", Vec::new());
    rig.give("team@example.com", roles.into_iter().chain([Grant::new("*", ADMIN_ROLE)]).collect());
    let mut refused = 0;
    // Objects of a namespace belong to it.
    for row in table(&rig).iter().filter(|row| row.group.is_some() && !row.is_of_an_object()) {
        for namespace in ["team-a", "system", "%7Bnamespace%7D", "%7Bmetadata.namespace%7D"] {
            let path = in_namespace(row, namespace);
            let sent = body(row, json!({ "namespace": "team-a", "metadata": { "namespace": "team-a" } }));
            let answered = rig.as_token(&token, &row.method, &path, sent.as_ref());
            assert_eq!((answered.status, &answered.body["code"]), (403, &json!(7)), "{path} {}", answered.text);
            assert!(answered.message().contains("in namespace system."), "{path} {}", answered.text);
            refused += 1;
        }
    }
    assert!(refused > 80, "only {refused}");
}

#[test]
fn what_anyone_reads_names_no_namespace_that_they_cannot_see() {
    let rig = Rig::start();
    make(&rig, "secret-team");
    make(&rig, "own-team");
    let own = vec![Grant::new("own-team", ADMIN_ROLE), Grant::new("system", "ves-io-default-role")];
    let token = rig.add_member(rig.tenant(), "own@example.com", own);
    rig.add_user(rig.tenant(), "hidden@example.com", |new| new.grants = vec![Grant::new("secret-team", ADMIN_ROLE)]);
    for row in table(&rig) {
        for namespace in ["system", "own-team", "default"] {
            let path = in_namespace(&row, namespace);
            let sent = body(&row, json!({}));
            let answered = rig.as_token(&token, &row.method, &path, sent.as_ref());
            let is_known = !answered.text.contains("secret-team");
            assert!(is_known, "{} {}", row.id, answered.text);
        }
    }
}
