//! Goes on with what is due: plans whose users are being looked for, and runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::rows::{self, Due, State};
use super::{course, plan, slice};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Kind, Result};
use crate::store::{Scope, Store, Tx};
use crate::stride::{Stride, rest};
use crate::tenants;

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// A suspended tenant is looked at again after this time.
pub(super) const SUSPENDED_SECONDS: i64 = 60;

/// Goes on until told to stop.
pub async fn keep_going(store: Store, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut stride = slices();
    while !*stop.borrow() {
        if turn(&store, &clock, &mut stride).await {
            continue;
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// How many users the slices of a run take.
pub(super) fn slices() -> Stride {
    Stride::between(8, 256)
}

/// One step of each that is due. Whether more is due already.
async fn turn(store: &Store, clock: &Clock, stride: &mut Stride) -> bool {
    let now = clock.now();
    let due = match store.read(Scope::HOUSE, |tx| rows::find_due(tx, now)) {
        Ok(due) => due,
        Err(failure) => {
            store.tell(&failure, "acts on many users that are due could not be looked for");
            return false;
        }
    };
    let mut is_more = false;
    for due in due {
        let began = Instant::now();
        match step(store, Scope::of(due.tenant), due, stride, clock.now()).await {
            Ok(more) => is_more |= more,
            Err(failure) => store.tell(&failure, "an act on many users is not gone on with yet"),
        }
        if store.stats().waiting > 0 {
            tokio::time::sleep(rest(began.elapsed())).await;
        }
    }
    is_more
}

/// One step of a plan or a run, which is stopped where it is refused. Whether there is another step.
///
/// # Errors
/// Those of the store; then nothing was done.
pub(super) async fn step(store: &Store, scope: Scope, due: Due, stride: &mut Stride, now: Timestamp) -> Result<bool> {
    let found =
        store.read(scope, |tx| Ok((rows::find(tx, due.tenant, due.id)?, tenants::find_by_id(tx, due.tenant)?)))?;
    let (Some(bulk), tenant) = found else { return Ok(false) };
    let Some(tenant) = tenant.map(Arc::new) else {
        return store.write(scope, move |tx| put_off(tx, due, now)).await.map(|()| false);
    };
    let gone = match bulk.state {
        State::Planning => plan::next(store, scope, due, tenant, now).await,
        State::Running => {
            let (most, began) = (stride.size(), Instant::now());
            let gone = store.write(scope, move |tx| slice::run(tx, due, &tenant, most, now)).await;
            stride.note(began.elapsed());
            gone
        }
        State::Planned | State::Lapsed | State::Done | State::Stopped => return Ok(false),
    };
    match gone {
        Err(refusal) if is_refusal(&refusal) => {
            let why = refusal.message;
            store.write(scope, move |tx| stop_refused(tx, due, &why, now)).await.map(|()| false)
        }
        gone => gone,
    }
}

/// Whether it would be refused again, however often it was tried.
fn is_refusal(failure: &Error) -> bool {
    matches!(
        failure.kind,
        Kind::Invalid
            | Kind::Refused
            | Kind::Unauthenticated
            | Kind::Forbidden
            | Kind::NotFound
            | Kind::Duplicate
            | Kind::Conflict
    )
}

fn stop_refused(tx: &mut Tx<'_>, due: Due, why: &str, now: Timestamp) -> Result<()> {
    let found = rows::find(tx, due.tenant, due.id)?;
    match found.filter(|bulk| matches!(bulk.state, State::Planning | State::Running)) {
        Some(bulk) => course::close(tx, due, bulk, Some(why.to_owned()), now),
        None => Ok(()),
    }
}

/// A suspended tenant is as it was until it is resumed.
fn put_off(tx: &mut Tx<'_>, due: Due, now: Timestamp) -> Result<()> {
    let found = rows::find(tx, due.tenant, due.id)?;
    match found.filter(|bulk| bulk.next_at.is_some()) {
        Some(mut bulk) => {
            bulk.next_at = Some(now.plus_seconds(SUSPENDED_SECONDS));
            rows::replace(tx, due.tenant, &bulk)
        }
        None => Ok(()),
    }
}
