//! From the outbox to the relay: mails that are due are leased, made, sent, and their fate is written.
//!
//! A lease is nothing but a due time in the near future: a process that dies leaves its mails to be
//! sent by the next one, with the same link and the same Message-ID. So a mail goes out at least once. Where the store
//! is known to have no other process, what is leased when this one starts leaves at once.

mod ahead;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::address::Email;
use super::carrier::Carrier;
use super::message::{Mailbox, Message};
use super::smtp::{Accepted, Refused};
use super::texts::Text;
use crate::audit::{self, Event, Outcome};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::identity::{Actor, TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::store::{Row, Scope, Store, Tx};

pub use ahead::bring_back;

/// A mail that waits.
#[derive(Debug, Clone)]
pub struct Job {
    /// In which tenant.
    pub tenant: TenantId,
    /// Its id, also in its Message-ID.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// To whom; their address is read when it leaves.
    pub user: UserId,
    /// About which reset.
    pub reset: Option<Uuid>,
    /// What else it says, as JSON.
    pub facts: String,
    /// When it was queued: its Date.
    pub queued_at: Timestamp,
    /// When it is no longer of use.
    pub give_up_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// A mail as the room that queued it makes it.
pub struct Draft {
    /// The recipient's address as stored.
    pub to: String,
    /// Their name, may be empty.
    pub to_name: String,
    /// The sender's name.
    pub sender_name: String,
    /// The sender's address, when the tenant has its own.
    pub from: Option<String>,
    /// Where answers go.
    pub reply_to: Option<String>,
    /// Subject and both parts.
    pub text: Text,
}

/// Makes the mails of a tenant when they leave, in their order. None where there is no more point in one.
pub trait Compose: Send + Sync {
    /// Mails are about to leave: told in the change that leases them, before they are made.
    ///
    /// # Errors
    /// Those of the store; then none is leased.
    fn leaving(&self, tx: &mut Tx<'_>, jobs: &[Job], now: Timestamp) -> Result<()>;

    /// # Errors
    /// Those of the store, then for all of them, and what is wrong with one alone; they are tried again.
    fn compose(&self, tx: &mut Tx<'_>, tenant: TenantId, jobs: &[Job], now: Timestamp) -> Result<Drafts>;
}

/// One for each job.
pub type Drafts = Vec<Result<Option<Draft>>>;

/// A leased mail as it is to leave.
type Made = (Job, Result<Option<Draft>>);

/// The worker.
pub struct Outbox {
    store: Store,
    clock: Clock,
    random: Random,
    composer: Arc<dyn Compose>,
    carrier: Arc<Carrier>,
    /// The sender when a tenant has none of its own.
    from: Email,
    /// Writes of this worker itself, to tell them from everyone else's.
    own_writes: AtomicU64,
}

/// A lease is longer than any attempt lasts by so much.
const LEASE_MARGIN: Duration = Duration::from_secs(15);
const BATCH: usize = 64;
const IN_FLIGHT_MAX: usize = 256;
/// More than can be carried in one tick.
const CREDIT_MAX: usize = 1024;
const TICK: Duration = Duration::from_millis(50);
/// Writes of others in a second above which the API is busy and the worker steps back. What hashes passwords stays far
/// below; only a rush of resets is above.
const RUSH_WRITES: u64 = 500;
/// Then one mail leaves for so many writes of others, and more of them share the changes that they cost, so that mail
/// costs the rush little.
const RUSH_SHARE: u64 = 20;
const RUSH_TICK: Duration = Duration::from_millis(250);
/// Until a mail is leased again that found every connection busy: that is no failure, and the next waits grow no longer.
const UNTRIED_SECONDS: i64 = 1;
/// Seconds until the next attempt; the last one repeats. Greylisting lets the second or third pass.
const RETRY_SECONDS: [i64; 7] = [5, 20, 60, 120, 300, 600, 1200];

impl Outbox {
    /// A worker over a store.
    pub fn new(
        store: Store,
        (clock, random): (Clock, Random),
        composer: Arc<dyn Compose>,
        carrier: Arc<Carrier>,
        from: Email,
    ) -> Self {
        Self { store, clock, random, composer, carrier, from, own_writes: AtomicU64::new(0) }
    }

    /// Sends what is due until told to stop; what is on its way then is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let outbox = Arc::new(self);
        outbox.release().await;
        let (mut in_flight, mut settled) = (JoinSet::new(), Vec::new());
        let mut pace = Pace { seen: outbox.foreign_writes(), since: Instant::now() };
        let (mut credit, mut is_time_to_look) = (CREDIT_MAX, true);
        let mut tick = tokio::time::interval(TICK);
        while !*stop.borrow() {
            settled.extend(std::iter::from_fn(|| in_flight.try_join_next()).filter_map(Result::ok));
            let free = IN_FLIGHT_MAX.saturating_sub(in_flight.len());
            let wanted = if is_time_to_look { BATCH.min(credit).min(free) } else { 0 };
            let leased = outbox.turn(&mut settled, wanted).await;
            let is_more_due = wanted > 0 && leased.len() == wanted;
            credit -= leased.len();
            for (job, draft) in leased {
                let outbox = Arc::clone(&outbox);
                in_flight.spawn(async move { outbox.carry(job, draft).await });
            }
            if is_more_due && credit > 0 && in_flight.len() < IN_FLIGHT_MAX {
                continue;
            }
            is_time_to_look = tokio::select! {
                _ = stop.changed() => false,
                _ = tick.tick() => {
                    let (most, wait) = pace.next(outbox.foreign_writes(), Instant::now());
                    credit = most;
                    tick.reset_after(wait);
                    true
                }
                // Beside a rush, what became of a mail waits until the next tick for more of its kind.
                Some(done) = in_flight.join_next(), if credit > 0 => {
                    settled.extend(done.ok());
                    is_more_due
                }
            };
        }
        // Each at once: the process may not be given the time until the last.
        loop {
            outbox.turn(&mut settled, 0).await;
            let Some(done) = in_flight.join_next().await else { break };
            settled.extend(done.ok());
        }
        outbox.carrier.rest().await;
    }

    /// A process that was killed has left its leases behind.
    async fn release(&self) {
        if !self.store.is_alone() {
            return;
        }
        let now = self.clock.now();
        let released = self.write(move |tx| ahead::release_all(tx, now)).await;
        if let Err(failure) = released {
            self.store.tell(&failure, "mails that an earlier process had leased wait for the end of the lease");
        }
    }

    fn foreign_writes(&self) -> u64 {
        self.store.stats().writes.saturating_sub(self.own_writes.load(Ordering::Relaxed))
    }

    /// Writes what became of the mails that left and leases the next ones, at most so many, in one change. What cannot be
    /// written now stays in `settled`.
    async fn turn(self: &Arc<Self>, settled: &mut Vec<Settled>, most: usize) -> Vec<Made> {
        self.try_turn(settled, most).await.unwrap_or_else(|failure| {
            self.store.tell(&failure, "the outbox could not be read or written");
            Vec::new()
        })
    }

    fn leased_until(&self, now: Timestamp) -> Timestamp {
        let seconds = (self.carrier.patience() + LEASE_MARGIN).as_secs();
        now.plus_seconds(i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    async fn try_turn(self: &Arc<Self>, settled: &mut Vec<Settled>, most: usize) -> Result<Vec<Made>> {
        let now = self.clock.now();
        let find = move |outbox: &Self| outbox.store.read(Scope::HOUSE, |tx| find_due(tx, now, most));
        let due = if most > 0 { self.beside(find).await?? } else { Vec::new() };
        if due.is_empty() && settled.is_empty() {
            return Ok(Vec::new());
        }
        let (fates, until) = (settled.clone(), self.leased_until(now));
        let composer = Arc::clone(&self.composer);
        let turn = move |tx: &mut Tx<'_>| {
            settle(tx, &fates)?;
            let leased = lease(tx, &due, until)?;
            composer.leaving(tx, &leased, now).map(|()| leased)
        };
        let written = self.write(turn).await;
        match written {
            Ok(leased) => {
                settled.clear();
                self.beside(|outbox| outbox.compose(leased)).await
            }
            Err(failure) if is_passing(&failure) => Err(failure),
            Err(failure) => {
                self.settle_alone(settled).await;
                Err(failure)
            }
        }
    }

    /// Each fate in a change of its own, so that one which cannot be written costs the others only time.
    async fn settle_alone(&self, settled: &mut Vec<Settled>) {
        for one in std::mem::take(settled) {
            let fate = one.clone();
            match self.write(move |tx| settle(tx, std::slice::from_ref(&fate))).await {
                Ok(()) => {}
                Err(failure) if is_passing(&failure) => settled.push(one),
                Err(failure) => tracing::warn!(%failure, "the fate of a mail was not written; it will be sent again"),
            }
        }
    }

    async fn write<T: Send + 'static>(&self, verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        self.own_writes.fetch_add(1, Ordering::Relaxed);
        self.store.write(Scope::HOUSE, verb).await
    }

    /// Reads many rows, for which those who wait for an answer must not wait.
    async fn beside<T: Send + 'static>(self: &Arc<Self>, work: impl FnOnce(&Self) -> T + Send + 'static) -> Result<T> {
        let outbox = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&outbox)).await.map_err(Error::internal)
    }

    /// Those of a tenant in one read.
    fn compose(&self, jobs: Vec<Job>) -> Vec<Made> {
        let now = self.clock.now();
        let drafts = jobs.chunk_by(|one, next| one.tenant == next.tenant).flat_map(|jobs| {
            let tenant = jobs[0].tenant;
            let made = self.store.read(Scope::of(tenant), |tx| self.composer.compose(tx, tenant, jobs, now));
            made.unwrap_or_else(|failure| jobs.iter().map(|_| Err(failure.retold())).collect())
        });
        let drafts: Vec<_> = drafts.collect();
        jobs.into_iter().zip(drafts).collect()
    }

    async fn carry(&self, job: Job, draft: Result<Option<Draft>>) -> Settled {
        let fate = match draft.and_then(|draft| draft.map(|draft| self.message(&job, draft)).transpose()) {
            Ok(Some(message)) => match self.carrier.send(&message).await {
                Ok(accepted) => Fate::Sent(accepted),
                Err(refused) => Fate::Refused(refused),
            },
            Ok(None) => Fate::Pointless,
            Err(failure) => {
                tracing::error!(cause = ?failure.cause, "a mail could not be made: {failure}");
                let words = "The mail could not be made.".into();
                Fate::Refused(Refused { permanent: false, words, code: None, is_untried: false })
            }
        };
        let now = self.clock.now();
        // Spread, so that what was refused together does not come back together.
        let jitter = i64::from(self.random.bytes::<1>()[0]) * 4_000;
        Settled { job, fate, now, jitter, record: self.random.uuid(now) }
    }

    fn message(&self, job: &Job, draft: Draft) -> Result<Message> {
        let from = draft.from.as_deref().map(Email::parse).transpose()?.unwrap_or_else(|| self.from.clone());
        let to = Email::parse(&draft.to)?;
        let name = |name: String| (!name.is_empty()).then_some(name);
        Ok(Message {
            message_id: format!("{}@{}", job.id.simple(), self.from.domain()),
            from: Mailbox { name: name(draft.sender_name), address: from },
            reply_to: draft.reply_to.as_deref().map(Email::parse).transpose()?.map(Mailbox::bare),
            to: Mailbox { name: name(draft.to_name), address: to },
            subject: draft.text.subject,
            text: draft.text.text,
            html: draft.text.html,
            date: job.queued_at,
        })
    }
}

