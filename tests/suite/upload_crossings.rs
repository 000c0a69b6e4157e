//! An uploaded file beside kills, a restore, a second process and the real command line.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;

use crate::access::ok;
use crate::command_line::{Ended, tenantry};
use crate::import_files::{ROWS, assert_all, newest, shown, start, wait_until, write_rows};
use crate::imports::{IMPORTS, step};
use crate::keeping::{beside, call, say, text};
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::Rig;
use crate::uploads::{upload, wait_while};

fn cli(rig: &Rig, directory: &Path, words: &[&str]) -> Ended {
    let mut command = tenantry(directory, words);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
}

#[test]
fn the_command_line_uploads_plans_and_runs() {
    let rig = Rig::start();
    let work = tempfile::tempdir().unwrap();
    std::fs::write(work.path().join("a.csv"), "email,first_name\na@import.example,Ada\n=b,x\n").unwrap();
    let owner = |words: &[&str]| cli(&rig, work.path(), words);
    let dry = owner(&["import", "upload", "a.csv", "--from", "csv", "--dry-run"]);
    assert_eq!(dry.code, 1, "{dry:?}");
    assert!(dry.out.contains("1 ADDRESS_INVALID") && dry.out.contains("within an hour"), "{}", dry.out);
    let plan = dry.out.split("tenantry import run ").nth(1).unwrap().trim().to_owned();
    let done = owner(&["import", "run", &plan]);
    assert_eq!(done.code, 1, "{done:?}");
    assert!(done.out.contains("2 rows are done"), "{}", done.out);
    assert_eq!(rig.get("/api/tenantry/v1/users/a@import.example").status, 200);
    let over = owner(&["import", "run", &plan]);
    assert!(over.code == 2 && over.complaint.contains("is done"), "{over:?}");
    std::fs::write(work.path().join("b.csv"), "email\nb@import.example\n").unwrap();
    std::fs::write(work.path().join("c.csv"), "email\nc@import.example\n").unwrap();
    let both: Value =
        serde_json::from_str(&owner(&["--json", "import", "upload", "b.csv", "c.csv", "--from", "csv"]).done())
            .unwrap();
    assert_eq!((&both["state"], &both["counts"]["taken"]), (&json!("done"), &json!(2)), "{both}");
    let unknown = owner(&["import", "upload", "a.csv", "--from", "excel"]);
    assert!(unknown.code == 2 && unknown.complaint.contains("none of csv, tenantry"), "{unknown:?}");
}

/// In each round another call into the store fails while a file is planned, and while it is run.
#[test]
fn whatever_fails_each_user_comes_once() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    for n in 1..9 {
        let table = format!("email\na{n}@import.example\nb{n}@import.example\n");
        let send = || upload(&rig, &token, "from=csv", "text/csv", table.as_bytes());
        rig.store.faults().fail_call(2 * n);
        let answered = send();
        rig.store.faults().stop();
        // A call that fails has begun nothing, or what it has begun is gone on with.
        let newest = rig.get(IMPORTS).body["items"][0].clone();
        let plan = match answered.status {
            201 => answered.body,
            _ if newest["ended_at"].is_null() && newest["id"].is_string() => newest,
            _ => send().body,
        };
        let plan = wait_while(&rig, &plan, "planning");
        ok(&step(&rig, &token, plan["id"].as_str().unwrap(), "run", &json!({ "plan": plan["plan"] })));
        rig.store.faults().fail_call(n);
        sleep(Duration::from_millis(20));
        rig.store.faults().stop();
        let ended = wait_while(&rig, &plan, "running");
        assert_eq!((&ended["state"], &ended["counts"]["taken"]), (&json!("done"), &json!(2)), "round {n}: {ended}");
    }
    let recorded = rig.audit();
    let times = |action: &str| recorded.iter().filter(|(known, _, _)| known == action).count();
    assert_eq!([times("user.import"), times("import.run"), times("import.end")], [16, 8, 8]);
    let left = "SELECT COUNT(*) FROM import_upload_parts WHERE tenant = $1";
    assert_eq!(rig.number(left, &params![rig.tenant()]), 0);
}

#[test]
fn killed_in_the_middle_the_next_server_goes_on_and_brings_each_user_once() {
    let place = Place::new();
    let work = tempfile::tempdir().unwrap();
    write_rows(work.path());
    let mut process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["import", "upload", "all.csv", "--from", "csv"]);
    let id = newest(&process);
    for part in [1, 3] {
        wait_until(&process, &id, part * ROWS / 5);
        client.kill().unwrap();
        client.wait().unwrap();
        let token = process.directions.api_token.clone();
        process.kill();
        process = Process::start(&place, 0);
        process.directions.api_token = token;
    }
    for _ in 0..4_000 {
        if shown(&process, &id)["state"] != "running" {
            break;
        }
        sleep(Duration::from_millis(10));
    }
    assert_all(&process, &id);
}

#[test]
fn a_restore_forgets_uploaded_files_and_stops_their_imports() {
    let place = Place::new();
    let work = tempfile::tempdir().unwrap();
    write_rows(work.path());
    let process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["import", "upload", "all.csv", "--from", "csv", "--dry-run"]);
    let id = newest(&process);
    while shown(&process, &id)["state"] == "planning" {
        sleep(Duration::from_millis(20));
    }
    client.wait().unwrap();
    let file = place.data().with_file_name("running.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    assert!(!std::fs::read(&file).unwrap().windows(20).any(|part| part == b"u00017@import.exampl"), "sealed");
    process.kill();
    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    assert_eq!(restored["ended"][1]["uploads"], 1, "{restored}");
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = crate::import_crossings::let_in(&process, &restored);
    let reply = call(&process, "GET", &format!("{IMPORTS}/{id}"), &process.authorization(), &Value::Null);
    let ended: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!((&ended["state"], &ended["why"]), (&json!("stopped"), &json!("A backup was restored.")), "{ended}");
}
