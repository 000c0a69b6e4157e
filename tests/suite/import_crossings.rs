//! An import beside what else happens to its caller, its tenant and its store while it runs.

use serde_json::{Value, json};
use tenantry::params;

use crate::access::{ok, refused};
use crate::import_files::{ROWS, assert_all, newest, start, wait_until, write_rows};
use crate::imports::{IMPORTS, begin, line, plan, put, step};
use crate::keeping::{CHOSEN, beside, call, redeem, say, text};
use crate::people::in_system;
use crate::process::{Place, Process};
use crate::restore::restore_line;
use crate::rig::Rig;

fn chunks() -> [Vec<String>; 3] {
    [0, 1, 2].map(|nth| (0..20).map(|row| line(&format!("u{nth}-{row:02}@import.example"), &json!({}))).collect())
}

/// Ends an import whose chunks are all sent; how many users it has brought.
fn taken(rig: &Rig, token: &str, id: &str) -> i64 {
    let ended = step(rig, token, id, "end", &json!({}));
    ok(&ended);
    let recorded = rig.audit().into_iter().filter(|(action, ..)| action == "user.import").count();
    assert_eq!(recorded, 60, "one record for each user");
    ended.body["counts"]["taken"].as_i64().unwrap()
}

#[test]
fn where_a_token_is_revoked_another_administrator_goes_on() {
    let rig = Rig::start();
    let (mine, chunks) = (rig.sample.api_token.clone(), chunks());
    let leaving = rig.add_member(rig.tenant(), "leaving@example.com", in_system("ves-io-uam-admin-role"));
    let id = begin(&rig, &leaving, &json!({}));
    let planned = plan(&rig, &leaving, &id, &chunks);
    ok(&step(&rig, &leaving, &id, "run", &json!({ "plan": planned["plan"] })));
    ok(&put(&rig, &leaving, &id, 1, &chunks[0]));
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "leaving@example.com" })));
    assert_eq!(put(&rig, &leaving, &id, 2, &chunks[1]).status, 401);
    let shown = rig.get(&format!("{IMPORTS}/{id}")).body;
    assert_eq!((&shown["state"], &shown["next"]["chunk"]), (&json!("running"), &json!(2)));
    ok(&put(&rig, &mine, &id, 2, &chunks[1]));
    ok(&put(&rig, &mine, &id, 3, &chunks[2]));
    assert_eq!(taken(&rig, &mine, &id), 60);
}

#[test]
fn a_suspended_tenant_lets_nobody_in_and_its_import_goes_on_when_it_is_resumed() {
    let rig = Rig::start();
    let (token, chunks, tenant) = (rig.sample.api_token.clone(), chunks(), rig.tenant());
    let id = begin(&rig, &token, &json!({}));
    let planned = plan(&rig, &token, &id, &chunks);
    ok(&step(&rig, &token, &id, "run", &json!({ "plan": planned["plan"] })));
    ok(&put(&rig, &token, &id, 1, &chunks[0]));
    let suspend = "UPDATE tenants SET disabled_at = 1, revision = revision + 1 WHERE id = $1";
    let resume = "UPDATE tenants SET disabled_at = NULL, revision = revision + 1 WHERE id = $1";
    rig.write(move |tx| tx.run(suspend, &params![tenant]).map(drop));
    refused(&put(&rig, &token, &id, 2, &chunks[1]), 403, "This tenant is suspended");
    rig.write(move |tx| tx.run(resume, &params![tenant]).map(drop));
    for nth in [1, 2, 3] {
        ok(&put(&rig, &token, &id, nth, &chunks[nth - 1]));
    }
    assert_eq!(taken(&rig, &token, &id), 60);
}

