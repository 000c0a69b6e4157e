//! Goes on with what is due: plans whose users are being looked for, passwords that end, mails that leave, and requests for a
//! second person that nobody has answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::due::{self, Due};
use super::rows::{self, Incident};
use super::state::State;
use super::{begin, course, end, lines, mail, plan};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::store::{Scope, Store, Tx};
use crate::stride::{Stride, rest};
use crate::tenants;

/// How often to look for what is due.
const EVERY: Duration = Duration::from_millis(200);
/// Passwords in a slice, at most, while others write.
const BESIDE_OTHERS: usize = 48;
/// Others write still for so long after one of them had to wait.
const STILL: Duration = Duration::from_secs(1);
/// Addresses of a list that are deleted at once.
const LINES: i64 = 2_000;
/// A suspended tenant is looked at again after this time.
pub(super) const SUSPENDED_SECONDS: i64 = 60;

/// What goes on by itself.
#[derive(Clone)]
pub struct Running {
    /// Where incidents are.
    pub store: Store,
    /// The keys that make links.
    pub keys: Keys,
}

/// How many passwords the slices of an incident take: fewer while others write, who wait for each of them.
pub(super) struct Slices {
    stride: Stride,
    others_until: Option<Instant>,
}

pub(super) fn slices() -> Slices {
    Slices { stride: Stride::between(32, 512), others_until: None }
}

impl Slices {
    fn size(&self) -> usize {
        let is_beside_others = self.others_until.is_some_and(|until| Instant::now() < until);
        if is_beside_others { self.stride.size().min(BESIDE_OTHERS) } else { self.stride.size() }
    }

    fn note(&mut self, took: Duration, others_wait: bool) {
        self.stride.note(took);
        if others_wait {
            self.others_until = Some(Instant::now() + STILL);
        }
    }
}

impl Running {
    /// Goes on until told to stop.
    pub async fn keep_going(self, clock: Clock, mut stop: watch::Receiver<bool>) {
        let mut stride = slices();
        while !*stop.borrow() {
            if self.turn(&clock, &mut stride).await {
                continue;
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One step of each that is due. Whether more is due already.
    async fn turn(&self, clock: &Clock, stride: &mut Slices) -> bool {
        let now = clock.now();
        let due = match self.store.read(Scope::HOUSE, |tx| due::find_due(tx, now)) {
            Ok(due) => due,
            Err(failure) => {
                self.store.tell(&failure, "incidents that are due could not be looked for");
                return false;
            }
        };
        let mut is_more = false;
        for due in due {
            let began = Instant::now();
            match self.step(Scope::of(due.tenant), due, stride, clock.now()).await {
                Ok(more) => is_more |= more,
                Err(failure) => self.store.tell(&failure, "an incident is not gone on with yet"),
            }
            if self.store.stats().waiting > 0 {
                tokio::time::sleep(rest(began.elapsed())).await;
            }
        }
        is_more
    }

    /// One step. Whether there is another one at once.
    ///
    /// # Errors
    /// Those of the store; then nothing was done.
    pub(super) async fn step(&self, scope: Scope, due: Due, stride: &mut Slices, now: Timestamp) -> Result<bool> {
        let look = |tx: &mut Tx<'_>| Ok((rows::find(tx, due.tenant, due.id)?, tenants::find_by_id(tx, due.tenant)?));
        let (Some(incident), tenant) = self.store.read(scope, look)? else { return Ok(false) };
        let Some(tenant) = tenant.map(Arc::new) else {
            return self.store.write(scope, move |tx| put_off(tx, due, now)).await.map(|()| false);
        };
        match State::of(&incident, now) {
            State::Planning => self.plan(scope, due, tenant, now).await,
            State::Ending | State::Mailing if incident.ended_to < incident.ends_below - 1 => {
                self.end(scope, due, tenant, stride, now).await
            }
            State::Mailing => self.mail(scope, due, tenant, now).await,
            _ => self.store.write(scope, move |tx| settle(tx, due, now)).await,
        }
    }

    async fn plan(&self, scope: Scope, due: Due, tenant: Arc<Tenant>, now: Timestamp) -> Result<bool> {
        match plan::next(&self.store, scope, due, tenant, now).await {
            Err(refusal) if is_refusal(&refusal) => {
                let why = refusal.message;
                self.store.write(scope, move |tx| give_up(tx, due, &why, now)).await.map(|()| false)
            }
            gone => gone,
        }
    }

    async fn end(
        &self,
        scope: Scope,
        due: Due,
        tenant: Arc<Tenant>,
        stride: &mut Slices,
        now: Timestamp,
    ) -> Result<bool> {
        let (most, began, key) = (stride.size(), Instant::now(), self.keys.current());
        let gone = self.store.write(scope, move |tx| end::run(tx, due, &tenant, (most, key), now)).await?;
        stride.note(began.elapsed(), self.store.stats().waiting > 0);
        Ok(gone)
    }

    async fn mail(&self, scope: Scope, due: Due, tenant: Arc<Tenant>, now: Timestamp) -> Result<bool> {
        let key = self.keys.current();
        self.store.write(scope, move |tx| mail::run(tx, due, (&tenant, key), now)).await.map(|()| false)
    }
}

/// Whether it would be refused again, however often it was tried.
fn is_refusal(failure: &Error) -> bool {
    matches!(failure.kind, Kind::Invalid | Kind::Unauthenticated | Kind::Forbidden | Kind::NotFound)
}

/// A plan that the person who asked for it may not make any more.
fn give_up(tx: &mut Tx<'_>, due: Due, why: &str, now: Timestamp) -> Result<()> {
    let found = rows::find(tx, due.tenant, due.id)?;
    match found.filter(|incident| State::of(incident, now) == State::Planning) {
        Some(incident) => {
            let by = incident.authority.name.clone();
            rows::replace(tx, due.tenant, &course::cancelled(incident, &by, Some(why), now))
        }
        None => Ok(()),
    }
}

/// What has nothing to go on with is not due; of one that was cancelled the list goes first. Whether there is more of it.
fn settle(tx: &mut Tx<'_>, due: Due, now: Timestamp) -> Result<bool> {
    begin::lapse(tx, due.tenant, due.id, now)?;
    let found = rows::find(tx, due.tenant, due.id)?;
    let is_cancelled = found.as_ref().is_some_and(|incident| incident.cancelled_at.is_some());
    if is_cancelled && lines::forget(tx, due.tenant, due.id, LINES)? {
        return Ok(true);
    }
    let is_at_rest = |one: &Incident| {
        !matches!(State::of(one, now), State::Planning | State::Ending | State::Mailing | State::Awaiting)
    };
    if let Some(incident) = found.filter(|incident| incident.next_at.is_some() && is_at_rest(incident)) {
        rows::replace(tx, due.tenant, &Incident { next_at: None, ..incident })?;
    }
    Ok(false)
}

/// A suspended tenant is as it was until it is resumed.
fn put_off(tx: &mut Tx<'_>, due: Due, now: Timestamp) -> Result<()> {
    let found = rows::find(tx, due.tenant, due.id)?;
    match found.filter(|incident| incident.next_at.is_some()) {
        Some(incident) => {
            let next_at = Some(now.plus_seconds(SUSPENDED_SECONDS));
            rows::replace(tx, due.tenant, &Incident { next_at, ..incident })
        }
        None => Ok(()),
    }
}
