//! Who calls: every client's first question, answered with one statement.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::EmptyObject;
use crate::identity::{Caller, Tenant};
use crate::objects::EMPTY;
use crate::people::find_by_id;
use crate::store::Tx;
use crate::terms::{AccessType, AccountState, IdmType, PlanType, SignupOrigin, SyncMode, TenantType, UserType};

/// The caller, in the words of the public API. What speaks of plans and bills is constant.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(missing_docs, reason = "the members are the public API's own")]
pub struct WhoAmI {
    #[schemars(example = &"jane@example.com")]
    pub name: String,
    #[schemars(example = &"jane@example.com")]
    pub email: String,
    #[schemars(example = &"Jane")]
    pub first_name: String,
    #[schemars(example = &"Roe")]
    pub last_name: String,
    #[schemars(example = &"system")]
    pub namespace: &'static str,
    #[schemars(with = "UserType")]
    pub r#type: &'static str,
    #[schemars(with = "IdmType")]
    pub idm_type: &'static str,
    #[schemars(example = &"example-corp-abcdefgh")]
    pub tenant: String,
    #[schemars(example = &"example-corp-abcdefgh")]
    pub original_tenant: String,
    #[schemars(with = "TenantType")]
    pub tenant_type: &'static str,
    #[schemars(with = "AccountState")]
    pub tenant_state: &'static str,
    #[schemars(example = &"example-corp")]
    pub cname: String,
    #[schemars(example = &"Example Corp")]
    pub company: String,
    #[schemars(with = "AccountState")]
    pub state: &'static str,
    #[schemars(with = "AccessType")]
    pub access_type: &'static str,
    pub self_managed: EmptyObject,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    pub user_uuid: String,
    pub namespace_roles: Vec<Grant>,
    pub namespace_access: NamespaceAccess,
    #[schemars(example = ["ops"])]
    pub group_names: Vec<String>,
    pub domain_owner: bool,
    pub disabled: bool,
    #[schemars(with = "SyncMode")]
    pub sync_mode: &'static str,
    #[schemars(with = "PlanType")]
    pub plan_type: &'static str,
    #[schemars(example = &"")]
    pub billing_plan_name: &'static str,
    #[schemars(example = &"")]
    pub active_plan_transition_uid: &'static str,
    #[schemars(example = &"")]
    pub environment: &'static str,
    #[schemars(with = "SignupOrigin")]
    pub signup_origin: &'static str,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub feature_flags: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    pub billing_flags: [String; 0],
    pub addon_service_status: EmptyObject,
    pub tenant_flags: EmptyObject,
    pub tile_access: EmptyObject,
    pub creation_timestamp: Timestamp,
    pub last_login_timestamp: Option<Timestamp>,
    #[schemars(example = &"")]
    pub tos_accepted: &'static str,
    pub tos_accepted_at: Option<Timestamp>,
    #[schemars(example = &"")]
    pub tos_version: &'static str,
    #[schemars(example = &"")]
    pub tos_current_version: &'static str,
}

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
    #[schemars(example = ["ves-io-monitor-role"])]
    pub names: Vec<String>,
}

fn access(grants: &[Grant]) -> NamespaceAccess {
    let mut namespace_role_map: BTreeMap<String, RoleNames> = BTreeMap::new();
    for grant in grants {
        let names = &mut namespace_role_map.entry(grant.namespace.clone()).or_default().names;
        if !names.contains(&grant.role) {
            names.push(grant.role.clone());
        }
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
    let held: Vec<Grant> = caller.rights.held().iter().map(|held| held.grant.clone()).collect();
    Ok(WhoAmI {
        name: user.email.clone(),
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        namespace: "system",
        r#type: user.kind.word(),
        idm_type: user.sign_in_by.word(),
        tenant: tenant.uid.clone(),
        original_tenant: tenant.uid.clone(),
        tenant_type: "ENTERPRISE",
        tenant_state: "StateActive",
        cname: tenant.name.clone(),
        company: tenant.settings.brand.display_name.clone(),
        state: "StateActive",
        access_type: "DIRECT_ACCESS",
        self_managed: EmptyObject {},
        user_uuid: user.uid.to_string(),
        namespace_access: access(&held),
        namespace_roles: caller.rights.direct().cloned().collect(),
        group_names: caller.rights.user_groups().to_vec(),
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
        addon_service_status: EmptyObject {},
        tenant_flags: EmptyObject {},
        tile_access: EmptyObject {},
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
    use crate::access::ADMIN_ROLE;
    use crate::act::rig::{OWNER, Rig};

    #[test]
    fn roles_are_gathered_by_namespace() {
        let grants = [Grant::new("*", "a"), Grant::new("system", "a"), Grant::new("system", "b")];
        let map = access(&grants).namespace_role_map;
        assert_eq!(map["system"].names, ["a", "b"]);
        assert_eq!(map["*"].names, ["a"]);
    }

    #[test]
    fn whoami_carries_both_forms_of_the_roles() {
        let rig = Rig::new();
        let act = rig.act_of(OWNER);
        let me = rig.read(|tx| whoami(tx, &rig.tenant, &act.caller));
        let me = serde_json::to_value(&me).unwrap();
        assert_eq!(me["email"], OWNER);
        assert_eq!(me["tenant"], rig.tenant.uid);
        assert_eq!(me["cname"], "acme");
        assert_eq!(me["domain_owner"], true);
        assert_eq!(me["namespace_roles"].as_array().unwrap().len(), 4);
        assert_eq!(me["namespace_access"]["namespace_role_map"]["*"]["names"][0], ADMIN_ROLE);
    }
}
