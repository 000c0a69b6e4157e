//! A user goes, with all that opens their account. Resets and audit records stay as history.

use serde_json::json;

use super::lock::end_open_reset;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::people::{self, User, get_by_email};
use crate::store::Tx;
use crate::{addresses, credentials, factors, sessions, transfer, user_settings};

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
    let credentials = take_out(tx, tenant, &user, &act.actor.name, act.now)?;
    act.record(tx, "user.remove", &user.email, json!({ "credentials_revoked": credentials }))?;
    Ok(user)
}

/// Takes a user out in the name of `by`, with all that opens their account, without a record. How many credentials went with
/// them.
///
/// # Errors
/// Those of the store.
pub fn take_out(tx: &mut Tx<'_>, tenant: TenantId, user: &User, by: &str, now: Timestamp) -> Result<i64> {
    sessions::end_all_of(tx, tenant, user.id)?;
    let credentials = credentials::revoke_all_of(tx, tenant, user.id)?;
    end_open_reset(tx, tenant, user, by, now)?;
    user_settings::forget(tx, tenant, user.id)?;
    addresses::end_of(tx, tenant, user.id)?;
    factors::forget(tx, tenant, user.id)?;
    transfer::forget_user(tx, tenant, user.id)?;
    people::remove(tx, tenant, user, now)?;
    Ok(credentials)
}
