//! The calls about service credentials.

use schemars::JsonSchema;
use serde::Serialize;

use super::api::change;
use super::programs::{self, ServiceCredential, ServiceCredentialAsk, ServiceReplacement};
use super::wire::{
    CredentialActivation, CredentialMade, CredentialRenewal, CredentialRevocation, CredentialStatus, is_active,
};
use super::{CredentialKind, activate, renew, revoke};
use crate::access::{ApiGroup, Narrowing, SYSTEM};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission};
use crate::objects::NamespaceAccess;
use crate::terms::CredentialType;

/// A service user may have many roles.
const BODY_MAX: usize = 256 * 1024;
const KIND: CredentialKind = CredentialKind::ServiceToken;

/// The operations about service credentials.
pub(super) fn operations() -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::get("/api/web/namespaces/{namespace}/service_credentials", read, list_all)
            .id("ves.io.schema.api_credential.CustomAPI.ListServiceCredentials")
            .in_system()
            .summary("List the credentials of programs that act as nobody, with their roles."),
        Operation::post("/api/web/namespaces/{namespace}/service_credentials", write, create_one)
            .fresh("/account")
            .id("ves.io.schema.api_credential.CustomAPI.CreateServiceCredentials")
            .in_system()
            .summary(
                "Create a token for a program, with a service user and roles of its own; its secret is shown once.",
            )
            .body_max(BODY_MAX),
        Operation::get("/api/web/namespaces/{namespace}/service_credentials/{name}", read, get_one)
            .id("ves.io.schema.api_credential.CustomAPI.GetServiceCredentials")
            .in_system()
            .summary("Read one service credential, without its secret."),
        Operation::put("/api/web/namespaces/{namespace}/service_credentials/{name}", write, replace_one)
            .id("ves.io.schema.api_credential.CustomAPI.ReplaceServiceCredentials")
            .in_system()
            .summary("Replace the roles and groups of a service user.")
            .body_max(BODY_MAX),
        Operation::post("/api/web/namespaces/{namespace}/renew/service_credentials", write, renew_one)
            .fresh("/account")
            .id("ves.io.schema.api_credential.CustomAPI.RenewServiceCredentials")
            .in_system()
            .summary("Give a service credential a new life, counted from now."),
        Operation::post("/api/web/namespaces/{namespace}/revoke/service_credentials", write, revoke_one)
            .id("ves.io.schema.api_credential.CustomAPI.RevokeServiceCredentials")
            .in_system()
            .summary("Revoke a service credential at once; its service user goes with it."),
        Operation::post("/api/web/namespaces/{namespace}/activate/service_credentials", write, activate_one)
            .id("ves.io.schema.api_credential.CustomAPI.ActivateServiceCredentials")
            .in_system()
            .summary("Switch a service credential off, or on again."),
    ]
}

/// A service credential as it is shown.
#[derive(Serialize, JsonSchema)]
struct ServiceCredentialItem {
    #[schemars(example = &"system")]
    namespace: &'static str,
    #[schemars(example = &"deploy-robot-abcdefgh")]
    name: String,
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: String,
    #[schemars(with = "CredentialType")]
    r#type: String,
    #[schemars(example = &"deploy-robot-abcdefgh@service.invalid")]
    user_email: String,
    #[schemars(example = ["ops"])]
    user_group_names: Vec<String>,
    namespace_access: NamespaceAccess,
    create_timestamp: Timestamp,
    expiry_timestamp: Timestamp,
    #[schemars(example = true)]
    active: bool,
    /// What it may do at most; absent where it is not narrowed. A member of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    narrowed_to: Option<Narrowing>,
}

#[derive(Serialize, JsonSchema)]
struct ServiceCredentialList {
    items: Vec<ServiceCredentialItem>,
}

/// What a replacement answers.
#[derive(Serialize, JsonSchema)]
struct ServiceReplaced {
    #[schemars(example = &"deploy-robot-abcdefgh")]
    name: String,
    #[schemars(example = true)]
    active: bool,
    expiration_timestamp: Timestamp,
}

fn item(service: ServiceCredential) -> ServiceCredentialItem {
    let ServiceCredential { credential, rights } = service;
    ServiceCredentialItem {
        namespace: SYSTEM,
        active: is_active(&credential),
        name: credential.name,
        uid: credential.uid.to_string(),
        r#type: credential.kind,
        user_email: credential.user_email,
        user_group_names: rights.user_groups().to_vec(),
        namespace_access: NamespaceAccess::of(rights.held()),
        create_timestamp: credential.created_at,
        expiry_timestamp: credential.expires_at,
        narrowed_to: credential.narrowed_to,
    }
}

async fn list_all(call: Call) -> Result<Json<ServiceCredentialList>> {
    let act = Act::of(&call)?;
    let all = call.store.scan(call.scope()?, move |tx| programs::list(tx, &act)).await?;
    Ok(Json(ServiceCredentialList { items: all.into_iter().map(item).collect() }))
}

async fn get_one(call: Call) -> Result<Json<ServiceCredentialItem>> {
    let act = Act::of(&call)?;
    call.store.read(call.scope()?, |tx| programs::get(tx, call.param("name"), &act)).map(|found| Json(item(found)))
}

async fn create_one(call: Call, ask: ServiceCredentialAsk) -> Result<Json<CredentialMade>> {
    let act = Act::of(&call)?;
    let (new, token) = programs::draw(&ask, &call.random, &act)?;
    let (name, expiration_timestamp) = (new.credential.name.clone(), new.credential.expires_at);
    call.store.write(call.scope()?, move |tx| programs::create(tx, &new, &act)).await?;
    Ok(Json(CredentialMade { name, data: token.expose().into(), active: true, expiration_timestamp }))
}

async fn replace_one(call: Call, ask: ServiceReplacement) -> Result<Json<ServiceReplaced>> {
    let (act, name) = (Act::of(&call)?, call.param("name").to_string());
    let replaced = call.store.write(call.scope()?, move |tx| programs::replace(tx, &name, &ask, &act)).await?;
    let active = is_active(&replaced.credential);
    let expiration_timestamp = replaced.credential.expires_at;
    Ok(Json(ServiceReplaced { name: replaced.credential.name, active, expiration_timestamp }))
}

async fn renew_one(call: Call, ask: CredentialRenewal) -> Result<Json<CredentialStatus>> {
    let days = ask.expiration_days.map(|days| days.0);
    change(call, ask.name, move |tx, name, act| renew(tx, (KIND, name), days, act)).await
}

async fn revoke_one(call: Call, ask: CredentialRevocation) -> Result<Json<CredentialStatus>> {
    change(call, ask.name, |tx, name, act| revoke(tx, KIND, name, act)).await
}

async fn activate_one(call: Call, ask: CredentialActivation) -> Result<Json<CredentialStatus>> {
    let active = ask.active;
    change(call, ask.name, move |tx, name, act| activate(tx, (KIND, name), active, act)).await
}
