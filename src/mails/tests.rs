use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::lease::{Found, find_due, lease};
use super::settle::{Attempt, Fate, UNTRIED_SECONDS, settle};
use super::*;
use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mail::address::Email;
use crate::mail::carrier::Carrier;
use crate::mail::letter::Text;
use crate::mail::mailbox::MailboxStore;
use crate::mail::smtp::Refused;
use crate::params;
use crate::people::{self, NewUser};
use crate::random::Random;
use crate::store::{Scope, Settings, Store, Tx};

const BATCH: usize = 64;

fn queue(tx: &mut Tx<'_>, tenant: i64, nth: u128, due_at: i64) -> Result<()> {
    let now = Timestamp(due_at);
    let mail = NewMail {
        tenant: TenantId(tenant),
        id: Uuid::from_u128(nth),
        kind: "plain",
        user: UserId(1),
        reset: None,
        facts: "{}",
        now,
        due_at: now,
        give_up_at: Timestamp(i64::MAX),
    };
    super::queue(tx, &mail)
}

fn tenant(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    let insert = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
        VALUES ($1, $2, $2, '{}', 0, 1, 0)";
    tx.run(insert, &params![TenantId(id), &format!("tenant{id}")]).map(drop)
}

#[test]
fn a_flood_of_one_tenant_does_not_hold_up_the_mail_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::embedded(directory.path(), 10);
    let store = Store::open(&settings, Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let flood = move |tx: &mut Tx<'_>| {
        tenant(tx, 1)?;
        tenant(tx, 2)?;
        (0..200).try_for_each(|nth| queue(tx, 1, nth, nth as i64))?;
        queue(tx, 2, 1, 1_000)
    };
    runtime.block_on(store.write(Scope::HOUSE, flood)).unwrap();
    let now = Timestamp(2_000);
    let found = || store.read(Scope::HOUSE, |tx| find_due(tx, now, BATCH)).unwrap();
    let is_for_other = |(job, _): &Found| job.tenant == TenantId(2);
    let due = found();
    assert_eq!(due.len(), BATCH);
    assert!(due.iter().any(is_for_other), "by age alone the other would have to wait");
    let count = due.len();

    let leased = runtime.block_on(store.write(Scope::HOUSE, move |tx| lease(tx, &due, now.plus_seconds(60)))).unwrap();
    assert_eq!(leased.len(), count);
    let again = found();
    assert!(!again.iter().any(is_for_other), "a mail that is on its way is not due");
}

#[test]
fn what_is_due_is_found_in_whatever_tenants_it_waits() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let found = || {
        let due = store.read(Scope::HOUSE, |tx| find_due(tx, Timestamp(2_000), BATCH)).unwrap();
        let mut tenants: Vec<_> = due.iter().map(|(job, _)| job.tenant.0).collect();
        tenants.sort_unstable();
        tenants
    };
    assert!(found().is_empty(), "no mail waits at all");
    let fill = |tx: &mut Tx<'_>| {
        (1..=5).try_for_each(|id| tenant(tx, id))?;
        for (id, nth, due_at) in
            [(1, 1, 1_000), (1, 2, 1_500), (3, 1, 3_000), (4, 1, 5_000), (4, 2, 2_000), (5, 1, 100)]
        {
            queue(tx, id, nth, due_at)?;
        }
        tx.run("UPDATE mails SET sent_at = 200 WHERE tenant = $1", &params![TenantId(5)]).map(drop)
    };
    runtime.block_on(store.write(Scope::HOUSE, fill)).unwrap();
    assert_eq!(found(), [1, 1, 4]);
}

/// A mail that was tried once.
fn tried(nth: u128, fate: Fate) -> Attempt {
    let job = Job {
        tenant: TenantId(1),
        id: Uuid::from_u128(nth),
        kind: "plain".into(),
        user: UserId(1),
        reset: None,
        facts: "{}".into(),
        queued_at: Timestamp(0),
        give_up_at: Timestamp(i64::MAX),
        attempts: 1,
    };
    Attempt { job, to: None, fate, now: Timestamp(1_000), jitter: 0, record: Uuid::from_u128(nth) }
}

/// Says hello.
struct Plain;

impl Letter for Plain {
    fn compose(&self, _: &mut Tx<'_>, mails: &[To<'_>]) -> Result<Texts> {
        let text = || Text { subject: "Hello".into(), text: "Hello.".into(), html: "<p>Hello.".into() };
        Ok(mails.iter().map(|_| Ok(Some(text()))).collect())
    }
}

fn letters() -> Letters {
    Letters::default().with(&["mails.plain"], Plain)
}

