//! Takes away what no longer says anything. Nothing depends on it: what is over is over by its time,
//! whether its row is still there or not.

use std::time::Duration;

use tokio::sync::watch;

use crate::clock::{Clock, Timestamp};
use crate::error::Result;
use crate::params;
use crate::store::{Scope, Store, Tx};
use crate::{reset, sessions, sign_in};

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
    let before = now.plus_seconds(-MAIL_DAYS * 24 * 3600);
    tx.run("DELETE FROM mails WHERE sent_at < $1 OR failed_at < $1", &params![before])?;
    Ok(())
}
