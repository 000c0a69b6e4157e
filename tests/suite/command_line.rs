//! The real binary, against a running server.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::rig::{GOOD_PASSWORD, Rig};

const EMAIL: &str = "hello@example.com";

/// The binary with nothing in its environment but the way to programs.
pub fn tenantry(directory: &Path, line: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    command.args(line).current_dir(directory).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

/// How a verb ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub complaint: String,
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code().unwrap(), out: text(output.stdout), complaint: text(output.stderr) }
    }
}

impl Ended {
    /// The output of a successful run.
    pub fn done(self) -> String {
        assert_eq!((self.code, self.complaint.as_str()), (0, ""), "{self:?}");
        self.out
    }

    /// The one line on standard error, if it failed: a sentence, and the id of the request if the server said it.
    pub fn refused(self) -> String {
        assert_eq!((self.code, self.complaint.lines().count()), (1, 1), "{self:?}");
        let sentence = self.complaint.split(" (request ").next().unwrap().trim_end();
        assert!(sentence.starts_with("tenantry: ") && sentence.ends_with(['.', '?', '`']), "{self:?}");
        self.complaint
    }
}

/// A verb that speaks to the rig.
fn run(rig: &Rig, line: &[&str]) -> Ended {
    let mut command = tenantry(rig.data.as_ref().unwrap().path(), line);
    let url = format!("http://{}", rig.address);
    command.env("TENANTRY_URL", url).env("TENANTRY_TOKEN", &rig.sample.api_token).output().unwrap().into()
}

fn json(rig: &Rig, line: &[&str]) -> Value {
    let said = run(rig, &[line, &["--json"]].concat()).done();
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{line:?} --json said {said}"))
}

/// The id of a new reset.
fn reset(rig: &Rig) -> String {
    json(rig, &["reset", EMAIL])["id"].as_str().unwrap().into()
}

#[test]
fn a_reset_is_asked_for_found_shown_and_waited_for() {
    let rig = Rig::start();
    let said = run(&rig, &["reset", EMAIL]).done();
    let id = said.strip_prefix("Reset ").unwrap().lines().next().unwrap();
    assert!(said.contains(&format!("tenantry reset wait {id}")), "{said}");
    assert_eq!(rig.sign_in(EMAIL, &rig.sample.user_password), 401);
    let token = rig.token(EMAIL, 1);

    assert!(run(&rig, &["reset", "list"]).done().contains(id));
    assert_eq!(json(&rig, &["reset", "list", "--email", EMAIL])["items"][0]["id"], id);
    assert_eq!(run(&rig, &["reset", "list", "--state", "expired"]).done(), "No resets.\n");
    let shown = run(&rig, &["reset", "show", id]).done();
    assert!(shown.contains("requested  by admin@example.com from 127.0.0.1"), "{shown}");

    let waited = run(&rig, &["reset", "wait", id, "--for", "mailed", "--timeout-seconds", "20"]).done();
    assert!(waited.contains("mailed"), "{waited}");
    let late = run(&rig, &["reset", "wait", id, "--timeout-seconds", "0"]);
    assert_eq!((late.code, late.out.as_str()), (1, ""), "{late:?}");
    assert!(late.refused().contains("only the waiting ended"));
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 204);
    assert!(run(&rig, &["reset", "wait", id]).done().contains("redeemed"));
}

#[test]
fn a_reset_is_mailed_again_and_cancelled() {
    let rig = Rig::start();
    let id = reset(&rig);
    let token = rig.token(EMAIL, 1);
    rig.clock.advance_seconds(31);
    assert_eq!(run(&rig, &["reset", "resend", &id]).done(), "The same link is mailed again.\n");
    assert_eq!(rig.token(EMAIL, 2), token);
    assert_eq!(run(&rig, &["reset", "cancel", &id]).done(), "Cancelled: its link is dead.\n");
    assert_eq!(rig.redeem(&token, GOOD_PASSWORD), 400);
    let waited = run(&rig, &["reset", "wait", &id]);
    assert!(waited.out.contains("cancelled"), "{waited:?}");
    assert_eq!(waited.refused(), "tenantry: The reset ended as cancelled.\n");
}

#[test]
fn a_user_is_added_listed_shown_locked_out_and_let_in() {
    let rig = Rig::start();
    let new = "nora@example.org";
    let said = run(&rig, &["user", "add", new, "--first-name", "Nora", "--role", "system:ves-io-monitor-role"]).done();
    assert_eq!(said, "nora@example.org is added. A link to choose a password is on its way by mail.\n");
    let listed = || {
        let listed = run(&rig, &["user", "list"]).done();
        listed.lines().find(|line| line.starts_with(new)).unwrap().to_owned()
    };
    assert!(listed().contains("Nora") && listed().contains("invited"), "{}", listed());
    assert_eq!(rig.redeem(&rig.token(new, 1), GOOD_PASSWORD), 204);
    assert!(listed().contains("active"), "{}", listed());
    let shown = run(&rig, &["user", "show", "NORA@example.org"]).done();
    assert!(shown.contains("system ves-io-monitor-role") && !shown.contains("argon2"), "{shown}");

    assert!(run(&rig, &["user", "disable", new]).done().contains("is disabled"));
    assert_eq!(rig.sign_in(new, GOOD_PASSWORD), 401);
    assert_eq!(json(&rig, &["user", "show", new])["disabled"], true);
    assert_eq!(run(&rig, &["user", "enable", new]).done(), "nora@example.org is enabled again.\n");
    assert_eq!(rig.sign_in(new, GOOD_PASSWORD), 204);
    assert!(run(&rig, &["user", "add", new]).refused().contains("already exist"));
}

