//! Roles in the words of the public API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::Role;
use super::views::policy_of;
use crate::objects::{AskedMetadata, KeptMetadata, Metadata, NewMetadata, Origin, Reference, SystemMetadata};
use crate::views::Shown;

/// A new role with its API groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["api_groups", "metadata"]))]
pub(super) struct NewRoleAsk {
    /// The API groups; at least one.
    #[serde(default)]
    #[schemars(with = "Vec<String>", example = ["ves-io-uam-read"])]
    pub(super) api_groups: Option<Vec<String>>,
    #[serde(default)]
    #[schemars(with = "NewMetadata")]
    pub(super) metadata: Option<AskedMetadata>,
}

/// The API groups of a role, said anew.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["api_groups"]))]
pub(super) struct RoleAsk {
    /// The API groups; at least one.
    #[serde(default)]
    #[schemars(with = "Vec<String>", example = ["ves-io-uam-read"])]
    pub(super) api_groups: Option<Vec<String>>,
}

/// A new role of the plain calls: without API groups.
#[derive(Debug, Deserialize, JsonSchema)]
#[schemars(extend("required" = ["metadata"]))]
pub(super) struct PlainRoleAsk {
    #[serde(default)]
    #[schemars(with = "NewMetadata")]
    pub(super) metadata: Option<AskedMetadata>,
}

/// What is said of a role, said anew.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct PlainReplacementAsk {
    #[serde(default)]
    pub(super) metadata: Option<AskedMetadata>,
}

/// What a removal may say beside the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub(super) struct RoleRemoval {
    /// A role that is held is never removed, whatever is said here.
    #[serde(default)]
    #[allow(dead_code, reason = "a member of the public API")]
    fail_if_referred: bool,
}

/// The spec of a role in answers: its policy.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct RoleSpec {
    rbac_policy: Vec<Reference>,
}

impl RoleSpec {
    fn of(role: &Role) -> Self {
        Self { rbac_policy: vec![policy_of(role).reference("rbac_policy")] }
    }
}

/// A role for the plain calls.
pub(super) fn shown(role: Role) -> Shown<RoleSpec> {
    let spec = RoleSpec::of(&role);
    let Role { name, namespace, tenant, uid, kept, created_at, created_by, modified_at, .. } = role;
    Shown { name, namespace, tenant, uid, kept, created_at, created_by, modified_at, spec }
}

/// A role in the list of the custom call.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RoleItem {
    #[schemars(example = &"auditor")]
    name: String,
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(example = &"example-corp-abcdefgh")]
    tenant: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    disabled: bool,
    #[schemars(example = ["ves-io-uam-read"])]
    api_groups: Vec<String>,
    get_spec: RoleSpec,
}

impl From<Role> for RoleItem {
    fn from(role: Role) -> Self {
        let get_spec = RoleSpec::of(&role);
        let Role { name, namespace, tenant, uid, kept, spec, .. } = role;
        Self { name, namespace, tenant, uid: uid.to_string(), disabled: kept.disable, api_groups: spec, get_spec }
    }
}

/// All roles, as the custom call answers them.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Roles {
    pub(super) items: Vec<RoleItem>,
}

/// A role with its API groups.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RoleAnswer {
    #[schemars(example = ["ves-io-uam-read"])]
    api_groups: Vec<String>,
    object: RoleObject,
}

impl From<Role> for RoleAnswer {
    fn from(role: Role) -> Self {
        Self { api_groups: role.spec.clone(), object: role.into() }
    }
}

/// The object of a role in its wide form.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct RoleObject {
    metadata: Metadata,
    spec: WideSpec,
    system_metadata: SystemMetadata,
}

#[derive(Debug, Serialize, JsonSchema)]
struct WideSpec {
    gc_spec: RoleSpec,
}

impl From<Role> for RoleObject {
    fn from(role: Role) -> Self {
        let spec = WideSpec { gc_spec: RoleSpec::of(&role) };
        let system_metadata = SystemMetadata::wide(Origin {
            uid: &role.uid,
            tenant: &role.tenant,
            created_at: role.created_at,
            created_by: &role.created_by,
            modified_at: role.modified_at,
        });
        let KeptMetadata { description, disable, labels, annotations } = role.kept;
        let (name, namespace, uid) = (role.name, role.namespace.into(), Some(role.uid.to_string()));
        Self {
            metadata: Metadata { name, namespace, description, disable, labels, annotations, uid },
            spec,
            system_metadata,
        }
    }
}
