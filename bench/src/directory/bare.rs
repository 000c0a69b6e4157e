//! The directory without the product: its store, opened in this process, and its verbs.

use std::fs;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tenantry::access::Rights;
use tenantry::act::Act;
use tenantry::clock::Clock;
use tenantry::error::Error;
use tenantry::identity::{Caller, Proof, Tenant};
use tenantry::keys::Keys;
use tenantry::mail::address::Email;
use tenantry::params;
use tenantry::people;
use tenantry::random::Random;
use tenantry::store::{Scope, Settings, Store};
use tenantry::tenants;
use tenantry::users::{self, FirstLink, UserAsk};
use tokio::task::JoinSet;

use crate::Result;

/// The store of a stopped product, opened without it.
pub struct Bare {
    administrator: Administrator,
    runtime: tokio::runtime::Runtime,
}

/// Everything by which the administrator makes users.
#[derive(Clone)]
struct Administrator {
    store: Store,
    keys: Keys,
    random: Random,
    tenant: Arc<Tenant>,
    caller: Arc<Caller>,
}

/// The address of a user who is not there yet.
pub fn new_address(number: u64) -> String {
    format!("new{number:07}@example.com")
}

impl Bare {
    /// A copy of what a stopped product keeps, in a directory inside its own.
    pub fn copy_of(data: &Path) -> Result<Self> {
        let copy = data.join("bare");
        fs::create_dir_all(&copy)?;
        for file in ["tenantry.db", "link.keys"] {
            fs::copy(data.join(file), copy.join(file))?;
        }
        Self::open(&copy)
    }

    /// What a stopped product keeps.
    pub fn open(data: &Path) -> Result<Self> {
        let random = Random::system();
        let store = Store::open(&Settings::embedded(data, 4096), Clock::system().now())?;
        let keys = Keys::open(&data.join("link.keys"), false, &random)?;
        let (tenant, caller) = store.read(Scope::HOUSE, |tx| {
            let tenant = tenants::get_only(tx)?.ok_or_else(|| Error::not_found("there is no sample tenant"))?;
            let admin = people::get_by_email(tx, tenant.id, &Email::parse("admin@example.com")?)?;
            let rights = Arc::new(people::rights_of(tx, tenant.id, admin.id)?);
            let (email, proof) = (admin.email.as_str().to_owned(), Proof::Credential("dev-token".into()));
            Ok((Arc::new(tenant), Arc::new(Caller { user: admin.id, email, proof, rights, proved_at: None })))
        })?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        Ok(Self { administrator: Administrator { store, keys, random, tenant, caller }, runtime })
    }

    /// What the administrator may do.
    pub fn rights(&self) -> &Rights {
        &self.administrator.caller.rights
    }

    /// Reads every user; returns how long that took.
    pub fn read_everyone(&self) -> Result<Duration> {
        let (Administrator { store, tenant, .. }, began) = (&self.administrator, Instant::now());
        store.read(Scope::of(tenant.id), |tx| {
            let mut after = Some(String::new());
            while let Some(last) = after {
                after = users::list(tx, tenant.id, &last, |user| {
                    black_box(user);
                    Ok(())
                })?;
            }
            Ok(())
        })?;
        Ok(began.elapsed())
    }

    /// New users in a second, made for `clients` that each wait for their answer.
    pub fn creations(&self, clients: usize, measured: Duration) -> Result<f64> {
        let (next, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
        self.runtime.block_on(async {
            let mut working = JoinSet::new();
            for _ in 0..clients {
                let (administrator, next) = (self.administrator.clone(), Arc::clone(&next));
                working.spawn(async move {
                    while began.elapsed() < measured {
                        administrator.create(&new_address(next.fetch_add(1, Ordering::Relaxed))).await?;
                    }
                    Ok::<_, Error>(())
                });
            }
            while let Some(done) = working.join_next().await {
                done??;
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(())
        })?;
        Ok(next.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
    }

    /// Writes one text into the row of every user by one statement; returns how long that took, until it was durable.
    pub fn write_everyone(&self, text: String) -> Result<Duration> {
        let (Administrator { store, tenant, .. }, began) = (&self.administrator, Instant::now());
        let tenant = tenant.id;
        let written = store.write(Scope::of(tenant), move |tx| {
            tx.run("UPDATE users SET group_roles = $2 WHERE tenant = $1", &params![tenant, &text])
        });
        self.runtime.block_on(written)?;
        Ok(began.elapsed())
    }

    /// How many users hold roles by groups, as their rows tell it.
    pub fn holders_by_groups(&self) -> Result<i64> {
        let Administrator { store, tenant, .. } = &self.administrator;
        Ok(store.read(Scope::of(tenant.id), |tx| {
            let asked = "SELECT COUNT(*) FROM users WHERE tenant = $1 AND group_roles LIKE '%monitor-role%'";
            tx.one(asked, &params![tenant.id])?.get(0)
        })?)
    }
}

impl Administrator {
    async fn create(&self, email: &str) -> tenantry::error::Result<()> {
        let now = Clock::system().now();
        let actor = self.caller.actor(Ipv4Addr::LOCALHOST.into(), self.random.uuid(now));
        let act = Act { tenant: Arc::clone(&self.tenant), caller: Arc::clone(&self.caller), actor, now, part_of: None };
        let ask = UserAsk { email: Some(email.to_owned()), ..UserAsk::default() };
        let new = users::draw(&ask, &self.random, &act)?;
        let link = FirstLink::draw(&self.keys, &self.random, &act);
        let verb = move |tx: &mut tenantry::store::Tx<'_>| users::create(tx, &new, &[], &link, &act).map(drop);
        self.store.write(Scope::of(self.tenant.id), verb).await
    }
}
