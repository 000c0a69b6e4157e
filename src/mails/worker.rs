//! The worker: mails that are due are leased, made and sent, and what became of them is written.
//!
//! Where the store is known to have no other process, what is leased when this one starts leaves at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use super::ahead;
use super::compose::{Drafted, compose};
use super::fate::Job;
use super::hand::Hand;
use super::lease::{find_due, lease};
use super::letter::Letters;
use super::settle::settle;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::mail::address::Email;
use crate::mail::carrier::Carrier;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};

/// A lease is longer than any attempt lasts by so much.
const LEASE_MARGIN: Duration = Duration::from_secs(15);

/// The worker.
pub struct Worker {
    store: Store,
    pub(super) clock: Clock,
    pub(super) random: Random,
    letters: Arc<Letters>,
    pub(super) carrier: Arc<Carrier>,
    /// The sender when a tenant has none of its own.
    pub(super) from: Email,
    /// Writes of this worker itself, to tell them from everyone else's.
    own_writes: AtomicU64,
}

impl Worker {
    /// A worker over a store.
    pub fn new(
        store: Store,
        clock: Clock,
        random: Random,
        letters: Letters,
        carrier: Arc<Carrier>,
        from: Email,
    ) -> Self {
        Self { store, clock, random, letters: Arc::new(letters), carrier, from, own_writes: AtomicU64::new(0) }
    }

    /// Sends what is due until told to stop; what is on its way then is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        worker.release().await;
        let mut hand = Hand::new(worker.foreign_writes());
        while !*stop.borrow() {
            worker.turn(&mut hand).await;
            if hand.may_look && hand.has_room() {
                continue;
            }
            tokio::select! {
                _ = stop.changed() => {}
                _ = hand.tick.tick() => hand.begin_tick(worker.foreign_writes()),
                // In a rush, without credit, what landed waits until the next tick to share a change.
                Some(done) = hand.in_flight.join_next(), if hand.credit > 0 => hand.landed.extend(done.ok()),
            }
        }
        worker.finish(hand).await;
    }

    /// Writes what becomes of the mails on their way, each at once: the process may not be given the time until the last.
    async fn finish(self: Arc<Self>, mut hand: Hand) {
        hand.credit = 0;
        loop {
            self.turn(&mut hand).await;
            let Some(done) = hand.in_flight.join_next().await else { break };
            hand.landed.extend(done.ok());
        }
        self.carrier.rest().await;
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

    /// Writes what became of the mails that landed, leases the next ones in the same change, and sends them off. It may
    /// look again at once when it found as many as it wanted: then more are due.
    async fn turn(self: &Arc<Self>, hand: &mut Hand) {
        let wanted = hand.gather();
        let made = self.settle_and_lease(hand, wanted).await.unwrap_or_else(|failure| {
            self.store.tell(&failure, "waiting mail could not be read or written");
            Vec::new()
        });
        hand.may_look = wanted > 0 && made.len() == wanted;
        hand.credit -= made.len();
        for (job, draft) in made {
            hand.take(&job, self.lease());
            let worker = Arc::clone(self);
            hand.in_flight.spawn(async move { worker.carry(job, draft).await });
        }
    }

    /// What cannot be written now stays in `landed`.
    async fn settle_and_lease(self: &Arc<Self>, hand: &mut Hand, most: usize) -> Result<Vec<(Job, Drafted)>> {
        let now = self.clock.now();
        let find = move |worker: &Self| worker.store.read(Scope::HOUSE, |tx| find_due(tx, now, most));
        let mut due = if most > 0 { self.beside(find).await?? } else { Vec::new() };
        due.retain(|(job, _)| !hand.holds(job));
        if due.is_empty() && hand.landed.is_empty() {
            return Ok(Vec::new());
        }
        let (attempts, letters, until) = (hand.landed.clone(), Arc::clone(&self.letters), self.leased_until(now));
        let turn = move |tx: &mut Tx<'_>| {
            settle(tx, &letters, &attempts)?;
            let leased = lease(tx, &due, until)?;
            letters.leaving(tx, &leased, now).map(|()| leased)
        };
        match self.write(turn).await {
            Ok(leased) => {
                let written = std::mem::take(&mut hand.landed);
                hand.let_go(&written);
                self.beside(move |worker| compose(&worker.store, &worker.letters, leased, worker.clock.now())).await
            }
            Err(failure) if is_passing(&failure) => Err(failure),
            Err(failure) => {
                self.settle_alone(hand).await;
                Err(failure)
            }
        }
    }

    fn lease(&self) -> Duration {
        self.carrier.patience() + LEASE_MARGIN
    }

    fn leased_until(&self, now: Timestamp) -> Timestamp {
        now.plus_seconds(i64::try_from(self.lease().as_secs()).unwrap_or(i64::MAX))
    }

    /// Each attempt in a change of its own, so that one which cannot be written costs the others only time.
    async fn settle_alone(&self, hand: &mut Hand) {
        for one in std::mem::take(&mut hand.landed) {
            let (attempt, letters) = (one.clone(), Arc::clone(&self.letters));
            match self.write(move |tx| settle(tx, &letters, std::slice::from_ref(&attempt))).await {
                Ok(()) => hand.let_go(&[one]),
                Err(failure) if is_passing(&failure) => hand.landed.push(one),
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
        let worker = Arc::clone(self);
        tokio::task::spawn_blocking(move || work(&worker)).await.map_err(Error::internal)
    }
}

/// Whether the store may take later what it does not take now.
fn is_passing(failure: &Error) -> bool {
    matches!(failure.kind, Kind::Unavailable { .. })
}
