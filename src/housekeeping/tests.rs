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
    let (store, clock) = (Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap(), Clock::by_hand(NOW));
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
    let (store, clock) = (Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap(), Clock::by_hand(NOW));
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
            for (queued_days_ago, sent_days_ago, failed_days_ago) in
                [(31, Some(31), None), (32, None, Some(31)), (31, Some(29), None), (40, None, None), (1, Some(0), None)]
            {
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
