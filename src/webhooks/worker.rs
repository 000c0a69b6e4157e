//! The worker: webhooks that are behind read on, and deliveries that are due are leased, sent and settled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus_client::metrics::counter::Counter;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::api::Webhooks;
use super::deliveries::Delivery;
use super::fan_out::read_on;
use super::lease::{lease, release_all};
use super::rows::{self, Webhook, Work};
use super::send::{Came, Message, body, send};
use super::settle::{Landed, settle};
use crate::audit::{self, Record};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::http::Metrics;
use crate::identity::{Tenant, TenantId};
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::stride::rest;
use crate::tenants;

/// How often to look for what is due.
const EVERY: Duration = Duration::from_millis(500);
/// Deliveries on their way from this process.
const IN_FLIGHT_MAX: usize = 64;
/// Those of one tenant: it leaves room to others.
const OF_TENANT_MAX: usize = 16;
/// Steps that a webhook reads on before the others have their turn.
const STEPS: usize = 4;

/// The worker.
pub struct Worker {
    store: Store,
    clock: Clock,
    random: Random,
    webhooks: Webhooks,
    delivered: Counter,
    refused: Counter,
}

/// What is on its way, and what came back and is not written yet.
#[derive(Default)]
struct Hand {
    in_flight: JoinSet<(Work, Landed)>,
    of_tenant: BTreeMap<TenantId, usize>,
    landed: BTreeMap<Work, Vec<Landed>>,
    /// Whose turn it is first, where not all find room.
    turn: usize,
}

impl Worker {
    /// A worker over a store.
    pub fn new(store: Store, clock: Clock, random: Random, webhooks: Webhooks, metrics: &Metrics) -> Self {
        let delivered = metrics.counter("webhook_deliveries", "Events that the servers of webhooks have taken");
        let refused = metrics.counter("webhook_failures", "Attempts to deliver an event that have failed");
        Self { store, clock, random, webhooks, delivered, refused }
    }

    /// Goes on until told to stop; what is on its way then is finished.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let worker = Arc::new(self);
        worker.release().await;
        let (mut hand, mut tick) = (Hand::default(), tokio::time::interval(EVERY));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !*stop.borrow() {
            tokio::select! {
                _ = stop.changed() => {}
                _ = tick.tick() => worker.look(&mut hand).await,
                Some(done) = hand.in_flight.join_next() => worker.land(&mut hand, done.ok()).await,
            }
        }
        while let Some(done) = hand.in_flight.join_next().await {
            hand.take(done.ok());
            worker.write(&mut hand, 0).await;
        }
    }

    /// A process that was killed has left its leases behind.
    async fn release(&self) {
        if !self.store.is_alone() {
            return;
        }
        if let Err(failure) = self.store.write(Scope::HOUSE, release_all).await {
            self.store.tell(&failure, "events that an earlier process had begun to send wait for a while");
        }
    }

    async fn find_work(&self, now: Timestamp) -> Vec<Work> {
        self.store.scan(Scope::HOUSE, move |tx| rows::find_work(tx, now)).await.unwrap_or_else(|failure| {
            self.store.tell(&failure, "webhooks that have something to do could not be looked for");
            Vec::new()
        })
    }

    /// Reads on, and begins what is due.
    async fn look(self: &Arc<Self>, hand: &mut Hand) {
        let mut works = self.find_work(self.clock.now()).await;
        for work in works.iter_mut().filter(|work| work.is_behind) {
            work.is_due |= self.read_on(*work).await;
        }
        works.retain(|work| work.is_due);
        hand.turn = hand.turn.wrapping_add(1);
        let first = hand.turn % works.len().max(1);
        works.rotate_left(first);
        for work in works {
            hand.landed.entry(work.alone()).or_default();
            self.write_one(hand, work.alone(), IN_FLIGHT_MAX).await;
        }
        // What could not be written before.
        self.write(hand, IN_FLIGHT_MAX).await;
    }

    /// Whether it made deliveries.
    async fn read_on(&self, work: Work) -> bool {
        let mut has_made = false;
        for _ in 0..STEPS {
            let begun = Instant::now();
            match read_on(&self.store, work, self.clock.now()).await {
                Ok(Some(made)) => has_made |= made > 0,
                Ok(None) => break,
                Err(failure) => {
                    self.store.tell(&failure, "a webhook did not read on");
                    break;
                }
            }
            if self.store.stats().waiting > 0 {
                tokio::time::sleep(rest(begun.elapsed())).await;
            }
        }
        has_made
    }

    /// What came back is written, and the next ones of the same webhooks are begun.
    async fn land(self: &Arc<Self>, hand: &mut Hand, done: Option<(Work, Landed)>) {
        hand.take(done);
        while let Some(done) = hand.in_flight.try_join_next() {
            hand.take(done.ok());
        }
        self.write(hand, IN_FLIGHT_MAX).await;
    }

    async fn write(self: &Arc<Self>, hand: &mut Hand, most: usize) {
        let works: Vec<_> = hand.landed.keys().copied().collect();
        for work in works {
            self.write_one(hand, work, most).await;
        }
    }

    /// Settles what has landed of one webhook and begins what is due there, in one change. What cannot be written stays.
    async fn write_one(self: &Arc<Self>, hand: &mut Hand, work: Work, most: usize) {
        let Some(landed) = hand.landed.remove(&work) else { return };
        let room = hand.room(work.tenant).min(most);
        if landed.is_empty() && room == 0 {
            return;
        }
        let (now, kept) = (self.clock.now(), landed.clone());
        let verb = move |tx: &mut Tx<'_>| turn(tx, work, &landed, room as i64, now);
        match self.store.write(Scope::of(work.tenant), verb).await {
            Ok(begun) => self.begin(hand, work, begun),
            Err(failure) => {
                self.store.tell(&failure, "what became of events of a webhook was not written yet");
                if matches!(failure.kind, Kind::Unavailable { .. }) && !kept.is_empty() {
                    hand.landed.insert(work, kept);
                }
            }
        }
    }

    fn begin(self: &Arc<Self>, hand: &mut Hand, work: Work, begun: Option<Begun>) {
        let Some(Begun { tenant, webhook, deliveries }) = begun else { return };
        let (tenant, webhook) = (Arc::new(tenant), Arc::new(webhook));
        for (delivery, record) in deliveries {
            *hand.of_tenant.entry(work.tenant).or_default() += 1;
            let (worker, tenant, webhook) = (Arc::clone(self), Arc::clone(&tenant), Arc::clone(&webhook));
            let carried = async move { (work, worker.carry(&tenant, &webhook, &delivery, record).await) };
            hand.in_flight.spawn(carried);
        }
    }

    async fn carry(&self, tenant: &Tenant, webhook: &Webhook, delivery: &Delivery, record: Option<Record>) -> Landed {
        let body = match (&delivery.body, &record) {
            (Some(own), _) => Ok(own.clone()),
            (None, Some(record)) => body(tenant, delivery, record),
            (None, None) => Err(Error::internal("its record is gone")),
        };
        let came = match body {
            Ok(body) => {
                let message = Message { tenant, webhook, id: delivery.id, body };
                send(&self.webhooks.outbound, &self.webhooks.keys, &self.clock, message).await
            }
            Err(_) => Came::unsent("The record of this event cannot be read.".into(), self.clock.now()),
        };
        if came.is_success() {
            self.delivered.inc()
        } else {
            self.refused.inc()
        };
        Landed {
            delivery: delivery.id,
            number: delivery.attempts,
            tries: delivery.tries,
            jitter: u16::from_le_bytes(self.random.bytes()),
            id: self.random.uuid(came.at),
            came,
        }
    }
}

