//! The file that proves an incident: fetched over HTTP and by the command line, and verified by us, by a program of the standard
//! library of Python, and against every change.

use std::fs;
use std::io::Cursor;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::evidence::{Given, NotSound, Sound, verify};
use tenantry::params;
use tenantry::random::Random;
use tenantry::signing::VerifierKey;

use crate::access::{ok, refused};
use crate::bulk::records;
use crate::command_line::{Ended, tenantry};
use crate::erasure::erase_wholly;
use crate::incidents::{INCIDENTS, act, begun, planned, shown, start_whatever_came, wait_while};
use crate::installed::{beside, outcome};
use crate::rig::{GOOD_PASSWORD, Rig};

const JANE: &str = "jane@example.com";

/// The public keys as the server tells them, the newest first.
pub fn keys(rig: &Rig) -> Vec<String> {
    rig.get("/.well-known/tenantry-keys").text.lines().map(str::to_owned).collect()
}

pub fn fetch(rig: &Rig, id: &str, emails: &str) -> String {
    let answered = act(rig, id, "evidence", &json!({ "emails": emails }));
    assert_eq!(answered.status, 200, "{}", answered.text);
    assert_eq!(answered.header("tenantry-evidence-key").is_some(), emails == "hidden");
    answered.text
}

pub fn checked(rig: &Rig, text: &str) -> Result<Sound, String> {
    let keys = keys(rig).iter().map(|key| VerifierKey::parse(key).unwrap()).collect();
    verify(Cursor::new(text), &Given { keys, heads: Vec::new() }).unwrap().map_err(|NotSound(why)| why)
}

pub fn run(rig: &Rig, line: &[&str]) -> Ended {
    let mut command = tenantry(rig.data.as_ref().unwrap().path(), line);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
}

/// What the program in Python says of a file.
pub fn python(file: &Path, key: &str) -> (bool, String) {
    outcome(Command::new("python3").arg(beside("programs/evidence.py")).arg(file).arg(key))
}

pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub fn user<'l>(lines: &'l [Value], email: &str) -> &'l Value {
    lines.iter().find(|line| line["email"] == email).unwrap_or_else(|| panic!("no line of {email}"))
}

/// Rotates the key, and waits until the server signs by it.
pub fn rotate(rig: &Rig) {
    let before = keys(rig).len();
    let file = rig.data.as_ref().unwrap().path().join("link.keys");
    tenantry::keys::rotate(&file, &Random::system()).unwrap();
    for _ in 0..1_000 {
        if keys(rig).len() > before {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the key is not known");
}

/// An incident of users of every fate: its id.
fn of_every_fate(rig: &Rig) -> String {
    let tenant = rig.tenant();
    for name in ["alone", "dropped", "erased", "late"] {
        rig.add_user(tenant, &format!("{name}@example.com"), |_| {});
    }
    ok(&rig.post("/api/tenantry/v1/users/disable", &json!({ "email": "alone@example.com" })));
    let emails = ["alone", "dropped", "erased", "late", "jane", "nobody"].map(|name| format!("{name}@example.com"));
    let terms = json!({ "name": "Leak", "reason": "A \u{fc}bung", "emails": emails, "pace_per_minute": 0 });
    let id = planned(rig, &rig.sample.api_token.clone(), &terms);
    erase_wholly(rig, "dropped@example.com");
    ok(&start_whatever_came(rig, &rig.sample.api_token.clone(), &id));
    wait_while(rig, &id, &["ending", "mailing"]);
    for email in [JANE, "erased@example.com"] {
        let token = rig.token(email, 1);
        assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    }
    rig.wait_for_mails("late@example.com", 1);
    ok(&rig.reset("late@example.com"));
    id
}

#[test]
fn a_file_tells_the_fate_of_each_and_is_sound_to_us_and_to_strangers() {
    let rig = Rig::start();
    let id = of_every_fate(&rig);
    rotate(&rig);
    let pseudonym = erase_wholly(&rig, "erased@example.com");
    let text = fetch(&rig, &id, "plain");
    let sound = checked(&rig, &text).unwrap();
    assert_eq!((sound.erased, sound.totals.listed, sound.totals.ended, sound.totals.redeemed), (2, 6, 4, 2), "{text}");
    assert_eq!(sound.totals.dropped, [("gone".to_owned(), 1)].into());
    assert_eq!(sound.totals.left_out, [("unknown".to_owned(), 1)].into());
    let lines = lines(&text);
    let told = |email: &str| (user(&lines, email)["outcome"].clone(), user(&lines, email)["state"].clone());
    assert_eq!(told(JANE), (json!("ended"), json!("redeemed")));
    assert_eq!(told(&pseudonym).0, json!("ended"));
    assert_eq!(told("late@example.com"), (json!("ended"), json!("superseded")));
    assert_eq!(told("alone@example.com"), (json!("ended"), json!(null)));
    assert_eq!(told("nobody@example.com"), (json!("left_out"), json!(null)));
    assert_eq!(user(&lines, "alone@example.com")["record"]["action"], "reset.end_password");
    assert_eq!(user(&lines, JANE)["redeem"]["action"], "reset.redeem");
    assert!(user(&lines, JANE)["record"]["action"].is_null(), "what all share stands once");
    assert!(!text.contains("erased@example.com"), "nothing of a person who is erased");
    let acts: Vec<_> = lines.iter().filter_map(|line| line["act"]["action"].as_str()).collect();
    assert_eq!(acts, ["incident.declare", "incident.start", "incident.end", "incident.mail"]);
    assert_eq!(records(&rig, "incident.evidence").get(&id), Some(&1));

    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("evidence.jsonl");
    fs::write(&file, &text).unwrap();
    let (is_sound, said) = python(&file, &keys(&rig)[0]);
    assert!(is_sound && said.starts_with("6 users, "), "{said}");
    for (from, to) in [("jane", "jome"), ("superseded", "supersedeD"), ("\"records\":", "\"recordz\":")] {
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        assert!(!python(&file, &keys(&rig)[0]).0, "{from}");
    }
    fs::write(&file, &text).unwrap();
    assert!(!python(&file, &keys(&rig)[1]).0, "the key before the rotation has signed nothing of it");
}

#[test]
fn hidden_addresses_stand_nowhere_in_the_file() {
    let rig = Rig::start();
    let id = of_every_fate(&rig);
    let text = fetch(&rig, &id, "hidden");
    assert!(!text.contains("@example.com") && !text.contains("Leak"), "{text}");
    let sound = checked(&rig, &text).unwrap();
    assert_eq!((sound.totals.ended, sound.totals.redeemed), (4, 2));
    assert_ne!(fetch(&rig, &id, "hidden"), text, "each file has a key of its own");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), &text).unwrap();
    let (is_sound, said) = python(file.path(), &keys(&rig)[0]);
    assert!(is_sound, "{said}");
}

