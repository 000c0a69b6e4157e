//! Several `tenantry serve` on one PostgreSQL database and one key file, with a relay for their mails.

use std::fs::OpenOptions;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tenantry::clock::Clock;
use tenantry::config::Config;
use tenantry::dev::{Sample, prepare};
use tenantry::house::House;
use tenantry::random::Random;
use tenantry::secret::Secret;
use tokio::runtime::Runtime;

use crate::command_line::{Ended, tenantry};
use crate::relay::{Mail, Relay, Script};
use crate::wire::{Reply, Wire, request};

/// A database with the sample tenant, and the files that its processes share.
pub struct Fleet {
    directory: TempDir,
    url: String,
    /// Where their mails go.
    pub relay: Relay,
    /// The users of the sample tenant.
    pub sample: Sample,
    /// Drives the relay.
    _runtime: Runtime,
}

/// One process of it.
pub struct Served {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Fleet {
    /// On an empty database, with `users` further users in the sample tenant.
    pub fn new(url: String, users: u32) -> Self {
        Self::with(url, users, |_| {})
    }

    /// The same with a tenant that begins with other settings.
    pub fn with(url: String, users: u32, change: impl FnOnce(&mut Config)) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let relay = runtime.block_on(Relay::start(Script::default()));
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::for_dev(free(), directory.path());
        config.store.postgres = Some(Secret::new(url.clone()));
        change(&mut config);
        let house = House::open(config, Clock::system(), Random::system()).unwrap();
        let sample = runtime.block_on(prepare(&house, users)).unwrap();
        house.store.close();
        Self { directory, url, relay, sample, _runtime: runtime }
    }

    /// A process on a free address.
    pub fn serve(&self) -> Served {
        self.serve_at(free())
    }

    /// A process where one was before.
    pub fn serve_at(&self, address: SocketAddr) -> Served {
        self.serve_with(address, &[])
    }

    /// A process with settings of its own, each the name of a variable and its value.
    pub fn serve_with(&self, address: SocketAddr, settings: &[(&str, &str)]) -> Served {
        let log = OpenOptions::new().create(true).append(true).open(self.log()).unwrap();
        let mut command = self.command(address);
        command.envs(settings.iter().copied());
        let child = command.stdout(Stdio::null()).stderr(log).spawn().unwrap();
        let served = Served { child, address };
        for _ in 0..2_000 {
            if served.is_ready() {
                return served;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("a process does not get ready: {}", std::fs::read_to_string(self.log()).unwrap());
    }

    /// The standard output of a command run beside the processes.
    pub fn said(&self, line: &[&str]) -> String {
        String::from_utf8(self.verb(line).output().unwrap().stdout).unwrap()
    }

    /// How a process ends that refuses to start.
    pub fn refused(&self) -> String {
        self.refused_with(&[])
    }

    /// The same of one with settings of its own.
    pub fn refused_with(&self, settings: &[(&str, &str)]) -> String {
        Ended::from(self.command(free()).envs(settings.iter().copied()).output().unwrap()).refused()
    }

    /// The header line of the owner's token.
    pub fn authorization(&self) -> String {
        format!("Authorization: APIToken {}\r\n", self.sample.api_token)
    }

    /// The request that resets the password of a sample user, counted from 1.
    pub fn reset(&self, number: usize) -> String {
        let body = json!({ "email": format!("user{number:05}@example.com") }).to_string();
        request("POST", "/api/web/custom/password/admin_reset", &self.authorization(), &body)
    }

    /// Every mail to this address that the relay has taken.
    pub fn mails(&self, email: &str) -> Vec<Mail> {
        self.relay.mails().into_iter().filter(|mail| mail.taken && mail.to == [email]).collect()
    }

    /// The code in the first mail to this address, once it has arrived.
    pub fn code(&self, email: &str) -> String {
        for _ in 0..3_000 {
            if let Some(mail) = self.mails(email).first() {
                return code(mail).expect("the mail has a link");
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("no mail came to {email}");
    }

    /// The log of its processes.
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap()
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("log")
    }

    fn command(&self, address: SocketAddr) -> Command {
        let mut command = self.verb(&["serve"]);
        command.env("TENANTRY_HTTP_LISTEN", address.to_string());
        command
    }

    fn verb(&self, line: &[&str]) -> Command {
        let mut command = tenantry(self.directory.path(), line);
        for (name, value) in [
            ("TENANTRY_STORE_DATA_DIR", self.directory.path().display().to_string()),
            ("TENANTRY_STORE_POSTGRES", self.url.clone()),
            ("TENANTRY_HTTP_PUBLIC_URL", "http://{tenant}.localhost:9999".into()),
            ("TENANTRY_HTTP_TRUSTED_PROXIES", "127.0.0.0/8".into()),
            ("TENANTRY_PASSWORDS_THREADS", "1".into()),
        ] {
            command.env(name, value);
        }
        command.envs(self.relay.settings());
        command
    }
}

impl Served {
    /// Whether it says that it may be sent to.
    pub fn is_ready(&self) -> bool {
        let probe = request("GET", "/readyz", "", "");
        Wire::to(self.address).call(probe).is_some_and(|reply| reply.status == 200)
    }

    /// SIGTERM, and whether it ended well.
    pub fn drain(mut self) -> bool {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

/// It ends with its test.
impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The id of the reset, if it was acknowledged. The only other allowed answer is 503 with `Retry-After`.
pub fn acknowledged(reply: &Reply) -> Option<String> {
    match reply.status {
        200 => Some(reply.header("tenantry-reset-id").unwrap().to_owned()),
        503 => {
            assert!(reply.header("retry-after").is_some(), "{reply:?}");
            None
        }
        status => panic!("{status}: {}", reply.body),
    }
}

/// The code of the link in a mail, lines that were broken for the way put together.
pub fn code(mail: &Mail) -> Option<String> {
    let text = String::from_utf8_lossy(&mail.raw).replace("=\r\n", "").replace("=3D", "=").replace("=23", "#");
    let after = text.split_once("/reset#")?.1;
    Some(after.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect())
}

/// A free port; the system assigns others before this one again.
pub fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}
