//! Lists that the public API answers as a whole, when they are long: they come in parts, and hold each thing once.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::access::USERS;
use crate::process::{Place, Process};
use crate::wire::request;

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

#[test]
fn a_server_that_stops_lets_a_client_read_its_list_to_the_end() {
    let place = Place::new();
    let mut command = Command::new(place.binary());
    command.env("TENANTRY_HTTP_DRAIN_SECONDS", "300");
    // More than the buffers of the connection take: the rest is made when the client goes on.
    let process = Process::start_by(command, &place, 40_000);
    let mut stream = TcpStream::connect(process.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(request("GET", USERS, &process.authorization(), "").as_bytes()).unwrap();
    let mut text = vec![0; 1_000];
    stream.read_exact(&mut text).unwrap();
    let stopping = thread::spawn(move || process.terminate());
    // Longer than a server waits that has nothing under way.
    thread::sleep(Duration::from_secs(2));
    assert!(!stopping.is_finished(), "it has not waited for the client");
    stream.read_to_end(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.contains("user00001@example.com") && text.contains("user40000@example.com"));
    assert!(text.ends_with("]}\r\n0\r\n\r\n"), "{}", &text[text.len() - 100..]);
    assert!(stopping.join().unwrap().1);
}
