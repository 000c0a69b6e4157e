//! Shared by the tests about copies of a store: people who act on a running server, and its commands.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tenantry::store::{Scope, Store};
use uuid::Uuid;

use crate::command_line::Ended;
use crate::engine::database_of;
use crate::postgres::server;
use crate::process::{Place, Process};
use crate::wire::{Reply, Wire, request};

pub const CHOSEN: &str = "quiet harbour 4471 lanterns";
pub const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";
pub const PUBLIC_URL: &str = "http://{tenant}.localhost:8080";

pub fn user(number: usize) -> String {
    format!("user{number:05}@example.com")
}

pub fn verb(place: &Place, line: &[&str]) -> Command {
    let mut command = Command::new(place.binary());
    command.args(line).current_dir(place.data().parent().unwrap()).env_clear().env("PATH", "/usr/bin:/bin");
    let data = line.iter().position(|word| *word == "--data").and_then(|at| line.get(at + 1));
    let database = data.and_then(|data| database_of(Path::new(data)));
    command.envs(database.map(|url| ("TENANTRY_STORE_POSTGRES", url)));
    command
}

pub fn run(place: &Place, line: &[&str]) -> Ended {
    verb(place, line).output().unwrap().into()
}

/// The output of a command with `--json`.
pub fn say(place: &Place, line: &[&str]) -> Value {
    let said = run(place, &[line, &["--json"]].concat()).done();
    serde_json::from_str(&said).unwrap_or_else(|_| panic!("{line:?} said {said}"))
}