/// How much mail may leave until the next tick, and when that is.
struct Pace {
    seen: u64,
    since: Instant,
}

impl Pace {
    /// As much as can be carried while the API is quiet, else a share of what the API does. At least one: mail
    /// never stands still. A turn may take longer than a tick, so the time that has passed counts.
    fn next(&mut self, foreign_writes: u64, now: Instant) -> (usize, Duration) {
        let foreign = foreign_writes.saturating_sub(self.seen);
        let passed = now.duration_since(self.since).max(TICK);
        *self = Self { seen: foreign_writes, since: now };
        if u128::from(foreign) * 1_000 <= u128::from(RUSH_WRITES) * passed.as_millis() {
            return (CREDIT_MAX, TICK);
        }
        (usize::try_from(foreign / RUSH_SHARE).unwrap_or(CREDIT_MAX).max(1), RUSH_TICK)
    }
}

/// The tenants with mail that is due: one look into the index for each. `EXISTS` would let a planner walk through all
/// mails that are due instead.
const TENANTS: &str = "SELECT t.id FROM tenants t WHERE (SELECT m.due_at FROM mails m
    WHERE m.tenant = t.id AND m.sent_at IS NULL AND m.failed_at IS NULL ORDER BY m.due_at LIMIT 1) <= $1 ORDER BY t.id";
