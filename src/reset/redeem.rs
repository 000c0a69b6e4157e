//! Sets the new password. One statement requires the open link, uses it up and writes the password.

use serde_json::json;
use uuid::Uuid;

use super::rows;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::notices::{self, NewNotice};
use crate::params;
use crate::people;
use crate::store::Tx;

/// A link and the hash of the password chosen with it.
#[derive(Debug, Clone)]
pub struct Redeem {
    /// The tenant that the link names.
    pub tenant: TenantId,
    /// The reset that the link names.
    pub reset: Uuid,
    /// The hash of the new password.
    pub password_hash: String,
    /// How many old hashes the tenant's policy keeps.
    pub history: u32,
    /// The id of the notice.
    pub mail: Uuid,
    /// The actor, which has an address but no user: nobody is signed in.
    pub actor: Actor,
    /// The present time.
    pub now: Timestamp,
}

/// The result of a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redemption {
    /// The new password is set.
    Done,
    /// The link was used, superseded, cancelled or expired, or its user may not have a password. The answer does not
    /// say which, since that would help an attacker.
    DeadLink,
}

/// The only statement that writes a password by a link. The only other statement that writes these columns is the
/// change by a user who knows the old password. A link that came by mail has also verified the address.
const USE_UP: &str = "UPDATE users SET
        password_hash = $4, password_changed_at = $5, password_dead_at = NULL,
        password_must_change_at = NULL, session_epoch = session_epoch + 1,
        open_reset = NULL, open_reset_expires_at = NULL,
        email_verified_at = CASE WHEN $6 = 1 THEN COALESCE(email_verified_at, $5) ELSE email_verified_at END
    WHERE tenant = $1 AND id = $2 AND open_reset = $3 AND open_reset_expires_at > $5
      AND disabled_at IS NULL AND kind = 'USER' AND idm_type = 'VOLTERRA_MANAGED'";

/// Sets the new password and uses the link up. The caller has hashed the password already, so the writer is held for
/// well under a millisecond.
///
/// # Errors
/// Those of the store; the link is then still valid.
pub fn redeem(tx: &mut Tx<'_>, ask: &Redeem) -> Result<Redemption> {
    let Some(reset) = rows::find(tx, ask.tenant, &ask.reset)? else { return Ok(Redemption::DeadLink) };
    let old = people::find_by_id(tx, ask.tenant, reset.user)?;
    let was_mailed = reset.mailed_at.is_some();
    let values = params![ask.tenant, reset.user, &ask.reset, &ask.password_hash, ask.now, was_mailed];
    if tx.run(USE_UP, &values)? == 0 {
        let facts = json!({ "reset": ask.reset, "reason": "the link no longer works" });
        record(tx, ask, &reset.email, Outcome::Refused, facts)?;
        return Ok(Redemption::DeadLink);
    }
    let old_hash = old.as_ref().and_then(|user| user.password_hash.clone());
    if let Some(old_hash) = &old_hash {
        people::retire_hash(tx, ask.tenant, reset.user, old_hash, ask.history, ask.now)?;
    }
    let address = ask.actor.address.to_string();
    tx.run(
        "UPDATE resets SET redeemed_at = $3, redeemed_from = $4, redeem_record = $5 WHERE tenant = $1 AND id = $2",
        &params![ask.tenant, &ask.reset, ask.now, &address, &ask.actor.request_id],
    )?;
    let (tenant, id, user, now) = (ask.tenant, ask.mail, reset.user, ask.now);
    notices::tell_of_change(tx, &NewNotice { tenant, id, user, address: &address, now })?;
    let facts = json!({
        "reset": ask.reset,
        "had_password": old_hash.is_some(),
        "password_was_dead": old.is_some_and(|user| user.password_dead_at.is_some()),
    });
    record(tx, ask, &reset.email, Outcome::Accepted, facts)?;
    Ok(Redemption::Done)
}

fn record(tx: &mut Tx<'_>, ask: &Redeem, subject: &str, outcome: Outcome, facts: serde_json::Value) -> Result<()> {
    let (tenant, at, actor) = (ask.tenant, ask.now, &ask.actor);
    audit::record(tx, &Event { tenant, at, action: "reset.redeem", outcome, actor, subject, facts })
}
