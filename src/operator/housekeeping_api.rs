//! The operator asks for a round of housekeeping, which otherwise comes every ten minutes.

use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::Operating;
use super::shown::ShownRound;
use crate::audit::{self, Event, Outcome};
use crate::error::{Error, Result};
use crate::http::{Call, Json, Nothing, Operation, Permission, bind_body};
use crate::identity::TenantId;
use crate::store::{Scope, Tx};

/// The row.
pub(super) fn operations(room: &Operating) -> [Operation; 1] {
    [Operation::post("/api/tenantry/v1/system/housekeeping", Permission::Operator, bind_body(room, tidy))
        .id("tenantry.system.housekeeping")
        .summary("Take away what is over, now and not within ten minutes; answers when that is done.")]
}

/// Its record comes before the round, which goes on where the caller does not wait.
async fn tidy(room: Operating, call: Call, _: Nothing) -> Result<Json<ShownRound>> {
    let (actor, now, deadline) = (call.actor(), call.now(), call.head.deadline);
    let verb = move |tx: &mut Tx<'_>| {
        let (tenant, outcome, actor, facts) = (TenantId::SYSTEM, Outcome::Accepted, &actor, json!({}));
        audit::record(tx, &Event { tenant, at: now, action: "house.tidy", outcome, actor, subject: "house", facts })
    };
    call.store.write(Scope::of(TenantId::SYSTEM).until(deadline), verb).await?;
    let housekeeping = room.housekeeping;
    let round = tokio::spawn(async move { housekeeping.go_round().await });
    match timeout_at(Instant::from_std(deadline), round).await {
        Ok(round) => Ok(Json(ShownRound::of(round.map_err(Error::internal)?))),
        Err(_) => Err(Error::unavailable(
            "There is more to take away than a call waits for. It goes on; the state of the house tells when it has ended.",
            10,
        )),
    }
}
