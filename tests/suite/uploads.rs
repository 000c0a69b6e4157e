//! Files that are uploaded whole: read, planned and brought by the server itself, kept sealed for an hour at most.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;
use tenantry::store::{Scope, Tx};

use crate::access::{make_group, ok, refused};
use crate::import_files::{assert_passwords, expected, samples, started};
use crate::imports::{IMPORTS, begin, open_window, put, step};
use crate::people::in_system;
use crate::rig::{Answered, Rig};

/// What an uploaded file may hold, in bytes.
const MOST: usize = 16 * 1024 * 1024;
const HOUR: i64 = 3_600;

/// Uploads bytes of this content type.
pub fn upload(rig: &Rig, token: &str, query: &str, content_type: &str, body: &[u8]) -> Answered {
    let authorization = format!("APIToken {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", content_type)];
    rig.send_bytes("POST", &format!("{IMPORTS}/upload?{query}"), &headers, body)
}

/// Uploads a table of users; the plan.
fn planned(rig: &Rig, token: &str, table: &str) -> Value {
    let answered = upload(rig, token, "from=csv", "text/csv", table.as_bytes());
    assert_eq!(answered.status, 201, "{}", answered.text);
    // A large one is planned beyond the time of the call.
    let plan = wait_while(rig, &answered.body, "planning");
    assert_eq!(plan["state"], "planned", "{plan}");
    plan
}

fn id(import: &Value) -> &str {
    import["id"].as_str().unwrap()
}

/// Has a plan run; what is answered.
fn run(rig: &Rig, token: &str, planned: &Value) -> Answered {
    step(rig, token, id(planned), "run", &json!({ "plan": planned["plan"] }))
}

/// Waits until the import is no longer in this state; what is shown of it then.
pub fn wait_while(rig: &Rig, import: &Value, state: &str) -> Value {
    for _ in 0..2_000 {
        let shown = rig.get(&format!("{IMPORTS}/{}", id(import))).body;
        if shown["state"] != state {
            return shown;
        }
        sleep(Duration::from_millis(10));
    }
    panic!("it is {state} for ever");
}

/// Plans and runs a table; the import at its end.
fn brought(rig: &Rig, token: &str, table: &str) -> Value {
    let plan = planned(rig, token, table);
    assert_eq!(ok(&run(rig, token, &plan))["state"], "running");
    wait_while(rig, &plan, "running")
}

/// Rows of the two tables of files, of all tenants.
fn kept(rig: &Rig) -> (i64, i64) {
    let of = |table: &str| format!("SELECT COUNT(*) FROM {table}");
    let count = |statement: &'static str| {
        let verb = |tx: &mut Tx<'_>| tx.one(statement, &[])?.get(0);
        rig.store.read(Scope::HOUSE, verb).unwrap()
    };
    let statements: [&'static str; 2] = [of("import_uploads").leak(), of("import_upload_parts").leak()];
    (count(statements[0]), count(statements[1]))
}

