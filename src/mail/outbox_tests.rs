use super::super::mailbox::MailboxStore;
use super::*;
use crate::store::Settings;

fn queue(tx: &mut Tx<'_>, tenant: i64, nth: u128, due_at: i64) -> Result<()> {
    let id = Uuid::from_u128(nth);
    tx.run(
        "INSERT INTO mails (tenant, id, kind, user_id, facts, queued_at, due_at, give_up_at, attempts)
         VALUES ($1, $2, 'budget', 1, '{}', $3, $3, $4, 0)",
        &params![TenantId(tenant), &id, Timestamp(due_at), Timestamp(i64::MAX)],
    )
    .map(drop)
}

#[test]
fn a_flood_of_one_tenant_does_not_hold_up_the_mail_of_another() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::embedded(directory.path(), 10);
    let store = Store::open(&settings, Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tenant = |tx: &mut Tx<'_>, id: i64, name: &str| {
        tx.run(
            "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at) VALUES ($1, $2, $2, '{}', 0, 1, 0)",
            &params![TenantId(id), name],
        )
    };
    let flood = move |tx: &mut Tx<'_>| {
        tenant(tx, 1, "flooding")?;
        tenant(tx, 2, "other")?;
        (0..200).try_for_each(|nth| queue(tx, 1, nth, nth as i64))?;
        queue(tx, 2, 1, 1_000)
    };
    runtime.block_on(store.write(Scope::HOUSE, flood)).unwrap();
    let now = Timestamp(2_000);
    let found = || store.read(Scope::HOUSE, |tx| find_due(tx, now, BATCH)).unwrap();
    let is_for_other = |(job, _): &(Job, Timestamp)| job.tenant == TenantId(2);
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
fn mail_steps_back_when_the_api_is_busy_and_never_stands_still() {
    let mut now = Instant::now();
    let mut pace = Pace { seen: 1_000, since: now };
    let mut next = |passed: Duration, writes| {
        now += passed;
        pace.next(writes, now)
    };
    assert_eq!(next(TICK, 1_025), (CREDIT_MAX, TICK));
    assert_eq!(next(TICK, 2_025), (50, RUSH_TICK));
    assert_eq!(next(RUSH_TICK, 2_151), (6, RUSH_TICK));
    assert_eq!(next(RUSH_TICK, 2_276), (CREDIT_MAX, TICK));
    assert_eq!(next(TICK, 2_302), (1, RUSH_TICK));
    // After a turn that took long, as many writes are no rush.
    assert_eq!(next(Duration::from_secs(1), 2_802), (CREDIT_MAX, TICK));
    // A few at once are none either.
    assert_eq!(next(Duration::ZERO, 2_827), (CREDIT_MAX, TICK));
}

/// A mail of the reset, tried once.
fn tried(nth: u128, fate: Fate) -> Settled {
    let job = Job {
        tenant: TenantId(1),
        id: Uuid::from_u128(nth),
        kind: "administrator".into(),
        user: UserId(1),
        reset: Some(Uuid::from_u128(9)),
        facts: "{}".into(),
        queued_at: Timestamp(0),
        give_up_at: Timestamp(i64::MAX),
        attempts: 1,
    };
    Settled { job, fate, now: Timestamp(1_000), jitter: 0, record: Uuid::from_u128(nth) }
}

#[test]
fn a_reset_whose_mail_is_taken_after_all_is_undeliverable_no_more() {
    let directory = tempfile::tempdir().unwrap();
    let settings = Settings::embedded(directory.path(), 10);
    let store = Store::open(&settings, Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let states = move |tx: &mut Tx<'_>| {
        let id = Uuid::from_u128(9);
        tx.run(
            "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, requested_at, requested_by, address,
                request_id, expires_at) VALUES ($1, $2, 1, 'a@example.com', 'administrator', 1, 1, 0, 'admin', '::1', $2, 9)",
            &params![TenantId(1), &id],
        )?;
        // Mailed again while the first mail still waits: the second bounces, then the first is taken.
        let refused =
            Refused { permanent: true, words: "550 5.1.1 No such user".into(), code: Some(550), is_untried: false };
        let mut settled = |nth, fate| {
            settle(tx, &[tried(nth, fate)])?;
            let row =
                tx.one("SELECT mailed_at, undeliverable_at FROM resets WHERE tenant = $1", &params![TenantId(1)])?;
            Ok((row.get::<Option<Timestamp>>(0)?.is_some(), row.get::<Option<Timestamp>>(1)?.is_some()))
        };
        Ok([settled(2, Fate::Refused(refused))?, settled(1, Fate::Sent(Accepted { reply: "250 OK".into() }))?])
    };
    let states: [(bool, bool); 2] = runtime.block_on(store.write(Scope::HOUSE, states)).unwrap();
    assert_eq!(states, [(false, true), (true, false)]);
}

