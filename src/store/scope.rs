//! What a verb may touch, and until when.

use std::time::Instant;

use crate::identity::TenantId;

/// The tenant whose rows a verb may touch, and the time until which it may begin.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Every statement of the verb must bind this tenant first. `None` is the house: workers and administration of all tenants.
    pub tenant: Option<TenantId>,
    /// Whether the tenant of the operators may be bound as well.
    is_operating: bool,
    /// A write that has not begun by then does not begin.
    pub deadline: Option<Instant>,
}

impl Scope {
    /// All tenants, no deadline: workers and administration of the installation.
    pub const HOUSE: Self = Self { tenant: None, is_operating: false, deadline: None };

    /// One tenant, no deadline.
    pub fn of(tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), is_operating: false, deadline: None }
    }

    /// For an act of the operator on a tenant: that one and the operators' own, in whose records it stands too. No deadline.
    pub fn operating(tenant: TenantId) -> Self {
        Self { is_operating: tenant != TenantId::SYSTEM, ..Self::of(tenant) }
    }

    /// The same with a deadline.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Whether an act of the operator on another tenant runs in it.
    pub(super) fn is_operating(&self) -> bool {
        self.is_operating
    }

    /// The tenants whose rows may be touched, in order; none where all of them may.
    pub(super) fn tenants(&self) -> Vec<TenantId> {
        let beside = self.is_operating.then_some(TenantId::SYSTEM);
        beside.into_iter().chain(self.tenant).collect()
    }

    /// Whether a statement may bind this number first.
    pub(super) fn takes(&self, tenant: i64) -> bool {
        let is_beside = self.is_operating && tenant == TenantId::SYSTEM.0;
        is_beside || self.tenant.is_none_or(|own| own.0 == tenant)
    }

    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() > deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::params;
    use crate::store::{Settings, Store};

    #[test]
    fn an_act_of_the_operator_binds_two_tenants_and_no_third() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), Timestamp(0)).unwrap();
        let binds = |scope: Scope, tenant: i64| {
            let statement = "SELECT 1 FROM sign_in_failures WHERE tenant = $1";
            store.read(scope, |tx| tx.maybe(statement, &params![TenantId(tenant)])).is_ok()
        };
        let own = Scope::operating(TenantId(7));
        assert_eq!([7, 0, 8].map(|tenant| binds(own, tenant)), [true, true, false]);
        assert_eq!([7, 0, 8].map(|tenant| binds(Scope::of(TenantId(7)), tenant)), [true, false, false]);
        let alone = Scope::operating(TenantId::SYSTEM);
        assert_eq!((binds(alone, 0), binds(alone, 7), alone.is_operating()), (true, false, false));
        assert_eq!(own.tenants(), [TenantId::SYSTEM, TenantId(7)]);
    }
}
