//! A search for answers that `/openapi.json` does not tell, by schemathesis, which other people wrote: it makes requests from
//! the document, good ones and bad ones, and holds each answer against it.
//!
//! `tests/programs/schemathesis.toml` says what is searched, and which few checks do not fit, with the reasons. The requests
//! are the same each time; `TENANTRY_TEST_SEARCH_SECONDS=180` searches with other dice for so long.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::params;

use crate::installed::{beside, outcome, python};
use crate::rig::Rig;
use crate::sweeps::{Named, furnish};

/// Of the operations so many have a good request among those that are made: for others the program would have to know a link
/// from a mail, or the document to tell more than any can.
const WITH_A_GOOD_REQUEST: usize = 100;

#[expect(clippy::disallowed_methods, reason = "who runs the suite says so; it is no setting of the product")]
fn seconds() -> Option<String> {
    std::env::var("TENANTRY_TEST_SEARCH_SECONDS").ok()
}

#[test]
fn a_search_by_the_document_finds_no_answer_that_it_does_not_tell() {
    let (tools, rig) = (python("published", &beside("programs/requirements.txt")), Rig::start());
    let (named, _) = furnish(&rig);
    furnish_as_shown(&rig, &named);
    let folder = tempfile::tempdir().unwrap();
    let mut search = Command::new(tools.join("schemathesis"));
    search.current_dir(folder.path()).arg("--config-file").arg(beside("programs/schemathesis.toml"));
    search.args(["run", &format!("http://{}/openapi.json", rig.address), "--report-json-path", "report.json"]);
    search.arg("--header").arg(format!("Authorization: {}", rig.authorization()));
    match seconds() {
        Some(seconds) => search.args(["--max-time", &seconds, "--max-examples", "1000"]),
        None => search.args(["--max-examples", "5", "--generation-deterministic"]),
    };
    search.env("HELD", &named.held).env("RESET", &named.reset);
    let (has_found_nothing, said) = with_time_passing(&rig, || outcome(&mut search));
    assert!(has_found_nothing, "{said}");
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    look_at(&serde_json::from_str(&report).unwrap());
}

/// Makes what the examples of the document and `schemathesis.toml` name, so that there are good requests.
fn furnish_as_shown(rig: &Rig, named: &Named) {
    for (path, body) in [
        ("/api/web/custom/namespaces/system/user_groups", json!({ "name": "ops" })),
        ("/api/web/namespaces", json!({ "metadata": { "name": "team-b" } })),
    ] {
        let made = rig.post(path, &body);
        assert_eq!(made.status, 200, "{}", made.text);
    }
    // Names of credentials end in letters that are drawn.
    let tenant = rig.tenant();
    for (drawn, shown) in [(&named.credential, "ci-robot-abcdefgh"), (&named.service, "deploy-robot-abcdefgh")] {
        let drawn = drawn.clone();
        rig.write(move |tx| {
            tx.run("UPDATE credentials SET name = $3 WHERE tenant = $1 AND name = $2", &params![tenant, &drawn, shown])
        });
    }
}

/// Does this while the clock of the server runs fast, so that no bound on calls in a time is what the search finds.
fn with_time_passing<T>(rig: &Rig, done: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                rig.clock.advance_seconds(5);
                thread::sleep(Duration::from_millis(20));
            }
        });
        let outcome = done();
        is_over.store(true, Ordering::Relaxed);
        outcome
    })
}

/// Every operation was asked, and most of them by good requests too.
fn look_at(report: &Value) {
    let operations = &report["operations"];
    assert_eq!(operations["tested"], operations["selected"], "{operations}");
    let was_good = |phases: &Value| phases.as_object().unwrap().values().any(|phase| phase["accepted"] != 0);
    let (good, never): (Vec<_>, Vec<_>) =
        report["valid_rates"].as_object().unwrap().iter().partition(|(_, phases)| was_good(phases));
    let never: Vec<_> = never.iter().map(|(operation, _)| operation).collect();
    assert!(good.len() >= WITH_A_GOOD_REQUEST, "only {} operations had a good request; not {never:#?}", good.len());
}
