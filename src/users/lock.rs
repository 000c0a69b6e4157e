//! Locking a user out and letting them in again.

use serde_json::json;

use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::params;
use crate::people::{User, get_by_email};
use crate::store::Tx;

/// Locks a user out: every session ends, tokens do not count, and a link on its way opens nothing.
/// Once more for a disabled user changes nothing.
///
/// # Errors
/// `NotFound`; `Forbidden` for an owner and for a user of higher rank; `Conflict` for oneself.
pub fn disable(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<User> {
    let tenant = act.tenant.id;
    let user = get_by_email(tx, tenant, email)?;
    if user.id == act.caller.user {
        return Err(Error::conflict("You cannot lock yourself out. Ask another administrator."));
    }
    if user.owner_since.is_some() {
        return Err(Error::forbidden(format!(
            "{} owns this tenant and cannot be disabled: a tenant always keeps its owner.",
            user.email
        )));
    }
    act.outrank(tx, &user)?;
    cancel_open_reset(tx, &user, act)?;
    tx.run(
        "UPDATE users SET disabled_at = $3, disabled_by = $4, session_epoch = session_epoch + 1,
                          open_reset = NULL, open_reset_expires_at = NULL
         WHERE tenant = $1 AND id = $2 AND disabled_at IS NULL",
        &params![tenant, user.id, act.now, &act.actor.name],
    )?;
    act.record(tx, "user.disable", &user.email, json!({ "was_disabled": user.disabled_at.is_some() }))?;
    get_by_email(tx, tenant, email)
}

/// Lets a disabled user in again, with the password they had, unless a reset has ended it.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank.
pub fn enable(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<User> {
    let tenant = act.tenant.id;
    let user = get_by_email(tx, tenant, email)?;
    act.outrank(tx, &user)?;
    tx.run(
        "UPDATE users SET disabled_at = NULL, disabled_by = NULL WHERE tenant = $1 AND id = $2",
        &params![tenant, user.id],
    )?;
    act.record(tx, "user.enable", &user.email, json!({ "was_disabled": user.disabled_at.is_some() }))?;
    Ok(User { disabled_at: None, ..user })
}

/// The timeline of a reset that ends with its user's access says so.
pub(super) fn cancel_open_reset(tx: &mut Tx<'_>, user: &User, act: &Act) -> Result<()> {
    let Some(reset) = user.open_reset else { return Ok(()) };
    tx.run(
        "UPDATE resets SET cancelled_at = $3, cancelled_by = $4 WHERE tenant = $1 AND id = $2 AND expires_at > $3",
        &params![act.tenant.id, &reset, act.now, &act.actor.name],
    )
    .map(drop)
}
