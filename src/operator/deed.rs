//! One act of the operator on a tenant.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::Call;
use crate::identity::{Actor, TenantId};
use crate::store::Scope;
use crate::tenants::{self, Standing};

/// On which tenant, by whom and when.
pub(super) struct Deed {
    /// The tenant.
    pub(super) tenant: TenantId,
    /// It and the operators' own, until the call's deadline.
    pub(super) scope: Scope,
    /// Who acts.
    pub(super) actor: Actor,
    /// The moment of the call.
    pub(super) now: Timestamp,
}

impl Deed {
    /// On the tenant that the path names.
    ///
    /// # Errors
    /// `NotFound`.
    pub(super) fn of(call: &Call) -> Result<Self> {
        Ok(Self::on(call, named(call)?.tenant.id))
    }

    /// On this tenant.
    pub(super) fn on(call: &Call, tenant: TenantId) -> Self {
        let scope = Scope::operating(tenant).until(call.head.deadline);
        Self { tenant, scope, actor: call.actor(), now: call.now() }
    }
}

/// The tenant that the path names, as it stands.
///
/// # Errors
/// `NotFound`.
pub(super) fn named(call: &Call) -> Result<Standing> {
    call.store.glance(Scope::HOUSE, |tx| tenants::get_standing(tx, call.param("tenant")))
}
