//! Locking a user out and letting them in again.

use serde_json::json;

use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::people::{self, User, get_by_email};
use crate::reset;
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
    lock_out(tx, tenant, &user, &act.actor.name, act.now)?;
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
    people::enable(tx, tenant, user.id, act.now)?;
    act.record(tx, "user.enable", &user.email, json!({ "was_disabled": user.disabled_at.is_some() }))?;
    Ok(User { disabled_at: None, ..user })
}

/// Locks a user out in the name of `by`, without a record.
///
/// # Errors
/// Those of the store.
pub(super) fn lock_out(tx: &mut Tx<'_>, tenant: TenantId, user: &User, by: &str, now: Timestamp) -> Result<()> {
    if let Some(open) = &user.open_reset {
        reset::end_unless_held(tx, tenant, user.id, open, by, now)?;
    }
    people::disable(tx, tenant, user.id, by, now)
}

/// The timeline of a reset that ends with its user's access says so.
pub(super) fn end_open_reset(tx: &mut Tx<'_>, tenant: TenantId, user: &User, by: &str, now: Timestamp) -> Result<()> {
    let Some(reset) = &user.open_reset else { return Ok(()) };
    reset::end_open(tx, tenant, user.id, reset, by, now).map(drop)
}
