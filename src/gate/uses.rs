//! Of which credentials this process knows that their use was noted lately, so that most calls write nothing.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use super::HouseGate;
use crate::clock::Timestamp;
use crate::credentials::{self, NOTED_EVERY_SECONDS};
use crate::identity::TenantId;
use crate::store::{Scope, Tx};

/// A storm of different credentials must not grow without bound. Noting one again is cheap: the statement finds nothing to do.
const KEPT_MAX: usize = 16_384;

/// When the use of each credential was noted, by the hash of its secret.
#[derive(Default, Clone)]
pub(super) struct Uses(Arc<RwLock<HashMap<[u8; 32], Timestamp>>>);

impl Uses {
    /// Whether the use of this credential is to be noted now; then the next callers are told no.
    fn are_to_be_noted(&self, hash: &[u8; 32], now: Timestamp) -> bool {
        let is_fresh = |noted: &Timestamp| noted.lasts(NOTED_EVERY_SECONDS, now);
        if self.0.read().unwrap_or_else(PoisonError::into_inner).get(hash).is_some_and(is_fresh) {
            return false;
        }
        let mut noted = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if noted.get(hash).is_some_and(is_fresh) {
            return false;
        }
        if noted.len() >= KEPT_MAX {
            noted.clear();
        }
        noted.insert(*hash, now);
        true
    }

    fn forget(&self, hash: &[u8; 32]) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(hash);
    }
}

impl HouseGate {
    /// Beside the request: a token counts while the store cannot be written.
    pub(super) fn note_use_of_token(&self, tenant: TenantId, hash: [u8; 32], now: Timestamp) {
        if !self.uses.are_to_be_noted(&hash, now) {
            return;
        }
        let (store, uses) = (self.store.clone(), self.uses.clone());
        tokio::spawn(async move {
            let verb = move |tx: &mut Tx<'_>| credentials::note_use(tx, tenant, &hash, now);
            if let Err(failure) = store.write(Scope::of(tenant), verb).await {
                uses.forget(&hash);
                tracing::debug!(%failure, "the use of a credential was not noted");
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_use_of_a_credential_is_noted_once_a_day_also_after_a_clock_was_set_back() {
        let uses = Uses::default();
        let noted =
            |secret, days: i64| uses.are_to_be_noted(&[secret; 32], Timestamp(0).plus_seconds(days * 24 * 3600));
        assert_eq!(
            [noted(1, 9), noted(1, 9), noted(2, 9), noted(1, 10), noted(1, 10)],
            [true, false, true, true, false]
        );
        assert_eq!([noted(1, 5), noted(1, 5)], [true, false], "set back");
        uses.forget(&[2; 32]);
        assert_eq!([noted(2, 9), noted(2, 9)], [true, false], "the store did not take it");
    }
}
