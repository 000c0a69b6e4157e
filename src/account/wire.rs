//! The caller as they are answered, in the words of the public API.

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::{Grant, Narrowing};
use crate::clock::Timestamp;
use crate::http::EmptyObject;
use crate::identity::{Caller, Tenant};
use crate::objects::{EMPTY, NamespaceAccess};
use crate::people::User;
use crate::terms::{AccessType, AccountState, IdmType, PlanType, SignupOrigin, SyncMode, TenantType, UserType};

/// The caller, in the words of the public API. What speaks of plans and bills is constant.
#[derive(Serialize, JsonSchema)]
pub(super) struct WhoAmI {
    #[schemars(example = &"jane@example.com")]
    name: String,
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[schemars(example = &"Jane")]
    first_name: String,
    #[schemars(example = &"Roe")]
    last_name: String,
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(with = "UserType")]
    r#type: &'static str,
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    #[schemars(example = &"example-corp-abcdefgh")]
    original_tenant: String,
    #[schemars(with = "TenantType")]
    tenant_type: &'static str,
    #[schemars(with = "AccountState")]
    tenant_state: &'static str,
    #[schemars(example = &"example-corp")]
    cname: String,
    #[schemars(example = &"Example Corp")]
    company: String,
    #[schemars(with = "AccountState")]
    state: &'static str,
    #[schemars(with = "AccessType")]
    access_type: &'static str,
    self_managed: EmptyObject,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    user_uuid: String,
    namespace_roles: Vec<Grant>,
    namespace_access: NamespaceAccess,
    #[schemars(example = ["ops"])]
    group_names: Vec<String>,
    domain_owner: bool,
    disabled: bool,
    #[schemars(with = "SyncMode")]
    sync_mode: &'static str,
    #[schemars(with = "PlanType")]
    plan_type: &'static str,
    #[schemars(example = &"")]
    billing_plan_name: &'static str,
    #[schemars(example = &"")]
    active_plan_transition_uid: &'static str,
    #[schemars(example = &"")]
    environment: &'static str,
    #[schemars(with = "SignupOrigin")]
    signup_origin: &'static str,
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    feature_flags: [String; 0],
    #[schemars(with = "Vec<EmptyObject>", example = EMPTY)]
    billing_flags: [String; 0],
    addon_service_status: EmptyObject,
    tenant_flags: EmptyObject,
    tile_access: EmptyObject,
    creation_timestamp: Timestamp,
    last_login_timestamp: Option<Timestamp>,
    #[schemars(example = &"2026-03")]
    tos_accepted: String,
    tos_accepted_at: Option<Timestamp>,
    #[schemars(example = &"2026-03")]
    tos_version: String,
    #[schemars(example = &"2026-03")]
    tos_current_version: String,
    /// What the token of this call may do at most; absent where it is not narrowed. A member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_to: Option<Narrowing>,
}

impl WhoAmI {
    pub(super) fn new(user: User, caller: &Caller, tenant: &Tenant) -> Self {
        Self {
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
            namespace_access: NamespaceAccess::of(caller.rights.held()),
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
            tos_accepted: user.terms.words,
            tos_accepted_at: user.terms.at,
            tos_version: user.terms.version,
            tos_current_version: tenant.settings.terms.version.clone(),
            narrowed_to: caller.rights.narrowing().cloned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ADMIN_ROLE;
    use crate::account::whoami;
    use crate::act::rig::{OWNER, Rig};

    #[test]
    fn whoami_carries_both_forms_of_the_roles() {
        let rig = Rig::new();
        let act = rig.act_of(OWNER);
        let me = rig.read(|tx| whoami(tx, rig.tenant.id, &act.caller));
        let me = serde_json::to_value(WhoAmI::new(me, &act.caller, &rig.tenant)).unwrap();
        assert_eq!(me["email"], OWNER);
        assert_eq!(me["tenant"], rig.tenant.uid);
        assert_eq!(me["cname"], "acme");
        assert_eq!(me["domain_owner"], true);
        assert_eq!(me["namespace_roles"].as_array().unwrap().len(), 4);
        assert_eq!(me["namespace_access"]["namespace_role_map"]["*"]["names"][0], ADMIN_ROLE);
    }
}