/// Several files as a form has them.
fn form(files: &[(&str, Vec<u8>)]) -> (String, Vec<u8>) {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!("Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"");
        body.extend(format!("--b0undary\r\n{head}\r\nContent-Type: text/plain\r\n\r\n").bytes());
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--b0undary--\r\n");
    ("multipart/form-data; boundary=b0undary".into(), body)
}

fn query(expected: &Value) -> String {
    let asked = &expected["options"];
    let mut query = format!("from={}", expected["format"].as_str().unwrap());
    for name in ["encoding", "domain", "groups"] {
        if let Some(value) = asked[name].as_str().filter(|value| name != "groups" || *value == "create") {
            query += &format!("&{name}={value}");
        }
    }
    if let Some(pair) = asked["roles"].as_str().and_then(|roles| roles.strip_prefix("map: ")) {
        query += &format!("&roles={}", pair.replace('=', "%3D"));
    }
    query
}

/// Each row of an import that was refused or told, as it is kept: its outcome and codes.
fn rows(rig: &Rig, import: &Value) -> BTreeMap<u64, (String, Vec<String>)> {
    let listed = ok(&rig.get(&format!("{IMPORTS}/{}/rows?limit=1000", id(import)))).clone();
    let row = |item: &Value| {
        let mut codes: Vec<String> = serde_json::from_value(item["codes"].clone()).unwrap();
        codes.sort();
        (item["row"].as_u64().unwrap(), (item["outcome"].as_str().unwrap().to_owned(), codes))
    };
    listed["items"].as_array().unwrap().iter().map(row).collect()
}

fn sample(folder: &str) {
    let (rig, token) = started();
    let expected = expected(folder);
    if folder == "tenantry" {
        ok(&rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "shop" } })));
        ok(&make_group(&rig, "ops", &[], &[("shop", "ves-io-monitor-role")]));
    }
    let names: Vec<String> = serde_json::from_value(expected["files"].clone()).unwrap();
    let read = |name: &String| std::fs::read(samples().join(folder).join(name)).unwrap();
    let (content_type, body) = match &names[..] {
        [one] => ("application/octet-stream".to_owned(), read(one)),
        several => form(&several.iter().map(|name| (name.as_str(), read(name))).collect::<Vec<_>>()),
    };
    let answered = upload(&rig, &token, &query(&expected), &content_type, &body);
    assert_eq!((answered.status, &answered.body["state"]), (201, &json!("planned")), "{folder} {}", answered.text);
    let plan = answered.body;
    assert_eq!(plan["planned"]["refused"], expected["counts"]["refused"], "{folder} {plan}");
    ok(&run(&rig, &token, &plan));
    let ended = wait_while(&rig, &plan, "running");
    assert_eq!((&ended["state"], &ended["counts"]), (&json!("done"), &plan["planned"]), "{folder}");
    let found = rows(&rig, &plan);
    for row in expected["rows"].as_array().unwrap() {
        let mut codes: Vec<String> = serde_json::from_value(row["codes"].clone()).unwrap();
        codes.sort();
        let said = found.get(&row["row"].as_u64().unwrap());
        let (outcome, told) = said.cloned().unwrap_or_else(|| ("taken".into(), Vec::new()));
        assert_eq!((outcome.as_str(), told), (row["outcome"].as_str().unwrap(), codes), "{folder} {row}");
    }
    assert_passwords(&rig, &expected);
    assert_eq!(kept(&rig), (0, 0), "{folder}");
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn the_samples_of_tables_and_of_our_own_format_are_brought_row_by_row() {
    ["csv", "csv-latin1", "csv-utf16", "tenantry"].into_iter().for_each(sample);
}

#[test]
fn the_samples_of_directories_are_brought_row_by_row() {
    ["ldif", "shadow"].into_iter().for_each(sample);
}

#[test]
fn the_samples_of_other_products_are_brought_row_by_row() {
    ["keycloak", "auth0", "kratos", "zitadel", "authentik", "okta"].into_iter().for_each(sample);
}

#[test]
fn a_file_of_which_nothing_is_taken_begins_no_import_and_is_not_kept() {
    let (rig, token) = started();
    for file in expected("stopped")["files"].as_array().unwrap() {
        let bytes = std::fs::read(samples().join("stopped").join(file["file"].as_str().unwrap())).unwrap();
        let query = format!("from={}", file["format"].as_str().unwrap());
        let answered = upload(&rig, &token, &query, "application/octet-stream", &bytes);
        assert_eq!(answered.status, 400, "{file} {}", answered.text);
        assert!(answered.text.contains(file["code"].as_str().unwrap()), "{file} {}", answered.text);
    }
    let large = vec![b'x'; MOST + 1];
    let json = "application/json";
    for (query, content_type, body, status, said) in [
        ("", json, &b"email\na@example.com\n"[..], 400, "F_OTHER_FORMAT"),
        ("from=excel", json, b"email\na@example.com\n", 400, "none of csv, tenantry"),
        ("from=csv&encoding=ebcdic", json, b"email\na@example.com\n", 400, "Field encoding"),
        ("from=csv&update=address", json, b"email\na@example.com\n", 400, "Field update"),
        ("from=csv&roles=editor", json, b"email\na@example.com\n", 400, "Field roles"),
        ("from=csv&roles=editor=x", json, b"email\na@example.com\n", 400, "NAMESPACE:ROLE"),
        ("from=csv", json, b"", 400, "nothing is in it"),
        ("from=csv", json, b"email\n", 400, "there is no user in it"),
        ("from=keycloak", json, b"email\na@example.com\n", 400, ""),
        ("from=csv", "multipart/form-data", b"email\na@example.com\n", 400, "no boundary"),
        ("from=csv", "multipart/form-data; boundary=x", b"email\na@example.com\n", 400, "no part begins"),
        ("from=csv", "text/csv", &large, 413, "16777216"),
    ] {
        let answered = upload(&rig, &token, query, content_type, body);
        assert_eq!(answered.status, status, "{query} {content_type} {}", answered.text);
        assert!(answered.text.contains(said), "{query} {content_type} {}", answered.text);
    }
    assert_eq!(rig.get(IMPORTS).body["items"], json!([]));
    assert_eq!(kept(&rig), (0, 0));
}