#[test]
fn every_byte_of_a_file_counts() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    every_byte_counts_in(&rig, &fetch(&rig, &id, "plain"));
}

/// Changes each byte of a file that is sound, and wants its line to be named.
pub fn every_byte_counts_in(rig: &Rig, text: &str) {
    checked(rig, text).unwrap();
    let given = Given { keys: vec![VerifierKey::parse(&keys(rig)[0]).unwrap()], heads: Vec::new() };
    for at in 0..text.len() {
        let mut changed = text.as_bytes().to_vec();
        changed[at] ^= 1;
        let line = 1 + text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count();
        let Err(NotSound(why)) = verify(Cursor::new(changed), &given).unwrap() else { panic!("byte {at}") };
        assert!(why.contains(&format!("line {line} ")) || why.contains(&format!("line {line},")), "{at} {line}: {why}");
    }
}

#[test]
fn a_record_that_somebody_has_changed_in_the_store_is_named() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": [JANE, "kenji@example.com"], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    checked(&rig, &fetch(&rig, &id, "plain")).unwrap();
    let tenant = rig.tenant();
    let change =
        "UPDATE audit SET address = '203.0.113.9' WHERE tenant = $1 AND action = 'reset.request' AND subject = $2";
    rig.write(move |tx| tx.run(change, &params![tenant, JANE]).map(drop));
    let why = checked(&rig, &fetch(&rig, &id, "plain")).unwrap_err();
    assert!(why.contains("is not the one in link"), "{why}");
    let delete = "DELETE FROM audit WHERE tenant = $1 AND action = 'reset.request' AND subject = $2";
    rig.write(move |tx| tx.run(delete, &params![tenant, JANE]).map(drop));
    let why = checked(&rig, &fetch(&rig, &id, "plain")).unwrap_err();
    assert!(why.contains("without its record"), "{why}");
}

#[test]
fn held_and_cancelled_incidents_are_proved_and_plans_are_not() {
    let rig = Rig::start();
    let token = rig.sample.api_token.clone();
    let id = planned(&rig, &token, &json!({ "name": "Leak", "emails": [JANE], "hold": true }));
    let evidence = |body: Value| act(&rig, &id, "evidence", &body);
    refused(&evidence(json!({ "emails": "plain" })), 409, "has not begun");
    refused(&evidence(json!({ "emails": "all" })), 400, "emails");
    refused(&evidence(json!({})), 400, "emails");
    assert_eq!(records(&rig, "incident.evidence").get(&id), None);
    ok(&start_whatever_came(&rig, &token, &id));
    wait_while(&rig, &id, &["ending"]);
    let held = lines(&fetch(&rig, &id, "plain"));
    assert_eq!((&held[0]["state"], &user(&held, JANE)["state"]), (&json!("held"), &json!("waiting")));
    ok(&act(&rig, &id, "cancel", &json!({})));
    let text = fetch(&rig, &id, "plain");
    let sound = checked(&rig, &text).unwrap();
    assert_eq!((sound.header.state.as_str(), sound.totals.ended, sound.totals.mailed), ("cancelled", 1, 0));
    assert!(text.contains("\"action\":\"incident.cancel\""));

    let other = planned(&rig, &token, &json!({ "name": "Never", "emails": [JANE] }));
    ok(&act(&rig, &other, "cancel", &json!({})));
    refused(&act(&rig, &other, "evidence", &json!({ "emails": "plain" })), 409, "cancelled before it began");
    let nothing = format!("{INCIDENTS}/019cb821-7798-7dc9-9194-e1c74b27545c/evidence");
    refused(&rig.post(&nothing, &json!({ "emails": "plain" })), 404, "no such incident");
}

