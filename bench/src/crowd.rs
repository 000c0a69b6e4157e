//! The product with several tenants, as a child of this process. Its clients come through a trusted proxy, so that each
//! request can have an address of its own and the bounds for one address do not affect the measurement.

mod made;

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tenantry::clock::Clock;
use tenantry::config::{Config, SmtpSecurity};
use tenantry::house::House;
use tenantry::random::Random;
use tenantry::secret::Secret;
use tokio::net::TcpListener;

use crate::Result;
use crate::ask::Resets;
use crate::child::Child;

/// One password for all: each of them has the same hash.
const PASSWORD: &str = "a lantern over quiet harbour water";
const DIRECTIONS: &str = "crowd.json";
/// The file that the product keeps beside its store.
const KEYS: &str = "link.keys";
/// Making a hundred thousand users takes a while.
const PATIENCE: Duration = Duration::from_secs(600);

/// What to serve.
#[derive(clap::Args)]
pub struct Plan {
    #[arg(long)]
    data: PathBuf,
    #[arg(long)]
    tenants: usize,
    #[arg(long)]
    users: u32,
    #[arg(long, default_value_t = 0)]
    others: u32,
    /// Users of the first tenant, where it has more than the others.
    #[arg(long, default_value_t = 0)]
    first: u32,
    #[arg(long)]
    postgres: Option<String>,
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The port of a relay on this machine, which takes the mails instead of the mailbox.
    #[arg(long)]
    relay: Option<u16>,
}

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Tenants that can be asked.
    pub tenants: usize,
    /// Users in each of them.
    pub users: u32,
    /// Further tenants, of an owner alone.
    pub others: u32,
}

/// How to reach the running product.
#[derive(Clone, Serialize, Deserialize)]
pub struct Directions {
    /// Where it listens.
    pub address: SocketAddr,
    /// Users in each tenant: `user00001@example.com` and so on.
    pub users: u32,
    /// One tenant each.
    pub tenants: Vec<Tenant>,
}

/// A tenant and the token of its owner.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tenant {
    /// Its name.
    pub name: String,
    token: String,
}

impl Tenant {
    /// The token of its owner.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The value of `Host` that names it.
    pub fn host(&self) -> String {
        format!("{}.localhost", self.name)
    }

    /// Resets of its users in passes, as the owner asks for them.
    pub fn resets(&self, users: u32, seed: u64) -> Resets {
        Resets::new(&self.host(), &self.token, users, seed)
    }

