//! What is signed here, read by the package of Go's checksum database. Where Go is not installed, `script/test` leaves this out: it
//! is not among the packages that tests install, being ten times the size of all of them.

use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::incidents::{act, begun, wait_while};
use crate::installed::beside;
use crate::rig::Rig;

#[test]
fn the_note_of_a_file_of_evidence_opens_by_its_key_alone() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": ["jane@example.com"], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    let text = act(&rig, &id, "evidence", &json!({ "emails": "plain" })).text;
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let (note, keys) = (last["note"].as_str().unwrap(), rig.get("/.well-known/tenantry-keys").text);
    let key = keys.lines().next().unwrap();
    let opened = opened(note, key).unwrap();
    assert!(opened.starts_with("localhost/tenantry/example-corp/evidence\n") && note.starts_with(&opened), "{opened}");
    opened_not(&note.replace("evidence", "evidencf"), key);
    opened_not(note, "localhost/tenantry+391aa9f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4");
}

fn opened_not(note: &str, key: &str) {
    assert!(opened(note, key).is_err(), "{note}");
}

/// The text of a note, or why it does not open.
fn opened(note: &str, key: &str) -> Result<String, String> {
    let mut command = Command::new("go");
    command.args(["run", ".", key]).current_dir(beside("notes"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut running =
        command.spawn().unwrap_or_else(|why| panic!("{why}: this test needs Go 1.18 or newer on the PATH"));
    running.stdin.take().unwrap().write_all(note.as_bytes()).unwrap();
    let ended = running.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if ended.status.success() { Ok(text(ended.stdout)) } else { Err(text(ended.stderr)) }
}
