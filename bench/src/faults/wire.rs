//! A client of the product as it stands anywhere in the world: one kept connection, and no trust in it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::ledger::{Ask, Fate};
use crate::answer::Answer;
use crate::ask::Draw;

/// Longer than any answer takes that is still worth having.
const PATIENCE: Duration = Duration::from_secs(30);
const ADMIN_RESET: &str = "/api/web/custom/password/admin_reset";

/// The product's address and host name, and the token to use.
#[derive(Debug, Clone)]
pub struct Door {
    /// The address to connect to.
    pub address: SocketAddr,
    /// The value of `Host`, which names the tenant.
    pub host: String,
    /// The administrator's token.
    pub api_token: String,
}

/// A complete answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    head: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// The body as JSON, null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// One client.
pub struct Wire {
    door: Door,
    stream: Option<TcpStream>,
    arrived: Vec<u8>,
    draw: Draw,
}

impl Wire {
    /// A client that connects when it first asks; `seed` chooses the addresses it seems to come from.
    pub fn to(door: &Door, seed: u64) -> Self {
        Self { door: door.clone(), stream: None, arrived: Vec::new(), draw: Draw::seeded(seed) }
    }

    /// Asks for a reset.
    pub fn reset(&mut self, ask: &Ask) -> Fate {
        let key = ask.key.as_ref().map(|key| format!("Idempotency-Key: {key}\r\n")).unwrap_or_default();
        let headers = format!("Authorization: APIToken {}\r\n{key}", self.door.api_token);
        let Some(reply) = self.post(ADMIN_RESET, &headers, &json!({ "email": ask.email })) else {
            return Fate::Unanswered;
        };
        let id = reply.header("tenantry-reset-id").and_then(|id| Uuid::parse_str(id).ok());
        match (reply.status, id) {
            (200, Some(id)) => Fate::Acknowledged(id),
            (500.., _) if is_in_doubt(&reply) => Fate::Unanswered,
            (500.., _) => Fate::Denied(reply.status),
            (200, None) => Fate::Unanswered,
            (status, _) => Fate::Refused(status),
        }
    }

    /// Chooses a password by a link; the status, if there was an answer.
    pub fn redeem(&mut self, token: &str, password: &str) -> Option<u16> {
        let headers = self.some_address();
        Some(self.post("/reset", &headers, &json!({ "token": token, "password": password }))?.status)
    }

    /// Signs in; the whole answer, if there was one.
    pub fn sign_in(&mut self, email: &str, password: &str) -> Option<Reply> {
        let headers = self.some_address();
        self.post("/signin", &headers, &json!({ "email": email, "password": password }))
    }

    /// A GET as the administrator.
    pub fn get(&mut self, path: &str) -> Option<Reply> {
        let Door { host, api_token, .. } = &self.door;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: APIToken {api_token}\r\n\r\n");
        self.exchange(request.as_bytes())
    }

    /// A POST of JSON with further header lines.
    pub fn post(&mut self, path: &str, headers: &str, body: &Value) -> Option<Reply> {
        let (host, body) = (&self.door.host, body.to_string());
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.exchange(request.as_bytes())
    }

    /// Guesses are counted by network address, and one machine that plays a whole town must not look like one guesser:
    /// the product trusts this proxy.
    fn some_address(&mut self) -> String {
        let mut part = || self.draw.up_to(250);
        format!("X-Forwarded-For: 10.{}.{}.{}\r\n", part(), part(), part())
    }

    /// `None` if no complete answer came back, whatever the reason: it is then unknown what was done.
    pub fn exchange(&mut self, request: &[u8]) -> Option<Reply> {
        let reply = self.try_to_exchange(request);
        if reply.is_none() {
            self.stream = None;
        }
        reply
    }

    fn try_to_exchange(&mut self, request: &[u8]) -> Option<Reply> {
        if self.stream.is_none() {
            self.stream = Some(connect(self.door.address)?);
        }
        let stream = self.stream.as_mut()?;
        self.arrived.clear();
        stream.write_all(request).ok()?;
        let mut piece = [0; 8192];
        loop {
            if let Some(answer) = Answer::read(&self.arrived).ok()? {
                let head = String::from_utf8_lossy(&self.arrived[..answer.body_from]).into_owned();
                let body = self.arrived[answer.body_from..answer.ends_at].to_vec();
                if !answer.keeps_alive {
                    self.stream = None;
                }
                return Some(Reply { status: answer.status, head, body });
            }
            match stream.read(&mut piece).ok()? {
                0 => return None,
                count => self.arrived.extend_from_slice(&piece[..count]),
            }
        }
    }
}

/// Whether an answer says itself that nobody knows.
fn is_in_doubt(reply: &Reply) -> bool {
    let said = String::from_utf8_lossy(&reply.body);
    said.contains("is not known") || said.contains("may have been done")
}

fn connect(address: SocketAddr) -> Option<TcpStream> {
    let stream = TcpStream::connect(address).ok()?;
    stream.set_nodelay(true).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    Some(stream)
}
