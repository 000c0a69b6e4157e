//! Files of other products, brought here by the real command line: each sample as its `expected.json` says, and an import that is
//! killed at both ends.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::access::{ADMIN_ROLE, Grant};
use tenantry::clock::Timestamp;

use crate::access::{make_group, ok};
use crate::command_line::{Ended, tenantry};
use crate::imports::{IMPORTS, open_window};
use crate::keeping::{beside, say};
use crate::moving::place_of;
use crate::process::{Place, Process};
use crate::rig::{Rig, START};
use crate::wire::{Wire, request};

pub fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/samples/transfer")
}

pub fn expected(folder: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(samples().join(folder).join("expected.json")).unwrap()).unwrap()
}

/// Rows of a table with a header, as written for a spreadsheet.
fn table(text: &str) -> Vec<Vec<String>> {
    let (mut rows, mut cells, mut cell, mut is_quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if is_quoted && signs.peek() == Some(&'"') => cell.extend(signs.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(std::mem::take(&mut cell)),
            '\n' if !is_quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut cells));
            }
            sign => cell.push(sign),
        }
    }
    rows.remove(0);
    rows
}

/// A server whose clock is that of the samples, and an administrator's token: one who may do everything but own the tenant.
pub fn started() -> (Rig, String) {
    let rig = Rig::start();
    let now = Timestamp::parse("2026-11-30T08:00:00Z").unwrap();
    rig.clock.advance_seconds(now.seconds_since(START));
    let everywhere = ["system", "shared", "*"].map(|namespace| Grant::new(namespace, ADMIN_ROLE)).to_vec();
    let token = rig.add_member(rig.tenant(), "mover@elsewhere.example", everywhere);
    open_window(&rig);
    (rig, token)
}

/// The command line in the folder of a sample, by this token.
fn run(rig: &Rig, token: &str, directory: &Path, line: &[&str]) -> Ended {
    let mut command = tenantry(directory, line);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", token).output().unwrap().into()
}

/// The options of a sample on the command line.
fn options(expected: &Value, work: &Path) -> Vec<String> {
    let asked = &expected["options"];
    let mut line: Vec<String> = vec!["--from".into(), expected["format"].as_str().unwrap().into()];
    for name in ["encoding", "domain"] {
        line.extend(asked[name].as_str().into_iter().flat_map(|value| [format!("--{name}"), value.to_string()]));
    }
    if asked["groups"] == "create" {
        line.extend(["--groups".into(), "create".into()]);
    }
    if let Some(pair) = asked["roles"].as_str().and_then(|roles| roles.strip_prefix("map: ")) {
        let (name, role) = pair.split_once('=').unwrap();
        let file = work.join("roles.toml");
        std::fs::write(&file, format!("{name} = \"{role}\"\n")).unwrap();
        line.extend(["--roles".into(), file.display().to_string()]);
    }
    line
}