#[test]
fn a_file_is_uploaded_by_who_may_begin_an_import_and_one_at_a_time() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let table = "email,first_name\nu1@import.example,Ada\n";
    let reader = rig.add_member(rig.tenant(), "reader@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(upload(&rig, &reader, "from=csv", "text/csv", table.as_bytes()).status, 403);
    let plan = planned(&rig, &token, table);
    assert!(plan["kept_until"].is_string() && plan["expected"] == 1, "{plan}");
    refused(&upload(&rig, &token, "from=csv", "text/csv", table.as_bytes()), 409, "is not at its end");
    // The chunks are the server's, and so is the plan.
    refused(&put(&rig, &token, id(&plan), 1, &["{}".into()]), 409, "Send no chunks");
    assert_eq!(kept(&rig).0, 1);
    ok(&step(&rig, &token, id(&plan), "stop", &json!({})));
    assert_eq!(kept(&rig), (0, 0), "the file goes with its import");
    // The same file twice: what is there stays as it is.
    let twice = [brought(&rig, &token, table), brought(&rig, &token, table)];
    let counts = twice.each_ref().map(|ended| (ended["counts"]["taken"].clone(), ended["counts"]["unchanged"].clone()));
    assert_eq!(counts, [(json!(1), json!(0)), (json!(0), json!(1))]);
    let recorded = rig.audit();
    let times = |action: &str| recorded.iter().filter(|(known, _, _)| known == action).count();
    assert_eq!([times("import.begin"), times("import.plan"), times("import.run"), times("import.end")], [3, 3, 2, 3]);
    assert_eq!(times("user.import"), 1);
}

#[test]
fn a_plan_lapses_with_its_file_after_an_hour() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let plan = planned(&rig, &token, "email\nu1@import.example\n");
    rig.clock.advance_seconds(HOUR - 1);
    assert_eq!(kept(&rig).0, 1);
    rig.clock.advance_seconds(2);
    refused(&run(&rig, &token, &plan), 409, "");
    let ended = wait_while(&rig, &plan, "planned");
    assert_eq!((&ended["state"], kept(&rig)), (&json!("stopped"), (0, 0)), "{ended}");
    assert!(ended["why"].as_str().unwrap().contains("kept for an hour"), "{ended}");
    assert_eq!(ended["kept_until"], Value::Null);
    // Nothing stands in the way of another one.
    assert_eq!(brought(&rig, &token, "email\nu1@import.example\n")["counts"]["taken"], 1);
    // A plan that a client's chunks have made lives for a day.
    let by_chunks = begin(&rig, &token, &json!({}));
    rig.clock.advance_seconds(2 * HOUR);
    sleep(Duration::from_millis(1_500));
    assert_eq!(rig.get(&format!("{IMPORTS}/{by_chunks}")).body["state"], "planning");
}

fn many(from: usize, to: usize, hash: &str) -> String {
    let rows: String = (from..to).map(|nth| format!("u{nth:05}@import.example,{hash}\n")).collect();
    format!("email,password_hash\n{rows}")
}

const QUICK: &str = "{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0";

