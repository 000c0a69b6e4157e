//! How an import ends, whoever ends it.

use serde_json::{Value, json};

use super::rows::{self, Import, State};
use super::upload;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::store::Tx;

/// Stops what nobody's call stops: an import of a file that was uploaded.
///
/// # Errors
/// Those of the store.
pub(super) fn stop_because(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    import: Import,
    (actor, why): (&Actor, &str),
    now: Timestamp,
) -> Result<()> {
    let (id, mut facts) = (import.id.to_string(), facts_of_end(&import, State::Stopped));
    facts["why"] = json!(why);
    close(tx, tenant, Import { why: Some(why.into()), ..import }, State::Stopped, now)?;
    let outcome = Outcome::Accepted;
    audit::record(tx, &Event { tenant, at: now, action: "import.end", outcome, actor, subject: &id, facts })
}

/// Ends an import. An uploaded file goes with it.
///
/// # Errors
/// Those of the store.
pub(super) fn close(tx: &mut Tx<'_>, tenant: TenantId, import: Import, state: State, now: Timestamp) -> Result<()> {
    let import = Import { state, touched_at: now, ended_at: Some(now), ..import };
    rows::replace(tx, tenant, &import)?;
    if import.uploaded_at.is_some() { upload::forget(tx, tenant, import.id) } else { Ok(()) }
}

/// What its record says of it.
pub(super) fn facts_of_end(import: &Import, state: State) -> Value {
    json!({ "source": import.source, "state": state, "ran": import.run_at.is_some(), "counts": import.counts })
}
