//! What follows on the beginning of an erasure: records and rows that name the person are rewritten, in slices. Where the next one
//! begins is written with what it rewrites, so that an erasure goes on wherever a process ended.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::place::{self, Place};
use super::sought::Sought;
use crate::audit::{self, AuditKey, Event, Outcome, PERSON_ERASED, Slice};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::people::{self, Erasure};
use crate::random::Random;
use crate::store::{Scope, Store, Tx, reword};
use crate::tenants;

/// How often to look for erasures that are not over.
const EVERY: Duration = Duration::from_secs(1);
/// Rows looked at in one transaction.
const ROWS: i64 = 500;
/// A call that was under way when an erasure began has ended by then, and so has its transaction.
const UNDER_WAY_SECONDS: i64 = 60;
/// So far before the beginning such a call may have been made.
const BEGUN_BEFORE_SECONDS: i64 = 600;

/// What erasures need to go on.
#[derive(Clone)]
pub struct Erasing {
    /// The store.
    pub store: Store,
    /// The key that vouches for rewritten records.
    pub key: AuditKey,
    /// The clock.
    pub clock: Clock,
    /// Draws the ids of their records.
    pub random: Random,
}

/// What became of a slice.
enum Step {
    /// The next one may follow.
    More,
    /// It is not time yet, or another process has brought it to its end.
    Nothing,
    /// Only the files are left.
    Files,
}

impl Erasing {
    /// Goes on with every erasure until told to stop.
    pub async fn keep_going_on(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            self.turn(&stop).await;
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    async fn turn(&self, stop: &watch::Receiver<bool>) {
        let open = self.store.read(Scope::HOUSE, people::list_erasures).unwrap_or_else(|failure| {
            self.store.tell(&failure, "erasures that are not over could not be looked for");
            Vec::new()
        });
        for (tenant, id) in open {
            if let Err(failure) = self.go_on(tenant, id, stop).await {
                self.store.tell(&failure, "a person is not wholly erased yet; it is tried again");
            }
        }
    }

    /// Slice after slice; after each it rests as long as that took while others wait to write.
    async fn go_on(&self, tenant: TenantId, id: Uuid, stop: &watch::Receiver<bool>) -> Result<()> {
        // Most of the time it waits, which takes no write.
        if self.store.read(Scope::of(tenant), |tx| self.waits(tx, tenant, id))? {
            return Ok(());
        }
        while !*stop.borrow() {
            let (began, erasing) = (Instant::now(), self.clone());
            let verb = move |tx: &mut Tx<'_>| erasing.slice(tx, tenant, id);
            match self.store.write(Scope::operating(tenant), verb).await? {
                Step::Nothing => return Ok(()),
                Step::Files => return self.end(tenant, id).await,
                Step::More if self.store.stats().waiting > 0 => tokio::time::sleep(began.elapsed()).await,
                Step::More => {}
            }
        }
        Ok(())
    }

    /// Whether it is not time yet for what comes next.
    fn waits(&self, tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<bool> {
        let Some(erasure) = people::find_erasure(tx, tenant, id)? else { return Ok(true) };
        let is_late = matches!(Place::read(&erasure.place)?, Place::Late(_));
        Ok(is_late && erasure.until.lasts(UNDER_WAY_SECONDS, self.clock.now()))
    }

    fn slice(&self, tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Step> {
        let Some(erasure) = people::find_erasure(tx, tenant, id)? else { return Ok(Step::Nothing) };
        let now = self.clock.now();
        match Place::read(&erasure.place)? {
            Place::Records(before) => self.records(tx, tenant, erasure, (before, Uuid::nil()), Place::Records),
            Place::Rows(behind) => rows(tx, tenant, erasure, &behind),
            Place::Late(_) if erasure.until.lasts(UNDER_WAY_SECONDS, now) => Ok(Step::Nothing),
            Place::Late(before) => {
                let from = Random::least_uuid(erasure.until.plus_seconds(-BEGUN_BEFORE_SECONDS));
                self.records(tx, tenant, erasure, (before, from), Place::Late)
            }
            Place::Files => Ok(Step::Files),
        }
    }

    fn records(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        erasure: Erasure,
        (before, from): (Option<Uuid>, Uuid),
        here: fn(Option<Uuid>) -> Place,
    ) -> Result<Step> {
        let mut sought = sought(&erasure)?;
        let now = self.clock.now();
        let actor = self.actor(now);
        let slice = Slice {
            tenant,
            key: &self.key,
            before: before.unwrap_or_else(|| place::behind(erasure.until)),
            from,
            until: erasure.until,
            pseudonym: &erasure.pseudonym,
            actor: &actor,
            now,
        };
        let done = audit::rewrite(tx, &slice, &mut |record| sought.reword_record(record))?;
        let place = match (done.next, here(None)) {
            (Some(next), _) => here(Some(next)),
            (None, Place::Late(_)) => Place::Files,
            (None, _) => Place::Rows(Vec::new()),
        };
        // From here on nothing is sought any more, and the address is not kept either.
        let sought = if place == Place::Files { String::new() } else { sought.to_keep() };
        let rewritten = erasure.rewritten + done.records;
        people::note_erasure(tx, tenant, &Erasure { sought, place: place.to_keep(), rewritten, ..erasure })?;
        Ok(Step::More)
    }

    /// Nothing is left but what the engine keeps of the past.
    async fn end(&self, tenant: TenantId, id: Uuid) -> Result<()> {
        if !self.store.scrub().await? {
            return Ok(());
        }
        let erasing = self.clone();
        let verb = move |tx: &mut Tx<'_>| {
            let Some(erasure) = people::find_erasure(tx, tenant, id)? else { return Ok(()) };
            people::end_erasure(tx, tenant, &id)?;
            let now = erasing.clock.now();
            let (actor, subject) = (erasing.actor(now), &erasure.pseudonym);
            let facts = json!({ "step": "ended", "records": erasure.rewritten });
            let (action, outcome) = (PERSON_ERASED, Outcome::Accepted);
            audit::record(tx, &Event { tenant, at: now, action, outcome, actor: &actor, subject, facts })
        };
        self.store.write(Scope::of(tenant), verb).await
    }

    fn actor(&self, now: Timestamp) -> Actor {
        let (name, address) = ("housekeeping".into(), Ipv4Addr::UNSPECIFIED.into());
        Actor { user: None, name, credential: None, address, request_id: self.random.uuid(now) }
    }
}

fn sought(erasure: &Erasure) -> Result<Sought> {
    Sought::read(&erasure.sought, &erasure.pseudonym)
        .ok_or_else(|| Error::internal("it is not known any more who is erased"))
}

fn rows(tx: &mut Tx<'_>, tenant: TenantId, erasure: Erasure, behind: &[u8]) -> Result<Step> {
    let sought = sought(&erasure)?;
    let mut change = |text: &str, at: Timestamp| sought.reword(text, at);
    if behind.is_empty() {
        tenants::reword(tx, tenant, &mut change)?;
    }
    let next = reword(tx, (tenant, erasure.user), behind, ROWS, &mut change)?;
    let place = next.map_or(Place::Late(None), Place::Rows).to_keep();
    people::note_erasure(tx, tenant, &Erasure { place, ..erasure })?;
    Ok(Step::More)
}