#[test]
fn rights_that_are_lost_meanwhile_void_the_plan_and_stop_the_run() {
    let rig = Rig::start();
    let role = || in_system("ves-io-admin-role");
    let helper = rig.add_member(rig.tenant(), "helper@example.com", role());
    let plan = planned(&rig, &helper, "email\nu1@import.example\n");
    rig.give("helper@example.com", in_system("ves-io-monitor-role"));
    assert_eq!(run(&rig, &helper, &plan).status, 403);
    let other = rig.sample.api_token.clone();
    refused(&run(&rig, &other, &plan), 409, "made with other rights");
    ok(&step(&rig, &other, id(&plan), "stop", &json!({})));

    // In the middle of a run: nothing more is done, and it says why.
    rig.give("helper@example.com", role());
    let plan = planned(&rig, &helper, &many(0, 6_000, ""));
    ok(&run(&rig, &helper, &plan));
    while rig.get(&format!("{IMPORTS}/{}", id(&plan))).body["counts"]["rows"].as_i64().unwrap() == 0 {
        sleep(Duration::from_millis(2));
    }
    rig.give("helper@example.com", in_system("ves-io-monitor-role"));
    let ended = wait_while(&rig, &plan, "running");
    let taken = ended["counts"]["taken"].as_i64().unwrap();
    assert_eq!((&ended["state"], kept(&rig)), (&json!("stopped"), (0, 0)), "{ended}");
    assert!(taken > 0 && taken < 6_000, "{ended}");
    assert!(ended["why"].as_str().unwrap().contains("may not import users any more"), "{ended}");
    let there = "SELECT COUNT(*) FROM users WHERE tenant = $1 AND email LIKE 'u%@import.example'";
    assert_eq!(rig.number(there, &params![rig.tenant()]), taken);
}

#[test]
fn hashes_come_within_the_window_alone_and_quick_ones_beneath_argon2id() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let table = many(0, 3, QUICK);
    assert_eq!(planned(&rig, &token, &table)["planned"]["codes"]["HASHES_CLOSED"], 3);
    ok(&step(&rig, &token, id(&rig.get(IMPORTS).body["items"][0]), "stop", &json!({})));
    open_window(&rig);
    let plan = planned(&rig, &token, &table);
    assert_eq!(plan["planned"]["schemes"], json!({ "argon2id-ssha1": 3 }), "{plan}");
    ok(&run(&rig, &token, &plan));
    let ended = wait_while(&rig, &plan, "running");
    assert_eq!(ended["counts"], plan["planned"], "{ended}");
    let wrapped = "SELECT COUNT(*) FROM users WHERE tenant = $1 AND password_hash LIKE '$argon2id-ssha1$%'";
    assert_eq!(rig.number(wrapped, &params![rig.tenant()]), 3);
    // A window that is closed between plan and run lets none in.
    let plan = planned(&rig, &token, &many(10, 13, QUICK));
    ok(&rig.as_token(&token, "PUT", &format!("{IMPORTS}/hashes"), Some(&json!({ "until": null }))));
    ok(&run(&rig, &token, &plan));
    assert_eq!(wait_while(&rig, &plan, "running")["counts"]["codes"]["HASHES_CLOSED"], 3);
}

/// Marks of a hash and of a plain password are nowhere in what is kept, answered or written to a backup.
#[test]
fn neither_a_hash_nor_a_password_of_the_file_lies_anywhere_in_the_clear() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    open_window(&rig);
    const PLAIN: &str = "Markerplain-in-the-table-4471";
    const MARKED: &str = "$2b$12$MARKERmarkerMARKERmarkeuJ7RlursFnPuMpoO.k8exQmuUNiR/.eK";
    let table = format!("email,password_hash\na@import.example,{MARKED}\nb@import.example,{PLAIN}\n");
    let answered = upload(&rig, &token, "from=csv", "text/csv", table.as_bytes());
    assert_eq!(answered.status, 201, "{}", answered.text);
    assert!(!answered.text.contains("Marker") && !answered.text.contains("MARKER"), "{}", answered.text);
    let data = rig.data.as_ref().unwrap().path();
    for mark in [PLAIN, "MARKERmarkerMARKER"] {
        assert_eq!(holds(data, mark.as_bytes()), Vec::<String>::new());
        for record in rig.get("/api/tenantry/v1/audit?limit=1000").body["items"].as_array().unwrap() {
            assert!(!record.to_string().contains(mark), "{record}");
        }
    }
    let verb = |tx: &mut Tx<'_>| tx.one("SELECT sealed FROM import_upload_parts", &[])?.get::<Vec<u8>>(0);
    let sealed = rig.store.read(Scope::HOUSE, verb).unwrap();
    assert!(sealed.len() > table.len() && !sealed.windows(6).any(|part| part.eq_ignore_ascii_case(b"marker")));
}

/// Files below a directory that hold these bytes.
fn holds(directory: &Path, mark: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holds(&path, mark));
        } else if std::fs::read(&path).is_ok_and(|bytes| bytes.windows(mark.len()).any(|part| part == mark)) {
            found.push(path.display().to_string());
        }
    }
    found
}
