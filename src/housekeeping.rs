//! Takes away what no longer says anything. Nothing depends on it: what is over is over by its time,
//! whether its row is still there or not.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::params;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::{reset, sessions, sign_in, tenants};

const EVERY: Duration = Duration::from_secs(600);
/// Long enough to answer what became of a mail; the reset itself stays.
const MAIL_DAYS: i64 = 30;

/// Tidies every ten minutes until told to stop.
pub async fn run(store: Store, clock: Clock, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let now = clock.now();
        if let Err(failure) = store.write(Scope::HOUSE, move |tx| tidy(tx, now)).await {
            tracing::warn!(%failure, "what is over was not tidied away");
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

fn tidy(tx: &mut Tx<'_>, now: Timestamp) -> Result<()> {
    sign_in::forget_old(tx, now)?;
    sessions::forget_ended(tx, now)?;
    reset::forget_old(tx, now)?;
    forget_mails(tx, now.plus_seconds(-MAIL_DAYS * 24 * 3600))
}

/// A mail leaves or fails after its id was made, and ids are ordered by time: what is younger is not looked at.
fn forget_mails(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    let least = Random::least_uuid(before);
    let delete = "DELETE FROM mails WHERE tenant = $1 AND id < $2 AND (sent_at < $3 OR failed_at < $3)";
    let tenants = tenants::list_all(tx)?;
    let rows: Vec<_> = tenants.iter().map(|tenant| params![tenant.id, &least, before]).collect();
    tx.each(delete, &rows).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;
    use crate::store::Settings;

    const NOW: Timestamp = Timestamp(1_772_615_727_000_000);
    const DAY: i64 = 24 * 3600 * SECOND;

    #[tokio::test]
    async fn mails_of_a_month_ago_go_and_those_that_wait_or_are_younger_stay() {
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
            tidy(tx, NOW)
        };
        store.write(Scope::HOUSE, verb).await.unwrap();
        let left = |tx: &mut Tx<'_>| tx.all("SELECT tenant, queued_at FROM mails ORDER BY tenant, queued_at", &[]);
        let left = store.read(Scope::HOUSE, left).unwrap();
        let left: Vec<_> =
            left.iter().map(|row| (row.get::<i64>(0).unwrap(), (NOW.0 - row.get::<i64>(1).unwrap()) / DAY)).collect();
        assert_eq!(left, [(1, 40), (1, 31), (1, 1), (2, 40), (2, 31), (2, 1)]);
    }
}
