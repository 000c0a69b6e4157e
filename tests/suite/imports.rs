//! Users brought here by the thousand: planned, run, killed in the middle and gone on with.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tenantry::access::Grant;
use tenantry::params;
use tenantry::passwords::Cost;
use tenantry::passwords::foreign::{Dialect, Foreign, Wrapper};
use tenantry::store::{Scope, Tx};

use crate::access::{make_group, ok, refused};
use crate::people::{in_system, owner};
use crate::rig::{Answered, Rig};

pub const IMPORTS: &str = "/api/tenantry/v1/imports";
const DAY: i64 = 24 * 3_600;
/// What rigs hash at.
pub const CHEAP: Cost = Cost { memory_kib: 64, iterations: 1, parallelism: 1 };
const PASSWORD: &str = "harbor-ember-umber-58";
const BCRYPT: &str = "$2b$08$abcdefghijklmnopqrstuuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK";
const QUICK: &str = "{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0";

/// Begins an import by a token; its id.
pub fn begin(rig: &Rig, token: &str, options: &Value) -> String {
    let asked = json!({ "source": "test", "options": options });
    let begun = rig.as_token(token, "POST", IMPORTS, Some(&asked));
    assert_eq!(begun.status, 201, "{}", begun.text);
    begun.body["id"].as_str().unwrap().into()
}

/// Sends a chunk.
pub fn put(rig: &Rig, token: &str, id: &str, number: usize, lines: &[String]) -> Answered {
    let authorization = format!("APIToken {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/x-ndjson")];
    rig.send("PUT", &format!("{IMPORTS}/{id}/chunks/{number}"), &headers, Some(&lines.join("\n")))
}

/// Asks for a step of the course.
pub fn step(rig: &Rig, token: &str, id: &str, what: &str, body: &Value) -> Answered {
    rig.as_token(token, "POST", &format!("{IMPORTS}/{id}/{what}"), Some(body))
}

/// Judges these chunks and makes the plan, which is answered.
pub fn plan(rig: &Rig, token: &str, id: &str, chunks: &[Vec<String>]) -> Value {
    for (nth, chunk) in chunks.iter().enumerate() {
        let answered = put(rig, token, id, nth + 1, chunk);
        ok(&answered);
        assert_eq!(answered.body["is_whole"], true, "{}", answered.text);
    }
    let planned = step(rig, token, id, "plan", &json!({}));
    ok(&planned);
    planned.body
}

/// Runs a plan to its end; what is shown of the import then.
pub fn run(rig: &Rig, token: &str, id: &str, plan: &Value, chunks: &[Vec<String>]) -> Value {
    ok(&step(rig, token, id, "run", &json!({ "plan": plan["plan"] })));
    for (nth, chunk) in chunks.iter().enumerate() {
        ok(&put(rig, token, id, nth + 1, chunk));
    }
    let ended = step(rig, token, id, "end", &json!({}));
    ok(&ended);
    assert_eq!(ended.body["state"], "done");
    ended.body
}

/// Plans and runs.
pub fn bring(rig: &Rig, options: &Value, chunks: &[Vec<String>]) -> Value {
    let token = rig.sample.api_token.clone();
    let id = begin(rig, &token, options);
    let plan = plan(rig, &token, &id, chunks);
    run(rig, &token, &id, &plan, chunks)
}

/// Brings an import that is being planned to where this operation can be asked; the body to ask it with.
pub fn ready(rig: &Rig, operation: &str, id: &str) -> Option<Value> {
    let token = &rig.sample.api_token;
    let chunks = [vec![line("brought@example.com", &json!({}))]];
    match operation {
        "tenantry.imports.plan" => {
            ok(&put(rig, token, id, 1, &chunks[0]));
            Some(json!({}))
        }
        "tenantry.imports.run" => Some(json!({ "plan": plan(rig, token, id, &chunks)["plan"] })),
        "tenantry.imports.end" => {
            let planned = plan(rig, token, id, &chunks);
            ok(&step(rig, token, id, "run", &json!({ "plan": planned["plan"] })));
            ok(&put(rig, token, id, 1, &chunks[0]));
            Some(json!({}))
        }
        "tenantry.tenant.export_hashes" => {
            let made = rig.as_token(token, "POST", &format!("{IMPORTS}/key"), Some(&json!({})));
            Some(json!({ "seal_with": ok(&made)["key"] }))
        }
        "tenantry.imports.invite" => {
            let planned = plan(rig, token, id, &chunks);
            run(rig, token, id, &planned, &chunks);
            Some(json!({ "whom": "none" }))
        }
        _ => None,
    }
}

