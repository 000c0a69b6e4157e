//! The call about a user's device for one-time codes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::create::read_address;
use super::reset_codes;
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::Result;
use crate::factors::NewLink;
use crate::http::{Call, Empty, Operation, Permission, bind_body};
use crate::keys::Keys;

/// The operations about one-time codes; `keys` make the links to set up another app.
pub(super) fn operations(keys: &Keys) -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::put("/api/web/namespaces/system/user/otp/admin_reset", write, bind_body(keys, reset))
            .id("ves.io.schema.user.setting.CustomAPI.ResetOtpDeviceByAdmin")
            .summary("Take a user's code app away; a link is mailed, without which no other one is set up."),
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

async fn reset(keys: Keys, call: Call, ask: CodesAsk) -> Result<Empty> {
    let (act, email) = (Act::of(&call)?, read_address("user_email", ask.user_email.as_deref())?);
    let link = NewLink::draw(&keys, &call.random, act.now);
    call.store.write(call.scope()?, move |tx| reset_codes(tx, &email, &link, &act)).await?;
    Ok(Empty::default())
}