#[test]
fn a_token_is_created_used_listed_and_revoked() {
    let rig = Rig::start();
    let made = json(&rig, &["token", "create", "ci", "--expiration-days", "3"]);
    let (name, secret) = (made["name"].as_str().unwrap(), made["data"].as_str().unwrap());
    let by_file = |line: &[&str]| -> Ended {
        let directory = rig.data.as_ref().unwrap().path();
        let file = directory.join("ci.token");
        std::fs::write(&file, format!("{secret}\n")).unwrap();
        let mut command = tenantry(directory, line);
        command.env("TENANTRY_URL", format!("http://{}", rig.address)).env("TENANTRY_TOKEN_FILE", &file);
        command.output().unwrap().into()
    };
    let listed = by_file(&["token", "list"]).done();
    assert!(listed.contains(name) && !listed.contains(secret), "{listed}");
    assert_eq!(run(&rig, &["token", "revoke", name]).done(), format!("{name} is revoked.\n"));
    let refused = by_file(&["token", "list"]).refused();
    assert!(refused.contains("credential") && !refused.contains(secret), "{refused}");
}

#[test]
fn the_record_is_read_exported_and_proven() {
    let rig = Rig::start();
    reset(&rig);
    rig.wait_until_sealed();
    let tail = run(&rig, &["audit", "tail", "-n", "5"]).done();
    assert!(tail.contains("accepted") && tail.contains(EMAIL), "{tail}");
    let found = json(&rig, &["audit", "query", "--target", EMAIL, "--limit", "1"]);
    assert_eq!((found["items"].as_array().unwrap().len(), &found["items"][0]["subject"]), (1, &json!(EMAIL)));
    let file = rig.data.as_ref().unwrap().path().join("records.jsonl");
    let file = file.to_str().unwrap();
    run(&rig, &["audit", "export", "--out", file]).done();
    let lines = std::fs::read_to_string(file).unwrap();
    assert!(lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()) && lines.contains(EMAIL));
    assert!(run(&rig, &["audit", "export", "--out", file]).refused().contains("cannot be written"));
    assert_eq!(run(&rig, &["audit", "export"]).done(), lines);

    let proven = run(&rig, &["audit", "verify"]).done();
    let (sentence, anchor) = proven.trim_end().split_once("\nAnchor  ").expect("an anchor to keep");
    assert!(sentence.starts_with("All "), "{proven}");
    assert_eq!(run(&rig, &["audit", "verify", "--anchor", anchor]).done(), proven);
    let forged = format!("{}:{}", anchor.split(':').next().unwrap(), "0".repeat(64));
    assert!(run(&rig, &["audit", "verify", "--anchor", &forged]).out.contains("not as they were sealed"));
    rig.tamper("UPDATE audit SET actor = 'nobody' WHERE subject = 'hello@example.com'");
    let verdict = run(&rig, &["audit", "verify"]);
    assert!(verdict.out.contains("a record was changed"), "{verdict:?}");
    assert_eq!(verdict.refused(), "tenantry: The audit records are not whole.\n");
}

#[test]
fn a_refusal_of_the_server_is_told_in_its_own_sentence() {
    let rig = Rig::start();
    let refused = run(&rig, &["user", "show", "nobody@example.com"]).refused();
    assert!(refused.starts_with("tenantry: User nobody@example.com was not found in this tenant."), "{refused}");
    let usage = run(&rig, &["reset", "nobody"]);
    assert_eq!((usage.code, usage.out.as_str()), (2, ""), "{usage:?}");
    let gone = run(&rig, &["user", "list", "--url", "http://127.0.0.1:9", "--token", "tny_x"]).refused();
    assert!(gone.contains("127.0.0.1:9"), "{gone}");
}

#[test]
fn the_directory_of_dev_tells_where_the_server_is() {
    let rig = Rig::start();
    let directory = rig.data.as_ref().unwrap().path();
    let known = json!({ "base_url": format!("http://{}", rig.address), "api_token": rig.sample.api_token });
    std::fs::write(directory.join("dev.json"), known.to_string()).unwrap();
    let ended: Ended =
        tenantry(directory, &["user", "list", "--data", directory.to_str().unwrap()]).output().unwrap().into();
    assert!(ended.done().contains(EMAIL));
}

#[test]
fn it_is_told_whether_a_user_may_make_a_call_and_why() {
    let rig = Rig::start();
    let reset = "POST /api/web/custom/password/admin_reset";
    let said = run(&rig, &["can", "admin@example.com", reset, "--to", EMAIL]).done();
    let rule =
        "admin@example.com has the role ves-io-admin-role in system, and ves-io-admin-role has ves-io-uam-admin-write.";
    assert!(said.starts_with("Yes.\n") && said.contains(rule), "{said}");
    assert_eq!(json(&rig, &["can", "admin@example.com", "tenantry.users.show"])["allowed"], true);
    let refused = run(&rig, &["can", EMAIL, reset, "--in", "default"]).refused();
    assert!(
        refused.contains("No. hello@example.com may not do this: it needs a role with ves-io-uam-admin-write"),
        "{refused}"
    );
    assert!(run(&rig, &["can", EMAIL, "no.such"]).refused().contains("No operation has this id"));
}
