//! Deletes expired rows, and corrects times stamped by a clock that ran ahead. Correctness never depends on the
//! deletion: every query checks the expiry time itself.
//!
//! A round looks at what is over, by its time, however many tenants there are. Each tenant is looked at where there is a cause:
//! at the start and after a clock was set back, since times may lie ahead; when an operator asks; and once a day.

mod asleep;
mod removed;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::audit::AuditKey;
use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::identity::TenantId;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::{
    addresses, bulk, credentials, factors, heads, incidents, mails, people, reset, sessions, sign_in, tenants,
    transfer, webhooks,
};

const EVERY: Duration = Duration::from_secs(600);
/// How soon to try again after the store refused, and how often while a step of the clock has not settled.
const AGAIN: Duration = Duration::from_secs(5);
/// Calls that were under way when the clock was set back may still write a time from before the step.
const UNDER_WAY: Duration = Duration::from_secs(60);
/// How often each tenant is looked at without another cause: mails grow old, and a process whose clock ran ahead may be gone.
const EACH_TENANT_EVERY: Duration = Duration::from_secs(24 * 3600);
/// Tenants whose ids are read at once.
const PAGE: i64 = 1_000;
/// How often to check whether the clock was set back.
const LOOK: Duration = Duration::from_secs(1);
/// Users of an older release whose words are made at once, and deliveries that are forgotten, in slices of one transaction each; the
/// rest has its turn later.
const SLICES: usize = 20;
/// Sent and failed mails are kept long enough to answer questions about them; the reset itself stays.
const MAIL_DAYS: i64 = 30;
/// So long the rows of an import can be looked at by their numbers.
const IMPORT_DAYS: i64 = 30;
/// So long the users of a plan can be looked at.
const BULK_DAYS: i64 = 30;
/// So long the deliveries of a webhook can be looked at.
const DELIVERY_DAYS: i64 = 30;
/// Rows stay this long after they expire, so a clock that jumps ahead and back deletes nothing that still counts.
const LEEWAY_SECONDS: i64 = 10 * 24 * 3600;

/// Takes away what is over, in rounds: one at a time, whether the clock or an operator asks for it.
#[derive(Clone)]
pub struct Housekeeping(Arc<Parts>);

struct Parts {
    store: Store,
    clock: Clock,
    random: Random,
    /// The key over the audit chains.
    audit_key: AuditKey,
    /// Held during a round.
    turn: tokio::sync::Mutex<()>,
    last: Mutex<Option<Round>>,
}

/// A round that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Whether nothing is left to do at once.
    pub has_all: bool,
    /// Why something was left undone, as the store has said it.
    pub failure: Option<String>,
}

impl Housekeeping {
    /// Over an open store.
    pub fn new(store: &Store, clock: &Clock, random: &Random, audit_key: AuditKey) -> Self {
        let (store, clock, random) = (store.clone(), clock.clone(), random.clone());
        Self(Arc::new(Parts {
            store,
            clock,
            random,
            audit_key,
            turn: tokio::sync::Mutex::default(),
            last: Mutex::default(),
        }))
    }

    /// The last round that has ended.
    pub fn last(&self) -> Option<Round> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes round once, to each tenant too, behind the round that is under way.
    pub async fn go_round(&self) -> Round {
        self.round(true).await
    }

    async fn round(&self, to_each_tenant: bool) -> Round {
        let parts = &*self.0;
        let _turn = parts.turn.lock().await;
        let began_at = parts.clock.now();
        let tidied = tidy_all(&parts.store, &parts.clock, to_each_tenant).await;
        let (deleted, looked) = (removed::delete_all(parts).await, asleep::look_at_all(parts).await);
        for (failure, what) in [
            (tidied.as_ref().err(), "what is over was not tidied away"),
            (deleted.as_ref().err(), "a removed tenant was not deleted"),
            (looked.as_ref().err(), "users who are inactive were not looked for"),
        ] {
            if let Some(failure) = failure {
                parts.store.tell(failure, what);
            }
        }
        let failure = tidied.as_ref().err().or(deleted.as_ref().err()).or(looked.as_ref().err());
        let failure = failure.map(|failure| failure.message.clone());
        let has_all = failure.is_none() && [tidied, looked].into_iter().all(|done| done.is_ok_and(|has_all| has_all));
        let round = Round { began_at, ended_at: parts.clock.now(), has_all, failure };
        *parts.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(round.clone());
        round
    }

