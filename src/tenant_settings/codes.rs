//! The call that sees to it that the tenant asks nobody for one-time codes.

use serde_json::json;

use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Nothing, Operation, Permission};

pub(super) fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::put("/api/web/namespaces/system/tenant/settings/otp/disable", write, disable)
            .id("ves.io.schema.tenant.CustomAPI.DisableTenantLevelOTP")
            .summary("See to it that no one-time codes are asked for at sign-in; none are here."),
    ]
}

/// There are no codes here, so nothing is switched; that an administrator asked for it is recorded.
async fn disable(call: Call, _: Nothing) -> Result<Empty> {
    let act = Act::of(&call)?;
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        act.record(tx, "tenant.disable_codes", &act.tenant.name, json!({ "was_enabled": false }))
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(Empty::default())
}
