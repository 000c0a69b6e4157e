//! Failures below the product: a data directory that cannot be written, that another process uses, or that is damaged.
//! And an attacker who changes the audit log in the database (OP 99).

use std::path::Path;
use std::process::{Command, Output};

use serde_json::json;
use tenantry::params;
use tenantry::store::Tx;
use uuid::Uuid;

use crate::rig::Rig;

/// The real program on this directory; it must refuse to start.
fn start_process(data: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tenantry"));
    program.args(["dev", "--listen", "127.0.0.1:0", "--data"]).arg(data).output().unwrap()
}

/// The sentence of a refused start.
fn refusal(started: &Output) -> String {
    assert!(!started.status.success(), "it started");
    let said = String::from_utf8(started.stderr.clone()).unwrap();
    assert_eq!(said.trim_end().lines().count(), 1, "one sentence: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// These are about a data directory, so they are about the embedded engine in every run.
fn embedded() -> Rig {
    Rig::with(|config| config.store.postgres = None)
}

#[test]
fn a_second_process_on_the_same_data_directory_is_refused_and_told_who_has_it() {
    let rig = embedded();
    let data = rig.data.as_ref().unwrap().path();
    let said = refusal(&start_process(data));
    let expected =
        format!("is in use by process {}. Stop that one first, or choose another directory.", std::process::id());
    assert!(said.contains(&expected), "{said}");
    assert_eq!(rig.reset("hello@example.com").status, 200, "the first one is not disturbed");
}

#[test]
fn a_damaged_database_is_refused_with_what_to_do() {
    for damage in ["the head", "all of it"] {
        let mut rig = embedded();
        assert_eq!(rig.reset("hello@example.com").status, 200);
        rig.stop();
        let data = rig.data.take().unwrap();
        let database = data.path().join("tenantry.db");
        for beside in ["tenantry.db-wal", "tenantry.db-shm"] {
            let _ = std::fs::remove_file(data.path().join(beside));
        }
        let mut bytes = std::fs::read(&database).unwrap();
        let until = if damage == "the head" { 100 } else { bytes.len() };
        bytes[..until].fill(0xa5);
        std::fs::write(&database, &bytes).unwrap();
        let said = refusal(&start_process(data.path()));
        assert!(said.contains("is damaged. Keep a copy of it, then restore the last backup"), "{damage}: {said}");
        assert_eq!(std::fs::read(&database).unwrap(), bytes, "nothing was changed");
    }
}

#[test]
fn a_data_directory_that_cannot_be_written_is_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let mounted =
        Command::new("mount").args(["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs"]).arg(directory.path()).output();
    if mounted.is_ok_and(|mounted| mounted.status.success()) {
        let started = start_process(directory.path());
        let _ = Command::new("umount").arg("--lazy").arg(directory.path()).status();
        assert_cannot_be_written(&refusal(&started), directory.path());
    } else {
        // Only root may mount, and only root can write a file marked as read-only.
        let mut permissions = std::fs::metadata(directory.path()).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(directory.path(), permissions).unwrap();
        assert_cannot_be_written(&refusal(&start_process(directory.path())), directory.path());
    }
}

fn assert_cannot_be_written(said: &str, directory: &Path) {
    assert!(said.contains(&directory.display().to_string()), "{said}");
    assert!(said.contains("Give Tenantry a directory that it may write."), "{said}");
}

#[test]
fn case_99_tampering_with_the_audit_log_is_found_at_the_first_record() {
    type Tampering = fn(&mut Tx<'_>) -> tenantry::error::Result<()>;
    let ways: [(&str, Tampering); 5] = [
        ("changed", |tx| {
            tx.run("UPDATE audit SET subject = 'eve@example.com' WHERE subject = 'jane@example.com'", &[]).map(drop)
        }),
        ("removed", |tx| tx.run("DELETE FROM audit WHERE subject = 'jane@example.com'", &[]).map(drop)),
        ("changed", |tx| {
            tx.run(
                "UPDATE audit SET actor = 'line\nfeed\",{\"outcome\":\"accepted\"}' WHERE subject = 'jane@example.com'",
                &[],
            )
            .map(drop)
        }),
        ("moved", |tx| {
            let jane = tx.one("SELECT id FROM audit WHERE subject = 'jane@example.com'", &[])?.get::<Uuid>(0)?;
            tx.run("UPDATE audit SET id = $1 WHERE subject = 'jane@example.com'", &params![[0].as_slice()])?;
            let hello = tx.one("SELECT id FROM audit WHERE subject = 'hello@example.com'", &[])?.get::<Uuid>(0)?;
            tx.run("UPDATE audit SET id = $1 WHERE subject = 'hello@example.com'", &params![&jane])?;
            tx.run("UPDATE audit SET id = $1 WHERE subject = 'jane@example.com'", &params![&hello]).map(drop)
        }),
        ("added", |tx| {
            tx.run(
                "INSERT INTO audit SELECT tenant, $1, at, action, outcome, actor, credential, subject, address, facts, salt, erased_by
                     FROM audit WHERE subject = 'jane@example.com'",
                &params![&Uuid::from_u128(0x019c_b821_7798_7dc9_9194_e1c7_4b27_545f)],
            )
            .map(drop)
        }),
    ];
    for (what, tamper) in ways {
        let rig = Rig::start();
        for email in ["hello@example.com", "jane@example.com", "kenji@example.com"] {
            assert_eq!(rig.reset(email).status, 200);
        }
        rig.wait_until_sealed();
        let before = rig.get("/api/tenantry/v1/audit/verify").body;
        assert_eq!((&before["sound"], &before["fault"]), (&json!(true), &json!(null)), "{before}");
        rig.write(tamper);
        let after = rig.get("/api/tenantry/v1/audit/verify").body;
        assert_eq!(after["sound"], false, "{what}: {after}");
        assert!(after["sentence"].as_str().unwrap().contains(what), "{what}: {after}");
        assert_eq!(after["fault"]["link"].as_i64().unwrap() > 0, what != "added", "{what}: {after}");
        let exported = rig.get("/api/tenantry/v1/audit/export").text;
        for line in exported.lines() {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line.is_object()), "{line}");
        }
    }
}