#[test]
fn an_incident_that_an_older_release_began_is_proved_by_the_records_whose_ids_are_known() {
    let rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    let tenant = rig.tenant();
    rig.write(move |tx| tx.run("UPDATE incidents SET acts = NULL WHERE tenant = $1", &params![tenant]).map(drop));
    let text = fetch(&rig, &id, "plain");
    checked(&rig, &text).unwrap();
    let lines = lines(&text);
    let acts: Vec<_> = lines.iter().filter_map(|line| line["act"]["action"].as_str()).collect();
    assert_eq!(acts, ["incident.start", "incident.end", "incident.mail"]);
}

#[test]
fn a_list_of_many_pages_is_written_in_its_order() {
    let directory = tempfile::tempdir().unwrap();
    let rig = Rig::at(directory.path(), 2_500, |_| {});
    let id = begun(&rig, &json!({ "name": "All", "all": true, "hold": true }));
    let ended = wait_while(&rig, &id, &["ending"])["progress"]["ended"].as_i64().unwrap();
    let text = fetch(&rig, &id, "plain");
    let sound = checked(&rig, &text).unwrap();
    assert!(sound.totals.ended == ended && ended > 2_400, "{:?}", sound.totals);
    assert_eq!(
        sound.totals.not_reached,
        shown(&rig, &id)["plan"]["users"].as_i64().unwrap() - ended,
        "who acts, comes last"
    );
}

#[test]
fn the_command_writes_the_file_and_verifies_it_without_a_server() {
    let mut rig = Rig::start();
    let id = begun(&rig, &json!({ "name": "Jane", "emails": [JANE], "pace_per_minute": 0 }));
    wait_while(&rig, &id, &["ending", "mailing"]);
    let data = rig.data.as_ref().unwrap().path().to_path_buf();
    let path = |name: &str| data.join(name).to_str().unwrap().to_owned();
    let (file, hidden) = (path("evidence.jsonl"), path("hidden.jsonl"));
    let said = run(&rig, &["incident", "evidence", &id, "--out", &file]).done();
    assert!(said.contains("tenantry audit verify"), "{said}");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!PathBuf::from(format!("{file}.part")).exists());
    assert!(run(&rig, &["incident", "evidence", &id, "--out", &file]).refused().contains("is there already"));
    let said = run(&rig, &["incident", "evidence", &id, "--out", &hidden, "--emails", "hidden"]).done();
    assert!(said.contains("told this once"), "{said}");
    let refusal =
        run(&rig, &["incident", "evidence", "019cb821-7798-7dc9-9194-e1c74b27545c", "--out", &path("none")]).refused();
    assert!(refusal.contains("no such incident") && !PathBuf::from(path("none.part")).exists(), "{refusal}");

    let old = keys(&rig)[0].clone();
    let told = run(&rig, &["key", "list", "--public", "--data", data.to_str().unwrap()]).done();
    assert_eq!(told.trim(), old);
    rotate(&rig);
    let known = keys(&rig);
    rig.stop();
    let verified =
        |line: &[&str]| Ended::from(tenantry(&data, &[&["audit", "verify"], line].concat()).output().unwrap());
    let said = verified(&[&file, "--key", &old]).done();
    assert!(
        said.starts_with("Sound. 1 ended, 0 dropped") && said.contains("Signed by the key that you gave."),
        "{said}"
    );
    let said = verified(&[&file]).done();
    assert!(said.contains(&old) && said.contains("/.well-known/tenantry-keys"), "{said}");
    assert!(verified(&[&hidden, "--key", &old]).done().contains("Its addresses are hidden"));
    assert!(verified(&[&file, "--key", &known[0]]).refused().contains("is not signed by this key"));
    verified(&[&file, "--key", &known[0], "--key", &old]).done();
    assert!(verified(&[&file, "--key", "nothing"]).refused().contains("This is not a key"));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"n\":1,\"email\":\"jane", "\"n\":1,\"email\":\"jone", 1)).unwrap();
    let refusal = verified(&[&file, "--key", &old]).refused();
    assert!(
        refusal.contains("Not sound: line ") && refusal.contains("(jone@example.com) is not as it was written"),
        "{refusal}"
    );
}

#[test]
fn a_key_that_was_taken_away_stays_known() {
    let mut rig = Rig::start();
    let first = keys(&rig);
    rotate(&rig);
    rotate(&rig);
    let all = keys(&rig);
    assert_eq!((all.len(), &all[2]), (3, &first[0]));
    let data = rig.data.as_ref().unwrap().path().to_path_buf();
    rig.wait_until_none("SELECT 3 - COUNT(*) FROM signing_keys", &[]);
    tenantry::keys::remove(&data.join("link.keys"), 2).unwrap();
    rig.restart(&data, |_| {});
    assert_eq!(keys(&rig), all);
}