/// Lets hashes in for a day.
pub fn open_window(rig: &Rig) {
    let until = rig.clock.now().plus_seconds(DAY).to_string();
    ok(&rig.as_token(&rig.sample.api_token, "PUT", &format!("{IMPORTS}/hashes"), Some(&json!({ "until": until }))));
}

/// A line of a user with these members.
pub fn line(email: &str, members: &Value) -> String {
    let mut user = json!({ "kind": "user", "email": email });
    for (name, value) in members.as_object().unwrap() {
        user[name] = value.clone();
    }
    user.to_string()
}

fn many(from: usize, to: usize) -> Vec<String> {
    (from..to)
        .map(|nth| line(&format!("u{nth:05}@import.example"), &json!({ "first_name": format!("N{nth}") })))
        .collect()
}

/// A quick hash as the command line sends it.
fn wrapped(text: &str) -> String {
    let foreign = Foreign::read(text, Dialect::Usual).unwrap();
    Wrapper::new(CHEAP).unwrap().stored(&foreign, [9; 16]).unwrap()
}

fn codes(shown: &Value) -> BTreeMap<String, i64> {
    serde_json::from_value(shown["counts"]["codes"].clone()).unwrap()
}

/// The counts of an import: taken, updated, unchanged, refused.
fn outcomes(shown: &Value) -> [i64; 4] {
    ["taken", "updated", "unchanged", "refused"].map(|name| shown["counts"][name].as_i64().unwrap())
}

/// How often each user has a record of this action.
fn records(rig: &Rig, action: &'static str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for (recorded, outcome, subject) in rig.audit() {
        if recorded == action {
            assert_eq!(outcome, "accepted");
            *found.entry(subject).or_default() += 1;
        }
    }
    found
}

/// Users whose address has this ending.
fn there(rig: &Rig, ending: &'static str) -> i64 {
    let verb = |tx: &mut Tx<'_>| {
        tx.one("SELECT COUNT(*) FROM users WHERE email LIKE $1", &params![format!("%{ending}").as_str()])?.get(0)
    };
    rig.store.read(Scope::HOUSE, verb).unwrap()
}

fn user_count(rig: &Rig) -> i64 {
    let tenant = rig.tenant();
    let verb = |tx: &mut Tx<'_>| tx.one("SELECT user_count FROM tenants WHERE id = $1", &params![tenant])?.get(0);
    rig.store.read(Scope::HOUSE, verb).unwrap()
}

