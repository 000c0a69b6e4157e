//! Keeps the public halves of all keys, so that a key which is taken away from the key file stays known.

use std::time::Duration;

use tokio::sync::watch;

use super::note::VerifierKey;
use super::rows::{self, Numbered};
use super::signer::Signer;
use crate::clock::Clock;
use crate::error::Result;
use crate::identity::TenantId;
use crate::store::{Scope, Store, Tx};

/// How often to look whether the keys have changed.
const EVERY: Duration = Duration::from_secs(1);

/// All keys that have ever stood in the key file here, the newest first. Runs in the operators' scope, or in the house's.
///
/// # Errors
/// Those of the store.
pub fn list_known(tx: &mut Tx<'_>, signer: &Signer) -> Result<Vec<VerifierKey>> {
    let mut known = rows::list(tx)?;
    // A key of the last second may not be noted yet.
    let new: Vec<_> = of_file(signer)?.into_iter().filter(|key| !known.contains(key)).collect();
    known.extend(new);
    known.sort_by_key(|key| std::cmp::Reverse(key.number));
    Ok(known.into_iter().map(|key| key.key).collect())
}

fn of_file(signer: &Signer) -> Result<Vec<Numbered>> {
    let of = |number| Ok(Numbered { number, key: signer.verifier(number)? });
    signer.numbers().into_iter().map(of).collect()
}

/// Notes the keys of the file at the start, and as soon as it has changed, until told to stop.
pub async fn keep_known(signer: Signer, store: Store, clock: Clock, mut stop: watch::Receiver<bool>) {
    let mut noted = Vec::new();
    loop {
        let numbers = signer.numbers();
        if numbers != noted {
            match note(&signer, &store, &clock).await {
                Ok(()) => noted = numbers,
                Err(failure) => store.tell(&failure, "the public halves of the keys were not noted; it is tried again"),
            }
        }
        if tokio::time::timeout(EVERY, stop.wait_for(|is_over| *is_over)).await.is_ok() {
            return;
        }
    }
}

async fn note(signer: &Signer, store: &Store, clock: &Clock) -> Result<()> {
    let (keys, scope) = (of_file(signer)?, Scope::of(TenantId::SYSTEM));
    let known = store.read(scope, rows::list)?;
    if keys.iter().all(|key| known.contains(key)) {
        return Ok(());
    }
    let now = clock.now();
    store.write(scope, move |tx| rows::add(tx, &keys, now)).await
}
