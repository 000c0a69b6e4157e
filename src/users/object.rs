//! A user as the public API's object of three parts, which creating and replacing one answer.

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::identity::Tenant;
use crate::objects::{EMPTY, Metadata, Origin, Reference, SystemMetadata};
use crate::people::User;
use crate::terms::{AccountState, IdmType, SyncMode, UserType};

/// The object of a user.
#[derive(Serialize, JsonSchema)]
pub struct UserObject {
    #[schemars(example = Metadata::named("jane@example.com"))]
    metadata: Metadata,
    spec: UserSpec,
    system_metadata: SystemMetadata,
}

#[derive(Serialize, JsonSchema)]
struct UserSpec {
    gc_spec: UserGlobalSpec,
}

#[derive(Serialize, JsonSchema)]
struct UserGlobalSpec {
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[schemars(example = &"Jane")]
    first_name: String,
    #[schemars(example = &"Roe")]
    last_name: String,
    #[schemars(with = "UserType")]
    r#type: &'static str,
    #[schemars(with = "IdmType")]
    idm_type: &'static str,
    #[schemars(with = "AccountState")]
    state: &'static str,
    #[schemars(with = "SyncMode")]
    sync_mode: &'static str,
    domain_owner: bool,
    #[schemars(example = &"de")]
    locale: &'static str,
    last_login_timestamp: Option<Timestamp>,
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    groups: [String; 0],
    #[schemars(with = "Vec<Reference>", example = EMPTY)]
    contacts: [String; 0],
    #[schemars(example = &"2026-03")]
    tos_accepted: String,
    tos_accepted_at: Option<Timestamp>,
    #[schemars(example = &"2026-03")]
    tos_version: String,
}

/// Makes the object of a user; their roles are not in it.
pub fn object(user: User, tenant: &Tenant) -> UserObject {
    let origin = Origin {
        uid: &user.uid,
        tenant: &tenant.uid,
        created_at: user.created_at,
        created_by: &user.created_by,
        modified_at: user.modified_at,
    };
    let system_metadata = SystemMetadata::wide(origin);
    let metadata = Metadata {
        disable: user.disabled_at.is_some(),
        uid: Some(user.uid.to_string()),
        ..Metadata::named(&user.email)
    };
    let gc_spec = UserGlobalSpec {
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        r#type: user.kind.word(),
        idm_type: user.sign_in_by.word(),
        state: if user.disabled_at.is_some() { "StateDisabled" } else { "StateActive" },
        sync_mode: "SELF",
        domain_owner: user.owner_since.is_some(),
        locale: user.language.map_or("", crate::language::Language::tag),
        last_login_timestamp: user.last_login_at,
        groups: [],
        contacts: [],
        tos_accepted: user.terms.words,
        tos_accepted_at: user.terms.at,
        tos_version: user.terms.version,
    };
    UserObject { metadata, spec: UserSpec { gc_spec }, system_metadata }
}