/// Row by row, how a result file differs from what is expected; `of` says what becomes of rows that were taken.
fn assert_rows(folder: &str, result: &Path, expected: &Value, of: &str) {
    let rows = table(&std::fs::read_to_string(result).unwrap());
    let wanted = expected["rows"].as_array().unwrap();
    assert_eq!(rows.len(), wanted.len(), "{folder}");
    for (row, wanted) in rows.iter().zip(wanted) {
        let is_taken = wanted["outcome"] == "taken";
        let outcome = if is_taken { of } else { "refused" };
        assert_eq!((row[0].parse().ok(), row[4].as_str()), (wanted["row"].as_u64(), outcome), "{folder} {row:?}");
        if is_taken && of == "unchanged" {
            continue;
        }
        let codes: BTreeSet<_> = row[5].split(' ').filter(|code| !code.is_empty()).collect();
        let known: BTreeSet<_> =
            wanted["codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
        assert_eq!(codes, known, "{folder} {row:?}");
        assert_eq!(row[6].is_empty(), codes.is_empty(), "{folder}: each code has its sentence: {row:?}");
    }
}

/// Each password of a sample signs in, before its hash is replaced and after; what must not does not.
pub fn assert_passwords(rig: &Rig, expected: &Value) {
    for row in expected["rows"].as_array().unwrap().iter().filter(|row| row["outcome"] == "taken") {
        let email = row["email"].as_str().unwrap();
        for wrong in row["must_not_sign_in"].as_array().into_iter().flatten() {
            rig.clock.advance_seconds(60);
            assert_eq!(rig.sign_in(email, wrong.as_str().unwrap()), 401, "{row}");
        }
        let Some(password) = row["password"].as_str() else { continue };
        let status = match (row["state"].as_str(), row["sign_in"].is_null()) {
            (Some("disabled"), _) => 401,
            (_, false) => 403,
            (_, true) => 204,
        };
        for _ in 0..2 {
            rig.clock.advance_seconds(60);
            assert_eq!(rig.sign_in(email, password), status, "{row}");
        }
        rig.clock.advance_seconds(60);
        assert_eq!(rig.sign_in(email, &format!("{password}x")), 401, "{row}");
    }
}

fn sample(folder: &str) {
    let (rig, token) = started();
    let (expected, work) = (expected(folder), tempfile::tempdir().unwrap());
    if folder == "tenantry" {
        // An import brings users; what they name must be there.
        ok(&rig.post("/api/web/namespaces", &json!({ "metadata": { "name": "shop" } })));
        ok(&make_group(&rig, "ops", &[], &[("shop", "ves-io-monitor-role")]));
    }
    let files: Vec<String> = expected["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| samples().join(folder).join(file.as_str().unwrap()).display().to_string())
        .collect();
    let options = options(&expected, work.path());
    let result = work.path().join("result.csv");
    let line = |further: &[&str]| {
        let mut line = vec!["user".to_string(), "import".into()];
        line.extend(files.iter().chain(&options).cloned());
        line.extend(["--result".into(), result.display().to_string()]);
        line.extend(further.iter().map(ToString::to_string));
        line
    };
    let call = |further: &[&str]| {
        let line = line(further);
        run(&rig, &token, work.path(), &line.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let code = i32::from(expected["counts"]["refused"] != 0);
    let before = rig.get("/api/tenantry/v1/users?limit=1000").body["items"].as_array().unwrap().len();
    let dry = call(&["--dry-run"]);
    assert_eq!(dry.code, code, "{folder} {dry:?}");
    assert_rows(folder, &result, &expected, "taken");
    let after = rig.get("/api/tenantry/v1/users?limit=1000").body["items"].as_array().unwrap().len();
    assert_eq!(before, after, "{folder}: a dry run changes nothing");
    let plan = dry.out.split("--plan ").nth(1).unwrap().split(' ').next().unwrap().to_string();
    let done = call(&["--plan", &plan]);
    assert_eq!(done.code, code, "{folder} {done:?}");
    assert_rows(folder, &result, &expected, "taken");
    assert_eq!(std::fs::metadata(&result).unwrap().permissions().mode() & 0o777, 0o600);
    assert_passwords(&rig, &expected);
    let again = call(&["--json"]);
    assert_eq!(again.code, code, "{folder} {again:?}");
    assert_rows(folder, &result, &expected, "unchanged");
    let shown: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(shown["counts"]["unchanged"], expected["counts"]["taken"], "{folder}");
    assert_eq!(shown["counts"]["taken"], 0, "{folder}");
    assert_eq!(rig.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn the_samples_of_tables_are_brought_row_by_row() {
    ["csv", "csv-latin1", "csv-utf16"].into_iter().for_each(sample);
}

#[test]
fn the_sample_of_our_own_format_is_brought_row_by_row() {
    sample("tenantry");
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
fn a_file_that_is_stopped_begins_no_import_or_ends_without_a_user() {
    let (rig, token) = started();
    let work = tempfile::tempdir().unwrap();
    for file in expected("stopped")["files"].as_array().unwrap() {
        let path = samples().join("stopped").join(file["file"].as_str().unwrap()).display().to_string();
        let from = file["format"].as_str().unwrap();
        let result = work.path().join("r.csv").display().to_string();
        let ended = run(&rig, &token, work.path(), &["user", "import", &path, "--from", from, "--result", &result]);
        assert_eq!(ended.code, 2, "{file} {ended:?}");
        assert!(ended.complaint.contains(file["code"].as_str().unwrap()), "{file} {ended:?}");
        for import in rig.get(IMPORTS).body["items"].as_array().unwrap() {
            assert!(import["run_at"].is_null(), "{file} {import}");
            if import["ended_at"].is_null() {
                let id = import["id"].as_str().unwrap();
                assert_eq!(run(&rig, &token, work.path(), &["import", "stop", id]).code, 0);
            }
        }
    }
}

#[test]
fn an_import_is_listed_shown_and_stopped_and_owners_let_hashes_in() {
    let rig = Rig::start();
    let work = tempfile::tempdir().unwrap();
    let owner = |line: &[&str]| run(&rig, &rig.sample.api_token, work.path(), line);
    assert!(owner(&["import", "list"]).done().contains("No imports."));
    std::fs::write(work.path().join("a.csv"), "email,first_name\na@import.example,Ada\n=b,x\n").unwrap();
    let dry = owner(&["user", "import", "a.csv", "--from", "csv", "--dry-run"]);
    assert_eq!(dry.code, 1, "{dry:?}");
    assert!(dry.out.contains("1 ADDRESS_INVALID") && dry.out.contains("a.csv.result.csv"), "{}", dry.out);
    assert!(std::fs::read_to_string(work.path().join("a.csv.result.csv")).unwrap().contains("\"'=b\""));
    let listed = owner(&["import", "list"]).done();
    assert!(listed.contains("planned") && listed.contains("csv"), "{listed}");
    let id = rig.get(IMPORTS).body["items"][0]["id"].as_str().unwrap().to_string();
    assert!(owner(&["import", "show", &id]).done().contains("State    planned"));
    assert!(owner(&["import", "stop", &id]).done().contains("State    stopped"));
    assert!(owner(&["import", "stop", &id]).refused().contains("stopped already"));
    let until = rig.clock.now().plus_seconds(3_600).to_string();
    assert!(owner(&["import", "allow-hashes", "--until", &until]).done().contains(&until));
    assert!(owner(&["import", "allow-hashes", "--never"]).done().contains("no hashes"));
    let lines = owner(&["import", "convert", "a.csv", "--from", "csv"]);
    assert_eq!(lines.code, 1, "{lines:?}");
    assert!(lines.out.starts_with(r#"{"kind":"user","email":"a@import.example","first_name":"Ada""#), "{}", lines.out);
    let unknown = owner(&["user", "import", "a.csv", "--from", "excel"]);
    assert!(unknown.code == 2 && unknown.complaint.contains("none of csv, tenantry, ldif"), "{unknown:?}");
}

pub const ROWS: usize = 6_000;

/// Starts the command line in the background.
pub fn start(process: &Process, directory: &Path, line: &[&str]) -> Child {
    let mut command = tenantry(directory, line);
    command.env("TENANTRY_URL", &process.directions.base_url).env("TENANTRY_TOKEN", &process.directions.api_token);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// An import.
pub fn shown(process: &Process, id: &str) -> Value {
    let reply = process.get(&format!("{IMPORTS}/{id}"));
    serde_json::from_str(&reply.body).unwrap()
}

/// Writes a table of users.
pub fn write_rows(directory: &Path) {
    let rows: String = (0..ROWS).map(|nth| format!("u{nth:05}@import.example,N{nth}\n")).collect();
    std::fs::write(directory.join("all.csv"), format!("email,first_name\n{rows}")).unwrap();
}

/// The id of the newest import, once there is one.
pub fn newest(process: &Process) -> String {
    loop {
        let listed: Value = serde_json::from_str(&process.get(IMPORTS).body).unwrap();
        if let Some(id) = listed["items"][0]["id"].as_str() {
            return id.into();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until so many rows of the run are done.
pub fn wait_until(process: &Process, id: &str, rows: usize) {
    for _ in 0..6_000 {
        let now = shown(process, id);
        let done = now["counts"]["rows"].as_u64().unwrap() as usize;
        if now["state"] == "done" || (now["state"] == "running" && done >= rows) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{}", shown(process, id));
}

/// Every user has come, once, with one record.
pub fn assert_all(process: &Process, id: &str) {
    let ended = shown(process, id);
    assert_eq!((&ended["state"], &ended["counts"]["taken"]), (&json!("done"), &json!(ROWS)), "{ended}");
    let (mut recorded, mut cursor, mut records) = (BTreeSet::new(), String::new(), 0);
    loop {
        let page = process.get(&format!("/api/tenantry/v1/audit?action=user.import&limit=1000{cursor}"));
        let page: Value = serde_json::from_str(&page.body).unwrap();
        for item in page["items"].as_array().unwrap() {
            records += 1;
            recorded.insert(item["subject"].as_str().unwrap().to_string());
        }
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!((records, recorded.len()), (ROWS, ROWS), "one record for each user");
    let verified = process.get("/api/tenantry/v1/audit/verify");
    assert_eq!(verified.status, 200, "{}", verified.body);
}

#[test]
fn killed_at_both_ends_an_import_goes_on_and_brings_each_user_once() {
    let place = Place::new();
    let work = tempfile::tempdir().unwrap();
    write_rows(work.path());
    let mut process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["user", "import", "all.csv", "--from", "csv"]);
    let id = newest(&process);
    for part in 1..=3 {
        wait_until(&process, &id, part * ROWS / 5);
        process.kill();
        client.kill().unwrap();
        client.wait().unwrap();
        process = Process::start(&place, 0);
        client = start(&process, work.path(), &["import", "resume", &id, "all.csv", "--from", "csv"]);
    }
    client.wait().unwrap();
    assert_all(&process, &id);
}

#[test]
fn an_import_goes_on_where_its_store_has_moved_to() {
    let place = Place::new();
    let work = tempfile::tempdir().unwrap();
    write_rows(work.path());
    let process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["user", "import", "all.csv", "--from", "csv"]);
    let id = newest(&process);
    wait_until(&process, &id, ROWS / 4);
    client.kill().unwrap();
    client.wait().unwrap();
    assert!(process.terminate().1);
    let there = beside(&place, "there");
    let (from, to) = (place_of(&place.data()), place_of(&there));
    say(&place, &["move", "--from", &from, "--to", &to]);
    let process = Process::start_at(&place, &there, 0);
    let ended = start(&process, work.path(), &["import", "resume", &id, "all.csv", "--from", "csv"]).wait().unwrap();
    assert_eq!(ended.code(), Some(0));
    assert_all(&process, &id);
}

#[test]
fn beside_an_import_nobody_of_another_tenant_is_refused() {
    let rig = Rig::start();
    let other = rig.add_tenant("other-corp");
    let token = rig.add_member(other, "boss@other.example", crate::people::owner());
    for nth in 0..40 {
        rig.add_user(other, &format!("user{nth}@other.example"), |_| {});
    }
    let chunk: Vec<_> =
        (0..6_000).map(|nth| crate::imports::line(&format!("u{nth:05}@import.example"), &json!({}))).collect();
    let mine = rig.sample.api_token.clone();
    let id = crate::imports::begin(&rig, &mine, &json!({}));
    let plan = crate::imports::plan(&rig, &mine, &id, std::slice::from_ref(&chunk));
    ok(&crate::imports::step(&rig, &mine, &id, "run", &json!({ "plan": plan["plan"] })));
    std::thread::scope(|scope| {
        let import = scope.spawn(|| while crate::imports::put(&rig, &mine, &id, 1, &chunk).body["is_whole"] != true {});
        let authorization = format!("Authorization: APIToken {token}\r\n");
        for nth in 0..40 {
            let body = json!({ "email": format!("user{nth}@other.example") }).to_string();
            let asked = request("POST", "/api/web/custom/password/admin_reset", &authorization, &body);
            let reply = Wire::to(rig.address).call(asked).unwrap();
            assert_eq!(reply.status, 200, "{}", reply.body);
            let host = format!("example-corp.localhost:{}", rig.address.port());
            let headers = [("Host", host.as_str()), ("Content-Type", "application/json")];
            let body = json!({ "email": rig.sample.user_email, "password": rig.sample.user_password }).to_string();
            assert_eq!(rig.send("POST", "/signin", &headers, Some(&body)).status, 204);
            rig.clock.advance_seconds(30);
        }
        import.join().unwrap();
    });
    let ended = crate::imports::step(&rig, &mine, &id, "end", &json!({})).body;
    assert_eq!(ended["counts"]["taken"], 6_000);
}
