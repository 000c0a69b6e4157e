//! The product with several tenants, as a child of this process. Its clients come through a trusted proxy, so that each
//! request can have an address of its own and the bounds for one address do not affect the measurement.

use std::collections::HashSet;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tenantry::access::Grant;
use tenantry::clock::{Clock, Timestamp};
use tenantry::config::Config;
use tenantry::credentials::{self, CredentialKind, NewCredential, Token};
use tenantry::house::House;
use tenantry::identity::{Actor, ResetSettings, TenantId};
use tenantry::mail::address::Email;
use tenantry::people::{self, NewUser};
use tenantry::random::Random;
use tenantry::secret::Secret;
use tenantry::store::{Scope, Tx};
use tenantry::tenants::{self, NewTenant};
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
/// Users that are made in one transaction.
const TOGETHER: usize = 1_000;

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
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("crowd").arg("--data").arg(data);
        let Size { tenants, users, others } = size;
        for (name, number) in [("--tenants", tenants), ("--users", users as usize), ("--others", others as usize)] {
            command.arg(name).arg(number.to_string());
        }
        command.arg("--first").arg(first.to_string());
        if let Some(url) = postgres {
            command.arg("--postgres").arg(url);
        }
        let mut child = Child::spawn(command.stdin(Stdio::null()))?;
        let since = Instant::now();
        while since.elapsed() < PATIENCE {
            let written = fs::read(data.join(DIRECTIONS)).ok();
            if let Some(directions) = written.and_then(|text| serde_json::from_slice(&text).ok()) {
                return Ok(Self { child, data: data.to_path_buf(), directions });
            }
            if let Some(status) = child.ended()? {
                return Err(format!("The product ended at once ({status}).").into());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Err("The product did not start.".into())
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
        if let Some(process) = Pid::from_raw(self.child.id().cast_signed()) {
            kill_process(process, Signal::KILL)?;
        }
        while self.child.ended()?.is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(())
    }
}

/// Makes the tenants, writes the directions, and serves until the process is ended.
pub fn serve(plan: &Plan) -> Result<()> {
    // As many threads as the product itself takes.
    let threads = std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut config = Config::for_dev(address, &plan.data);
        config.http.trusted_proxies = vec!["127.0.0.1".parse().map_err(|_| "An address that cannot be read.")?];
        config.store.postgres = plan.postgres.clone().map(Secret::new);
        let house = House::open(config, Clock::system(), Random::system())?;
        let made = tenants(&house, plan).await?;
        let directions = Directions { address, users: plan.users, tenants: made };
        let (unfinished, whole) = (plan.data.join("crowd.part"), plan.data.join(DIRECTIONS));
        fs::write(&unfinished, serde_json::to_vec(&directions)?)?;
        fs::rename(unfinished, whole)?;
        house.serve(listener, std::future::pending()).await?;
        Ok(())
    })
}

async fn tenants(house: &House, plan: &Plan) -> Result<Vec<Tenant>> {
    let hash = house.hasher.hash(Secret::new(PASSWORD.into()), Instant::now() + PATIENCE).await?;
    let mut made = Vec::new();
    for number in 0..plan.tenants {
        let (id, tenant) = tenant(house, &format!("tenant-{number}"), &hash).await?;
        let users = if number == 0 { plan.first.max(plan.users) } else { plan.users };
        add_users(house, id, users, &hash).await?;
        made.push(tenant);
    }
    let others: Vec<u32> = (0..plan.others).collect();
    let mut numbers = HashSet::new();
    for some in others.chunks(TOGETHER) {
        others_at_once(house, some, &mut numbers, &hash).await?;
    }
    Ok(made)
}

/// Of a hundred thousand numbers drawn two are the same, more often than not.
async fn others_at_once(house: &House, some: &[u32], numbers: &mut HashSet<TenantId>, hash: &str) -> Result<()> {
    let mut drawn_once = |nth: &u32| loop {
        match drawn(house, &format!("other-{nth}"), hash)?.0 {
            drawn if numbers.insert(drawn.new.id) => return Ok(drawn),
            _ => {}
        }
    };
    let drawn = some.iter().map(&mut drawn_once).collect::<Result<Vec<_>>>()?;
    house.store.write(Scope::HOUSE, move |tx| drawn.iter().try_for_each(|one| one.insert(tx))).await?;
    Ok(())
}

/// A tenant that is not in the store yet.
struct Drawn {
    new: NewTenant,
    owner: NewUser,
    credential: NewCredential,
    actor: Actor,
    now: Timestamp,
}

impl Drawn {
    fn insert(&self, tx: &mut Tx<'_>) -> tenantry::error::Result<()> {
        tenants::create(tx, &self.new, &self.actor, self.now)?;
        people::insert(tx, self.new.id, &self.owner, "bench", self.now)?;
        credentials::insert(tx, self.new.id, &self.credential, "bench", self.now)
    }
}

async fn tenant(house: &House, name: &str, hash: &str) -> Result<(TenantId, Tenant)> {
    let (drawn, token) = drawn(house, name, hash)?;
    let id = drawn.new.id;
    house.store.write(Scope::HOUSE, move |tx| drawn.insert(tx)).await?;
    Ok((id, Tenant { name: name.into(), token: token.expose().into() }))
}

fn drawn(house: &House, name: &str, hash: &str) -> Result<(Drawn, Token)> {
    let (random, now) = (&house.random, house.clock.now());
    // Each ask is a reset of its own, as often as the measurement needs it.
    let mut settings = tenants::usual_settings(&house.config, name);
    settings.reset =
        ResetSettings { repeat_seconds: 0, mails_per_hour: 1_000_000, budget_per_hour: -1, ..settings.reset };
    let new = NewTenant::draw(name, settings, random, now)?;
    let token = Token::draw(random);
    let (user, credential, request_id) = (None, None, random.uuid(now));
    let actor = Actor { user, name: "bench".into(), credential, address: Ipv4Addr::LOCALHOST.into(), request_id };
    let owner = person(house, "owner@example.com", hash)?;
    let owner = NewUser { is_owner: true, grants: Grant::of_an_owner(), ..owner };
    let credential = NewCredential {
        name: "bench-token".into(),
        uid: random.uuid(now),
        kind: CredentialKind::Token,
        user: owner.id,
        secret_hash: token.hash(),
        expires_at: now.plus_seconds(365 * 24 * 3600),
        narrowed_to: None,
    };
    Ok((Drawn { new, owner, credential, actor, now }, token))
}

async fn add_users(house: &House, tenant: TenantId, count: u32, hash: &str) -> Result<()> {
    let everyone: Vec<u64> = (0..count.into()).collect();
    for some in everyone.chunks(TOGETHER) {
        let people = some.iter().map(|&nth| person(house, &user(count, nth), hash)).collect::<Result<Vec<_>>>()?;
        let now = house.clock.now();
        let insert = move |tx: &mut Tx<'_>| people::insert_all(tx, tenant, &people, "bench", now);
        house.store.write(Scope::HOUSE, insert).await?;
    }
    Ok(())
}

fn person(house: &House, email: &str, hash: &str) -> Result<NewUser> {
    let new = NewUser::person(Email::parse(email)?, &house.random, house.clock.now());
    Ok(NewUser { password_hash: Some(hash.into()), ..new })
}