    /// Runs every ten minutes, and every few seconds for a while after the clock was set back, until told to stop.
    pub async fn keep_house(self, mut stop: watch::Receiver<bool>) {
        let start = Instant::now();
        let (mut next, mut each_tenant, mut unsettled_until) = (start, start, start);
        while !*stop.borrow() {
            if self.0.clock.was_set_back() {
                let now = Instant::now();
                (next, each_tenant, unsettled_until) = (now, now, now + UNDER_WAY);
            }
            if Instant::now() >= next {
                let to_each_tenant = Instant::now() >= each_tenant;
                let round = self.round(to_each_tenant).await;
                let is_over = Instant::now() >= unsettled_until;
                if to_each_tenant && round.failure.is_none() && is_over {
                    each_tenant = Instant::now() + EACH_TENANT_EVERY;
                }
                next = Instant::now() + if round.has_all && is_over { EVERY } else { AGAIN };
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}

/// Makes the words of users whom an older release has written. Whether all have theirs.
async fn make_words(store: &Store) -> Result<bool> {
    for _ in 0..SLICES {
        let Some(tenant) = store.scan(Scope::HOUSE, people::tenant_without_words).await? else { return Ok(true) };
        store.write(Scope::of(tenant), move |tx| people::make_words(tx, tenant)).await?;
    }
    Ok(false)
}

/// Each verb reads the clock when it runs. With a time read before a jump ahead, everything stamped since the jump
/// would seem to lie in the future. Whether nothing is left to do at once.
async fn tidy_all(store: &Store, clock: &Clock, to_each_tenant: bool) -> Result<bool> {
    if to_each_tenant {
        tidy_each_tenant(store, clock).await?;
    }
    let clock = clock.clone();
    store.write(Scope::HOUSE, move |tx| tidy(tx, clock.now())).await?;
    make_words(store).await
}

async fn tidy_each_tenant(store: &Store, clock: &Clock) -> Result<()> {
    let mut last = None;
    loop {
        let page = store.scan(Scope::HOUSE, move |tx| tenants::ids_after(tx, last, PAGE)).await?;
        let Some(end) = page.last() else { return Ok(()) };
        last = Some(*end);
        for tenant in page {
            tidy_tenant(store, clock, tenant).await?;
        }
    }
}

/// Again while deliveries are left to be forgotten, of which a change takes some.
async fn tidy_tenant(store: &Store, clock: &Clock, tenant: TenantId) -> Result<()> {
    for _ in 0..SLICES {
        let clock = clock.clone();
        let verb = move |tx: &mut Tx<'_>| {
            let now = clock.now();
            bring_back(tx, tenant, now)?;
            mails::forget_old(tx, tenant, now.plus_seconds(-MAIL_DAYS * 24 * 3600))?;
            webhooks::forget_old(tx, tenant, now.plus_seconds(-DELIVERY_DAYS * 24 * 3600))
        };
        if store.write(Scope::of(tenant), verb).await? {
            break;
        }
    }
    Ok(())
}

/// Moves times that lie in the future back to now, so that nothing binds or lives longer than its own duration.
fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    sign_in::bring_back(tx, tenant, now)?;
    sessions::bring_back(tx, tenant, now)?;
    transfer::bring_back(tx, tenant, now)?;
    bulk::bring_back(tx, tenant, now)?;
    incidents::bring_back(tx, tenant, now)?;
    webhooks::bring_back(tx, tenant, now)?;
    heads::bring_back(tx, tenant, now)?;
    factors::bring_back(tx, tenant, now)?;
    credentials::bring_back(tx, tenant, now)?;
    people::bring_back(tx, tenant, now)?;
    tenants::bring_back(tx, tenant, now)?;
    reset::bring_back(tx, tenant, now)?;
    let resets = mails::bring_back(tx, tenant, now)?;
    reset::are_mailed_again(tx, tenant, &resets)
}

fn tidy(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    let long_ago = now.plus_seconds(-LEEWAY_SECONDS);
    sign_in::forget_old(tx, long_ago)?;
    sign_in::forget_steps(tx, long_ago)?;
    sessions::forget_ended(tx, long_ago)?;
    reset::forget_old(tx, long_ago)?;
    addresses::forget_old(tx, long_ago)?;
    mails::forget_refused(tx, long_ago)?;
    bulk::forget_old(tx, now.plus_seconds(-BULK_DAYS * 24 * 3600))?;
    incidents::forget_old(tx, now)?;
    transfer::forget_old(tx, now.plus_seconds(-IMPORT_DAYS * 24 * 3600))
}

#[cfg(test)]
mod tests;
