//! The calls by which an owner says who owns the tenant.

use schemars::JsonSchema;
use serde::Deserialize;

use super::create::read_address;
use super::{FirstLink, assign_owner, unassign_owner};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Operation, Permission, bind_body};
use crate::keys::Keys;

/// The operations about owners; `keys` make the links of those who become one.
pub(super) fn operations(keys: &Keys) -> Vec<Operation> {
    let own = Permission::Group(ApiGroup::TenantOwner);
    vec![
        Operation::post("/api/web/namespaces/system/tenant/domain_owner/assign", own, bind_body(keys, assign))
            .fresh("/account")
            .id("ves.io.schema.tenant.CustomAPI.AssignDomainOwner")
            .summary(
                "Make a user an owner of the tenant, with the roles of one; a link to choose a password is mailed.",
            ),
        Operation::post("/api/web/namespaces/system/tenant/domain_owner/unassign", own, unassign)
            .fresh("/account")
            .id("ves.io.schema.tenant.CustomAPI.UnassignDomainOwner")
            .summary("Make an owner of the tenant an owner no longer; the roles stay."),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["email"]))]
struct OwnerAsk {
    /// The address of the user.
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
}

async fn assign(keys: Keys, call: Call, ask: OwnerAsk) -> Result<Empty> {
    let (act, email) = (Act::of(&call)?, read_address("email", ask.email.as_deref())?);
    let link = FirstLink::draw(&keys, &call.random, &act);
    call.store.write(call.scope()?, move |tx| assign_owner(tx, &email, &link, &act)).await?;
    Ok(Empty::default())
}

async fn unassign(call: Call, ask: OwnerAsk) -> Result<Empty> {
    let (act, email) = (Act::of(&call)?, read_address("email", ask.email.as_deref())?);
    call.store.write(call.scope()?, move |tx| unassign_owner(tx, &email, &act)).await?;
    Ok(Empty::default())
}