/// An API token of the owner, who gets in by the link that a restore has told.
pub fn let_in(process: &Process, restored: &Value) -> String {
    let link = restored["owners"][0]["link"].as_str().unwrap().split_once('#').unwrap().1;
    assert_eq!(redeem(process, link, CHOSEN), 204);
    let ask = json!({ "email": process.directions.admin_email, "password": CHOSEN });
    let signed_in = call(process, "POST", "/signin", "", &ask);
    let cookie = signed_in.head.lines().find_map(|line| line.split_once("tenantry=")).unwrap().1;
    let headers = format!("Cookie: tenantry={}\r\nSec-Fetch-Site: same-origin\r\n", cookie.split(';').next().unwrap());
    let ask = json!({ "name": "restored", "spec": { "type": "API_TOKEN" } });
    let made = call(process, "POST", "/api/web/namespaces/system/api_credentials", &headers, &ask);
    let made: Value = serde_json::from_str(&made.body).unwrap();
    made["data"].as_str().unwrap_or_else(|| panic!("{made}")).into()
}

#[test]
fn restored_from_its_middle_an_import_brings_again_what_the_backup_does_not_have() {
    let (place, work) = (Place::new(), tempfile::tempdir().unwrap());
    write_rows(work.path());
    let process = Process::start(&place, 0);
    let mut client = start(&process, work.path(), &["user", "import", "all.csv", "--from", "csv"]);
    let id = newest(&process);
    wait_until(&process, &id, ROWS / 5);
    let file = place.data().with_file_name("half.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    wait_until(&process, &id, ROWS / 2);
    client.kill().unwrap();
    client.wait().unwrap();
    process.kill();

    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = let_in(&process, &restored);
    let resumed = start(&process, work.path(), &["import", "resume", &id, "all.csv", "--from", "csv"]).wait().unwrap();
    assert_eq!(resumed.code(), Some(0));
    assert_all(&process, &id);
}

#[test]
fn invitations_and_a_window_for_hashes_that_were_ended_since_a_backup_do_not_come_back_with_it() {
    let (place, work) = (Place::new(), tempfile::tempdir().unwrap());
    std::fs::write(work.path().join("two.csv"), "email\na@import.example\nb@import.example\n").unwrap();
    let process = Process::start(&place, 0);
    let run = |process: &Process, line: &[&str]| {
        assert_eq!(start(process, work.path(), line).wait().unwrap().code(), Some(0), "{line:?}");
    };
    let until = tenantry::clock::Clock::system().now().plus_seconds(24 * 3_600).to_string();
    run(&process, &["import", "allow-hashes", "--until", &until]);
    let line = "user import two.csv --from csv --invite all --invite-per-hour 1";
    run(&process, &line.split(' ').collect::<Vec<_>>());
    let id = newest(&process);
    let file = place.data().with_file_name("inviting.backup");
    say(&place, &["backup", "--to", text(&file), "--data", text(&place.data())]);
    run(&process, &["import", "invite", &id, "--whom", "none"]);
    run(&process, &["import", "allow-hashes", "--never"]);
    process.kill();

    let there = beside(&place, "restored");
    let restored = say(&place, &restore_line(text(&file), text(&there)));
    let ended = &restored["ended"][1];
    assert_eq!((&ended["invitations"], &ended["let_hashes_in"]), (&json!(1), &json!(true)), "{ended}");
    let mut process = Process::start_at(&place, &there, 0);
    process.directions.api_token = let_in(&process, &restored);
    let read = |path: &str| call(&process, "GET", path, &process.authorization(), &Value::Null).body;
    let shown: Value = serde_json::from_str(&read(&format!("{IMPORTS}/{id}/invitations"))).unwrap();
    assert_eq!((&shown["whom"], &shown["next_at"]), (&json!("none"), &Value::Null), "{shown}");
    let settings: Value = serde_json::from_str(&read("/api/tenantry/v1/settings")).unwrap();
    let window = settings["settings"].as_array().unwrap().iter().find(|one| one["name"] == "import.hashes_until");
    assert_ne!(window.unwrap()["value"], until, "{window:?}");
}