impl Work {
    /// Without what is to be done: the webhook itself.
    fn alone(self) -> Self {
        Self { is_behind: false, is_due: false, ..self }
    }
}

impl Hand {
    fn room(&self, tenant: TenantId) -> usize {
        let of_tenant = self.of_tenant.get(&tenant).copied().unwrap_or_default();
        IN_FLIGHT_MAX.saturating_sub(self.in_flight.len()).min(OF_TENANT_MAX.saturating_sub(of_tenant))
    }

    fn take(&mut self, done: Option<(Work, Landed)>) {
        let Some((work, landed)) = done else { return };
        self.landed.entry(work).or_default().push(landed);
        if let Some(count) = self.of_tenant.get_mut(&work.tenant) {
            *count = count.saturating_sub(1);
        }
        let gone: BTreeSet<_> = self.of_tenant.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
        gone.iter().for_each(|tenant| _ = self.of_tenant.remove(tenant));
    }
}

/// What was begun.
struct Begun {
    tenant: Tenant,
    webhook: Webhook,
    deliveries: Vec<(Delivery, Option<Record>)>,
}

/// One change of a webhook; nothing where it is gone, or where its tenant is not served.
fn turn(tx: &mut Tx<'_>, work: Work, landed: &[Landed], most: i64, now: Timestamp) -> Result<Option<Begun>> {
    let Some(mut webhook) = rows::find(tx, work.tenant, work.webhook)? else { return Ok(None) };
    settle(tx, work.tenant, &mut webhook, landed)?;
    let Some(tenant) = tenants::find_by_id(tx, work.tenant)? else { return Ok(None) };
    let leased = lease(tx, work.tenant, &webhook, most, now)?;
    let ids: Vec<_> = leased.iter().map(|delivery| delivery.record).collect();
    let records = audit::find_each(tx, work.tenant, &ids)?;
    Ok(Some(Begun { tenant, webhook, deliveries: leased.into_iter().zip(records).collect() }))
}
