//! A user goes, with all that opens their account. Resets and audit records stay as history.

use serde_json::json;

use super::lock::cancel_open_reset;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::params;
use crate::people::{self, User, get_by_email};
use crate::store::Tx;
use crate::tenants;

/// Removes the user; the address is free again.
///
/// # Errors
/// `NotFound`; `Conflict` for oneself; `Forbidden` for an owner and for a user of higher rank.
pub fn remove(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<User> {
    let tenant = act.tenant.id;
    let user = get_by_email(tx, tenant, email)?;
    if user.id == act.caller.user {
        return Err(Error::conflict("You cannot remove yourself. Ask another administrator."));
    }
    if user.owner_since.is_some() {
        return Err(Error::forbidden(format!(
            "{} owns this tenant and cannot be removed: a tenant always keeps its owner.",
            user.email
        )));
    }
    act.outrank(tx, &user)?;
    let of_the_user = params![tenant, user.id];
    tx.run("DELETE FROM grants WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    tx.run("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    tx.run("DELETE FROM password_history WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    let credentials = tx.run("DELETE FROM credentials WHERE tenant = $1 AND user_id = $2", &of_the_user)?;
    cancel_open_reset(tx, &user, act)?;
    people::keep_former(tx, tenant, user.id, act.now)?;
    tx.run("DELETE FROM users WHERE tenant = $1 AND id = $2", &of_the_user)?;
    tenants::change_user_count(tx, tenant, -1)?;
    act.record(tx, "user.remove", &user.email, json!({ "credentials_revoked": credentials }))?;
    Ok(user)
}