#[test]
fn users_come_with_all_that_their_lines_say_and_sign_in_by_their_old_passwords() {
    let rig = Rig::start();
    open_window(&rig);
    ok(&make_group(&rig, "ops", &[], &[]));
    let roles = json!([{ "namespace": "default", "role": "ves-io-monitor-role" }]);
    let chunks = [vec![
        line(
            "ada@import.example",
            &json!({ "first_name": "Ada", "last_name": "Marlow", "language": "de", "groups": ["ops"], "roles": roles,
                     "created_at": "2020-02-03T04:05:06Z", "verified": true, "keys": ["csv:0012"],
                     "password": { "hash": BCRYPT, "set_at": "2025-06-01T00:00:00Z" } }),
        ),
        line("ben@import.example", &json!({ "password": { "hash": wrapped(QUICK) } })),
        line("cleo@import.example", &json!({ "state": "disabled", "password": { "hash": BCRYPT } })),
        line("dan@import.example", &json!({})),
        line("eve@import.example", &json!({ "must_change": true, "password": { "hash": BCRYPT } })),
        line("fay@import.example", &json!({ "idm_type": "SSO" })),
    ]];
    let before = user_count(&rig);
    let ended = bring(&rig, &json!({}), &chunks);
    assert_eq!(outcomes(&ended), [6, 0, 0, 0]);
    assert_eq!(user_count(&rig), before + 6);
    let schemes = &ended["counts"]["schemes"];
    assert_eq!((&schemes["bcrypt"], &schemes["argon2id-ssha1"]), (&json!(3), &json!(1)));
    let ada = rig.get("/api/tenantry/v1/users/ada@import.example").body;
    assert_eq!((&ada["first_name"], &ada["language"]), (&json!("Ada"), &json!("de")), "{ada}");
    assert_eq!(ada["created_at"], "2020-02-03T04:05:06.000000Z");
    assert!(ada.to_string().contains("ves-io-monitor-role") && ada.to_string().contains("ops"), "{ada}");
    let group = rig.get("/api/web/custom/namespaces/system/user_groups/ops").body;
    assert!(group.to_string().contains("ada@import.example"), "{group}");
    for email in ["ada@import.example", "ben@import.example"] {
        assert_eq!(rig.sign_in(email, "another password"), 401, "{email}");
        for _ in 0..2 {
            assert_eq!(rig.sign_in(email, PASSWORD), 204, "{email}");
        }
    }
    assert_eq!(rig.sign_in("cleo@import.example", PASSWORD), 401);
    let eve = rig.post_open("/signin", &json!({ "email": "eve@import.example", "password": PASSWORD }));
    refused(&eve, 403, "choose a new password");
    assert_eq!(rig.sign_in("eve@import.example", "another password"), 401);
    rig.reset("eve@import.example");
    assert_eq!(rig.redeem(&rig.token("eve@import.example", 1), crate::rig::GOOD_PASSWORD), 204);
    assert_eq!(rig.sign_in("eve@import.example", crate::rig::GOOD_PASSWORD), 204);
    let found = rig.get("/api/tenantry/v1/users?q=marlow").body;
    assert!(found.to_string().contains("ada@import.example"), "{found}");
    assert_eq!(records(&rig, "user.import").len(), 6);
    let kept = rig.get("/api/tenantry/v1/audit?action=user.import&subject=ada@import.example").body;
    let facts = &kept["items"][0]["facts"];
    assert_eq!((&facts["scheme"], &facts["key"], &facts["row"]), (&json!("bcrypt"), &json!("csv:0012"), &json!(1)));
    assert!(!rig.audit().is_empty() && !kept.to_string().contains("$2b$"), "{kept}");
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn a_plan_changes_nothing_and_the_same_file_twice_changes_nothing() {
    let rig = Rig::start();
    let (token, before) = (rig.sample.api_token.clone(), user_count(&rig));
    let chunks = [many(0, 300), many(300, 310)];
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, &chunks);
    assert_eq!((user_count(&rig), outcomes(&planned)), (before, [310, 0, 0, 0]));
    let ended = run(&rig, &token, &id, &planned, &chunks);
    assert_eq!(outcomes(&ended), [310, 0, 0, 0]);
    assert_eq!(user_count(&rig), before + 310);
    let again = bring(&rig, &json!({}), &chunks);
    assert_eq!(outcomes(&again), [0, 0, 310, 0]);
    assert_eq!(codes(&again)["UNCHANGED"], 310);
    assert_eq!(user_count(&rig), before + 310);
    let imported = records(&rig, "user.import");
    assert_eq!(imported.len(), 310);
    assert!(imported.values().all(|times| *times == 1));
    for action in ["import.begin", "import.plan", "import.run", "import.end"] {
        assert_eq!(records(&rig, action).values().sum::<usize>(), 2, "{action}");
    }
}

