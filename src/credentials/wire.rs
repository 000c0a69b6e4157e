//! Credentials in the words of the public API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rows::Credential;
use crate::access::{Narrowing, SYSTEM};
use crate::clock::Timestamp;
use crate::identity::Tenant;
use crate::objects::{Metadata, Origin, Reference, SystemMetadata, Whole};
use crate::terms::CredentialType;

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name"]))]
pub(super) struct CredentialRenewal {
    #[schemars(example = &"ci-robot-abcdefgh")]
    pub(super) name: Option<String>,
    /// The life in days from now; 30 if absent. 0 ends it at once.
    #[schemars(example = 30)]
    pub(super) expiration_days: Option<Whole>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name"]))]
pub(super) struct CredentialRevocation {
    #[schemars(example = &"ci-robot-abcdefgh")]
    pub(super) name: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["name"]))]
pub(super) struct CredentialActivation {
    #[schemars(example = &"ci-robot-abcdefgh")]
    pub(super) name: Option<String>,
    /// Whether it is active from now on; if absent, it switches to the other state.
    #[schemars(example = false)]
    pub(super) active: Option<bool>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialMade {
    #[schemars(example = &"ci-robot-abcdefgh")]
    pub(super) name: String,
    #[schemars(example = &"tny_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    pub(super) data: String,
    #[schemars(example = true)]
    pub(super) active: bool,
    pub(super) expiration_timestamp: Timestamp,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialStatus {
    #[schemars(example = true)]
    pub(super) status: bool,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialItem {
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(example = &"ci-robot-abcdefgh")]
    name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    #[schemars(with = "CredentialType")]
    r#type: String,
    #[schemars(example = &"jane@example.com")]
    user_email: String,
    create_timestamp: Timestamp,
    expiry_timestamp: Timestamp,
    #[schemars(example = true)]
    active: bool,
    /// What it may do at most; absent where it is not narrowed. A member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_to: Option<Narrowing>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialList {
    pub(super) items: Vec<CredentialItem>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialAnswer {
    pub(super) object: CredentialObject,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialObject {
    #[schemars(example = Metadata::named("ci-robot-abcdefgh"))]
    metadata: Metadata,
    spec: CredentialObjectSpec,
    system_metadata: SystemMetadata,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialObjectSpec {
    gc_spec: CredentialGlobalSpec,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct CredentialGlobalSpec {
    #[schemars(with = "CredentialType")]
    r#type: String,
    #[schemars(example = true)]
    active: bool,
    created_timestamp: Timestamp,
    expiration_timestamp: Timestamp,
    users: Vec<Reference>,
    #[schemars(example = &"")]
    certificate_serial_num: &'static str,
    #[schemars(example = &"")]
    digest: &'static str,
    #[schemars(example = &"")]
    site_name: &'static str,
    #[schemars(example = &"")]
    virtual_k8s_name: &'static str,
    #[schemars(example = &"")]
    virtual_k8s_namespace: &'static str,
    /// What it may do at most; absent where it is not narrowed. A member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_to: Option<Narrowing>,
}

/// An expired credential counts as active: real clients toggle any that is not, which would switch it off.
pub(super) fn is_active(credential: &Credential) -> bool {
    credential.inactive_at.is_none()
}

pub(super) fn item(credential: Credential) -> CredentialItem {
    CredentialItem {
        namespace: SYSTEM,
        active: is_active(&credential),
        name: credential.name,
        uid: credential.uid.to_string(),
        r#type: credential.kind,
        user_email: credential.user_email,
        create_timestamp: credential.created_at,
        expiry_timestamp: credential.expires_at,
        narrowed_to: credential.narrowed_to,
    }
}

pub(super) fn object(credential: Credential, user_uid: String, tenant: &Tenant) -> CredentialObject {
    let origin = Origin {
        uid: &credential.uid,
        tenant: &tenant.uid,
        created_at: credential.created_at,
        created_by: &credential.created_by,
        modified_at: None,
    };
    let system_metadata = SystemMetadata::wide(origin);
    let active = is_active(&credential);
    let user = Reference {
        kind: "user",
        name: credential.user_email,
        namespace: SYSTEM.into(),
        tenant: tenant.uid.clone(),
        uid: user_uid,
    };
    let uid = Some(credential.uid.to_string());
    let metadata = Metadata { disable: !active, uid, ..Metadata::named(credential.name) };
    let gc_spec = CredentialGlobalSpec {
        r#type: credential.kind,
        active,
        created_timestamp: credential.created_at,
        expiration_timestamp: credential.expires_at,
        users: vec![user],
        certificate_serial_num: "",
        digest: "",
        site_name: "",
        virtual_k8s_name: "",
        virtual_k8s_namespace: "",
        narrowed_to: credential.narrowed_to,
    };
    CredentialObject { metadata, spec: CredentialObjectSpec { gc_spec }, system_metadata }
}
