//! An installation that is made to be injured: two tenants, sample users, a relay, and the product in production mode.

use std::fs::{self, File, OpenOptions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tenantry::clock::{Clock, Timestamp};
use tenantry::secret::Secret;
use tenantry::store::{PostgresSettings, Settings};

use super::wire::{Door, Wire};
use crate::Result;
use crate::child::Child;
use crate::product::{Directions, Product};

/// A start that takes longer than this is no recovery.
const START_PATIENCE: Duration = Duration::from_secs(60);
/// Connections for reading the database.
const READERS: usize = 4;
const TENANT: &str = "example-corp";

/// How the product finds its relay.
#[derive(Debug, Clone)]
pub struct ToRelay {
    /// The port on this machine.
    pub port: u16,
    /// The certificate that signs the relay's; without one the way is in clear.
    pub ca_pem: Option<String>,
}

/// Where the store of an installation is.
#[derive(Debug, Clone, Default)]
pub enum Stored {
    /// In its data directory.
    #[default]
    Embedded,
    /// In a database: the product uses `url`, the oracle uses `behind`, past any proxy.
    Postgres { url: String, behind: String },
}

/// The installation.
pub struct Place {
    root: PathBuf,
    /// Gone with the place.
    _directory: TempDir,
    port: u16,
    stored: Stored,
    /// The administrator and the sample users.
    pub directions: Directions,
}

impl Place {
    /// Makes one in `directory` with `users` sample users, whose settings let a storm through: every ask is a reset of
    /// its own, and mails are not counted by the hour.
    pub fn make(directory: TempDir, users: u32, relay: &ToRelay, further: &str, stored: Stored) -> Result<Self> {
        let root = directory.path().to_path_buf();
        let data = root.join("data");
        let sample = match &stored {
            Stored::Embedded => Product::start(&data, users)?,
            Stored::Postgres { url, .. } => Product::start_on(&data, users, Some(url))?,
        };
        let directions = sample.directions.clone();
        sample.stop()?;
        // The port was free a moment ago, and the system assigns others before this one again.
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let place = Self { root, _directory: directory, port, stored, directions };
        fs::write(place.config(), place.settings(relay, further)?)?;
        // It may name a database, which is nobody else's business.
        fs::set_permissions(place.config(), fs::Permissions::from_mode(0o600))?;
        let config = place.config();
        let with = |line: &[&str]| place.verb(line, &config);
        // The last setting is for people who try out which of their passwords is valid.
        let storm = ["reset_repeat_seconds=0", "reset_mails_per_hour=1000", "sign_in_failures_max=100"];
        with(&[&["tenant", "set", TENANT], &storm[..]].concat())?;
        with(&["init", "--tenant", "bystander", "--email", "owner@example.org"])?;
        Ok(place)
    }

    fn settings(&self, relay: &ToRelay, further: &str) -> Result<String> {
        let port = self.port;
        let (host, security, ca) = match &relay.ca_pem {
            None => ("127.0.0.1", "none", String::new()),
            Some(pem) => {
                let file = self.root.join("relay-ca.pem");
                fs::write(&file, pem)?;
                ("localhost", "starttls", format!("ca_file = {file:?}\n"))
            }
        };
        let postgres = match &self.stored {
            Stored::Embedded => String::new(),
            Stored::Postgres { url, .. } => format!("postgres = {url:?}\n"),
        };
        Ok(format!(
            "[http]\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"http://{{tenant}}.localhost:{port}\"\n\
             trusted_proxies = [\"127.0.0.0/8\"]\n{further}\n\
             [store]\ndata_dir = {:?}\n{postgres}\
             [smtp]\nhost = \"{host}\"\nport = {}\nsecurity = \"{security}\"\nfrom = \"id@example.com\"\n{ca}\
             [log]\nlevel = \"info\"\n",
            self.data(),
            relay.port
        ))
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Whether its store lies in its data directory.
    pub fn is_embedded(&self) -> bool {
        matches!(self.stored, Stored::Embedded)
    }

    /// Its store, to be opened without the product.
    pub fn store(&self) -> Settings {
        match &self.stored {
            Stored::Embedded => Settings::embedded(self.data(), 16),
            Stored::Postgres { behind, .. } => Settings {
                postgres: Some(PostgresSettings {
                    schema: None,
                    silence: PostgresSettings::SILENCE,
                    url: Secret::new(behind.clone()),
                    ca_file: None,
                    readers_max: READERS,
                }),
                ..Settings::embedded(self.data(), 16)
            },
        }
    }

    /// The standard error of every process here.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }

    /// Flushes the files written by this harness, for a disk that forgets. The product must flush its own.
    pub fn flush_settings(&self) -> Result<()> {
        for entry in fs::read_dir(&self.root)? {
            let path = entry?.path();
            if path.is_file() {
                File::open(path)?.sync_all()?;
            }
        }
        Ok(File::open(&self.root)?.sync_all()?)
    }

    fn config(&self) -> PathBuf {
        self.root.join("tenantry.toml")
    }

    /// Where clients knock.
    pub fn door(&self) -> Door {
        Door {
            address: SocketAddr::from(([127, 0, 0, 1], self.port)),
            host: format!("{TENANT}.localhost:{}", self.port),
            api_token: self.directions.api_token.clone(),
        }
    }

    fn verb(&self, line: &[&str], config: &Path) -> Result<()> {
        let ended =
            Command::new(std::env::current_exe()?).arg("product").args(line).arg("--config").arg(config).output()?;
        if ended.status.success() {
            return Ok(());
        }
        Err(format!("tenantry {} failed: {}", line.join(" "), String::from_utf8_lossy(&ended.stderr)).into())
    }

    /// Starts `serve` with the command `before` in front, such as a tracer, and does not wait.
    pub fn spawn_behind(&self, before: &[String]) -> Result<Served> {
        self.spawn(before, self.door(), &[])
    }

    /// Starts a further `serve` on the same store, at a port of its own, with other settings than the first one, and does not
    /// wait.
    pub fn spawn_beside(&self, settings: &[(&str, &str)]) -> Result<Served> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        self.spawn(&[], Door { address, ..self.door() }, settings)
    }

    fn spawn(&self, before: &[String], door: Door, settings: &[(&str, &str)]) -> Result<Served> {
        let program = std::env::current_exe()?;
        let mut command = match before.split_first() {
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
            None => Command::new(program),
        };
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        command.args(["product", "serve", "--config"]).arg(self.config());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.env("TENANTRY_HTTP_LISTEN", door.address.to_string()).envs(settings.iter().copied());
        let (spawned_at, log) = (Instant::now(), self.log());
        Ok(Served { child: Child::spawn(&mut command)?, door, spawned_at, log })
    }

    /// Starts `serve` and waits until it is ready.
    pub fn serve(&self) -> Result<Served> {
        let mut served = self.spawn_behind(&[])?;
        served.wait_until_ready()?;
        Ok(served)
    }
}

/// The running product.
pub struct Served {
    /// Its process.
    pub child: Child,
    /// Where it listens.
    pub door: Door,
    /// When it was started.
    pub spawned_at: Instant,
    log: PathBuf,
}

impl Served {
    /// Waits for its first 200 on `/readyz`. Fails if it ends before.
    pub fn wait_until_ready(&mut self) -> Result<()> {
        while self.spawned_at.elapsed() < START_PATIENCE {
            let mut wire = Wire::to(&self.door, 1);
            if wire.get("/readyz").is_some_and(|reply| reply.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.child.ended()? {
                let said = fs::read_to_string(&self.log).unwrap_or_default();
                let last = said.lines().last().unwrap_or_default();
                return Err(format!("The product ended before it was ready: {status}. It said: {last}").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Err(format!("The product was not ready within {} s.", START_PATIENCE.as_secs()).into())
    }

    /// kill -9.
    pub fn kill(self) {
        // Dropping a child kills it and waits for its end.
        drop(self.child);
    }

    /// SIGTERM; it drains and ends.
    pub fn stop(self) -> Result<()> {
        self.child.stop()
    }
}

/// The present moment, for a store that is opened without the product.
pub fn now() -> Timestamp {
    Clock::system().now()
}
