//! In which namespace a call acts: asked of an operation that lives in a namespace and stands only here, over the real
//! pipeline and gate, and of every operation of the house.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, ApiGroup, Grant, OWNER_ROLE, Rights};
use tenantry::http::{Call, Json, Metrics, Operation, Permission, Router};

use crate::rig::{Answered, Rig};
use crate::served::serve;
use crate::sweeps::{By, Named, Row, about_oneself, asks, dump, furnish_objects, table};

const PATH: &str = "/api/web/namespaces/{namespace}/things";
/// Where the documentation of the public API puts every path; its namespace says nothing of the call.
const PREFIX: &str = "/api/v1/api/production/us-east-1/namespaces/team-a";
const GROUP: ApiGroup = ApiGroup::NamespaceWrite;

fn things() -> [Operation; 2] {
    let permission = Permission::Group(GROUP);
    let get = Operation::get(PATH, permission, async |call: Call| Ok(Json(json!(call.namespace.name()))));
    let put = Operation::put(PATH, permission, async |call: Call, _: Value| Ok(Json(json!(call.namespace.name()))));
    [get, put]
}

fn make(rig: &Rig, name: &str) {
    let made = rig.post("/api/web/namespaces", &json!({ "metadata": { "name": name } }));
    assert_eq!(made.status, 200, "{}", made.text);
}

/// Bodies that say a namespace, with the one that they mean where the path leaves it to them.
fn bodies() -> Vec<(Value, &'static str)> {
    let names = ["team-a", "team-b", "system", "no-such-team"];
    let plain = names.map(|name| (json!({ "namespace": name }), name));
    let inside = names.map(|name| (json!({ "metadata": { "namespace": name } }), name));
    let both = [("team-a", "team-b"), ("team-b", "team-a"), ("system", "team-a"), ("team-a", "system")]
        .map(|(name, other)| (json!({ "namespace": name, "metadata": { "namespace": other } }), name));
    [plain, inside, both].into_iter().flatten().chain([(json!({}), "system")]).collect()
}

#[test]
fn a_call_acts_in_the_namespace_in_which_its_caller_was_judged() {
    let mut rig = Rig::start();
    ["team-a", "team-b"].into_iter().for_each(|name| make(&rig, name));
    let callers = [vec!["team-a"], vec!["team-b"], vec!["*"], vec!["system"], vec!["team-a", "system"], vec![]];
    let callers: Vec<(String, Rights)> = callers
        .into_iter()
        .enumerate()
        .map(|(nth, places)| {
            let grants: Vec<_> = places.into_iter().map(|place| Grant::new(place, ADMIN_ROLE)).collect();
            (
                rig.add_member(rig.tenant(), &format!("caller{nth}@example.com"), grants.clone()),
                Rights::built_in(grants),
            )
        })
        .collect();
    let _runtime = serve(&mut rig, things().map(|row| row.in_namespace("namespace")).into());
    let mut accepted = 0;
    for (token, rights) in &callers {
        let mut ask = |method: &str, segment: &str, body: Option<&Value>, meant: &str| {
            let path = PATH.replace("{namespace}", segment);
            for path in [path.clone(), format!("{PREFIX}{path}")] {
                let answered = rig.as_token(token, method, &path, body);
                let wanted = match (rights.allow(GROUP, meant), meant == "no-such-team") {
                    (true, false) => 200,
                    (true, true) => 404,
                    (false, _) => 403,
                };
                assert_eq!(answered.status, wanted, "{method} {path} {body:?} {}", answered.text);
                assert!(wanted != 200 || answered.body == meant, "{method} {path} {body:?} {}", answered.text);
                accepted += usize::from(wanted == 200);
            }
        };
        for segment in ["team-a", "team-b", "system", "no-such-team"] {
            ask("GET", segment, None, segment);
            bodies().iter().for_each(|(body, _)| ask("PUT", segment, Some(body), segment));
        }
        for segment in ["%7Bnamespace%7D", "%7Bmetadata.namespace%7D"] {
            ask("GET", segment, None, "system");
            bodies().iter().for_each(|(body, meant)| ask("PUT", segment, Some(body), meant));
        }
    }
    assert!(accepted > 100, "only {accepted} calls were accepted");
}