#[test]
fn each_row_that_is_not_taken_says_why_and_keeps_none_of_the_others() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    rig.add_user(rig.tenant(), "here@example.com", |_| {});
    ok(&make_group(&rig, "bosses", &[], &[("system", "ves-io-tenant-owner-role")]));
    let role = |namespace: &str, role: &str| json!({ "roles": [{ "namespace": namespace, "role": role }] });
    let rows = [
        (line("ok@import.example", &json!({})), None),
        (line("OK@import.example", &json!({})), Some("DUPLICATE_IN_FILE")),
        (line("here@example.com", &json!({})), Some("EXISTS")),
        (line("a@import.example", &role("nowhere", "ves-io-monitor-role")), Some("NAMESPACE_UNKNOWN")),
        (line("b@import.example", &role("system", "root")), Some("ROLE_UNKNOWN")),
        (line("c@import.example", &role("system", "ves-io-tenant-owner-role")), Some("RANK")),
        (line("d@import.example", &json!({ "groups": ["missing"] })), Some("GROUP_UNKNOWN")),
        (line("e@import.example", &json!({ "groups": ["bosses"] })), Some("RANK")),
        (line("f@import.example", &json!({ "owner": true })), Some("OWNER")),
        (line("g@import.example", &json!({ "password": "hunter2 hunter2" })), Some("PASSWORD_PLAIN")),
        (line("h@import.example", &json!({ "password": { "hash": BCRYPT } })), Some("HASHES_CLOSED")),
        (line("i@import.example", &json!({ "colour": "red" })), Some("SHAPE")),
        (line("not an address", &json!({})), Some("ADDRESS_INVALID")),
        (line("j@import.example", &json!({ "keys": ["csv:7"] })), None),
        (line("k@import.example", &json!({ "keys": ["csv:7"] })), Some("DUPLICATE_KEY")),
        ("{".into(), Some("SHAPE")),
        (json!({ "kind": "refused", "row": 17, "line": 90, "code": "NO_ADDRESS" }).to_string(), Some("NO_ADDRESS")),
    ];
    let chunks = [rows.iter().map(|(line, _)| line.clone()).collect::<Vec<_>>()];
    let id = begin(&rig, &admin, &json!({}));
    let planned = plan(&rig, &admin, &id, &chunks);
    let ended = run(&rig, &admin, &id, &planned, &chunks);
    assert_eq!(planned["counts"], ended["counts"], "the run does what the plan has said");
    assert_eq!(outcomes(&ended), [2, 0, 0, 15]);
    let listed = rig.get(&format!("{IMPORTS}/{id}/rows?outcome=refused&limit=1000")).body;
    let listed = listed["items"].as_array().unwrap();
    let wanted: Vec<_> = rows.iter().enumerate().filter_map(|(nth, (_, code))| Some((nth + 1, (*code)?))).collect();
    assert_eq!(listed.len(), wanted.len());
    for (item, (row, code)) in listed.iter().zip(&wanted) {
        assert_eq!((&item["row"], &item["codes"][0]), (&json!(row), &json!(code)), "{item}");
    }
    assert_eq!(listed.last().unwrap()["line"], 90);
    assert!(!serde_json::to_string(listed).unwrap().contains("hunter2"));
    assert_eq!(there(&rig, "@import.example"), 2);
    let next = rig.get(&format!("{IMPORTS}/{id}/rows?after=15&limit=1")).body;
    assert_eq!((&next["items"][0]["row"], &next["next"]), (&json!(16), &json!(16)));
}

