//! Takes a change back before its link was used.

use serde_json::json;

use super::rows;
use crate::act::Act;
use crate::error::{Error, Kind, Result, Told};
use crate::mail::address::Email;
use crate::pages::told;
use crate::people::{self, User};
use crate::store::Tx;

/// Takes back the change of the caller's own address.
///
/// # Errors
/// `NotFound` when none waits.
pub fn cancel_own(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let user = people::find_by_id(tx, act.tenant.id, act.caller.user)?;
    let user = user.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
    cancel(tx, &user, act)
}

/// Takes back the change of another user's address.
///
/// # Errors
/// `NotFound` when there is no such user, or no change waits; `Forbidden` for a user of higher rank.
pub(super) fn cancel_of(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<User> {
    let user = people::get_by_email(tx, act.tenant.id, email)?;
    act.outrank(tx, &user)?;
    cancel(tx, &user, act)?;
    Ok(user)
}

fn cancel(tx: &mut Tx<'_>, user: &User, act: &Act) -> Result<()> {
    let Some(change) = rows::pending_of(tx, act.tenant.id, user, act.now)? else {
        return Err(told::error(Kind::NotFound, Told::NoAddressChange));
    };
    rows::forget(tx, act.tenant.id, user.id)?;
    act.record(tx, "address.cancel", &user.email, json!({ "change": change.id, "to": change.email }))
}
