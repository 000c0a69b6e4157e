//! A link and a password that are looked for everywhere afterwards.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::engine::database_of;
use crate::postgres::server;
use crate::process::{Place, Process, mailed_token};
use crate::wire::{Reply, Wire, request};

const EMAIL: &str = "hello@example.com";
const CHOSEN: &str = "Markerlantern over quiet 7731 water";
const TOO_SHORT: &str = "Mkr9x";
const GUESSED: &str = "Markerguess that opens nothing 5512";
const CHANGED: &str = "Markerchange after the link 9094";

/// A person with their answers kept.
struct Visitor {
    wire: Wire,
    replies: Vec<Reply>,
}

impl Visitor {
    fn ask(&mut self, method: &str, path: &str, headers: &str, body: &Value) -> Reply {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let reply = self.wire.call(request(method, path, headers, &body)).expect("an answer");
        self.replies.push(reply.clone());
        reply
    }

    fn post(&mut self, path: &str, body: &Value) -> u16 {
        self.ask("POST", path, "", body).status
    }
}

/// Every call that handles the link or a password, and every call that shows a history.
fn live(process: &Process) -> (String, Vec<Reply>) {
    let mut visitor = Visitor { wire: Wire::to(process.address), replies: Vec::new() };
    let owner = process.authorization();
    let reset = visitor.ask("POST", "/api/web/custom/password/admin_reset", &owner, &json!({ "email": EMAIL }));
    assert_eq!(reset.status, 200);
    let token = mailed_token(process);
    visitor.ask("GET", &format!("/reset?token={token}"), "", &Value::Null);
    // The answer to an unknown path repeats it to its sender, as clients know it; nobody else may learn it.
    visitor.ask("GET", &format!("/nowhere/{token}"), "", &Value::Null);
    visitor.replies.pop();
    visitor.ask("GET", &format!("/api/tenantry/v1/resets/{token}"), &owner, &Value::Null);
    assert_eq!(visitor.post("/reset/open", &json!({ "token": token })), 200);
    assert_eq!(visitor.post("/reset", &json!({ "token": token, "password": TOO_SHORT })), 422);
    assert_eq!(visitor.post("/reset", &json!({ "token": token, "password": CHOSEN, "user": 1 })), 400);
    assert_eq!(visitor.post("/reset", &json!({ "token": token, "password": [CHOSEN] })), 400);
    assert_eq!(visitor.post("/reset", &json!({ "token": token, "password": CHOSEN })), 204);
    assert_eq!(visitor.post("/reset", &json!({ "token": token, "password": CHOSEN })), 400);
    assert_eq!(visitor.post("/signin", &json!({ "email": EMAIL, "password": GUESSED })), 401);
    let signed_in = visitor.ask("POST", "/signin", "", &json!({ "email": EMAIL, "password": CHOSEN }));
    assert_eq!(signed_in.status, 204);
    let cookie = signed_in.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
    let cookie = format!("Cookie: {cookie}\r\n");
    visitor.ask("GET", "/account", &cookie, &Value::Null);
    let change = json!({ "current_password": CHOSEN, "password": CHANGED });
    assert_eq!(visitor.ask("POST", "/account/password", &cookie, &change).status, 204);
    for path in [
        "/metrics",
        "/openapi.json",
        "/api/tenantry/v1/resets",
        "/api/tenantry/v1/audit",
        "/api/tenantry/v1/audit/verify",
        "/api/tenantry/v1/audit/export",
        "/api/tenantry/v1/users/hello@example.com",
        "/api/web/custom/namespaces/system/user_roles",
    ] {
        assert_eq!(visitor.ask("GET", path, &owner, &Value::Null).status, 200, "{path}");
    }
    let id = reset.header("tenantry-reset-id").unwrap();
    assert_eq!(visitor.ask("GET", &format!("/api/tenantry/v1/resets/{id}"), &owner, &Value::Null).status, 200);
    (token, visitor.replies)
}

/// The files of a directory that hold these bytes.
fn holders(directory: &Path, bytes: &[u8]) -> Vec<String> {
    let mut holders = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            holders.extend(self::holders(&path, bytes));
        // The socket in the data directory holds nothing.
        } else if path.is_file() && std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            holders.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    holders
}

fn assert_nowhere_but_in_the_mailbox(place: &Place, token: &str) {
    let data = place.data();
    match database_of(&data) {
        Some(url) => server().dump(&url, &data.join("database.sql")).unwrap(),
        None => assert!(data.join("tenantry.db").exists()),
    }
    assert_eq!(holders(&data, token.as_bytes()), ["mailbox.jsonl"]);
    // Behind some tokens stands a sign at which mail programs do not cut them.
    let raw = URL_SAFE_NO_PAD.decode(&token[..48]).unwrap();
    // The tenant and the reset's id stand in the database, of course; the proof behind them must not.
    let proof = &raw[raw.len() - 16..];
    assert_eq!(holders(&data, proof), Vec::<String>::new());
    let hex: String = proof.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(holders(&data, hex.as_bytes()), Vec::<String>::new());
    for password in [CHOSEN, TOO_SHORT, GUESSED, CHANGED] {
        assert_eq!(holders(&data, password.as_bytes()), Vec::<String>::new(), "{password}");
    }
    let log = std::fs::read_to_string(place.log()).unwrap();
    for secret in [token, CHOSEN, TOO_SHORT, GUESSED, CHANGED] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}

#[test]
fn the_link_is_in_the_mail_alone_and_a_password_nowhere() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let (token, replies) = live(&process);
    for reply in &replies {
        for secret in [token.as_str(), CHOSEN, TOO_SHORT, GUESSED, CHANGED] {
            assert!(!reply.head.contains(secret) && !reply.body.contains(secret), "{secret} in {reply:?}");
        }
    }
    assert_nowhere_but_in_the_mailbox(&place, &token);
    let (_, ended_well) = process.terminate();
    assert!(ended_well);
    assert_nowhere_but_in_the_mailbox(&place, &token);
}
