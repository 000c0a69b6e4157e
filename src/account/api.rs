//! The calls about oneself.

use schemars::JsonSchema;
use serde::Serialize;

use super::whoami;
use super::wire::WhoAmI;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission};
use crate::sessions::{self, UserSession};

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/web/custom/namespaces/{namespace}/whoami", Permission::SignedIn, who_am_i)
            .id("ves.io.schema.user.CustomAPI.Get")
            .in_system()
            .summary("Tell who you are and what roles you have."),
        Operation::get("/api/web/namespaces/system/user/sessions", Permission::SignedIn, my_sessions)
            .id("ves.io.schema.user.setting.CustomAPI.GetUserSessions")
            .summary("List your own live sessions."),
    ]
}

#[derive(Serialize, JsonSchema)]
struct UserSessions {
    user_sessions: Vec<UserSession>,
}

async fn who_am_i(call: Call) -> Result<Json<WhoAmI>> {
    let (tenant, caller) = (call.tenant()?, call.caller()?);
    let user = call.store.glance(call.scope()?, |tx| whoami(tx, tenant.id, caller))?;
    Ok(Json(WhoAmI::new(user, caller, tenant)))
}

async fn my_sessions(call: Call) -> Result<Json<UserSessions>> {
    let (tenant, caller, now) = (call.tenant()?, call.caller()?, call.now());
    let user_sessions = call.store.read(call.scope()?, |tx| sessions::live_of(tx, tenant, caller.user, now))?;
    Ok(Json(UserSessions { user_sessions }))
}