#[test]
fn each_mail_leaves_once_and_is_known_to_have_left_whatever_call_into_the_store_fails() {
    const MAILS: usize = 3;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    for call in 1..=16 {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
        let clock = Clock::by_hand(Timestamp(1_000));
        let mailbox = MailboxStore::open(&directory.path().join("mailbox"), clock.clone()).unwrap();
        let carrier = Arc::new(Carrier::mailbox(mailbox.clone()));
        let from = Email::parse("tenantry@example.com").unwrap();
        let worker = Worker::new(store.clone(), clock, Random::seeded(1), letters(), carrier, from);
        let waiting = |tx: &mut Tx<'_>| tx.one("SELECT COUNT(*) FROM mails WHERE sent_at IS NULL", &[])?.get::<i64>(0);
        runtime.block_on(async {
            let email = Email::parse("user@example.com").unwrap();
            let user = NewUser { id: UserId(1), ..NewUser::person(email, &Random::seeded(2), Timestamp(0)) };
            let fill = move |tx: &mut Tx<'_>| {
                tenant(tx, 1)?;
                people::insert(tx, TenantId(1), &user, "setup", Timestamp(0))?;
                (1..=MAILS).try_for_each(|nth| queue(tx, 1, nth as u128, 0))
            };
            store.write(Scope::HOUSE, fill).await.unwrap();
            store.faults().fail_call(call);
            let (stop, stopping) = watch::channel(false);
            let running = tokio::spawn(worker.run(stopping));
            let since = std::time::Instant::now();
            while store.read(Scope::HOUSE, waiting).unwrap() > 0 {
                assert!(since.elapsed() < Duration::from_secs(20), "call {call}: a mail that left is not known to");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            store.faults().stop();
            stop.send(true).unwrap();
            running.await.unwrap();
        });
        assert_eq!(mailbox.list().len(), MAILS, "call {call}");
    }
}

/// A mail in the store, with what it waits for.
fn wait(tx: &mut Tx<'_>, nth: u128, due_at: i64, attempts: i64, words: Option<&str>) -> Result<()> {
    queue(tx, 1, nth, 0)?;
    tx.run(
        "UPDATE mails SET due_at = $3, attempts = $4, relay_words = $5 WHERE tenant = $1 AND id = $2",
        &params![TenantId(1), &Uuid::from_u128(nth), Timestamp(due_at), attempts, words],
    )
    .map(drop)
}

/// When each mail is due, in seconds, after `verb` has run at second 1,000 on mails with these waits.
fn due_after(
    waits: &'static [(i64, i64, Option<&'static str>)],
    verb: fn(&mut Tx<'_>, Timestamp) -> Result<()>,
) -> Vec<i64> {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let work = move |tx: &mut Tx<'_>| {
        tenant(tx, 1)?;
        for (nth, (due, attempts, words)) in waits.iter().enumerate() {
            wait(tx, nth as u128, due * crate::clock::SECOND, *attempts, *words)?;
        }
        verb(tx, Timestamp(0).plus_seconds(1_000))?;
        let rows = tx.all("SELECT due_at FROM mails WHERE tenant = $1 ORDER BY id", &params![TenantId(1)])?;
        rows.iter().map(|row| Ok(row.get::<i64>(0)? / crate::clock::SECOND)).collect::<Result<Vec<_>>>()
    };
    runtime.block_on(store.write(Scope::HOUSE, work)).unwrap()
}

#[test]
fn what_a_killed_process_had_leased_is_due_at_once_and_no_other_wait_is_cut() {
    let waits = &[(1_060, 1, None), (1_300, 3, Some("451 later")), (1_900, 0, None), (900, 0, None)];
    assert_eq!(due_after(waits, ahead::release_all), [1_000, 1_300, 1_900, 900]);
}

#[test]
fn no_mail_waits_longer_than_its_own_wait_whatever_the_clock_did() {
    const DAYS: i64 = 8 * 24 * 3600;
    let waits = &[
        (1_060, 1, None),
        (2_200, 6, Some("451 later")),
        (4_500, 0, None),
        (1_060 + DAYS, 1, None),
        (1_300 + DAYS, 3, Some("451 later")),
        (1_000 + DAYS, 0, None),
        (2_500, 1, None),
    ];
    let due = due_after(waits, |tx, now| ahead::bring_back(tx, TenantId(1), now).map(drop));
    assert_eq!(due, [1_060, 2_200, 4_500, 1_060, 1_060, 1_060, 1_060]);
}

#[test]
fn the_wait_for_a_free_connection_is_no_failed_attempt() {
    let busy = Refused { is_untried: true, ..Refused::for_now("busy") };
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let work = move |tx: &mut Tx<'_>| {
        wait(tx, 7, 60, 4, None)?;
        let mut settled = tried(7, Fate::Refused(busy.clone()));
        settled.job.attempts = 4;
        settle(tx, &letters(), &[settled])?;
        let row = tx.one("SELECT due_at, attempts, failed_at FROM mails WHERE tenant = $1", &params![TenantId(1)])?;
        Ok((row.get::<Timestamp>(0)?, row.get::<i64>(1)?, row.get::<Option<Timestamp>>(2)?))
    };
    let (due_at, attempts, failed_at) = runtime.block_on(store.write(Scope::HOUSE, work)).unwrap();
    assert_eq!((due_at, attempts, failed_at), (Timestamp(1_000).plus_seconds(UNTRIED_SECONDS), 3, None));
}

#[test]
fn a_mail_that_is_given_up_leaves_one_record_whether_or_not_its_letter_is_known() {
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let work = |tx: &mut Tx<'_>| {
        tenant(tx, 1)?;
        let mut attempts = Vec::new();
        for (nth, kind) in [(1, "plain"), (2, "of_another_release")] {
            queue(tx, 1, nth, 0)?;
            let refused = Refused { permanent: true, code: Some(550), ..Refused::for_now("550 no") };
            let mut attempt = tried(nth, Fate::Refused(refused));
            attempt.job.kind = kind.into();
            attempts.push(attempt);
        }
        settle(tx, &letters(), &attempts)?;
        let records = tx.all("SELECT action FROM audit WHERE tenant = $1", &params![TenantId(1)])?;
        records.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>>>()
    };
    let records = runtime.block_on(store.write(Scope::HOUSE, work)).unwrap();
    assert_eq!(records, ["mail.give_up", "mail.give_up"]);
}
