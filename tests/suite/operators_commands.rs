//! The operator's commands by the real binary: the same whether a server runs on the data directory or not.

use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::command_line::{Ended, tenantry};
use crate::engine::database_of;
use crate::process::{Place, Process};
use crate::resetting::Resetting;
use crate::wire::{Wire, request};

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

/// What the dev mode does with mails from now on.
fn mood(process: &Process, mood: &str) {
    let ask = request("POST", "/dev/faults", "", &serde_json::json!({ "mail": mood }).to_string());
    assert_eq!(Wire::to(process.address).call(ask).unwrap().status, 200);
}

/// A reset of this user by the sample tenant's owner, whose mail the relay refuses and the operator gives up; its id.
fn given_up(place: &Place, process: &Process, email: &str) -> String {
    mood(process, "refuse");
    let body = serde_json::json!({ "email": email }).to_string();
    let ask = request("POST", "/api/web/custom/password/admin_reset", &process.authorization(), &body);
    assert_eq!(Wire::to(process.address).call(ask).unwrap().status, 200);
    for _ in 0..400 {
        let queue = json(&place.data(), &["mail", "queue"]);
        let of_theirs = |mail: &&Value| mail["to"] == email && !mail["relay_words"].is_null();
        if let Some(mail) = queue["items"].as_array().unwrap().iter().find(of_theirs) {
            let id = mail["id"].as_str().unwrap();
            run(&place.data(), &["mail", "drop", "example-corp", id]).done();
            mood(process, "accept");
            return id.into();
        }
        thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("the mail to {email} was not tried");
}

fn is_mailed(process: &Process, email: &str) -> bool {
    let list = request("GET", "/dev/mailbox", "Accept: application/json\r\n", "");
    let mails: Value = serde_json::from_str(&Wire::to(process.address).call(list).unwrap().body).unwrap();
    mails.as_array().unwrap().iter().any(|mail| mail["to"] == email)
}

#[test]
fn tenants_and_mails_are_steered_under_load_and_nobody_elses_call_is_refused() {
    let place = Place::new();
    let process = Process::start(&place, 32);
    let waiting = given_up(&place, &process, "kenji@example.com");
    let token = &process.directions.api_token;
    let users = (1..=32).map(|nth| (token.clone(), format!("user{nth:05}@example.com"))).collect();
    let clients = Resetting::begin(process.address, users);
    clients.is_under_way();
    for nth in 0..3 {
        let told = life(&place.data(), &format!("tenant-{nth}"));
        assert!(
            told.iter().enumerate().all(|(nth, told)| told.starts_with(if nth == 3 { "1 " } else { "0 " })),
            "{told:?}"
        );
    }
    assert!(!is_mailed(&process, "kenji@example.com"));
    run(&place.data(), &["mail", "retry", "example-corp", &waiting]).done();
    for _ in 0..1_000 {
        if is_mailed(&process, "kenji@example.com") {
            break;
        }
        thread::sleep(std::time::Duration::from_millis(10));
    }
    assert!(is_mailed(&process, "kenji@example.com"));
    assert!(clients.end() > 64);
    assert_eq!(process.get("/api/tenantry/v1/audit/verify").status, 200);
}

#[test]
fn a_socket_is_taken_over_from_a_dead_process_and_not_from_a_live_one() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    assert_eq!(process.get("/livez").status, 200);
    process.kill();
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
