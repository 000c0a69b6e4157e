//! The operations by which administrators change the address of another user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Parts;
use super::cancel::cancel_of;
use super::change::{NewChange, change_of};
use super::rows::pending_of;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Nothing, Operation, Permission, bind_body};
use crate::mail::address::Email;
use crate::store::Tx;
use crate::tenants;

pub(super) fn operations(parts: &Parts) -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::post("/api/tenantry/v1/users/{email}/email", write, bind_body(parts, change))
            .id("tenantry.users.change_email")
            .summary("Give a user another address: it counts once a link that is mailed to it was confirmed."),
        Operation::post("/api/tenantry/v1/users/{email}/email/cancel", write, cancel)
            .id("tenantry.users.keep_email")
            .summary("Take back a new address that is not confirmed yet."),
        Operation::put("/api/tenantry/v1/address_cool_off", Permission::Group(ApiGroup::TenantOwner), set_cool_off)
            .id("tenantry.users.address_cool_off")
            .summary("Set for how many hours after a change of an address mail goes to the former one."),
    ]
}

/// The new address of a user.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewEmail {
    #[schemars(example = &"jane.roe@example.com")]
    email: String,
}

/// For how long after a change mail goes to the former address.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CoolOff {
    /// 0 to 168; 0 for no time at all.
    #[schemars(example = 24)]
    hours: i64,
}

/// A change that waits for its link.
#[derive(Serialize, JsonSchema)]
struct PendingEmail {
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// The address that is to be confirmed.
    #[schemars(example = &"jane.roe@example.com")]
    pending_email: String,
    /// Until when its link works.
    expires_at: Timestamp,
}

async fn change(parts: Parts, call: Call, asked: NewEmail) -> Result<Json<PendingEmail>> {
    let (act, email) = (Act::of(&call)?, Email::parse(call.param("email"))?);
    let new = NewChange::draw(Email::parse(&asked.email)?, &parts.keys, &call.random, &act);
    let verb = move |tx: &mut Tx<'_>| {
        let user = change_of(tx, &email, &new, &act)?;
        let pending = pending_of(tx, act.tenant.id, &user, act.now)?;
        let pending = pending.ok_or_else(|| Error::internal("a change that was just made is not there"))?;
        Ok(PendingEmail { email: user.email, pending_email: pending.email, expires_at: pending.expires_at })
    };
    call.store.write(call.scope()?, verb).await.map(Json)
}

async fn set_cool_off(call: Call, asked: CoolOff) -> Result<Json<CoolOff>> {
    let (act, changes) = (Act::of(&call)?, [("address_cool_off_hours".to_string(), asked.hours.to_string())]);
    let verb = move |tx: &mut Tx<'_>| tenants::set_by_id(tx, act.tenant.id, &changes, &act.actor, act.now);
    let tenant = call.store.write(call.scope()?, verb).await?;
    Ok(Json(CoolOff { hours: tenant.settings.reset.address_cool_off_hours }))
}

async fn cancel(call: Call, _: Nothing) -> Result<Empty> {
    let (act, email) = (Act::of(&call)?, Email::parse(call.param("email"))?);
    call.store.write(call.scope()?, move |tx| cancel_of(tx, &email, &act).map(drop)).await?;
    Ok(Empty::default())
}