/// Makes a mail of nothing but its recipient.
struct Plain;

impl Compose for Plain {
    fn leaving(&self, _: &mut Tx<'_>, _: &[Job], _: Timestamp) -> Result<()> {
        Ok(())
    }

    fn compose(&self, _: &mut Tx<'_>, _: TenantId, jobs: &[Job], _: Timestamp) -> Result<Drafts> {
        let text = || Text { subject: "Hello".into(), text: "Hello.".into(), html: "<p>Hello.".into() };
        let to = |job: &Job| format!("user{}@example.com", job.id.as_u128());
        let draft = |job| Draft {
            to: to(job),
            to_name: String::new(),
            sender_name: String::new(),
            from: None,
            reply_to: None,
            text: text(),
        };
        Ok(jobs.iter().map(|job| Ok(Some(draft(job)))).collect())
    }
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
        let outbox = Outbox::new(store.clone(), (clock, Random::seeded(1)), Arc::new(Plain), carrier, from);
        let waiting = |tx: &mut Tx<'_>| tx.one("SELECT COUNT(*) FROM mails WHERE sent_at IS NULL", &[])?.get::<i64>(0);
        runtime.block_on(async {
            let tenant = "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
                VALUES (1, 'one', 'one', '{}', 0, 1, 0)";
            let fill = move |tx: &mut Tx<'_>| {
                tx.run(tenant, &[])?;
                (1..=MAILS).try_for_each(|nth| queue(tx, 1, nth as u128, 0))
            };
            store.write(Scope::HOUSE, fill).await.unwrap();
            store.faults().fail_call(call);
            let (stop, stopping) = watch::channel(false);
            let running = tokio::spawn(outbox.run(stopping));
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
fn wait(tx: &mut Tx<'_>, nth: u128, (due_at, attempts, words): (i64, i64, Option<&str>)) -> Result<()> {
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
        tx.run(
            "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at)
             VALUES (1, 'one', 'one', '{}', 0, 1, 0)",
            &[],
        )?;
        for (nth, (due, attempts, words)) in waits.iter().enumerate() {
            wait(tx, nth as u128, (due * crate::clock::SECOND, *attempts, *words))?;
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
    let due = due_after(waits, |tx, now| ahead::bring_back(tx, TenantId(1), now));
    assert_eq!(due, [1_060, 2_200, 4_500, 1_060, 1_060, 1_060, 1_060]);
}

#[test]
fn the_wait_for_a_free_connection_is_no_failed_attempt() {
    let busy = Refused { permanent: false, words: "busy".into(), code: None, is_untried: true };
    let directory = tempfile::tempdir().unwrap();
    let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let work = move |tx: &mut Tx<'_>| {
        wait(tx, 7, (60, 4, None))?;
        let mut settled = tried(7, Fate::Refused(busy.clone()));
        settled.job.attempts = 4;
        settle(tx, &[settled])?;
        let row = tx.one("SELECT due_at, attempts, failed_at FROM mails WHERE tenant = $1", &params![TenantId(1)])?;
        Ok((row.get::<Timestamp>(0)?, row.get::<i64>(1)?, row.get::<Option<Timestamp>>(2)?))
    };
    let (due_at, attempts, failed_at) = runtime.block_on(store.write(Scope::HOUSE, work)).unwrap();
    assert_eq!((due_at, attempts, failed_at), (Timestamp(1_000).plus_seconds(UNTRIED_SECONDS), 3, None));
}