#[test]
fn a_quick_hash_is_taken_only_beneath_argon2id_and_only_while_an_owner_allows_it() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    let until = |seconds: i64| json!({ "until": rig.clock.now().plus_seconds(seconds).to_string() });
    let window = |token: &str, body: &Value| rig.as_token(token, "PUT", &format!("{IMPORTS}/hashes"), Some(body));
    refused(&window(&admin, &until(DAY)), 403, "ves-io-tenant-owner");
    refused(&window(&rig.sample.api_token, &until(8 * DAY)), 400, "at most 7 days ahead");
    refused(&window(&rig.sample.api_token, &until(-1)), 400, "at most 7 days ahead");
    refused(&window(&rig.sample.api_token, &json!({ "until": "soon" })), 400, "import.hashes_until must be a time");
    let settings = "/api/tenantry/v1/settings";
    let body = json!({ "import.hashes_until": "2026-03-05T00:00:00Z" });
    refused(&rig.as_token(&admin, "PATCH", settings, Some(&body)), 403, "Only an owner of the tenant sets");
    open_window(&rig);
    let lines = vec![
        line("a@import.example", &json!({ "password": { "hash": QUICK } })),
        line("b@import.example", &json!({ "password": { "hash": wrapped(QUICK) } })),
        line("c@import.example", &json!({ "password": { "scheme": "bcrypt" } })),
    ];
    let id = begin(&rig, &admin, &json!({}));
    let planned = plan(&rig, &admin, &id, std::slice::from_ref(&lines));
    assert_eq!(codes(&planned)["HASH_UNSAFE"], 1);
    let sent = |hash: &str| line("c@import.example", &json!({ "password": { "hash": hash } }));
    let of_run = vec![lines[0].clone(), lines[1].clone(), sent(BCRYPT)];
    ok(&step(&rig, &admin, &id, "run", &json!({ "plan": planned["plan"] })));
    ok(&put(&rig, &admin, &id, 1, &of_run));
    ok(&step(&rig, &admin, &id, "end", &json!({})));
    for (email, status) in [("a@import.example", 401), ("b@import.example", 204), ("c@import.example", 204)] {
        assert_eq!(rig.sign_in(email, PASSWORD), status, "{email}");
    }
    rig.clock.advance_seconds(DAY + 1);
    let late = bring(&rig, &json!({}), &[vec![line("d@import.example", &json!({ "password": { "hash": BCRYPT } }))]]);
    assert_eq!(codes(&late)["HASHES_CLOSED"], 1);
    let closed = window(&rig.sample.api_token, &json!({}));
    assert_eq!(closed.body["until"], Value::Null, "{}", closed.text);
}

#[test]
fn chunks_come_once_each_in_their_order_and_as_they_were_planned() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let (first, second, other) = (many(0, 20), many(20, 40), many(40, 60));
    let id = begin(&rig, &token, &json!({}));
    refused(&put(&rig, &token, &id, 2, &second), 409, "Chunk 1 comes next, not 2.");
    ok(&put(&rig, &token, &id, 1, &first));
    let repeated = put(&rig, &token, &id, 1, &first);
    assert_eq!((&repeated.body["next"]["chunk"], &repeated.body["counts"]["rows"]), (&json!(2), &json!(20)));
    refused(&put(&rig, &token, &id, 1, &other), 409, "Chunk 1 was sent before, and differs.");
    refused(&put(&rig, &token, &id, 3, &second), 409, "Chunk 2 comes next, not 3.");
    refused(&step(&rig, &token, &id, "end", &json!({})), 409, "only one that runs comes to its end so");
    ok(&put(&rig, &token, &id, 2, &second));
    let planned = step(&rig, &token, &id, "plan", &json!({})).body;
    refused(&put(&rig, &token, &id, 3, &other), 409, "Run its plan before");
    refused(&step(&rig, &token, &id, "run", &json!({ "plan": "0".repeat(64) })), 409, "not the plan of this import");
    ok(&step(&rig, &token, &id, "run", &json!({ "plan": planned["plan"] })));
    refused(&put(&rig, &token, &id, 2, &second), 409, "Chunk 1 comes next, not 2.");
    refused(&put(&rig, &token, &id, 1, &other), 409, "not the one that was planned: chunk 1 differs. Make a new plan.");
    ok(&put(&rig, &token, &id, 1, &first));
    ok(&put(&rig, &token, &id, 1, &first));
    refused(&step(&rig, &token, &id, "end", &json!({})), 409, "Chunk 2 comes next.");
    ok(&put(&rig, &token, &id, 2, &second));
    refused(&put(&rig, &token, &id, 3, &other), 409, "the plan has no chunk 3. Make a new plan.");
    ok(&step(&rig, &token, &id, "end", &json!({})));
    refused(&put(&rig, &token, &id, 1, &first), 409, "has come to its end");
    assert_eq!((there(&rig, "@import.example"), records(&rig, "user.import").len()), (40, 40));
}