/// The sentence of a server that refuses to start in a place.
pub fn refusal_to_serve(place: &Place, data: &Path) -> String {
    let mut serve = verb(place, &["dev", "--listen", "127.0.0.1:0", "--data", text(data)]);
    serve.args(database_of(data).map(|url| format!("--postgres={url}")));
    let mut child = serve.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    for _ in 0..3_000 {
        if child.try_wait().unwrap().is_some() {
            return Ended::from(child.wait_with_output().unwrap()).refused();
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    panic!("{} is served", data.display());
}

/// One call; the headers are whole lines.
pub fn call(process: &Process, method: &str, path: &str, headers: &str, body: &Value) -> Reply {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Wire::to(process.address).call(request(method, path, headers, &body)).expect("an answer")
}

pub fn reset(process: &Process, email: &str) -> u16 {
    call(process, "POST", ADMIN_RESET, &process.authorization(), &json!({ "email": email })).status
}

pub fn redeem(process: &Process, token: &str, password: &str) -> u16 {
    call(process, "POST", "/reset", "", &json!({ "token": token, "password": password })).status
}

pub fn sign_in(process: &Process, email: &str, password: &str) -> Reply {
    call(process, "POST", "/signin", "", &json!({ "email": email, "password": password }))
}

/// The cookie line of a new session.
pub fn session(process: &Process, email: &str) -> String {
    let reply = sign_in(process, email, &process.directions.user_password);
    assert_eq!(reply.status, 204, "{reply:?}");
    let cookie = reply.head.lines().find_map(|line| line.split_once("tenantry=")).unwrap().1;
    format!("Cookie: tenantry={}\r\n", cookie.split(';').next().unwrap())
}

/// Whether a session or a token is accepted.
pub fn opens(process: &Process, headers: &str) -> bool {
    let path = "/api/web/custom/namespaces/system/whoami";
    call(process, "GET", path, headers, &Value::Null).status == 200
}

/// The token of the newest link to this address, once it has `count` mails.
pub fn token(process: &Process, email: &str, count: usize) -> String {
    for _ in 0..1_500 {
        let list = call(process, "GET", "/dev/mailbox", "Accept: application/json\r\n", &Value::Null);
        let mails: Value = serde_json::from_str(&list.body).unwrap();
        let mine: Vec<_> = mails.as_array().unwrap().iter().filter(|mail| mail["to"] == email).collect();
        if mine.len() >= count {
            let link = mine.iter().rev().find_map(|mail| mail["link"].as_str()).unwrap();
            return link.split_once('#').unwrap().1.to_string();
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{email} has fewer than {count} mails");
}

/// The token of the newest link to this address, if this process has mailed one.
pub fn token_now(process: &Process, email: &str) -> Option<String> {
    let list = call(process, "GET", "/dev/mailbox", "Accept: application/json\r\n", &Value::Null);
    let mails: Value = serde_json::from_str(&list.body).unwrap();
    let mut mine = mails.as_array().unwrap().iter().rev().filter(|mail| mail["to"] == email);
    let link = mine.find_map(|mail| mail["link"].as_str())?;
    Some(link.split_once('#').unwrap().1.to_string())
}

/// Another token of the owner: its name and its header line.
pub fn credential(process: &Process) -> (String, String) {
    let ask = json!({ "name": "second", "spec": { "type": "API_TOKEN" } });
    let path = "/api/web/namespaces/system/api_credentials";
    let reply = call(process, "POST", path, &process.authorization(), &ask);
    let made: Value = serde_json::from_str(&reply.body).unwrap();
    let text = |field: &str| made[field].as_str().unwrap_or_else(|| panic!("{made}")).to_string();
    (text("name"), format!("Authorization: APIToken {}\r\n", text("data")))
}

pub fn revoke(process: &Process, name: &str) {
    let path = "/api/web/namespaces/system/revoke/api_credentials";
    let reply = call(process, "POST", path, &process.authorization(), &json!({ "name": name, "namespace": "system" }));
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Clients that reset users one after the other until they are stopped.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<thread::JoinHandle<Vec<Uuid>>>,
}

impl Load {
    /// On the users from `first` on, each client with a part of them.
    pub fn on(process: &Process, first: usize, users: usize) -> Self {
        const CLIENTS: usize = 3;
        let stop = Arc::new(AtomicBool::new(false));
        let client = |nth: usize| {
            let (stop, address, authorization) = (Arc::clone(&stop), process.address, process.authorization());
            thread::spawn(move || {
                let (mut wire, mut acknowledged) = (Wire::to(address), Vec::new());
                for number in (0..users).filter(|number| number % CLIENTS == nth).cycle() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let body = json!({ "email": user(first + number) }).to_string();
                    let Some(reply) = wire.call(request("POST", ADMIN_RESET, &authorization, &body)) else { break };
                    let id = reply.header("tenantry-reset-id").filter(|_| reply.status == 200);
                    acknowledged.extend(id.map(|id| id.parse::<Uuid>().unwrap()));
                }
                acknowledged
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { stop, clients }
    }

    /// The resets that were acknowledged.
    pub fn end(self) -> Vec<Uuid> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    }
}

/// A place beside the one of the server, with the key file and the directions that belong to a store of its.
pub fn beside(place: &Place, name: &str) -> PathBuf {
    let directory = place.data().with_file_name(name);
    std::fs::create_dir_all(&directory).unwrap();
    for file in ["link.keys", "dev.json"] {
        std::fs::copy(place.data().join(file), directory.join(file)).unwrap();
    }
    directory
}

/// The one number that a statement answers.
pub fn count(store: &Store, statement: &'static str) -> i64 {
    store.read(Scope::HOUSE, |tx| tx.one(statement, &[])?.get(0)).unwrap()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Waits until a verb has made its target, or has ended.
pub fn wait_until_begun(target: &Path, child: &mut Child) {
    let has_begun = || match database_of(target) {
        // It asks the server first; how long that takes is for the dice.
        Some(_) => true,
        None => target.join("tenantry.db-wal").exists(),
    };
    while !has_begun() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
}

/// As if there had never been a store in a place.
pub fn forget_store(data: &Path) {
    match database_of(data) {
        Some(url) => {
            let again = "DROP SCHEMA public CASCADE; CREATE SCHEMA public AUTHORIZATION tenantry";
            server().ask(url.rsplit('/').next().unwrap(), again).unwrap();
        }
        None => {
            for file in ["tenantry.db", "tenantry.db-wal", "tenantry.db-shm"] {
                // Which of them are there depends on how its last process ended.
                let _ = std::fs::remove_file(data.join(file));
            }
        }
    }
}
