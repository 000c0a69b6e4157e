//! Who held which credential when that was last looked up. A moment is what passes between two commits of a store that
//! nobody else writes to: in it nothing can be revoked, disabled or taken away, so what was read is still exact. What
//! was read in another one, or in a store that others write to, is a presumption.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockWriteGuard};

use crate::clock::Timestamp;
use crate::http::Admitted;
use crate::identity::{Bearer, Tenant};

/// A storm of different credentials must not grow without bound.
const KEPT_MAX: usize = 1_024;

/// The bearers that were looked up, by the hash of their secret.
#[derive(Default)]
pub(super) struct Recent(RwLock<HashMap<[u8; 32], Kept>>);

/// None for the moment of a store that others write to.
struct Kept {
    moment: Option<u64>,
    known: Known,
}

/// A bearer, with their tenant as it was then.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) tenant: Arc<Tenant>,
    pub(super) bearer: Bearer,
}

impl Known {
    pub(super) fn admitted(self) -> Admitted {
        Admitted { tenant: Some(self.tenant), caller: Some(self.bearer.caller), presumed: None }
    }
}

impl Recent {
    /// The bearer, if it was looked up in this very moment and the credential still counts.
    pub(super) fn find(&self, moment: u64, hash: &[u8; 32], now: Timestamp) -> Option<Known> {
        self.find_kept(hash, now, |kept| kept.moment == Some(moment))
    }

    /// The bearer as of the last look, if the credential would still count.
    pub(super) fn presume(&self, hash: &[u8; 32], now: Timestamp) -> Option<Known> {
        self.find_kept(hash, now, |_| true)
    }

    fn find_kept(&self, hash: &[u8; 32], now: Timestamp, is_fit: impl Fn(&Kept) -> bool) -> Option<Known> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let kept = all.get(hash).filter(|kept| is_fit(kept))?;
        (kept.known.bearer.expires_at > now).then(|| kept.known.clone())
    }

    /// Keeps a bearer that was looked up after `moment` was read, unless it is known from a later one.
    pub(super) fn keep(&self, moment: Option<u64>, hash: [u8; 32], known: Known) {
        let mut all = self.locked();
        if all.get(&hash).is_some_and(|kept| kept.moment > moment) {
            return;
        }
        if all.len() >= KEPT_MAX && !all.contains_key(&hash) {
            all.clear();
        }
        all.insert(hash, Kept { moment, known });
    }

    /// Of one that no longer counts nothing is presumed.
    pub(super) fn forget(&self, hash: &[u8; 32]) {
        self.locked().remove(hash);
    }

    fn locked(&self) -> RwLockWriteGuard<'_, HashMap<[u8; 32], Kept>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Caller, Proof, TenantId, TenantSettings, UserId};

    fn known(expires_at: i64) -> Known {
        let settings = TenantSettings::default();
        let tenant =
            Tenant { id: TenantId(1), name: "t".into(), uid: "u".into(), revision: 1, settings, is_suspended: false };
        let proof = Proof::Credential("token".into());
        let caller =
            Caller { user: UserId(1), email: "a@example.com".into(), proof, rights: Arc::default(), proved_at: None };
        let bearer = Bearer {
            tenant: tenant.id,
            tenant_revision: tenant.revision,
            caller: Arc::new(caller),
            expires_at: Timestamp(expires_at),
        };
        Known { tenant: Arc::new(tenant), bearer }
    }

    #[test]
    fn a_bearer_is_known_until_the_next_commit_and_no_longer_than_the_credential() {
        let recent = Recent::default();
        recent.keep(Some(7), [1; 32], known(100));
        let is_known = |moment, secret, now| recent.find(moment, &[secret; 32], Timestamp(now)).is_some();
        assert!(is_known(7, 1, 99));
        assert!(!is_known(7, 1, 100), "expired");
        assert!(!is_known(8, 1, 99), "something was committed");
        assert!(!is_known(7, 2, 99), "another secret");
        recent.forget(&[1; 32]);
        assert!(!is_known(7, 1, 99), "no longer what it was");
    }

    #[test]
    fn a_bearer_is_presumed_as_of_the_last_look_and_no_longer_than_the_credential() {
        let recent = Recent::default();
        let presumed = |now| recent.presume(&[1; 32], Timestamp(now)).map(|known| known.bearer.expires_at.0);
        assert_eq!(presumed(99), None);
        recent.keep(Some(8), [1; 32], known(200));
        assert_eq!(presumed(199), Some(200));
        assert_eq!(presumed(200), None, "expired");
        recent.keep(Some(7), [1; 32], known(100));
        assert_eq!(presumed(99), Some(200), "what was read before a commit does not replace what was read after it");
        recent.keep(Some(9), [1; 32], known(300));
        assert_eq!(presumed(99), Some(300));
        recent.forget(&[1; 32]);
        assert_eq!(presumed(99), None);
    }
}