#[test]
fn of_two_clients_who_send_the_same_chunk_each_row_is_done_once() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let chunk = many(0, 2_000);
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, std::slice::from_ref(&chunk));
    ok(&step(&rig, &token, &id, "run", &json!({ "plan": planned["plan"] })));
    let answers: Vec<Answered> = std::thread::scope(|scope| {
        let sent: Vec<_> = (0..2).map(|_| scope.spawn(|| put(&rig, &token, &id, 1, &chunk))).collect();
        sent.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        refused(answer, 409, "Another client goes on with this import");
    }
    let mut tries = 0;
    while put(&rig, &token, &id, 1, &chunk).body["next"]["chunk"] != 2 {
        tries += 1;
        assert!(tries < 5, "it goes on where it stands");
    }
    let ended = step(&rig, &token, &id, "end", &json!({})).body;
    assert_eq!(outcomes(&ended), [2_000, 0, 0, 0]);
    let imported = records(&rig, "user.import");
    assert!(imported.len() == 2_000 && imported.values().all(|times| *times == 1));
}

#[test]
fn a_plan_is_void_for_a_caller_who_may_do_something_else_by_now() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-admin-role"));
    let chunks =
        [vec![line("a@import.example", &json!({ "roles": [{ "namespace": "system", "role": "ves-io-admin-role" }] }))]];
    let id = begin(&rig, &admin, &json!({}));
    let planned = plan(&rig, &admin, &id, &chunks);
    rig.give("helper@example.com", in_system("ves-io-uam-admin-role"));
    let asked = json!({ "plan": planned["plan"] });
    refused(&step(&rig, &admin, &id, "run", &asked), 409, "it is void. Make a new one.");
    rig.give("helper@example.com", in_system("ves-io-admin-role"));
    ok(&step(&rig, &admin, &id, "run", &asked));
    rig.give("helper@example.com", in_system("ves-io-uam-admin-role"));
    let answered = put(&rig, &admin, &id, 1, &chunks[0]);
    ok(&answered);
    assert_eq!(answered.body["told"][0]["codes"][0], "RANK", "{}", answered.text);
    rig.give("helper@example.com", Vec::new());
    refused(&put(&rig, &admin, &id, 1, &chunks[0]), 403, "ves-io-uam-admin-write");
    assert_eq!(there(&rig, "@import.example"), 0);
}

#[test]
fn a_namespace_that_is_gone_by_the_run_refuses_the_rows_that_name_it() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    ok(&rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "shop" } })));
    let role = json!({ "roles": [{ "namespace": "shop", "role": "ves-io-monitor-role" }] });
    let chunks = [vec![line("a@import.example", &role), line("b@import.example", &json!({}))]];
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, &chunks);
    assert_eq!(outcomes(&planned), [2, 0, 0, 0]);
    ok(&rig.post("/api/web/namespaces/shop/cascade_delete", &json!({})));
    let ended = run(&rig, &token, &id, &planned, &chunks);
    assert_eq!(outcomes(&ended), [1, 0, 0, 1]);
    assert_eq!(codes(&ended)["NAMESPACE_UNKNOWN"], 1);
}

