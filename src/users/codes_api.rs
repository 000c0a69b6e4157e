//! The call about a user's device for one-time codes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::create::read_address;
use super::reset_codes;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::http::{Call, Empty, Operation, Permission};

/// The operations about one-time codes.
pub(super) fn operations() -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::put("/api/web/namespaces/system/user/otp/admin_reset", write, reset)
            .id("ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin")
            .summary("See to it that a user has no device for one-time codes; none can be enrolled here."),
    ]
}

/// Unknown members are refused: the call touches how a user signs in.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["user_email"]))]
struct CodesAsk {
    /// The address of the user.
    #[schemars(example = &"jane@example.com")]
    user_email: Option<String>,
}

async fn reset(call: Call, ask: CodesAsk) -> Result<Empty> {
    let (act, email) = (Act::of(&call)?, read_address("user_email", ask.user_email.as_deref())?);
    call.store.write(call.scope()?, move |tx| reset_codes(tx, &email, &act)).await?;
    Ok(Empty::default())
}
