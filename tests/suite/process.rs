//! The real binary in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::dev::Directions;

use crate::wire::{Reply, Wire, request};

/// A directory for the data, and a copy of the binary, since a build beside a long test would take it away.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        std::fs::copy(env!("CARGO_BIN_EXE_tenantry"), place.binary()).unwrap();
        place
    }

    pub fn binary(&self) -> PathBuf {
        self.0.path().join("tenantry")
    }

    /// What every process here wrote to standard error.
    pub fn log(&self) -> PathBuf {
        self.0.path().join("log")
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }
}

/// A running `tenantry dev`.
pub struct Process {
    child: Child,
    pub directions: Directions,
    pub address: SocketAddr,
}

impl Process {
    pub fn start(place: &Place, users: usize) -> Self {
        Self::start_as(Command::new(place.binary()), place, users)
    }

    /// With no more open files than that, as a supervisor may choose.
    pub fn start_with_open_files(place: &Place, most: usize) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]).arg(place.binary());
        Self::start_as(shell, place, 0)
    }

    fn start_as(mut command: Command, place: &Place, users: usize) -> Self {
        let users = users.to_string();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(place.log()).unwrap();
        let mut child = command
            .args(["dev", "--listen", "127.0.0.1:0", "--users", &users, "--data"])
            .arg(place.data())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        // It greets when it listens and its directions are written.
        let mut greeting = BufReader::new(child.stdout.take().unwrap()).lines();
        greeting.next().expect("it greets").unwrap();
        let rest = move || greeting.for_each(drop);
        thread::spawn(rest);
        let directions = Directions::read(&place.data()).unwrap();
        let address = directions.base_url.strip_prefix("http://").unwrap().parse().unwrap();
        Self { child, directions, address }
    }

    /// The header line of the owner's token.
    pub fn authorization(&self) -> String {
        format!("Authorization: APIToken {}\r\n", self.directions.api_token)
    }

    /// Resident memory, in KiB.
    pub fn resident_kib(&self) -> i64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse().unwrap()
    }

    /// How many files it has open, connections among them.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).unwrap().count()
    }

    /// GET as the owner.
    pub fn get(&self, path: &str) -> Reply {
        Wire::to(self.address).call(request("GET", path, &self.authorization(), "")).expect("an answer")
    }

    pub fn move_clock(&self, seconds: usize) {
        let ask = request("POST", "/dev/clock", "", &json!({ "advance_seconds": seconds }).to_string());
        assert_eq!(Wire::to(self.address).call(ask).unwrap().status, 200);
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as an operator or a supervisor sends it; how long it took to end, and whether it ended well.
    pub fn terminate(mut self) -> (Duration, bool) {
        let begun = Instant::now();
        let sent = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(sent.success());
        let ended = self.child.wait().unwrap();
        (begun.elapsed(), ended.success())
    }
}

/// The token of the one mail that is in the mailbox, or will soon be.
pub fn mailed_token(process: &Process) -> String {
    for _ in 0..400 {
        let list = request("GET", "/dev/mailbox", "Accept: application/json\r\n", "");
        let mails: Value = serde_json::from_str(&Wire::to(process.address).call(list).unwrap().body).unwrap();
        if let Some(link) = mails.as_array().unwrap().iter().find_map(|mail| mail["link"].as_str()) {
            return link.split_once('#').unwrap().1.to_string();
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("no mail came");
}