#[test]
fn what_differs_is_taken_over_only_where_it_was_asked_for_and_never_above_rank() {
    let rig = Rig::start();
    let admin = rig.add_member(rig.tenant(), "helper@example.com", in_system("ves-io-uam-admin-role"));
    let user = |first: &str, state: &str, email: &str| {
        line(email, &json!({ "first_name": first, "state": state, "keys": ["csv:1"], "groups": ["ops"] }))
    };
    bring(&rig, &json!({ "groups": "create" }), &[vec![user("Ada", "active", "a@import.example")]]);
    assert_eq!(records(&rig, "group.create"), BTreeMap::from([("ops".to_string(), 1)]));
    let differs = bring(&rig, &json!({}), &[vec![user("Adam", "disabled", "a@import.example")]]);
    assert_eq!(codes(&differs)["EXISTS_DIFFERS"], 1);
    let moved = bring(&rig, &json!({ "update": ["names"] }), &[vec![user("Ada", "active", "b@import.example")]]);
    assert_eq!(codes(&moved)["KEY_MOVED"], 1);
    let changed = bring(&rig, &json!({ "update": ["names"] }), &[vec![user("Adam", "disabled", "a@import.example")]]);
    assert_eq!(outcomes(&changed), [0, 1, 0, 0]);
    let shown = || rig.get("/api/tenantry/v1/users/a@import.example").body;
    assert_eq!((&shown()["first_name"], &shown()["disabled_at"]), (&json!("Adam"), &Value::Null), "{}", shown());
    assert_eq!(records(&rig, "user.import_update").values().sum::<usize>(), 1);
    rig.give("a@import.example", owner());
    let line = user("Eve", "disabled", "a@import.example");
    let id = begin(&rig, &admin, &json!({ "update": ["names", "state", "groups", "roles"] }));
    let planned = plan(&rig, &admin, &id, &[vec![line.clone()]]);
    assert_eq!(codes(&planned)["OUTRANKED"], 1);
    run(&rig, &admin, &id, &planned, &[vec![line.clone()]]);
    assert_eq!(shown()["first_name"], "Adam");
    rig.give("a@import.example", vec![Grant::new("default", "ves-io-monitor-role")]);
    let all = bring(&rig, &json!({ "update": ["names", "state", "groups", "roles"] }), &[vec![line.clone()]]);
    assert_eq!(outcomes(&all), [0, 1, 0, 0]);
    assert_eq!(shown()["first_name"], "Eve");
    assert!(!shown()["disabled_at"].is_null() && !shown().to_string().contains("monitor"), "{}", shown());
    let again = bring(&rig, &json!({ "update": ["names", "state", "groups", "roles"] }), &[vec![line]]);
    assert_eq!(outcomes(&again), [0, 0, 1, 0]);
}

#[test]
fn a_user_who_was_removed_comes_again_as_new() {
    let rig = Rig::start();
    let chunks = [vec![line("a@import.example", &json!({ "keys": ["csv:1"] }))]];
    bring(&rig, &json!({}), &chunks);
    ok(&rig.post("/api/web/custom/namespaces/system/users/cascade_delete", &json!({ "email": "a@import.example" })));
    assert_eq!(outcomes(&bring(&rig, &json!({}), &chunks)), [1, 0, 0, 0]);
}

#[test]
fn one_import_of_a_tenant_is_under_way_and_one_that_nobody_goes_on_with_gives_way() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let id = begin(&rig, &token, &json!({}));
    let asked = json!({ "source": "test" });
    refused(&rig.post(IMPORTS, &asked), 409, "is not at its end");
    ok(&step(&rig, &token, &id, "stop", &json!({})));
    refused(&step(&rig, &token, &id, "stop", &json!({})), 409, "stopped already");
    rig.clock.advance_seconds(1);
    refused(&put(&rig, &token, &id, 1, &many(0, 1)), 409, "has come to its end");
    let second = begin(&rig, &token, &json!({}));
    refused(&step(&rig, &token, &second, "plan", &json!({})), 409, "no row in this import");
    let planned = plan(&rig, &token, &second, &[many(0, 1)]);
    rig.clock.advance_seconds(DAY);
    refused(&step(&rig, &token, &second, "run", &json!({ "plan": planned["plan"] })), 409, "older than a day");
    let third = begin(&rig, &token, &json!({}));
    let listed = rig.get(IMPORTS).body;
    let states: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap(), &item["state"])).collect();
    assert_eq!(states, [(&*third, &json!("planning")), (&*second, &json!("stopped")), (&*id, &json!("stopped"))]);
    for wrong in
        [json!({ "source": "" }), json!({ "source": "a b" }), json!({ "source": "x", "options": { "colour": 1 } })]
    {
        assert_eq!(rig.post(IMPORTS, &wrong).status, 400, "{wrong}");
    }
    assert_eq!(rig.get(&format!("{IMPORTS}/nothing")).status, 404);
}

