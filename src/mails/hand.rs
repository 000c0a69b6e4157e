//! What the worker has in hand: mails on their way, attempts that are to be written, and what it may still lease.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::Interval;
use uuid::Uuid;

use super::fate::Job;
use super::pace::{self, MAILS_MAX, TICK};
use super::settle::Attempt;
use crate::identity::TenantId;

/// Mails that are leased in one change.
const BATCH: usize = 64;
/// Mails on their way at the same time.
const IN_FLIGHT_MAX: usize = 256;

/// All of it.
pub(super) struct Hand {
    /// Mails on their way.
    pub(super) in_flight: JoinSet<Attempt>,
    /// Attempts whose outcome is not written yet.
    pub(super) landed: Vec<Attempt>,
    /// What was leased and has no outcome in the store yet, with the end of the lease by a clock that nobody sets. That of
    /// the store may be set on by more than a lease while a mail is on its way; the mail must not leave a second time.
    leases: HashMap<(TenantId, Uuid), Instant>,
    /// How many mails may be leased until the next tick.
    pub(super) credit: usize,
    /// When the worker looks for due mail again.
    pub(super) tick: Interval,
    /// Whether the next turn looks for due mail.
    pub(super) may_look: bool,
    /// Writes of others when the pace was last set, and when that was.
    seen: (u64, Instant),
}

impl Hand {
    /// Empty, at a moment with so many writes of others.
    pub(super) fn new(foreign_writes: u64) -> Self {
        Self {
            in_flight: JoinSet::new(),
            landed: Vec::new(),
            leases: HashMap::new(),
            credit: MAILS_MAX,
            tick: tokio::time::interval(TICK),
            may_look: true,
            seen: (foreign_writes, Instant::now()),
        }
    }

    /// Takes in what has landed; how many mails to look for.
    pub(super) fn gather(&mut self) -> usize {
        self.landed.extend(std::iter::from_fn(|| self.in_flight.try_join_next()).filter_map(Result::ok));
        if self.may_look { BATCH.min(self.credit).min(self.places()) } else { 0 }
    }

    /// A mail that was leased for so long.
    pub(super) fn take(&mut self, job: &Job, lease: Duration) {
        self.leases.insert((job.tenant, job.id), Instant::now() + lease);
    }

    /// Whether a mail is on its way, or its outcome is not written yet.
    pub(super) fn holds(&self, job: &Job) -> bool {
        self.leases.contains_key(&(job.tenant, job.id))
    }

    /// After the outcome of these was written.
    pub(super) fn let_go(&mut self, written: &[Attempt]) {
        for attempt in written {
            self.leases.remove(&(attempt.job.tenant, attempt.job.id));
        }
    }

    /// Whether a further mail could be leased now.
    pub(super) fn has_room(&self) -> bool {
        self.credit > 0 && self.places() > 0
    }

    fn places(&self) -> usize {
        IN_FLIGHT_MAX.saturating_sub(self.in_flight.len())
    }

    /// Sets the pace until the next tick, and lets the worker look.
    pub(super) fn begin_tick(&mut self, foreign_writes: u64) {
        let (now, (seen, since)) = (Instant::now(), self.seen);
        let pace = pace::after(foreign_writes.saturating_sub(seen), now.duration_since(since));
        self.seen = (foreign_writes, now);
        self.leases.retain(|_, end| *end > now);
        self.credit = pace.mails;
        self.tick.reset_after(pace.wait);
        self.may_look = true;
    }
}