const DUE: &str =
    "SELECT tenant, id, kind, user_id, reset_id, facts, queued_at, give_up_at, attempts, due_at FROM mails
    WHERE tenant = $1 AND due_at <= $2 AND sent_at IS NULL AND failed_at IS NULL ORDER BY due_at LIMIT $3";
/// The index of what is due must not tempt anyone here: the key leads to the row. Words of the relay stand there again
/// when this attempt has its own: until then their absence tells that it is leased.
const LEASE: &str = "UPDATE mails SET due_at = $4, attempts = attempts + 1, relay_words = NULL
    WHERE tenant = $1 AND id = $2 AND due_at = $3 AND COALESCE(sent_at, failed_at) IS NULL";

/// What is due: an equal share of each tenant's, so that the flood of one holds up no other, then whatever
/// there is, up to `most`.
fn find_due(tx: &mut Tx<'_>, now: Timestamp, most: usize) -> Result<Vec<(Job, Timestamp)>> {
    let tenants = tx.all(TENANTS, &params![now])?;
    let tenants = tenants.iter().map(|row| row.get(0)).collect::<Result<Vec<TenantId>>>()?;
    let share = most.div_ceil(tenants.len().max(1));
    // Where there are more tenants than places, another one begins each time.
    let first = usize::try_from(now.0 / 1_000).unwrap_or(0) % tenants.len().max(1);
    let in_turn = || tenants.iter().cycle().skip(first).take(tenants.len());
    let mut due = Vec::new();
    for (passed_over, wanted) in [(0, share), (share, most)] {
        for tenant in in_turn() {
            let wanted = wanted.min(most - due.len());
            if wanted > 0 {
                due.extend(due_of(tx, *tenant, now, passed_over + wanted)?.into_iter().skip(passed_over));
            }
        }
    }
    Ok(due)
}

