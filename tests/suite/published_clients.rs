//! Clients that other people published for the public API, unchanged and at pinned versions, do their jobs against the
//! server. The programs in `tests/programs` call them and compare what they answer; the mails that they caused are looked for
//! here.

use std::process::Command;

use crate::installed::{beside, python, run};
use crate::rig::Rig;

/// Runs a program with the address of a server, whose tenant only the token tells, and the token of its owner.
fn does_its_jobs(program: &str) {
    let (tools, rig) = (python("published", &beside("programs/requirements.txt")), Rig::start());
    let mut command = Command::new(tools.join("python"));
    command.arg(beside("programs").join(program)).arg(format!("http://{}", rig.address)).arg(&rig.sample.api_token);
    let said = run(&mut command);
    assert!(said.lines().count() > 0, "{said}");
    for email in said.lines() {
        let mails = rig.wait_for_mails(email, 1);
        assert!(mails.iter().all(|mail| mail["link"].is_string()), "{mails:?}");
    }
}

#[test]
fn the_sdk_that_was_generated_from_the_public_specification_does_all_of_its_jobs() {
    does_its_jobs("substrate.py");
}

#[test]
fn the_client_of_those_who_run_tenants_does_all_of_its_jobs() {
    does_its_jobs("tops.py");
}
