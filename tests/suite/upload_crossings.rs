//! An uploaded file beside kills, a restore, a second process and the real command line.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

use crate::command_line::{Ended, tenantry};
use crate::import_files::{ROWS, assert_all, newest, shown, start, wait_until, write_rows};
use crate::imports::IMPORTS;
use crate::keeping::{beside, call, say, text};
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::Rig;

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