#[test]
fn numbers_of_rows_go_up() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let numbered = |row: i64| line(&format!("u{row}@import.example"), &json!({ "row": row, "line": row + 1 }));
    let id = begin(&rig, &token, &json!({}));
    refused(&put(&rig, &token, &id, 1, &[numbered(2), numbered(1)]), 400, "the numbers of rows go up");
    ok(&put(&rig, &token, &id, 1, &[numbered(2), numbered(7)]));
    refused(&put(&rig, &token, &id, 2, &[numbered(7)]), 400, "the numbers of rows go up");
}

#[test]
fn a_killed_server_goes_on_where_its_last_slice_ended() {
    let data = tempfile::tempdir().unwrap();
    let mut rig = Rig::at(data.path(), 0, |_| {});
    let token = rig.sample.api_token.clone();
    let chunks: Vec<_> = (0..20).map(|nth| many(nth * 150, nth * 150 + 150)).collect();
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, &chunks);
    ok(&step(&rig, &token, &id, "run", &json!({ "plan": planned["plan"] })));
    let (mut failures, mut halves) = (0, 0);
    // A call into the engine fails, each time a little later, whatever it belongs to: a slice is there or it is not.
    for (nth, chunk) in chunks.iter().enumerate() {
        rig.let_background_rest();
        rig.store.faults().fail_call(1 + 2 * (nth * nth) as u32);
        let answered = put(&rig, &token, &id, nth + 1, chunk);
        rig.store.faults().stop();
        failures += usize::from(answered.status != 200);
        let shown = rig.get(&format!("{IMPORTS}/{id}")).body;
        let done = shown["counts"]["rows"].as_i64().unwrap();
        halves += usize::from(shown["next"]["done"] != 0);
        assert_eq!(there(&rig, "@import.example"), done, "as many users as rows are done");
        assert_eq!(records(&rig, "user.import").len() as i64, done, "and records");
        if nth % 7 == 3 {
            rig.restart(data.path(), |_| {});
        }
        ok(&put(&rig, &token, &id, nth + 1, chunk));
    }
    assert!(failures > 5 && halves > 0, "{failures} failures, {halves} in the middle");
    rig.restart(data.path(), |_| {});
    let ended = step(&rig, &token, &id, "end", &json!({})).body;
    assert_eq!(outcomes(&ended), [3_000, 0, 0, 0]);
    let imported = records(&rig, "user.import");
    assert!(imported.len() == 3_000 && imported.values().all(|times| *times == 1));
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn an_administrator_who_brings_users_raises_no_budget_of_their_own_for_a_day() {
    let rig = Rig::start();
    let now = rig.clock.now();
    let tenant = rig.tenant();
    rig.write(move |tx| tx.run("UPDATE tenants SET user_count = 100000 WHERE id = $1", &params![tenant]).map(drop));
    rig.write(move |tx| tenantry::tenants::note_import(tx, tenant, now));
    rig.write(move |tx| tx.run("UPDATE tenants SET user_count = 900000 WHERE id = $1", &params![tenant]).map(drop));
    let budget = |rig: &Rig| {
        let verb = |tx: &mut Tx<'_>| {
            let row = tx.one("SELECT users_before_import FROM tenants WHERE id = $1", &params![rig.tenant()])?;
            row.get::<Option<i64>>(0)
        };
        rig.store.read(Scope::HOUSE, verb).unwrap()
    };
    assert_eq!(budget(&rig), Some(100_000));
    bring(&rig, &json!({}), &[many(0, 2)]);
    assert_eq!(budget(&rig), Some(100_000), "of several within a day the first counts");
    rig.clock.advance_seconds(DAY + 1);
    bring(&rig, &json!({}), &[many(2, 4)]);
    assert_eq!(budget(&rig), Some(900_002));
}
