//! The operator: by a credential of the operators' tenant, or by the socket in the data directory.

use http::header;

use super::HouseGate;
use crate::access::ADMIN_ROLE;
use crate::error::{Error, Result};
use crate::http::{Admitted, Head, Operation, Permission};
use crate::identity::{Caller, TenantId};
use crate::store::Scope;
use crate::tenants::find_by_id;

impl HouseGate {
    /// The caller by the socket. It is no way to anything but the operator's calls: to no tenant by its host or by a
    /// credential, which would be a second answer to the question who calls.
    pub(super) fn operator_here(&self, head: &Head, operation: &Operation) -> Result<Admitted> {
        if operation.permission != Permission::Operator {
            return Err(Error::forbidden(
                "This socket serves the operator's calls alone. Make this one at a tenant's address.",
            ));
        }
        if self.name_in(head).is_some() || head.headers.contains_key(header::AUTHORIZATION) {
            return Err(Error::forbidden(
                "A call by this socket is the operator's own. Name no tenant in its host, and send no credential.",
            ));
        }
        let tenant = self.store.glance(Scope::HOUSE, |tx| find_by_id(tx, TenantId::SYSTEM))?;
        Ok(Admitted { tenant: tenant.map(|tenant| self.tenants.keep(tenant)), caller: None, presumed: None })
    }
}

/// That a caller with a credential is an operator.
pub(super) fn check_operator(caller: &Caller, admitted: &Admitted) -> Result<()> {
    let is_theirs = admitted.tenant.as_ref().is_some_and(|tenant| tenant.id == TenantId::SYSTEM);
    if is_theirs && caller.rights.lack_to_operate().is_none() {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "Only an operator of this installation may do this: a user of the operators' tenant who has the role {ADMIN_ROLE} in \
         system.{}",
        caller.rights.note()
    )))
}
