//! How far the users of an incident have come: counted over its resets, which stand side by side, when somebody asks. Many are
//! counted no oftener than it is cheap.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::ids;
use super::state::State;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Scope, Store, Tx};

/// Resets that are read at once.
const PAGE: i64 = 20_000;
/// A count holds for so many times the time that it took, unless it took less than this.
const HOLDS: u32 = 20;
const CHEAP: Duration = Duration::from_millis(20);
/// Incidents whose counts are kept.
const KEPT_MAX: usize = 64;

/// What has become of the resets of an incident.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "IncidentTally")]
pub(super) struct Tally {
    /// Links that wait: held, or on their way to the relay.
    #[schemars(example = 3442)]
    pub(super) waiting: i64,
    /// Mails that the relay took.
    #[schemars(example = 6412)]
    pub(super) mailed: i64,
    /// Pages of links that were opened.
    #[schemars(example = 812)]
    pub(super) opened: i64,
    /// Users who have chosen a new password since, by whatever link.
    #[schemars(example = 604)]
    pub(super) redeemed: i64,
    /// Mails that the relay did not take.
    #[schemars(example = 17)]
    pub(super) stuck: i64,
    /// Links that a later reset has taken the place of.
    #[schemars(example = 2)]
    pub(super) superseded: i64,
    /// Links that have died of age.
    #[schemars(example = 0)]
    pub(super) expired: i64,
}

/// A count, with its moment and the time that it took.
#[derive(Clone, Copy)]
struct Counted {
    tally: Tally,
    /// The state that the incident was in: once it is in another one, this count is not shown.
    state: State,
    at: Instant,
    took: Duration,
}

/// The counts of late.
#[derive(Clone, Default)]
pub(super) struct Tallies(Arc<Mutex<HashMap<Uuid, Counted>>>);

impl Tallies {
    /// The counts of a run, of this moment or of late.
    ///
    /// # Errors
    /// Those of the store.
    pub(super) async fn of(
        &self,
        store: &Store,
        tenant: TenantId,
        (run, state): (Uuid, State),
        now: Timestamp,
    ) -> Result<Tally> {
        if let Some(tally) = self.of_late(run, state) {
            return Ok(tally);
        }
        let (began, mut tally) = (Instant::now(), Tally::default());
        let ((mut behind, last), own) = (ids::bounds(&run, 0), ids::bounds_of_all(&run));
        loop {
            let page = store.scan(Scope::of(tenant), move |tx| count(tx, tenant, (behind, last), own, now)).await?;
            tally.add(&page.tally);
            match page.last {
                Some(next) => behind = next,
                None => break,
            }
        }
        self.keep(run, Counted { tally, state, at: Instant::now(), took: began.elapsed() });
        Ok(tally)
    }

    /// A count that still holds.
    fn of_late(&self, run: Uuid, state: State) -> Option<Tally> {
        let kept = self.lock().get(&run).copied().filter(|kept| kept.state == state)?;
        (kept.took > CHEAP && kept.at.elapsed() < kept.took * HOLDS).then_some(kept.tally)
    }

    fn keep(&self, run: Uuid, counted: Counted) {
        let mut kept = self.lock();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(run, counted);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Counted>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Page {
    tally: Tally,
    /// The last id of a full page.
    last: Option<Uuid>,
}

/// Counts the resets behind one id and up to another. A link is alive too that has come in the place of one of them by a reminder.
fn count(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (behind, last): (Uuid, Uuid),
    (least, greatest): (Uuid, Uuid),
    now: Timestamp,
) -> Result<Page> {
    const COUNT: &str = "SELECT COALESCE(SUM(p.is_alive * (1 - p.is_mailed)), 0), COALESCE(SUM(p.is_mailed), 0), COALESCE(SUM(p.is_opened), 0),
            COALESCE(SUM(p.is_chosen), 0), COALESCE(SUM(p.is_stuck), 0), COALESCE(SUM(p.is_superseded), 0),
            COALESCE(SUM((1 - p.is_alive) * (1 - p.is_chosen) * (1 - p.is_superseded)), 0)
        FROM (SELECT r.id,
                CASE WHEN u.open_reset >= $6 AND u.open_reset <= $7 AND (r.held_at IS NOT NULL OR u.open_reset_expires_at > $4)
                    THEN 1 ELSE 0 END AS is_alive,
                CASE WHEN r.mailed_at IS NULL THEN 0 ELSE 1 END AS is_mailed,
                CASE WHEN r.opened_at IS NULL THEN 0 ELSE 1 END AS is_opened,
                CASE WHEN u.password_changed_at >= r.requested_at AND u.password_dead_at IS NULL THEN 1 ELSE 0 END AS is_chosen,
                CASE WHEN r.undeliverable_at IS NULL THEN 0 ELSE 1 END AS is_stuck,
                CASE WHEN r.superseded_at IS NULL THEN 0 ELSE 1 END AS is_superseded
            FROM resets r LEFT JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id
            WHERE r.tenant = $1 AND r.id > $2 AND r.id <= $3 ORDER BY r.id LIMIT $5) p";
    const LAST: &str = "SELECT id FROM resets WHERE tenant = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT 1 OFFSET $4";
    // PostgreSQL knows no greatest of ids before its eighteenth release.
    let end = tx.maybe(LAST, &params![tenant, &behind, &last, PAGE - 1])?.map(|row| row.get(0)).transpose()?;
    let row = tx.one(COUNT, &params![tenant, &behind, &end.unwrap_or(last), now, PAGE, &least, &greatest])?;
    let tally = Tally {
        waiting: row.get(0)?,
        mailed: row.get(1)?,
        opened: row.get(2)?,
        redeemed: row.get(3)?,
        stuck: row.get(4)?,
        superseded: row.get(5)?,
        expired: row.get(6)?,
    };
    Ok(Page { tally, last: end })
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.mailed += other.mailed;
        self.opened += other.opened;
        self.redeemed += other.redeemed;
        self.stuck += other.stuck;
        self.superseded += other.superseded;
        self.expired += other.expired;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_was_dear_holds_for_a_while_and_not_in_another_state() {
        let (tallies, run) = (Tallies::default(), Uuid::from_u128(1));
        let tally = Tally { waiting: 6_352, ..Tally::default() };
        let counted = |took| Counted { tally, state: State::Ending, at: Instant::now(), took };
        tallies.keep(run, counted(Duration::from_secs(10)));
        assert_eq!(tallies.of_late(run, State::Ending), Some(tally));
        assert_eq!(tallies.of_late(run, State::Held), None);
        assert_eq!(tallies.of_late(Uuid::from_u128(2), State::Ending), None);
        tallies.keep(run, counted(CHEAP));
        assert_eq!(tallies.of_late(run, State::Ending), None, "it costs nothing to count anew");
    }
}
