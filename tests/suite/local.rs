//! Calls by the socket in a data directory, as the command line makes them, and with what it never sends.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::Value;

/// The socket of a data directory.
pub struct Local<'a>(pub &'a Path);

impl Local<'_> {
    /// A call without further headers: its status, and its body as JSON.
    pub fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.with("localhost", "", (method, path), body)
    }

    /// A call for this host, with these lines of the head.
    pub fn with(&self, host: &str, lines: &str, (method, path): (&str, &str), body: Option<&Value>) -> (u16, Value) {
        let mut stream = UnixStream::connect(self.0.join("tenantry.sock")).unwrap();
        let body = body.map(Value::to_string).unwrap_or_default();
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}");
        write!(stream, "{head}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{method} {path}: {answer}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}
