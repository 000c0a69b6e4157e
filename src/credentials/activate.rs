//! Switching a token off and on.

use serde_json::json;

use super::narrowed::stay_within;
use super::rows::{self, CredentialKind};
use crate::act::Act;
use crate::error::Result;
use crate::params;
use crate::store::Tx;

/// Sets whether a credential is active; `None` switches it to the other state.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change.
pub fn activate(tx: &mut Tx<'_>, (kind, name): (CredentialKind, &str), active: Option<bool>, act: &Act) -> Result<()> {
    let credential = rows::find_changeable(tx, kind, name, act)?;
    stay_within(credential.narrowed_to.as_ref(), act)?;
    let is_active = active.unwrap_or(credential.inactive_at.is_some());
    let inactive_at = if is_active { None } else { credential.inactive_at.or(Some(act.now)) };
    tx.run(
        "UPDATE credentials SET inactive_at = $3 WHERE tenant = $1 AND name = $2",
        &params![act.tenant.id, name, inactive_at],
    )?;
    let facts = json!({ "user": credential.user_email, "active": is_active });
    act.record(tx, "credential.activate", name, facts)
}
