//! Lists that the public API answers as a whole, when they are long: they come in parts, and hold each thing once.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::access::USERS;
use crate::process::{Place, Process};

/// The head and the body of the whole answer, as curl reads it.
fn asked(process: &Process, path: &str) -> (String, Value) {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--dump-header", "-", "--header"]);
    curl.arg(process.authorization().trim_end()).arg(format!("{}{path}", process.directions.base_url));
    let said = curl.output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let text = String::from_utf8(said.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_lowercase(), serde_json::from_str(body).unwrap())
}

#[test]
fn a_list_of_many_users_comes_in_parts_and_names_each_once() {
    let place = Place::new();
    // Two full parts and the beginning of a third.
    let process = Process::start(&place, 4_100);
    let (head, list) = asked(&process, USERS);
    assert!(head.contains("\r\ntransfer-encoding: chunked"), "{head}");
    assert!(!head.contains("content-length"), "{head}");
    let emails: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap()).collect();
    assert_eq!(emails.iter().collect::<BTreeSet<_>>().len(), emails.len());
    assert!(emails.is_sorted());
    for nth in 1..=4_100 {
        assert!(emails.binary_search(&format!("user{nth:05}@example.com").as_str()).is_ok(), "{nth} is missing");
    }
    process.kill();
}

#[test]
fn a_short_list_tells_its_length() {
    let place = Place::new();
    let process = Process::start(&place, 0);
    let (head, list) = asked(&process, USERS);
    assert!(head.contains("\r\ncontent-length: "), "{head}");
    assert!(!list["items"].as_array().unwrap().is_empty());
    process.kill();
}