fn due_of(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp, most: usize) -> Result<Vec<(Job, Timestamp)>> {
    let rows = tx.all(DUE, &params![tenant, now, most as i64])?;
    rows.iter().map(|row| Ok((read(row)?, row.get(9)?))).collect()
}

/// Takes those that are still as they were found, until then.
fn lease(tx: &mut Tx<'_>, jobs: &[(Job, Timestamp)], until: Timestamp) -> Result<Vec<Job>> {
    let rows: Vec<_> = jobs.iter().map(|(job, due_at)| params![job.tenant, &job.id, *due_at, until]).collect();
    let leased = tx.each(LEASE, &rows)?;
    Ok(jobs.iter().zip(leased).filter(|(_, answer)| answer.changed == 1).map(|((job, _), _)| job.clone()).collect())
}

fn read(row: &Row) -> Result<Job> {
    Ok(Job {
        tenant: row.get(0)?,
        id: row.get(1)?,
        kind: row.get(2)?,
        user: row.get(3)?,
        reset: row.get(4)?,
        facts: row.get(5)?,
        queued_at: row.get(6)?,
        give_up_at: row.get(7)?,
        attempts: row.get::<i64>(8)? + 1,
    })
}

/// Whether the store may take later what it does not take now.
fn is_passing(failure: &Error) -> bool {
    matches!(failure.kind, Kind::Unavailable { .. })
}

/// What became of an attempt.
#[derive(Clone)]
struct Settled {
    job: Job,
    fate: Fate,
    now: Timestamp,
    jitter: i64,
    record: Uuid,
}

#[derive(Clone)]
enum Fate {
    Sent(Accepted),
    Refused(Refused),
    /// The reset is over or the user is gone.
    Pointless,
}

const SENT: &str = "UPDATE mails SET sent_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2";
/// Another mail of the same reset may have been given up before.
const MAILED: &str = "UPDATE resets SET mailed_at = COALESCE(mailed_at, $3), undeliverable_at = NULL, relay_words = $4
    WHERE tenant = $1 AND id = $2";
const FAILED: &str = "UPDATE mails SET failed_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2";
const UNDELIVERABLE: &str = "UPDATE resets SET undeliverable_at = $3, relay_words = $4
    WHERE tenant = $1 AND id = $2 AND mailed_at IS NULL";
