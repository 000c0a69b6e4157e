//! The calls about API tokens.

use super::rows::CredentialKind;
use super::wire::{
    CredentialActivation, CredentialAnswer, CredentialList, CredentialMade, CredentialRenewal, CredentialRevocation,
    CredentialStatus, item, object,
};
use super::{CredentialAsk, activate, create, draw, find_visible, list_for, renew, revoke};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Operation, Permission};
use crate::store::Tx;

/// The kind that these calls are about.
const OWN: CredentialKind = CredentialKind::Token;

/// The operations about tokens of people.
pub(super) fn operations() -> Vec<Operation> {
    let own = Permission::Group(ApiGroup::GeneralWrite);
    vec![
        Operation::get("/api/web/namespaces/{namespace}/api_credentials", Permission::SignedIn, list_all)
            .id("ves.io.schema.api_credential.CustomAPI.List")
            .in_system()
            .summary("List your API tokens; administrators see everyone's."),
        Operation::post("/api/web/namespaces/{namespace}/api_credentials", own, create_one)
            .fresh("/account")
            .id("ves.io.schema.api_credential.CustomAPI.Create")
            .in_system()
            .summary("Create an API token of your own; its secret is shown once."),
        Operation::get("/api/web/namespaces/{namespace}/api_credentials/{name}", Permission::SignedIn, get_one)
            .id("ves.io.schema.api_credential.CustomAPI.Get")
            .in_system()
            .summary("Read one API token, without its secret."),
        Operation::post("/api/web/namespaces/{namespace}/renew/api_credentials", own, renew_one)
            .fresh("/account")
            .id("ves.io.schema.api_credential.CustomAPI.Renew")
            .in_system()
            .summary("Give an API token a new life, counted from now."),
        // A token's holder may always end it, whatever else they may do.
        Operation::post("/api/web/namespaces/{namespace}/revoke/api_credentials", Permission::SignedIn, revoke_one)
            .id("ves.io.schema.api_credential.CustomAPI.Revoke")
            .in_system()
            .summary("Revoke an API token at once."),
        Operation::post("/api/web/namespaces/{namespace}/activate/api_credentials", own, activate_one)
            .id("ves.io.schema.api_credential.CustomAPI.Activate")
            .in_system()
            .summary("Switch an API token off, or on again."),
    ]
}

async fn list_all(call: Call) -> Result<Json<CredentialList>> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.clone());
    let listing = call.store.scan(call.scope()?, move |tx| list_for(tx, tenant, OWN, &caller));
    Ok(Json(CredentialList { items: listing.await?.into_iter().map(item).collect() }))
}

async fn create_one(call: Call, ask: CredentialAsk) -> Result<Json<CredentialMade>> {
    let act = Act::of(&call)?;
    let (new, token) = draw(&ask, &call.random, &act)?;
    let (name, expiration_timestamp) = (new.name.clone(), new.expires_at);
    call.store.write(call.scope()?, move |tx| create(tx, &new, &act)).await?;
    Ok(Json(CredentialMade { name, data: token.expose().into(), active: true, expiration_timestamp }))
}

async fn get_one(call: Call) -> Result<Json<CredentialAnswer>> {
    let (tenant, caller) = (call.tenant()?, call.caller()?);
    let (found, user_uid) = call.store.read(call.scope()?, |tx| {
        let found = find_visible(tx, tenant.id, (OWN, call.param("name")), caller)?;
        let user = crate::people::find_by_id(tx, tenant.id, found.user)?;
        Ok((found, user.map(|user| user.uid.to_string()).unwrap_or_default()))
    })?;
    Ok(Json(CredentialAnswer { object: object(found, user_uid, tenant) }))
}

async fn renew_one(call: Call, ask: CredentialRenewal) -> Result<Json<CredentialStatus>> {
    let days = ask.expiration_days.map(|days| days.0);
    change(call, ask.name, move |tx, name, act| renew(tx, (OWN, name), days, act)).await
}

async fn revoke_one(call: Call, ask: CredentialRevocation) -> Result<Json<CredentialStatus>> {
    change(call, ask.name, |tx, name, act| revoke(tx, OWN, name, act)).await
}

async fn activate_one(call: Call, ask: CredentialActivation) -> Result<Json<CredentialStatus>> {
    let active = ask.active;
    change(call, ask.name, move |tx, name, act| activate(tx, (OWN, name), active, act)).await
}

pub(super) async fn change(
    call: Call,
    name: Option<String>,
    verb: impl Fn(&mut Tx<'_>, &str, &Act) -> Result<()> + Send + 'static,
) -> Result<Json<CredentialStatus>> {
    let act = Act::of(&call)?;
    let name = name.filter(|name| !name.is_empty());
    let name = name.ok_or_else(|| Error::invalid("Field name should be not empty in request."))?;
    call.store.write(call.scope()?, move |tx| verb(tx, &name, &act)).await?;
    Ok(Json(CredentialStatus { status: true }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::act::rig::{NOW, OWNER, Rig};

    fn make(rig: &Rig, body: Value, namespace: &str) -> Result<Value> {
        let ask: CredentialAsk = serde_json::from_value(body).unwrap();
        let made = rig.run(create_one(rig.call(OWNER, &[("namespace", namespace)], ""), ask))?;
        Ok(serde_json::to_value(made.0).unwrap())
    }

    #[test]
    fn a_token_is_shown_once_and_read_without_its_secret() {
        let rig = Rig::new();
        let body = json!({ "name": "ci-token", "expiration_days": "10", "namespace": null,
                           "spec": { "type": "API_TOKEN", "password": null, "virtual_k8s_name": null } });
        let made = make(&rig, body, "{namespace}").unwrap();
        assert!(made["data"].as_str().unwrap().starts_with("tny_"));
        assert_eq!(made["expiration_timestamp"], NOW.plus_seconds(10 * 86_400).to_string());
        let name = made["name"].as_str().unwrap();
        let call = rig.call(OWNER, &[("namespace", "system"), ("name", name)], "");
        let read = serde_json::to_value(rig.run(get_one(call)).unwrap().0).unwrap();
        assert_eq!(read["object"]["spec"]["gc_spec"]["active"], true);
        assert_eq!(read["object"]["spec"]["gc_spec"]["users"][0]["name"], OWNER);
        assert_eq!(read["object"]["system_metadata"]["revision"], "0");
        assert!(!read.to_string().contains(made["data"].as_str().unwrap()));
        let call = rig.call(OWNER, &[("namespace", "default")], "");
        let listed = serde_json::to_value(rig.run(list_all(call)).unwrap().0).unwrap();
        assert_eq!(
            listed["items"],
            json!([{ "namespace": "system", "name": name, "uid": read["object"]["metadata"]["uid"], "type": "API_TOKEN",
                     "user_email": OWNER, "create_timestamp": NOW.to_string(),
                     "expiry_timestamp": made["expiration_timestamp"], "active": true }])
        );
    }
}
