//! Who calls: every client's first question, answered with one statement.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::find_by_id;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Caller, Tenant};
use crate::rights::Grant;
use crate::store::Tx;

/// The caller, in the words of the public API. What speaks of plans and bills is constant.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct WhoAmI {
    pub name: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub namespace: &'static str,
    pub r#type: String,
    pub idm_type: String,
    pub tenant: String,
    pub original_tenant: String,
    pub tenant_type: &'static str,
    pub tenant_state: &'static str,
    pub cname: String,
    pub company: String,
    pub state: &'static str,
    pub access_type: &'static str,
    pub self_managed: Nothing,
    pub user_uuid: String,
    pub namespace_roles: Vec<Grant>,
    pub namespace_access: NamespaceAccess,
    pub group_names: [String; 0],
    pub domain_owner: bool,
    pub disabled: bool,
    pub sync_mode: &'static str,
    pub plan_type: &'static str,
    pub billing_plan_name: &'static str,
    pub active_plan_transition_uid: &'static str,
    pub environment: &'static str,
    pub signup_origin: &'static str,
    pub feature_flags: [String; 0],
    pub billing_flags: [String; 0],
    pub addon_service_status: Nothing,
    pub tenant_flags: Nothing,
    pub tile_access: Nothing,
    pub creation_timestamp: Timestamp,
    pub last_login_timestamp: Option<Timestamp>,
    pub tos_accepted: &'static str,
    pub tos_accepted_at: Option<Timestamp>,
    pub tos_version: &'static str,
    pub tos_current_version: &'static str,
}

/// `{}`
#[derive(Debug, Serialize, JsonSchema)]
pub struct Nothing {}

/// Roles by namespace.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NamespaceAccess {
    /// For each namespace, or `*`, the roles there.
    pub namespace_role_map: BTreeMap<String, RoleNames>,
}

/// Names of roles.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleNames {
    /// The names.
    pub names: Vec<String>,
}

fn access(grants: &[Grant]) -> NamespaceAccess {
    let mut namespace_role_map: BTreeMap<String, RoleNames> = BTreeMap::new();
    for grant in grants {
        namespace_role_map.entry(grant.namespace.clone()).or_default().names.push(grant.role.clone());
    }
    NamespaceAccess { namespace_role_map }
}

/// Tells the caller who they are. Their roles are those by which this very call was let in.
///
/// # Errors
/// `Unauthenticated` when the user was removed since.
pub fn whoami(tx: &mut Tx<'_>, tenant: &Tenant, caller: &Caller) -> Result<WhoAmI> {
    let user = find_by_id(tx, tenant.id, caller.user)?
        .ok_or_else(|| Error::unauthenticated("The user of this credential is gone. Sign in again."))?;
    let grants = caller.rights.grants().to_vec();
    Ok(WhoAmI {
        name: user.email.clone(),
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        namespace: "system",
        r#type: user.kind,
        idm_type: user.idm_type,
        tenant: tenant.uid.clone(),
        original_tenant: tenant.uid.clone(),
        tenant_type: "ENTERPRISE",
        tenant_state: "StateActive",
        cname: tenant.name.clone(),
        company: tenant.settings.display_name.clone(),
        state: "StateActive",
        access_type: "DIRECT_ACCESS",
        self_managed: Nothing {},
        user_uuid: user.uid.to_string(),
        namespace_access: access(&grants),
        namespace_roles: grants,
        group_names: [],
        domain_owner: user.owner_since.is_some(),
        disabled: user.disabled_at.is_some(),
        sync_mode: "SELF",
        plan_type: "ORGANIZATION",
        billing_plan_name: "",
        active_plan_transition_uid: "",
        environment: "",
        signup_origin: "ORIGIN_F5XC",
        feature_flags: [],
        billing_flags: [],
        addon_service_status: Nothing {},
        tenant_flags: Nothing {},
        tile_access: Nothing {},
        creation_timestamp: user.created_at,
        last_login_timestamp: user.last_login_at,
        tos_accepted: "",
        tos_accepted_at: None,
        tos_version: "",
        tos_current_version: "",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_gathered_by_namespace() {
        let grants = [Grant::new("*", "a"), Grant::new("system", "a"), Grant::new("system", "b")];
        let map = access(&grants).namespace_role_map;
        assert_eq!(map["system"].names, ["a", "b"]);
        assert_eq!(map["*"].names, ["a"]);
    }
}
