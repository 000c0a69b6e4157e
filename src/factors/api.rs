//! How many people of a tenant have a second factor.

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::ApiGroup;
use crate::error::Result;
use crate::http::{Call, Json, Operation, Permission};
use crate::params;
use crate::store::Tx;

/// The operations of this room.
pub fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/tenantry/v1/second_factors", Permission::Group(ApiGroup::UamAdminRead), count)
            .id("tenantry.second_factors.count")
            .summary("Tell how many people with a password here have a code app, and whether the tenant requires one."),
    ]
}

/// How many people have a second factor.
#[derive(Serialize, JsonSchema)]
struct Counted {
    /// Whether the tenant requires one at sign-in.
    required: bool,
    /// People who sign in with a password here.
    #[schemars(example = 400)]
    people: i64,
    /// Those of them who have no code app.
    #[schemars(example = 88)]
    without: i64,
}

async fn count(call: Call) -> Result<Json<Counted>> {
    let (tenant, required) = (call.tenant()?.id, call.tenant()?.settings.sign_in.second_factor_required);
    let verb = move |tx: &mut Tx<'_>| {
        let row = tx.one(
            "SELECT COUNT(*), COUNT(f.seed) FROM users u
             LEFT JOIN second_factors f ON f.tenant = u.tenant AND f.user_id = u.id
             WHERE u.tenant = $1 AND u.kind = 'USER' AND u.idm_type = 'VOLTERRA_MANAGED'",
            &params![tenant],
        )?;
        let (people, having): (i64, i64) = (row.get(0)?, row.get(1)?);
        Ok(Counted { required, people, without: people - having })
    };
    call.store.scan(call.scope()?, verb).await.map(Json)
}
