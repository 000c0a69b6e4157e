//! The page of a link was opened: the timeline of its reset says so.

use serde_json::json;
use uuid::Uuid;

use super::rows;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::Tx;

/// The opening of the page of a link.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    /// The tenant that the link names.
    pub(super) tenant: TenantId,
    /// The reset that the link names.
    pub(super) reset: Uuid,
    /// From where; nobody is signed in.
    pub(super) actor: Actor,
    /// The present moment.
    pub(super) now: Timestamp,
}

/// Notes it; only the first time counts.
pub(super) fn open(tx: &mut Tx<'_>, opening: &Opening) -> Result<()> {
    let Opening { tenant, reset, actor, now } = opening;
    let opened = tx.run(
        "UPDATE resets SET opened_at = $3 WHERE tenant = $1 AND id = $2 AND opened_at IS NULL",
        &params![*tenant, reset, *now],
    )?;
    if opened == 0 {
        return Ok(());
    }
    let email = rows::find(tx, *tenant, reset)?.ok_or_else(rows::not_found)?.email;
    let (action, outcome, facts) = ("reset.open", Outcome::Accepted, json!({ "reset": reset }));
    audit::record(tx, &Event { tenant: *tenant, at: *now, action, outcome, actor, subject: &email, facts })
}
