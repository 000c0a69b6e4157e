//! The real binary in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::dev::Directions;

use crate::wire::{Reply, Wire, request};

/// A directory for the data, with a name of the copied binary.
pub struct Place {
    directory: TempDir,
    shared: Arc<Binary>,
}

/// A copy of the binary, since a build beside a long test would take it away. It is as large as a hundred stores, so all
/// places that are there at a time share one.
struct Binary(TempDir);

impl Binary {
    fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Binary>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let copy = Arc::new(Self::make());
            *shared = Arc::downgrade(&copy);
            copy
        })
    }

    fn make() -> Self {
        let copy = Self(tempfile::tempdir().unwrap());
        std::fs::copy(env!("CARGO_BIN_EXE_tenantry"), copy.file()).unwrap();
        // A child that another test began meanwhile holds the copy open for writing until it runs its own program.
        let is_busy = |tried: &std::io::Result<_>| {
            tried.as_ref().is_err_and(|cause| cause.kind() == std::io::ErrorKind::ExecutableFileBusy)
        };
        while is_busy(&Command::new(copy.file()).arg("--version").output()) {
            thread::sleep(Duration::from_millis(5));
        }
        copy
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("tenantry")
    }
}

impl Place {
    pub fn new() -> Self {
        let place = Self { directory: tempfile::tempdir().unwrap(), shared: Binary::shared() };
        std::fs::hard_link(place.shared.file(), place.binary()).unwrap();
        place
    }

    pub fn binary(&self) -> PathBuf {
        self.directory.path().join("tenantry")
    }

    /// The standard error of every process here.
    pub fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.directory.path().join("data")
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
        Self::start_at(place, &place.data(), users)
    }

    /// On another data directory than the place's own.
    pub fn start_at(place: &Place, data: &std::path::Path, users: usize) -> Self {
        Self::launch(Command::new(place.binary()), place, data, users, &[])
    }

    /// One that speaks https.
    pub fn start_in_tls(place: &Place) -> Self {
        Self::launch(Command::new(place.binary()), place, &place.data(), 0, &["--tls"])
    }

    /// Starts by a command that runs the binary, perhaps under a tracer.
    pub fn start_by(command: Command, place: &Place, users: usize) -> Self {
        Self::launch(command, place, &place.data(), users, &[])
    }

    /// With no more open files than that, as a supervisor may choose.
    pub fn start_with_open_files(place: &Place, most: usize) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", &format!("ulimit -n {most}; exec \"$0\" \"$@\"")]).arg(place.binary());
        Self::start_by(shell, place, 0)
    }

    fn launch(mut command: Command, place: &Place, data: &std::path::Path, users: usize, further: &[&str]) -> Self {
        let users = users.to_string();
        let log = std::fs::OpenOptions::new().create(true).append(true).open(place.log()).unwrap();
        let mut child = command
            .args(["dev", "--listen", "127.0.0.1:0", "--users", &users, "--data"])
            .arg(data)
            .args(further)
            .args(crate::engine::database_of(data).map(|url| format!("--postgres={url}")))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        // It greets when it listens and its directions are written.
        let mut greeting = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = || std::fs::read_to_string(place.log()).unwrap_or_default();
        greeting.next().unwrap_or_else(|| panic!("it does not greet: {}", log())).unwrap();
        let rest = move || greeting.for_each(drop);
        thread::spawn(rest);
        let directions = Directions::read(data).unwrap();
        let address = directions.base_url.split_once("://").unwrap().1.parse().unwrap();
        Self { child, directions, address }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
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

/// It ends with its test.
impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
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
