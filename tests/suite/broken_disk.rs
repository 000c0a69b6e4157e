//! The real binary on a disk that fails to flush now and then: a client that was told that nothing was changed was told
//! the truth, even if the machine goes down in the next moment.

use std::process::Command;

use serde_json::json;
use tenantry::store::{Scope, Settings, Store};

use crate::engine::is_postgres;
use crate::process::{Place, Process};
use crate::rig::START;
use crate::wire::{Wire, request};

const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";
const PROCESSES: usize = 6;
const RESETS_EACH: usize = 40;
/// One reset for each user: a repeat would be answered from the first one.
const USERS: usize = PROCESSES * RESETS_EACH;

/// A command that runs the binary under strace, where the n-th flush of each thread fails, and each seventh after it:
/// not every one of them belongs to a reset. Without strace, or without the right to trace, the test is left out, and
/// says so.
fn on_a_broken_disk(place: &Place, nth: usize) -> Option<Command> {
    let traced = |injection: &str| {
        let mut command = Command::new("strace");
        command.args(["-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e"]);
        command.arg(format!("inject=fsync,fdatasync:{injection}"));
        command
    };
    if !traced("error=EIO").arg("true").status().is_ok_and(|status| status.success()) {
        return None;
    }
    let mut command = traced(&format!("error=EIO:when={nth}+7"));
    command.arg(place.binary());
    Some(command)
}

#[test]
fn what_was_answered_with_nothing_was_changed_stays_undone_after_a_crash() {
    if is_postgres() {
        // Its disk is not ours: see `docs/faults.md`.
        return;
    }
    let place = Place::new();
    // The sample users are made on a disk that works.
    let (_, ended_well) = Process::start(&place, USERS).terminate();
    assert!(ended_well);
    let (mut accepted, mut denied) = (0, 0);
    for round in 0..PROCESSES {
        let Some(command) = on_a_broken_disk(&place, 8 + round) else {
            eprintln!("left out: strace is missing or may not trace here");
            return;
        };
        let process = Process::start_by(command, &place, USERS);
        let mut wire = Wire::to(process.address);
        for ask in 0..RESETS_EACH {
            let number = round * RESETS_EACH + ask + 1;
            let body = json!({ "email": format!("user{number:05}@example.com") }).to_string();
            let reply = wire.call(request("POST", ADMIN_RESET, &process.authorization(), &body)).unwrap();
            assert!(matches!(reply.status, 200 | 503), "{reply:?}");
            accepted += i64::from(reply.status == 200);
            if reply.status == 503 {
                assert!(reply.body.contains("Nothing was changed"), "{}", reply.body);
                denied += 1;
                break;
            }
        }
        process.kill();
    }
    let store = Store::open(&Settings::embedded(place.data(), 16), START).unwrap();
    let done = store.read(Scope::HOUSE, |tx| tx.one("SELECT COUNT(*) FROM resets", &[])?.get::<i64>(0)).unwrap();
    store.close();
    assert!(denied > 0, "the disk never failed a reset");
    assert_eq!(done, accepted, "{denied} were denied");
}
