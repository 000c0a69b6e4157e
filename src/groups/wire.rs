//! Groups in the words of the public API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::change::GroupInFull;
use crate::access::{Grant, SYSTEM};
use crate::error::{Error, Result};
use crate::http::EmptyObject;
use crate::identity::Tenant;
use crate::objects::KeptMetadata;
use crate::people::Group;
use crate::terms::SyncMode;
use crate::views::Shown;

/// A group, as the custom calls answer it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UserGroup {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    #[schemars(example = &"ops")]
    name: String,
    #[schemars(example = &"Operations")]
    display_name: String,
    #[schemars(example = &"Who is on call")]
    description: String,
    #[schemars(example = &"")]
    sync_id: String,
    #[schemars(with = "SyncMode")]
    sync_mode: &'static str,
    #[schemars(example = ["jane@example.com"])]
    usernames: Vec<String>,
    namespace_roles: Vec<Grant>,
    references_count: EmptyObject,
    error: Option<EmptyObject>,
}

impl From<GroupInFull> for UserGroup {
    fn from(full: GroupInFull) -> Self {
        let Group { name, uid, display_name, description, sync_id, .. } = full.group;
        Self {
            id: uid.to_string(),
            uid: uid.to_string(),
            name,
            display_name,
            description,
            sync_id,
            sync_mode: "SELF",
            usernames: full.members,
            namespace_roles: full.grants,
            references_count: EmptyObject {},
            error: None,
        }
    }
}

/// All groups; the public API names this list differently from all others.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UserGroups {
    pub(super) user_groups: Vec<UserGroup>,
}

/// The spec of a group in the plain calls.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct UserGroupSpec {
    #[schemars(example = &"Operations")]
    display_name: String,
}

/// A group for the plain calls.
pub(super) fn shown(group: Group, tenant: &Tenant) -> Shown<UserGroupSpec> {
    let Group { name, uid, display_name, description, created_at, created_by, modified_at, .. } = group;
    let kept = KeptMetadata { description, ..KeptMetadata::default() };
    let spec = UserGroupSpec { display_name };
    Shown { name, namespace: SYSTEM, tenant: tenant.uid.clone(), uid, kept, created_at, created_by, modified_at, spec }
}

/// The group that is to be analysed: by name or by id.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct AnalysisAsk {
    /// Its name.
    namespace_name_identifier: Option<Identifier>,
    /// Its id.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    object_uid: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Identifier {
    /// The name of the group.
    #[schemars(example = &"ops")]
    object_name: String,
    /// `system`.
    #[schemars(example = &"system")]
    #[allow(dead_code, reason = "all groups live in system")]
    object_namespace: String,
}

impl AnalysisAsk {
    /// Whether the group is meant.
    ///
    /// # Errors
    /// `Invalid` when neither name nor id is given.
    pub(super) fn means(&self, group: &Group) -> Result<bool> {
        match (&self.namespace_name_identifier, &self.object_uid) {
            (Some(identifier), _) if !identifier.object_name.is_empty() => Ok(identifier.object_name == group.name),
            (_, Some(uid)) if !uid.is_empty() => Ok(*uid == group.uid.to_string()),
            _ => Err(Error::invalid("Field namespace_name_identifier.object_name should be not empty in request.")),
        }
    }
}

/// Whether a group can be removed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Analysis {
    deletion_analysis: DeletionAnalysis,
    referenced_items: EmptyObject,
    back_referencing_items: EmptyObject,
}

/// What stands in the way of a removal.
#[derive(Debug, Serialize, JsonSchema)]
#[allow(dead_code, reason = "the list of words is the public API's")]
enum DeletionAnalysis {
    /// Not in use here.
    Unknown,
    /// Nothing.
    Deletable,
    /// Not in use here.
    Internal,
    /// Members and roles, which go with it.
    ReferencesAutoRemovable,
    /// Not in use here.
    ReferencesRemovable,
    /// Not in use here.
    ReferencesNonRemovable,
}

impl From<&GroupInFull> for Analysis {
    fn from(full: &GroupInFull) -> Self {
        let is_bare = full.members.is_empty() && full.grants.is_empty();
        let free = if is_bare { DeletionAnalysis::Deletable } else { DeletionAnalysis::ReferencesAutoRemovable };
        let (referenced_items, back_referencing_items) = (EmptyObject {}, EmptyObject {});
        Self { deletion_analysis: free, referenced_items, back_referencing_items }
    }
}
