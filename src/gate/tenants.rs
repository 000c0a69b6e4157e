//! Tenants as they were last read. Every look-up of a caller brings the revision of their tenant along: a tenant that is kept at
//! that revision need not be read again.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::identity::{Tenant, TenantId};

/// A tenant with a large logo takes some hundred kilobytes. Where more tenants are active, some are read more often.
const KEPT_MAX: usize = 4_096;

/// The tenants that were read, by number and by name.
#[derive(Default)]
pub(super) struct Tenants(RwLock<Kept>);

#[derive(Default)]
struct Kept {
    by_id: HashMap<TenantId, Arc<Tenant>>,
    by_name: HashMap<String, TenantId>,
}

impl Tenants {
    /// The tenant, if it is kept as it was at this revision.
    pub(super) fn find(&self, id: TenantId, revision: i64) -> Option<Arc<Tenant>> {
        self.kept().by_id.get(&id).filter(|tenant| tenant.revision == revision).cloned()
    }

    /// The number of the tenant that had this name when it was read. It may have lost it, or be no more.
    pub(super) fn presume(&self, name: &str) -> Option<TenantId> {
        self.kept().by_name.get(name).copied()
    }

    /// Keeps a tenant that was just read.
    pub(super) fn keep(&self, tenant: Tenant) -> Arc<Tenant> {
        if let Some(known) = self.find(tenant.id, tenant.revision)
            && known.is_suspended == tenant.is_suspended
        {
            return known;
        }
        let tenant = Arc::new(tenant);
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if kept.by_name.len().max(kept.by_id.len()) >= KEPT_MAX {
            *kept = Kept::default();
        }
        kept.by_name.insert(tenant.name.clone(), tenant.id);
        kept.by_id.insert(tenant.id, Arc::clone(&tenant));
        tenant
    }

    fn kept(&self) -> RwLockReadGuard<'_, Kept> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::TenantSettings;

    fn tenant(id: i64, name: &str, revision: i64) -> Tenant {
        let settings = TenantSettings::default();
        Tenant { id: TenantId(id), name: name.into(), uid: "u".into(), revision, settings, is_suspended: false }
    }

    #[test]
    fn a_tenant_is_known_at_the_revision_at_which_it_was_read() {
        let tenants = Tenants::default();
        tenants.keep(tenant(1, "acme", 1));
        let known = |revision| tenants.find(TenantId(1), revision).map(|tenant| tenant.revision);
        assert_eq!([known(1), known(2)], [Some(1), None]);
        tenants.keep(tenant(1, "acme", 2));
        assert_eq!([known(1), known(2)], [None, Some(2)]);
        assert!(tenants.find(TenantId(2), 2).is_none());
    }

    #[test]
    fn a_name_leads_to_the_tenant_that_was_last_read_under_it() {
        let tenants = Tenants::default();
        assert_eq!(tenants.presume("acme"), None);
        tenants.keep(tenant(1, "acme", 1));
        tenants.keep(tenant(2, "other", 1));
        assert_eq!(tenants.presume("acme"), Some(TenantId(1)));
        tenants.keep(tenant(3, "acme", 1));
        assert_eq!(tenants.presume("acme"), Some(TenantId(3)));
    }

    #[test]
    fn no_more_tenants_are_kept_than_the_bound() {
        let tenants = Tenants::default();
        for id in 1..=3 * KEPT_MAX as i64 {
            tenants.keep(tenant(id, &format!("t{id}"), 1));
            let kept = tenants.kept();
            assert!(kept.by_id.len().max(kept.by_name.len()) <= KEPT_MAX);
            assert!(kept.by_id.contains_key(&TenantId(id)), "the one just read is kept");
        }
    }
}