const AGAIN: &str = "UPDATE mails SET due_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2";
const UNTRIED: &str = "UPDATE mails SET due_at = $3, attempts = attempts - 1 WHERE tenant = $1 AND id = $2";
const WORDS: &str = "UPDATE resets SET relay_words = $3 WHERE tenant = $1 AND id = $2";

fn settle(tx: &mut Tx<'_>, all: &[Settled]) -> Result<()> {
    settle_sent(tx, all)?;
    settle_pointless(tx, all)?;
    all.iter().try_for_each(|settled| settle_refused(tx, settled))
}

fn settle_pointless(tx: &mut Tx<'_>, all: &[Settled]) -> Result<()> {
    let pointless = all.iter().filter(|settled| matches!(settled.fate, Fate::Pointless));
    let mut pointless: Vec<_> = pointless.map(|settled| (&settled.job, settled.now)).collect();
    pointless.sort_by_key(|(job, _)| (job.reset, job.id));
    let mails = pointless.iter().map(|(job, now)| params![job.tenant, &job.id, *now, "No longer needed."]);
    tx.each(FAILED, &mails.collect::<Vec<_>>()).map(drop)
}

/// Nearly all of them, and so in few statements. In the order of their ids, in which a request supersedes resets too:
/// two who take rows in one order never wait for each other.
fn settle_sent(tx: &mut Tx<'_>, all: &[Settled]) -> Result<()> {
    let sent = all.iter().filter_map(|settled| match &settled.fate {
        Fate::Sent(Accepted { reply }) => Some((&settled.job, settled.now, reply)),
        Fate::Refused(_) | Fate::Pointless => None,
    });
    let mut sent: Vec<_> = sent.collect();
    sent.sort_by_key(|(job, ..)| (job.reset, job.id));
    let mails: Vec<_> = sent.iter().map(|(job, now, reply)| params![job.tenant, &job.id, *now, *reply]).collect();
    tx.each(SENT, &mails)?;
    let resets =
        sent.iter().filter_map(|(job, now, reply)| Some(params![job.tenant, job.reset.as_ref()?, *now, *reply]));
    tx.each(MAILED, &resets.collect::<Vec<_>>()).map(drop)
}

fn settle_refused(tx: &mut Tx<'_>, settled: &Settled) -> Result<()> {
    let Settled { job, fate: Fate::Refused(refused), now, jitter, .. } = settled else { return Ok(()) };
    let wait = if refused.is_untried { UNTRIED_SECONDS } else { retry_seconds(job.attempts) };
    let next = Timestamp(now.plus_seconds(wait).0 + jitter);
    if refused.permanent || next >= job.give_up_at {
        return give_up(tx, settled, &refused.words);
    }
    if refused.is_untried {
        return tx.run(UNTRIED, &params![job.tenant, &job.id, next]).map(drop);
    }
    tx.run(AGAIN, &params![job.tenant, &job.id, next, &refused.words])?;
    if let Some(reset) = &job.reset {
        tx.run(WORDS, &params![job.tenant, reset, &refused.words])?;
    }
    Ok(())
}

fn retry_seconds(attempts: i64) -> i64 {
    let nth = usize::try_from(attempts - 1).unwrap_or(0).min(RETRY_SECONDS.len() - 1);
    RETRY_SECONDS[nth]
}

/// The relay did not take it while it was of use: the administrator must learn that.
fn give_up(tx: &mut Tx<'_>, settled: &Settled, words: &str) -> Result<()> {
    let Settled { job, now, record, .. } = settled;
    tx.run(FAILED, &params![job.tenant, &job.id, *now, words])?;
    if let Some(reset) = &job.reset {
        tx.run(UNDELIVERABLE, &params![job.tenant, reset, *now, words])?;
    }
    let actor = Actor {
        user: None,
        name: "mail".into(),
        credential: None,
        address: std::net::Ipv4Addr::UNSPECIFIED.into(),
        request_id: *record,
    };
    let subject = job.reset.unwrap_or(job.id).to_string();
    let facts = json!({ "mail": job.kind, "attempts": job.attempts, "relay": words });
    let (tenant, at, outcome) = (job.tenant, *now, Outcome::Refused);
    audit::record(tx, &Event { tenant, at, action: "mail.give_up", outcome, actor: &actor, subject: &subject, facts })
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
