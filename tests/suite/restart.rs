//! State that survives the process.

use serde_json::json;

use crate::process::{Place, Process, mailed_token};
use crate::wire::{Wire, request};

const EMAIL: &str = "hello@example.com";
const CHOSEN: &str = "quiet harbour 4471 lanterns";

fn post(process: &Process, path: &str, body: &serde_json::Value) -> u16 {
    Wire::to(process.address).call(request("POST", path, "", &body.to_string())).expect("an answer").status
}

fn redeem(process: &Process, token: &str, password: &str) -> u16 {
    post(process, "/reset", &json!({ "token": token, "password": password }))
}

fn sign_in(process: &Process, password: &str) -> u16 {
    post(process, "/signin", &json!({ "email": EMAIL, "password": password }))
}

fn again(place: &Place, process: Process) -> Process {
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    Process::start(place, 0)
}

#[test]
fn case_31_an_open_link_works_after_a_restart_and_a_used_one_stays_dead() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let asked = request(
        "POST",
        "/api/web/custom/password/admin_reset",
        &process.authorization(),
        r#"{"email":"hello@example.com"}"#,
    );
    assert_eq!(Wire::to(process.address).call(asked).unwrap().status, 200);
    let token = mailed_token(&process);
    let process = again(&place, process);
    assert_eq!(redeem(&process, &token, CHOSEN), 204);
    let process = again(&place, process);
    assert_eq!(redeem(&process, &token, "another harbour 9920 bells"), 400);
    assert_eq!(sign_in(&process, CHOSEN), 204);
}

#[test]
fn a_wish_for_a_link_that_was_answered_outlives_a_kill() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    assert_eq!(post(&process, "/forgot", &json!({ "email": EMAIL })), 200);
    process.kill();
    let process = Process::start(&place, 0);
    assert_eq!(redeem(&process, &mailed_token(&process), CHOSEN), 204);
}

#[test]
fn a_dev_store_whose_directions_are_gone_says_what_to_do() {
    let place = Place::new();
    let (_, ended_well) = Process::start(&place, 0).terminate();
    assert!(ended_well);
    std::fs::remove_file(place.data().join("dev.json")).unwrap();
    let ended = std::process::Command::new(place.binary())
        .args(["dev", "--listen", "127.0.0.1:0", "--data"])
        .arg(place.data())
        .args(crate::engine::database_of(&place.data()).map(|url| format!("--postgres={url}")))
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(!ended.status.success() && said.contains("Remove the directory and start again"), "{said}");
}