#[test]
fn a_row_whose_path_names_a_namespace_says_in_which_one_it_acts() {
    let router = |row: Operation| Router::new(vec![row], &Metrics::default()).map(drop);
    let [said, unsaid] = things();
    assert!(router(said.clone().in_system()).is_ok());
    assert!(router(said.clone().in_namespace("namespace")).is_ok());
    for wrong in [unsaid, said.in_namespace("name")] {
        let refused = router(wrong).unwrap_err();
        assert!(format!("{refused:?}").contains(PATH), "{refused:?}");
    }
}

/// Things of another namespace and of its people, for one with every role in `team-a` alone.
fn furnish(rig: &Rig) -> Named {
    ["team-a", "team-b"].into_iter().for_each(|name| make(rig, name));
    let grants = vec![Grant::new("team-b", ADMIN_ROLE)];
    let theirs = rig.add_member(rig.tenant(), "theirs@example.com", grants);
    let reset = rig.reset("theirs@example.com").header("tenantry-reset-id").unwrap().to_owned();
    rig.give("theirs@example.com", vec![Grant::new("team-b", ADMIN_ROLE), Grant::new("system", "ves-io-default-role")]);
    let asked = json!({ "name": "theirs", "spec": { "type": "API_TOKEN" } });
    let made = rig.as_token(&theirs, "POST", "/api/web/namespaces/system/api_credentials", Some(&asked));
    let credential = made.body["name"].as_str().unwrap().to_owned();
    furnish_objects(rig, &rig.sample.api_token, "team-b", "their-object");
    let (email, namespace, object) = ("theirs@example.com".into(), "team-b".into(), "their-object".into());
    Named { email, namespace, credential, object, reset, ..Named::nothing() }
}

/// One resets one's own password and changes one's own settings, whatever else is said.
fn is_ones_own(id: &str) -> bool {
    id.ends_with("CustomAPI.ResetPassword") || about_oneself().contains_key(id)
}

#[test]
fn what_belongs_to_another_namespace_is_as_if_absent_and_stays_untouched() {
    let rig = Rig::start();
    let theirs = furnish(&rig);
    let roles = [ADMIN_ROLE, OWNER_ROLE, "ves-io-uam-admin-role"].map(|role| Grant::new("team-a", role));
    let token = rig.add_member(rig.tenant(), "own@example.com", Vec::new());
    rig.give("own@example.com", roles.into());
    rig.let_background_rest();
    // What was refused is on record; nothing else may have changed.
    let unchanged = || dump(&rig, rig.tenant(), &["audit", "audit_waiting", "audit_links"]);
    let before = unchanged();
    let (absent, password) = (Named::nothing(), "not the password");
    let bodies = [asks(&theirs, password), asks(&absent, password)];
    let mut asked = 0;
    // For those that are open nobody's role counts.
    let rows = table(&rig).into_iter().filter(|row| !row.is_open && !is_ones_own(&row.id));
    for row in rows {
        for (segment, said) in [("team-a", 0), ("", 1), ("%7Bnamespace%7D", 0), ("%7Bnamespace%7D", 1)] {
            // In one's own namespace one may make an object of any name.
            if row.is_of_an_object() && row.id.ends_with("API.Create") && !segment.is_empty() && said == 0 {
                continue;
            }
            let answer = |named: &Named, bodies: &Bodies| {
                let namespace = ["team-a", &named.namespace][said];
                let segment = if segment.is_empty() { &named.namespace } else { segment };
                named.masked(&ask(&rig, &token, &row, (named, bodies), segment, namespace))
            };
            let (found, nothing) = (answer(&theirs, &bodies[0]), answer(&absent, &bodies[1]));
            assert_eq!(found, nothing, "{} {segment} {said}", row.id);
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked}");
    assert_eq!(unchanged(), before);
}

/// A valid body for each operation that writes, by its id.
type Bodies = BTreeMap<&'static str, (By, Value)>;

fn ask(rig: &Rig, token: &str, row: &Row, named: (&Named, &Bodies), segment: &str, said: &str) -> Answered {
    let (named, bodies) = named;
    let row = Row { path: row.path.replace("{namespace}", segment), ..row.clone() };
    let body = bodies.get(row.id.as_str()).map(|(_, body)| {
        let mut body = body.clone();
        body["namespace"] = json!(said);
        body
    });
    rig.as_token(token, &row.method, &named.fill(&row), body.as_ref())
}
