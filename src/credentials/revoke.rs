//! The end of a token.

use serde_json::json;

use super::rows;
use crate::act::Act;
use crate::error::Result;
use crate::params;
use crate::store::Tx;

/// Removes a credential: it opens nothing from the next request on, and nobody sees it again.
///
/// # Errors
/// `NotFound` and `Forbidden` as for every change.
pub fn revoke(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    let credential = rows::find_changeable(tx, name, act)?;
    tx.run("DELETE FROM credentials WHERE tenant = $1 AND name = $2", &params![act.tenant.id, name])?;
    act.record(tx, "credential.revoke", name, json!({ "user": credential.user_email }))
}
