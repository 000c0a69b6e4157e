//! The operator's commands by the real binary: the same whether a server runs on the data directory or not.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::Value;

use crate::command_line::{Ended, tenantry};
use crate::engine::database_of;
use crate::process::{Place, Process};
use crate::wire::{Wire, request};

const WHOAMI: &str = "/api/web/custom/namespaces/system/whoami";

/// A verb on this data directory, with the settings of a server there.
fn run(data: &Path, line: &[&str]) -> Ended {
    let mut command = tenantry(data.parent().unwrap(), line);
    command.arg("--data").arg(data).env("TENANTRY_HTTP_PUBLIC_URL", "http://{tenant}.localhost:4711");
    if let Some(url) = database_of(data) {
        command.env("TENANTRY_STORE_POSTGRES", url);
    }
    command.output().unwrap().into()
}

fn json(data: &Path, line: &[&str]) -> Value {
    let said = run(data, &[line, &["--json"]].concat()).done();
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{line:?} said {said}"))
}

/// What a life of a tenant is told, without what differs from one to the next.
fn life(data: &Path, name: &str) -> Vec<String> {
    let other = format!("{name}-renamed");
    let lines: [&[&str]; 11] = [
        &["tenant", "create", name, "--display-name", "Acme"],
        &["tenant", "set", name, "link_lifetime_minutes=90"],
        &["tenant", "suspend", name, "--reason", "the invoice is open"],
        &["tenant", "suspend", name],
        &["tenant", "show", name],
        &["tenant", "resume", name],
        &["tenant", "rename", name, &other],
        &["tenant", "remove", &other],
        &["tenant", "resume", &other],
        &["mail", "queue"],
        &["mail", "refused", &other],
    ];
    let told = lines.iter().map(|line| {
        let ended = run(data, line);
        let text = format!("{} {}{}", ended.code, ended.out, ended.complaint).replace(name, "NAME");
        let text = text.split(" (request ").next().unwrap().to_string();
        // Ids and moments are drawn anew.
        let plain = |word: &str| !word.starts_with("20") && word.split(':').count() < 3 && !word.starts_with("NAME-");
        let text = text.split_whitespace().filter(|word| plain(word)).collect::<Vec<_>>().join(" ");
        // The dev mode gives new tenants no budget, whatever the settings say.
        text.replace("reset_budget_per_hour -1 chosen", "reset_budget_per_hour 0 default")
    });
    told.collect()
}

#[test]
fn a_command_says_the_same_with_a_server_and_without() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let with = life(&place.data(), "first");
    assert!(process.terminate().1);
    let without = life(&place.data(), "other");
    assert_eq!(with, without);
    assert!(with[0].starts_with("0 Tenant NAME is made; its id in the API is"), "{with:?}");
    assert!(with[3].starts_with("1 tenantry: The tenant NAME is suspended already."), "{with:?}");
    assert!(with[4].contains("Suspended by command line on") && with[4].contains("the invoice is open"), "{with:?}");
    let listed = json(&place.data(), &["tenant", "list"]);
    let names: Vec<_> = listed["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["example-corp", "first-renamed", "other-renamed", "system"]);
    assert!(run(&place.data(), &["audit", "verify", "--offline"]).done().contains("first"));
}

#[test]
fn tenants_are_steered_under_load_and_nobody_elses_call_is_refused() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let (is_over, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let callers: Vec<_> = (0..2)
        .map(|_| {
            let (is_over, calls) = (Arc::clone(&is_over), Arc::clone(&calls));
            let (address, authorization) = (process.address, process.authorization());
            thread::spawn(move || {
                let mut wire = Wire::to(address);
                while !is_over.load(Ordering::Relaxed) {
                    let reply = wire.call(request("GET", WHOAMI, &authorization, "")).expect("an answer");
                    assert_eq!(reply.status, 200, "{}", reply.body);
                    calls.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for nth in 0..3 {
        let told = life(&place.data(), &format!("tenant-{nth}"));
        assert!(
            told.iter().enumerate().all(|(nth, told)| told.starts_with(if nth == 3 { "1 " } else { "0 " })),
            "{told:?}"
        );
    }
    is_over.store(true, Ordering::Relaxed);
    callers.into_iter().for_each(|caller| caller.join().unwrap());
    assert!(calls.load(Ordering::Relaxed) > 10);
    assert_eq!(process.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn a_socket_is_taken_over_from_a_dead_process_and_not_from_a_live_one() {
    let place = Place::new();
    Process::start(&place, 0).kill();
    assert!(place.data().join("tenantry.sock").exists(), "a process that is killed cleans nothing up");
    let stopped = run(&place.data(), &["tenant", "list"]).done();
    let process = Process::start(&place, 0);
    assert_eq!(run(&place.data(), &["tenant", "list"]).done(), stopped);
    if database_of(&place.data()).is_none() {
        let second = tenantry(place.data().parent().unwrap(), &["dev", "--listen", "127.0.0.1:0", "--data"])
            .arg(place.data())
            .output()
            .unwrap();
        assert_eq!(Ended::from(second).code, 1);
    } else {
        // Several processes may share a database, and a directory with its keys: the first one has the socket.
        let second = Process::start(&place, 0);
        assert_eq!(run(&place.data(), &["tenant", "list"]).done(), stopped);
        assert!(second.terminate().1);
    }
    assert_eq!(run(&place.data(), &["tenant", "list"]).done(), stopped, "the socket is still the first one's");
    assert!(process.terminate().1);
    assert!(!place.data().join("tenantry.sock").exists());
}

#[test]
fn an_owner_is_given_while_the_server_runs_and_a_second_tenant_is_initialised() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let made = json(&place.data(), &["init", "--tenant", "acme", "--email", "ada@example.com"]);
    let link = made["link"].as_str().unwrap();
    assert!(
        link.contains("/reset#") && link.contains(&process.address.port().to_string()),
        "the server's own URL: {link}"
    );
    let again = run(&place.data(), &["init", "--tenant", "acme", "--email", "ada@example.com"]);
    assert!(again.refused().contains("already exists"));
    let refused = run(&place.data(), &["tenant", "owner", "acme", "eve@example.com"]).refused();
    assert!(refused.contains("has an owner"), "{refused}");
    assert!(run(&place.data(), &["tenant", "owner", "system", "ops@example.com"]).done().contains("/reset#"));
}

#[test]
fn a_removal_goes_into_a_backup_and_can_be_taken_back_where_it_is_restored() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let directory = place.data().parent().unwrap().to_path_buf();
    let (file, other) = (directory.join("copy.backup"), directory.join("other"));
    run(&place.data(), &["tenant", "create", "acme"]).done();
    run(&place.data(), &["tenant", "remove", "acme", "--grace-days", "365"]).done();
    run(&place.data(), &["backup", "--to", file.to_str().unwrap()]).done();
    run(&place.data(), &["tenant", "resume", "acme"]).done();
    assert!(process.terminate().1);
    tenantry::private::make_directories(&other).unwrap();
    std::fs::copy(place.data().join("link.keys"), other.join("link.keys")).unwrap();
    let line = ["restore", "--from", file.to_str().unwrap(), "--public-url", "https://{tenant}.id.example.com"];
    run(&other, &line).done();
    let state = |data: &Path| json(data, &["tenant", "show", "acme"])["state"].clone();
    assert_eq!((state(&place.data()), state(&other)), ("served".into(), "removed".into()));
    run(&other, &["tenant", "resume", "acme"]).done();
    assert_eq!(state(&other), "served");
}
