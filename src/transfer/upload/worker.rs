//! Goes on with files that are due, two at once, and forgets those that are kept no longer.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::go_on::Bringer;
use super::kept::lapsed_before;
use super::rows;
use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::transfer::Parts;

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(1);
/// Files that one server goes on with at once.
const AT_ONCE: usize = 2;

/// Goes on until told to stop.
pub async fn keep_going_on(parts: Parts, store: Store, clock: Clock, random: Random, stop: watch::Receiver<bool>) {
    let mut stopped = stop.clone();
    let nudge = parts.nudge.clone();
    let bringer = Bringer { parts, store, clock, random, stop };
    let mut going = JoinSet::new();
    while !*stopped.borrow() {
        lapse(&bringer).await;
        begin(&bringer, &mut going);
        tokio::select! {
            _ = stopped.changed() => {}
            _ = going.join_next(), if !going.is_empty() => {}
            () = nudge.notified() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    going.join_all().await;
}

/// Begins with those that are due, as far as there is room.
fn begin(bringer: &Bringer, going: &mut JoinSet<()>) {
    let room = AT_ONCE.saturating_sub(going.len());
    let now = bringer.clock.now();
    let due = match bringer.store.read(Scope::HOUSE, |tx| rows::find_due(tx, now, room as i64)) {
        Ok(due) => due,
        Err(failure) => return bringer.store.tell(&failure, "uploaded files that are due could not be looked for"),
    };
    for due in due {
        let bringer = bringer.clone();
        going.spawn(async move {
            if let Err(failure) = bringer.go_on(due).await {
                bringer.store.tell(&failure, "an uploaded file is not gone on with yet");
            }
        });
    }
}

/// Forgets what is kept no longer, or was never whole.
async fn lapse(bringer: &Bringer) {
    if let Err(failure) = lapse_all(bringer).await {
        bringer.store.tell(&failure, "uploaded files that are kept no longer could not be forgotten");
    }
}

async fn lapse_all(bringer: &Bringer) -> Result<()> {
    let before: Timestamp = lapsed_before(bringer.clock.now());
    for due in bringer.store.read(Scope::HOUSE, |tx| rows::find_old(tx, before))? {
        bringer.lapse(due).await?;
    }
    for due in bringer.store.read(Scope::HOUSE, |tx| rows::find_old_parts(tx, before))? {
        let verb = move |tx: &mut Tx<'_>| rows::forget(tx, due.tenant, due.import);
        bringer.store.write(Scope::of(due.tenant), verb).await?;
    }
    Ok(())
}
