//! The operator's calls about incidents: the second person where a tenant has nobody else.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::deed::Deed;
use crate::error::{Error, Result};
use crate::http::{Call, Json, Operation, Permission};
use crate::incidents::{self, ByOperator, Witnessed};
use crate::store::Tx;
use crate::tenants::get_standing_by_id;
use crate::text;

/// The rows.
pub(super) fn operations() -> Vec<Operation> {
    let own = Permission::Operator;
    vec![
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/incidents/{id}/agree", own, agree)
            .fresh("/account")
            .id("tenantry.system.incidents.agree")
            .summary(
                "Agree to a plan as the second person, where the tenant has nobody else: its passwords begin to end.",
            ),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/incidents/{id}/decline", own, decline)
            .id("tenantry.system.incidents.decline")
            .summary("Decline a plan as the second person, where the tenant has nobody else."),
    ]
}

/// Which plan is agreed to, and how many users it names, as the person who asks has told the operator.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OperatorsAgreement")]
struct AgreeAsk {
    /// The plan, as it was shown.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    plan: String,
    /// How many users it names.
    #[schemars(example = 9871)]
    users: i64,
}

/// Why a plan is declined.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "OperatorsRefusal")]
struct DeclineAsk {
    /// For the person who asked, and for the record.
    #[schemars(example = &"The list holds last year's users.")]
    why: String,
}

async fn agree(call: Call, ask: AgreeAsk) -> Result<Json<Witnessed>> {
    let plan = incidents::digest_of(&ask.plan)?;
    act(call, move |by, tx, id| by.agree(tx, id, (&plan, ask.users))).await
}

async fn decline(call: Call, ask: DeclineAsk) -> Result<Json<Witnessed>> {
    text::check("why", &ask.why)?;
    act(call, move |by, tx, id| by.decline(tx, id, &ask.why)).await
}

/// Runs a verb on the incident of the path.
async fn act(
    call: Call,
    verb: impl Fn(&ByOperator, &mut Tx<'_>, Uuid) -> Result<Witnessed> + Send + 'static,
) -> Result<Json<Witnessed>> {
    let deed = Deed::of(&call)?;
    let id = Uuid::parse_str(call.param("id")).map_err(|_| incidents::not_found())?;
    let witnessed = call.store.write(deed.scope, move |tx| {
        let standing = get_standing_by_id(tx, deed.tenant)?;
        if standing.suspended.is_some() || standing.removal.is_some() {
            return Err(Error::conflict("This tenant is suspended. Resume it first."));
        }
        let by = ByOperator { tenant: Arc::new(standing.tenant), actor: deed.actor.clone(), now: deed.now };
        verb(&by, tx, id)
    });
    witnessed.await.map(Json)
}