    /// The `nth` sign-in with the right password, from an address that nobody has used before.
    pub fn sign_in(&self, users: u32, nth: u64) -> Vec<u8> {
        let body = format!(r#"{{"email":"{}","password":"{PASSWORD}"}}"#, user(users, nth));
        static USED: AtomicU32 = AtomicU32::new(0);
        let address = Ipv4Addr::from_bits(0x0A00_0000 + (USED.fetch_add(1, Ordering::Relaxed) & 0x00FF_FFFF));
        self.post("/signin", &format!("X-Forwarded-For: {address}\r\n"), &body)
    }

    /// The `nth` reset; each asks for another user than the ones just before.
    pub fn reset(&self, users: u32, nth: u64) -> Vec<u8> {
        let body = format!(r#"{{"email":"{}"}}"#, user(users, nth));
        let credential = format!("Authorization: APIToken {}\r\n", self.token);
        self.post("/api/web/custom/password/admin_reset", &credential, &body)
    }

    fn post(&self, path: &str, headers: &str, body: &str) -> Vec<u8> {
        let (host, length) = (self.host(), body.len());
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n");
        format!("{head}{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes()
    }
}

fn user(users: u32, nth: u64) -> String {
    format!("user{:05}@example.com", nth % u64::from(users) + 1)
}

/// The running product.
pub struct Crowd {
    child: Child,
    data: PathBuf,
    postgres: Option<String>,
    relay: Option<u16>,
    /// How to reach it.
    pub directions: Directions,
}

impl Crowd {
    /// Starts it on an empty directory, with its store in an empty PostgreSQL database when there is one, and waits
    /// until it listens.
    pub fn start(data: &Path, tenants: usize, users: u32, postgres: Option<&str>) -> Result<Self> {
        Self::start_at(data, Size { tenants, users, others: 0 }, postgres)
    }

    /// The same, at this size.
    pub fn start_at(data: &Path, size: Size, postgres: Option<&str>) -> Result<Self> {
        Self::start_with_a_large_one(data, size, size.users, postgres)
    }

    /// The same, where the first tenant has so many users.
    pub fn start_with_a_large_one(data: &Path, size: Size, first: u32, postgres: Option<&str>) -> Result<Self> {
        let Size { tenants, users, others } = size;
        let sizes = [("--tenants", tenants), ("--users", users as usize), ("--others", others as usize)];
        let mut line: Vec<String> = vec!["--first".into(), first.to_string()];
        line.extend(sizes.into_iter().flat_map(|(name, number)| [name.into(), number.to_string()]));
        let (child, directions) = spawn(data, &line, postgres)?;
        let postgres = postgres.map(Into::into);
        Ok(Self { child, data: data.to_path_buf(), postgres, relay: None, directions })
    }

    /// Kills it and starts it on what it has written, at the same address: as a server that has made no users itself. Its mails
    /// go to the relay at this port, or into its mailbox.
    pub fn served_again(mut self, relay: Option<u16>) -> Result<Self> {
        self.kill()?;
        self.relay = relay;
        self.revive()?;
        Ok(self)
    }

    /// Starts it again after [`Crowd::kill`], as it was.
    pub fn revive(&mut self) -> Result<()> {
        fs::remove_file(self.data.join(DIRECTIONS))?;
        let address = self.directions.address.to_string();
        let mut line: Vec<String> = ["--tenants", "0", "--users", "0", "--listen"].map(Into::into).to_vec();
        line.push(address);
        if let Some(port) = self.relay {
            line.extend(["--relay".into(), port.to_string()]);
        }
        self.child = spawn(&self.data, &line, self.postgres.as_deref())?.0;
        Ok(())
    }

    /// Kills it, and returns when it is gone.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(process) = Pid::from_raw(self.child.id().cast_signed()) {
            kill_process(process, Signal::KILL)?;
        }
        while self.child.ended()?.is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }

    /// One more process on the database of this one, with the keys of this one; it serves the same tenants.
    pub fn companion(&self, postgres: &str) -> Result<Self> {
        let data = tempfile::tempdir_in(&self.data)?.keep();
        fs::copy(self.data.join(KEYS), data.join(KEYS))?;
        Self::start(&data, 0, 0, Some(postgres))
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Ends it without draining, since its data is not needed any more.
    pub fn stop(mut self) -> Result<()> {
        self.kill()
    }
}

fn spawn(data: &Path, line: &[String], postgres: Option<&str>) -> Result<(Child, Directions)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("crowd").arg("--data").arg(data).args(line);
    if let Some(url) = postgres {
        command.arg("--postgres").arg(url);
    }
    let mut child = Child::spawn(command.stdin(Stdio::null()))?;
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let written = fs::read(data.join(DIRECTIONS)).ok();
        if let Some(directions) = written.and_then(|text| serde_json::from_slice(&text).ok()) {
            return Ok((child, directions));
        }
        if let Some(status) = child.ended()? {
            return Err(format!("The product ended at once ({status}).").into());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err("The product did not start.".into())
}

/// Makes the tenants, writes the directions, and serves until the process is ended.
pub fn serve(plan: &Plan) -> Result<()> {
    // As many threads as the product itself takes.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(plan.listen).await?;
        let address = listener.local_addr()?;
        let mut config = Config::for_dev(address, &plan.data);
        config.http.trusted_proxies = vec!["127.0.0.1".parse().map_err(|_| "An address that cannot be read.")?];
        config.store.postgres = plan.postgres.clone().map(Secret::new);
        if let Some(port) = plan.relay {
            config.smtp.host = Some("127.0.0.1".into());
            config.smtp.port = port;
            config.smtp.security = SmtpSecurity::None;
            config.smtp.from = "id@example.com".into();
        }
        let house = House::open(config, Clock::system(), Random::system())?;
        let made = made::tenants(&house, plan).await?;
        let directions = Directions { address, users: plan.users, tenants: made };
        let (unfinished, whole) = (plan.data.join("crowd.part"), plan.data.join(DIRECTIONS));
        fs::write(&unfinished, serde_json::to_vec(&directions)?)?;
        fs::rename(unfinished, whole)?;
        house.serve(listener, std::future::pending()).await?;
        Ok(())
    })
}
