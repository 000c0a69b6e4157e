//! The bare engine: the very verb of the product, its statements and its durability, one writer, no HTTP.

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tenantry::access::Rights;
use tenantry::clock::Clock;
use tenantry::identity::{Actor, TenantId, UserId};
use tenantry::mail::address::Email;
use tenantry::params;
use tenantry::people;
use tenantry::random::Random;
use tenantry::reset::{Accepted, Ask, Kind, Rules, request};
use tenantry::store::{Group, Scope, Settings, Store};

use crate::Result;
use crate::ask::Draw;

/// The store of a stopped product, opened without it.
pub struct BareEngine {
    store: Store,
    group: Group<Ask, tenantry::error::Result<Accepted>>,
    clock: Clock,
    random: Random,
    tenant: TenantId,
    actor: UserId,
    rights: Arc<Rights>,
    users: u32,
    runtime: tokio::runtime::Runtime,
}

impl BareEngine {
    /// Opens the data directory of a product that made `users` sample users.
    pub fn open(data: &Path, users: u32) -> Result<Self> {
        let clock = Clock::system();
        let store = Store::open(&Settings::embedded(data, 4096), clock.now())?;
        let (tenant, actor, rights) = store.read(Scope::HOUSE, |tx| {
            let tenant: TenantId = tx.one("SELECT id FROM tenants WHERE id <> 0", &[])?.get(0)?;
            let admin = people::find_by_email(tx, tenant, &Email::parse("admin@example.com")?)?;
            let admin =
                admin.ok_or_else(|| tenantry::error::Error::not_found("the sample tenant has no administrator"))?;
            Ok((tenant, admin.id, people::rights_of(tx, tenant, admin.id)?))
        })?;
        // Where the rest of the product has gone, its mails would only wait.
        let key = |ask: &Ask| u64::from_le_bytes(ask.id.as_bytes()[8..].try_into().unwrap_or_default());
        let group = store.group(key, request);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let (random, rights) = (Random::system(), Arc::new(rights));
        Ok(Self { store, group, clock, random, tenant, actor, rights, users, runtime })
    }

    /// The store itself.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Resets every user once, so that as many mails wait.
    pub fn reset_everyone(&self, clients: u32) -> Result<()> {
        let ask = self.ask()?;
        self.runtime.block_on(async {
            let mut working = tokio::task::JoinSet::new();
            for client in 0..clients {
                let (group, clock, random, ask) =
                    (self.group.clone(), self.clock.clone(), self.random.clone(), ask.clone());
                let users = self.users;
                working.spawn(async move {
                    for user in (1..=users).skip(client as usize).step_by(clients as usize) {
                        group.call(Scope::HOUSE, fresh(&ask, user, &clock, &random)).await??;
                    }
                    Ok::<_, tenantry::error::Error>(())
                });
            }
            while let Some(done) = working.join_next().await {
                done??;
            }
            Ok(())
        })
    }

    /// Resets a second with `clients` that each wait for their answer.
    pub fn rate(&self, clients: usize, warm_up: Duration, measured: Duration) -> Result<f64> {
        let (done, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let words = Arc::new(Mutex::new(None));
        let order: Arc<[u32]> = Draw::seeded(clients as u64).shuffled(self.users).into();
        let (next, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
        self.forget_the_past()?;
        let counted = self.runtime.block_on(async {
            for _ in 0..clients {
                let (order, next, stop) = (Arc::clone(&order), Arc::clone(&next), Arc::clone(&stop));
                let (done, refused, words) = (Arc::clone(&done), Arc::clone(&refused), Arc::clone(&words));
                let (group, clock, random, ask) =
                    (self.group.clone(), self.clock.clone(), self.random.clone(), self.ask()?);
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let turn = next.fetch_add(1, Ordering::Relaxed) as usize;
                        if turn.is_multiple_of(order.len()) {
                            clock.advance_seconds(15 * 60);
                        }
                        let one = fresh(&ask, order[turn % order.len()], &clock, &random);
                        match group.call(Scope::HOUSE, one).await {
                            Ok(Ok(_)) => done.fetch_add(1, Ordering::Relaxed),
                            Ok(Err(refusal)) | Err(refusal) => {
                                words.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(refusal.message);
                                refused.fetch_add(1, Ordering::Relaxed)
                            }
                        };
                    }
                });
            }
            tokio::time::sleep(warm_up).await;
            let (before, began) = (done.load(Ordering::Relaxed), Instant::now());
            tokio::time::sleep(measured).await;
            let counted = (done.load(Ordering::Relaxed) - before) as f64 / began.elapsed().as_secs_f64();
            stop.store(true, Ordering::Relaxed);
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>(counted)
        })?;
        if refused.load(Ordering::Relaxed) > 0 {
            let words = words.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default();
            let count = refused.load(Ordering::Relaxed);
            return Err(format!("The bare engine refused {count} resets, the first with: {words}").into());
        }
        Ok(counted)
    }

    /// The passes of an earlier row must not use up the users' hourly mails.
    fn forget_the_past(&self) -> Result<()> {
        let tenant = self.tenant;
        let cleared = self.store.write(Scope::of(tenant), move |tx| {
            tx.run("UPDATE users SET reset_mail_times = '' WHERE tenant = $1", &params![tenant])
        });
        self.runtime.block_on(cleared)?;
        Ok(())
    }

    fn ask(&self) -> Result<Ask> {
        let now = self.clock.now();
        let rules = Rules {
            lifetime_minutes: 60,
            kills_password: true,
            revokes_credentials: false,
            repeat_seconds: 30,
            mails_per_hour: 5,
            budget_per_hour: -1,
        };
        Ok(Ask {
            tenant: self.tenant,
            email: Email::parse("nobody@example.com")?,
            kind: Kind::Administrator,
            actor: Actor {
                user: Some(self.actor),
                name: "admin@example.com".into(),
                credential: Some("dev-token".into()),
                address: Ipv4Addr::LOCALHOST.into(),
                request_id: self.random.uuid(now),
            },
            presumed: None,
            rights: Some(Arc::clone(&self.rights)),
            id: self.random.uuid(now),
            mail: self.random.uuid(now),
            key: 1,
            idempotency: None,
            rules,
            now,
        })
    }
}

fn fresh(ask: &Ask, user: u32, clock: &Clock, random: &Random) -> Ask {
    let now = clock.now();
    let mut ask = ask.clone();
    ask.email = Email::parse(&format!("user{user:05}@example.com")).unwrap_or(ask.email);
    ask.actor.request_id = random.uuid(now);
    ask.id = random.uuid(now);
    ask.mail = random.uuid(now);
    ask.now = now;
    ask
}
