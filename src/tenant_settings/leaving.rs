//! The calls by which an owner asks to delete the tenant, or suspends it. Nothing is deleted by either: the operator is told,
//! and decides.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Operation, Permission};
use crate::mail::address::Email;
use crate::tenants::{self, Asked};
use crate::terms::DeletionReason;

/// Longest free words, in bytes.
const FEEDBACK_MAX: usize = 4_000;

pub(super) fn operations() -> Vec<Operation> {
    let own = Permission::Group(ApiGroup::TenantOwner);
    vec![
        Operation::post("/api/web/namespaces/system/tenant/request-delete", own, request_deletion)
            .fresh("/account")
            .id("ves.io.schema.tenant.CustomAPI.DeleteTenant")
            .summary("Ask the operator to delete the tenant, which goes on until then."),
        Operation::put("/api/saas/namespaces/system/v2/tenant/deactivate", own, deactivate)
            .fresh("/account")
            .id("ves.io.schema.tenant.CustomAPIEywaprime.DeactivateTenant")
            .summary("Suspend the tenant at once: nobody comes in until the operator resumes it."),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct DeletionAsk {
    /// To whom the operator may answer.
    #[schemars(example = &"owner@example.com")]
    email: Option<String>,
    /// Why, in free words, at most 4,000 bytes.
    #[schemars(example = &"We have moved to another place.")]
    feedback: Option<String>,
    /// The name of the tenant; where it is sent, it must be that of this one.
    #[schemars(example = &"example-corp")]
    name: Option<String>,
    /// Why.
    #[schemars(with = "Option<DeletionReason>", example = &"REASON_NO_LONGER_NEEDED")]
    reason: Option<String>,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct DeactivationAsk {
    /// Why, in free words, at most 4,000 bytes.
    #[schemars(example = &"We have moved to another place.")]
    feedback: Option<String>,
    /// Why.
    #[schemars(with = "Option<DeletionReason>", example = &"REASON_NO_LONGER_NEEDED")]
    reason: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Deactivated {
    /// The id of the audit record; the tenant is suspended already.
    #[schemars(example = &"0194f3a15c2e7b608d4f3a9e6c71b208")]
    job_id: String,
}

async fn request_deletion(call: Call, ask: DeletionAsk) -> Result<Empty> {
    let act = Act::of(&call)?;
    check_name(&act, ask.name.as_deref())?;
    let email = ask.email.filter(|email| !email.is_empty());
    let email = email.map_or(Ok(String::new()), |email| Email::parse(&email).map(|email| email.as_str().into()))?;
    let asked = Asked { email, ..asked(&act, ask.reason, ask.feedback)? };
    let name = act.tenant.name.clone();
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        act.require_owner(tx)?;
        tenants::request_deletion(tx, &act.tenant, &asked, &act.actor, act.now)
    };
    call.store.write(call.scope()?, verb).await?;
    tracing::warn!(tenant = %name, "an owner asks to delete this tenant; `tenantry tenant show` tells why");
    Ok(Empty::default())
}

async fn deactivate(call: Call, ask: DeactivationAsk) -> Result<Json<Deactivated>> {
    let act = Act::of(&call)?;
    let (asked, name) = (asked(&act, ask.reason, ask.feedback)?, act.tenant.name.clone());
    let job_id = act.actor.request_id.simple().to_string();
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        act.require_owner(tx)?;
        tenants::suspend(tx, &act.tenant, &asked, &act.actor, act.now)
    };
    call.store.write(call.scope()?, verb).await?;
    tracing::warn!(tenant = %name, "an owner has suspended this tenant; `tenantry tenant resume` serves it again");
    Ok(Json(Deactivated { job_id }))
}

/// A client that names another tenant means another one.
fn check_name(act: &Act, name: Option<&str>) -> Result<()> {
    match name {
        None | Some("") => Ok(()),
        Some(name) if name == act.tenant.name || name == act.tenant.uid => Ok(()),
        Some(_) => Err(Error::invalid(format!(
            "Field name must be the name of this tenant, {}, or be left out. Nothing was changed.",
            act.tenant.name
        ))),
    }
}

fn asked(act: &Act, reason: Option<String>, feedback: Option<String>) -> Result<Asked> {
    let (reason, feedback) = (reason.unwrap_or_default(), feedback.unwrap_or_default());
    if !reason.is_empty() && !DeletionReason::WORDS.contains(&reason.as_str()) {
        return Err(Error::invalid(format!("Field reason must be one of {}.", DeletionReason::WORDS.join(", "))));
    }
    if feedback.len() > FEEDBACK_MAX {
        return Err(Error::invalid(format!("Field feedback is longer than {FEEDBACK_MAX} bytes.")));
    }
    Ok(Asked { by: act.actor.name.clone(), email: String::new(), reason, feedback })
}
