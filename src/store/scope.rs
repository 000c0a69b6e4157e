//! What a verb may touch, and until when.

use std::time::Instant;

use crate::identity::TenantId;

/// The tenant whose rows a verb may touch, and the time until which it may begin.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// Every statement of the verb must bind this tenant first. `None` is the house: workers and administration of all tenants.
    pub tenant: Option<TenantId>,
    /// A write that has not begun by then does not begin.
    pub deadline: Option<Instant>,
}

impl Scope {
    /// All tenants, no deadline: workers and administration of the installation.
    pub const HOUSE: Self = Self { tenant: None, deadline: None };

    /// One tenant, no deadline.
    pub fn of(tenant: TenantId) -> Self {
        Self { tenant: Some(tenant), deadline: None }
    }

    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| Instant::now() > deadline)
    }
}
