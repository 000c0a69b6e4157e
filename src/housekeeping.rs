//! Deletes expired rows, and corrects times stamped by a clock that ran ahead. Correctness never depends on the
//! deletion: every query checks the expiry time itself.
//!
//! A round looks at what is over, by its time, however many tenants there are. Each tenant is looked at where there is a cause:
//! at the start and after a clock was set back, since times may lie ahead; when an operator asks; and once a day.

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
use crate::{addresses, credentials, factors, mails, people, reset, sessions, sign_in, tenants};

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
/// Users of an older release whose words are made at once, in slices of one transaction each; the rest has its turn soon.
const SLICES: usize = 20;
/// Sent and failed mails are kept long enough to answer questions about them; the reset itself stays.
const MAIL_DAYS: i64 = 30;
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
        let (tidied, deleted) =
            (tidy_all(&parts.store, &parts.clock, to_each_tenant).await, removed::delete_all(parts).await);
        for (failure, what) in [
            (tidied.as_ref().err(), "what is over was not tidied away"),
            (deleted.as_ref().err(), "a removed tenant was not deleted"),
        ] {
            if let Some(failure) = failure {
                parts.store.tell(failure, what);
            }
        }
        let failure = tidied.as_ref().err().or(deleted.as_ref().err()).map(|failure| failure.message.clone());
        let has_all = failure.is_none() && tidied.is_ok_and(|has_all| has_all);
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
            let clock = clock.clone();
            let verb = move |tx: &mut Tx<'_>| {
                let now = clock.now();
                bring_back(tx, tenant, now)?;
                mails::forget_old(tx, tenant, now.plus_seconds(-MAIL_DAYS * 24 * 3600))
            };
            store.write(Scope::of(tenant), verb).await?;
        }
    }
}

/// Moves times that lie in the future back to now, so that nothing binds or lives longer than its own duration.
fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    sign_in::bring_back(tx, tenant, now)?;
    sessions::bring_back(tx, tenant, now)?;
    factors::bring_back(tx, tenant, now)?;
    credentials::bring_back(tx, tenant, now)?;
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
    mails::forget_refused(tx, long_ago)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;
    use crate::params;
    use crate::random::Random;
    use crate::store::Settings;

    const NOW: Timestamp = Timestamp(1_772_615_727_000_000);
    const DAY: i64 = 24 * 3600 * SECOND;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_is_stamped_while_the_clock_jumps_ahead_stays_as_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let (store, clock) =
            (Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap(), Clock::by_hand(NOW));
        let insert = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
            VALUES (1, 't', 't', '{}', 0, 1, 0)";
        store.write(Scope::HOUSE, |tx| tx.run(insert, &[]).map(drop)).await.unwrap();
        let (jumping, begun) = (clock.clone(), std::sync::Arc::new(std::sync::Barrier::new(2)));
        let (theirs, stamping) = (std::sync::Arc::clone(&begun), store.clone());
        // This verb holds the writer while the tidying queues up behind it.
        let stamped = tokio::spawn(async move {
            let verb = move |tx: &mut Tx<'_>| {
                theirs.wait();
                theirs.wait();
                jumping.advance_seconds(8 * DAY / SECOND);
                let insert = "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, 5, $3)";
                tx.run(insert, &params![TenantId(1), [7u8; 32].as_slice(), jumping.now()]).map(drop)
            };
            stamping.write(Scope::of(TenantId(1)), verb).await.unwrap();
        });
        begun.wait();
        let (tidied, line) = (store.clone(), clock.clone());
        let tidying = tokio::spawn(async move { tidy_all(&tidied, &line, true).await });
        while store.stats().waiting == 0 {
            tokio::task::yield_now().await;
        }
        begun.wait();
        stamped.await.unwrap();
        tidying.await.unwrap().unwrap();
        let last = |tx: &mut Tx<'_>| tx.one("SELECT last_at FROM sign_in_failures", &[])?.get::<i64>(0);
        assert_eq!(store.read(Scope::HOUSE, last).unwrap(), NOW.0 + 8 * DAY);
    }

    #[tokio::test]
    async fn a_round_without_a_cause_goes_to_no_tenant_and_one_that_was_asked_for_goes_to_each() {
        let directory = tempfile::tempdir().unwrap();
        let (store, clock) =
            (Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap(), Clock::by_hand(NOW));
        let verb = |tx: &mut Tx<'_>| {
            for tenant in 1..=PAGE + 2 {
                let insert = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
                    VALUES ($1, $2, $2, '{}', 0, 1, 0)";
                tx.run(insert, &params![tenant, format!("t{tenant}").as_str()])?;
                let insert = "INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, 5, $3)";
                tx.run(insert, &params![TenantId(tenant), [7u8; 32].as_slice(), Timestamp(NOW.0 + DAY)])?;
            }
            Ok(())
        };
        store.write(Scope::HOUSE, verb).await.unwrap();
        let ahead = || {
            let count = |tx: &mut Tx<'_>| {
                tx.one("SELECT COUNT(*) FROM sign_in_failures WHERE last_at > $1", &params![NOW])?.get::<i64>(0)
            };
            store.read(Scope::HOUSE, count).unwrap()
        };
        tidy_all(&store, &clock, false).await.unwrap();
        assert_eq!(ahead(), PAGE + 2);
        tidy_all(&store, &clock, true).await.unwrap();
        assert_eq!(ahead(), 0, "each, beyond a page of them");
    }

    #[tokio::test]
    async fn mails_older_than_a_month_are_deleted_and_waiting_or_younger_ones_stay() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap();
        let random = Random::seeded(5);
        let verb = move |tx: &mut Tx<'_>| {
            for tenant in [1, 2] {
                let insert = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
                    VALUES ($1, $2, $2, '{}', 0, 1, 0)";
                tx.run(insert, &params![tenant, format!("t{tenant}").as_str()])?;
                for (queued_days_ago, sent_days_ago, failed_days_ago) in [
                    (31, Some(31), None),
                    (32, None, Some(31)),
                    (31, Some(29), None),
                    (40, None, None),
                    (1, Some(0), None),
                ] {
                    let at = |days: i64| Timestamp(NOW.0 - days * DAY);
                    let insert =
                        "INSERT INTO mails (tenant, id, kind, user_id, facts, queued_at, due_at, give_up_at, attempts,
                        sent_at, failed_at) VALUES ($1, $2, 'reset', 1, '{}', $3, $3, $3, 1, $4, $5)";
                    let (id, queued) = (random.uuid(at(queued_days_ago)), at(queued_days_ago));
                    tx.run(insert, &params![tenant, &id, queued, sent_days_ago.map(at), failed_days_ago.map(at)])?;
                }
            }
            Ok(())
        };
        store.write(Scope::HOUSE, verb).await.unwrap();
        tidy_each_tenant(&store, &Clock::by_hand(NOW)).await.unwrap();
        let left = |tx: &mut Tx<'_>| tx.all("SELECT tenant, queued_at FROM mails ORDER BY tenant, queued_at", &[]);
        let left = store.read(Scope::HOUSE, left).unwrap();
        let left: Vec<_> =
            left.iter().map(|row| (row.get::<i64>(0).unwrap(), (NOW.0 - row.get::<i64>(1).unwrap()) / DAY)).collect();
        assert_eq!(left, [(1, 40), (1, 31), (1, 1), (2, 40), (2, 31), (2, 1)]);
    }
}
