//! Who held which credential a moment ago. A moment is what passes between two commits of a store that nobody else
//! writes to: in it nothing can be revoked, disabled or taken away, so what was read is still exact. Of a store that
//! others write to everything is kept as of one moment, and is a presumption.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::clock::Timestamp;
use crate::http::Admitted;
use crate::identity::{Bearer, Tenant};

/// A storm of different credentials in one moment must not grow without bound.
const KEPT_MAX: usize = 1_024;

/// The bearers that were looked up in the present moment, by the hash of their secret.
#[derive(Default)]
pub(super) struct Recent(RwLock<Moment>);

#[derive(Default)]
struct Moment {
    number: u64,
    bearers: HashMap<[u8; 32], Known>,
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
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let known = (kept.number == moment).then(|| kept.bearers.get(hash)).flatten()?;
        (known.bearer.expires_at > now).then(|| known.clone())
    }

    /// Keeps a bearer that was looked up after `moment` was read. One of a moment that is over is dropped.
    pub(super) fn keep(&self, moment: u64, hash: [u8; 32], known: Known) {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.number < moment || kept.bearers.len() >= KEPT_MAX {
            kept.bearers.clear();
        }
        if kept.number <= moment {
            kept.number = moment;
            kept.bearers.insert(hash, known);
        }
    }

    /// Of one that no longer counts nothing is presumed.
    pub(super) fn forget(&self, hash: &[u8; 32]) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).bearers.remove(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::{Caller, Proof, TenantId, TenantSettings, UserId};

    fn known(expires_at: i64) -> Known {
        let settings = TenantSettings::default();
        let tenant = Tenant { id: TenantId(1), name: "t".into(), uid: "u".into(), revision: 1, settings };
        let proof = Proof::Credential("token".into());
        let caller = Caller { user: UserId(1), email: "a@example.com".into(), proof, rights: Arc::default() };
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
        recent.keep(7, [1; 32], known(100));
        let is_known = |moment, secret, now| recent.find(moment, &[secret; 32], Timestamp(now)).is_some();
        assert!(is_known(7, 1, 99));
        assert!(!is_known(7, 1, 100), "expired");
        assert!(!is_known(8, 1, 99), "something was committed");
        assert!(!is_known(7, 2, 99), "another secret");
        recent.forget(&[1; 32]);
        assert!(!is_known(7, 1, 99), "no longer what it was");
    }

    #[test]
    fn what_was_read_before_a_commit_is_not_kept_after_it() {
        let recent = Recent::default();
        recent.keep(8, [1; 32], known(100));
        recent.keep(7, [2; 32], known(100));
        assert!(recent.find(8, &[1; 32], Timestamp(1)).is_some());
        assert!(recent.find(8, &[2; 32], Timestamp(1)).is_none());
    }
}
