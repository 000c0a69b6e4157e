//! Signals that ask for something else than the end, at every moment of a process's life.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::installation::{Served, Site};
use crate::process::{Place, Process};
use crate::relay::{Relay, Script};

const ASKING: [&str; 3] = ["HUP", "USR1", "USR2"];

fn signal(process: u32, name: &str) {
    assert!(Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap().success());
}

/// Waits until the log has a line with this.
fn logged(site: &Site, text: &str) -> String {
    for _ in 0..1_000 {
        let log = std::fs::read_to_string(site.log()).unwrap();
        if let Some(line) = log.lines().rev().find(|line| line.contains(text)) {
            return line.into();
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("nothing of {text:?} in {}", std::fs::read_to_string(site.log()).unwrap());
}

fn figures(server: &Served, token: &str) -> u16 {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let request = agent.get(format!("http://127.0.0.1:{}/metrics", server.port));
    request.header("Authorization", format!("Bearer {token}")).call().unwrap().status().as_u16()
}

#[test]
fn neither_hup_nor_usr_ends_a_server_that_serves() {
    let site = Site::new();
    site.init();
    let mut server = site.serve(&[]);
    ASKING.iter().for_each(|name| signal(server.child.id(), name));
    for told in ["were read anew", "SIGUSR1", "SIGUSR2"] {
        logged(&site, told);
    }
    assert_eq!(server.child.try_wait().unwrap(), None);
    assert!(server.is_ready());
    signal(server.child.id(), "TERM");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn neither_ends_the_dev_mode() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    ASKING.iter().for_each(|name| signal(process.id(), name));
    for _ in 0..1_000 {
        if std::fs::read_to_string(place.log()).unwrap().contains("has no configuration") {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(process.get("/readyz").status, 200);
    let (_, is_well) = process.terminate();
    assert!(is_well);
    assert!(std::fs::read_to_string(place.log()).unwrap().contains("has no configuration"));
}

#[test]
fn neither_ends_a_server_that_starts() {
    let site = Site::new();
    // A database that accepts connections and never answers: the start lasts as long.
    let database = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://u:p@{}/d", database.local_addr().unwrap());
    let mut child =
        site.command(&["serve"]).env("TENANTRY_STORE_POSTGRES", url).stderr(Stdio::piped()).spawn().unwrap();
    let (connection, _) = database.accept().unwrap();
    ASKING.iter().for_each(|name| signal(child.id(), name));
    assert_eq!(child.try_wait().unwrap(), None);
    drop((connection, database));
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(1), "it ended by itself, for want of a database: {ended:?}");
}

#[test]
fn neither_ends_a_server_that_drains() {
    let site = Site::new();
    site.init();
    let mut server = site.serve(&[]);
    let mut client = TcpStream::connect(("127.0.0.1", site.port)).unwrap();
    let body = r#"{"email":"nobody@example.com","password":"wrong"}"#;
    let (first, rest) = body.split_at(10);
    let head = format!(
        "POST /signin HTTP/1.1\r\nHost: acme.localhost:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        site.port,
        body.len()
    );
    client.write_all(format!("{head}{first}").as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    signal(server.child.id(), "TERM");
    for _ in 0..1_000 {
        if !server.is_ready() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    ASKING.iter().for_each(|name| signal(server.child.id(), name));
    logged(&site, "SIGUSR2");
    client.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_hangup_applies_settings_that_can_change_and_names_the_rest() {
    let site = Site::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let other = runtime.block_on(Relay::start(Script::default()));
    let port = |relay: &Relay| relay.settings()[1].1.clone();
    let file = site.directory.path().join("tenantry.toml");
    let write = |text: &str| {
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    };
    let settings = |port: &str, token: &str, drain: u32| {
        format!("[smtp]\nport = {port}\n[metrics]\ntoken = \"{token}\"\n[http]\ndrain_seconds = {drain}\n")
    };
    let (before, after) = ("before-0123456789", "after-0123456789");
    write(&settings(&port(&site.relay), before, 15));
    let command = |line: &[&str]| {
        let mut command = site.command(line);
        command.env_remove("TENANTRY_SMTP_PORT");
        command
    };
    let made = command(&["init", "--tenant", "acme", "--email", "ada@example.com", "--json"]).output().unwrap();
    let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap();
    let server = site.serve_by(&mut command(&["serve"]));
    assert_eq!((figures(&server, before), figures(&server, after)), (200, 401));

    write(&settings(&port(&other), after, 16));
    signal(server.child.id(), "HUP");
    let told = logged(&site, "were read anew");
    assert!(told.contains("smtp.port") && told.contains("metrics.token") && !told.contains("drain"), "{told}");
    let told = logged(&site, "count from the next start on");
    assert!(told.contains("http.drain_seconds") && !told.contains("metrics.token"), "{told}");
    assert_eq!((figures(&server, before), figures(&server, after)), (401, 200));
    let code = made["link"].as_str().unwrap().split_once('#').unwrap().1.to_string();
    let redeem = serde_json::json!({ "token": code, "password": crate::rig::GOOD_PASSWORD });
    assert_eq!(server.post("/reset", "", &redeem).0, 204);
    for _ in 0..1_000 {
        if other.taken() > 0 {
            break;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(other.taken() > 0 && site.relay.mails().is_empty(), "mail takes the new way");

    let log = std::fs::read_to_string(site.log()).unwrap();
    assert!(!log.contains(before) && !log.contains(after), "a secret was told");
    for broken in
        ["[http\n", "[smtp]\nport = 0\n", "[http]\ntrusted_proxies = [\"0.0.0.0/0\"]\n", "[htpp]\nlisten = \"x\"\n"]
    {
        let count = || std::fs::read_to_string(site.log()).unwrap().matches("nothing was changed").count();
        let known = count();
        write(broken);
        signal(server.child.id(), "HUP");
        while count() == known {
            std::thread::sleep(Duration::from_millis(10));
        }
        assert_eq!(figures(&server, after), 200, "{broken}");
    }
}
