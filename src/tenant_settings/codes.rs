//! The calls by which the tenant requires a code app of everyone with a password, or no longer.

use serde_json::json;

use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Nothing, Operation, Permission};
use crate::store::Tx;
use crate::tenants;

/// The setting, by its name.
pub(super) const REQUIRED: &str = "second_factor_required";

pub(super) fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::put("/api/web/namespaces/system/tenant/settings/otp/disable", write, disable)
            .id("ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP")
            .summary("Require a code app of nobody any more; those who have one are still asked for codes."),
        Operation::put("/api/web/namespaces/system/tenant/settings/otp/enable", write, enable)
            .id("ves.io.schema.tenant.CustomAPI.EnableTenantLevelOTP")
            .summary("Require a code app of everyone with a password: who has none sets one up at the next sign-in."),
    ]
}

async fn disable(call: Call, _: Nothing) -> Result<Empty> {
    require(&call, "tenant.disable_codes", false).await
}

async fn enable(call: Call, _: Nothing) -> Result<Empty> {
    require(&call, "tenant.enable_codes", true).await
}

/// Counts from the next sign-in; sessions go on.
async fn require(call: &Call, action: &'static str, is_required: bool) -> Result<Empty> {
    let (act, changes) = (Act::of(call)?, [(REQUIRED.to_string(), is_required.to_string())]);
    let verb = move |tx: &mut Tx<'_>| {
        let was_required = act.tenant.settings.sign_in.second_factor_required;
        tenants::change(tx, act.tenant.id, &changes)?;
        act.record(tx, action, &act.tenant.name, json!({ "was_enabled": was_required }))
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(Empty::default())
}
