//! The record of someone who tried what they may not.

use serde_json::json;

use crate::audit::{self, Event, Outcome};
use crate::error::Result;
use crate::http::Trace;
use crate::params;
use crate::store::Tx;

/// Unless the verb that refused has left its own record.
pub(super) fn record_refusal(tx: &mut Tx<'_>, trace: &Trace) -> Result<()> {
    let Trace { tenant, at, caller, address, request_id, subject, operation } = trace;
    let known = tx.maybe("SELECT 1 FROM audit WHERE tenant = $1 AND id = $2", &params![*tenant, request_id])?;
    if known.is_some() {
        return Ok(());
    }
    let actor = caller.actor(*address, *request_id);
    let (outcome, facts) = (Outcome::Refused, json!({ "operation": operation }));
    let event = Event { tenant: *tenant, at: *at, action: "access.refuse", outcome, actor: &actor, subject, facts };
    audit::record(tx, &event)
}
