//! Whose settings a call is about.

use crate::act::Act;
use crate::error::{Error, Result};
use crate::people::{self, Kind, User};
use crate::store::Tx;

/// The person who calls, as they are in this transaction.
///
/// # Errors
/// `Unauthenticated` when they were removed or disabled since the gate looked; `Forbidden` for a service user.
pub(super) fn calling(tx: &mut Tx<'_>, act: &Act) -> Result<User> {
    let found = people::find_by_id(tx, act.tenant.id, act.caller.user)?.filter(|user| user.disabled_at.is_none());
    let ended = || Error::unauthenticated("Your access was ended at this moment. Nothing was changed.");
    match found.ok_or_else(ended)? {
        user if user.kind == Kind::Person => Ok(user),
        _ => Err(Error::forbidden(
            "A service user has no settings of its own. Make this call with the credential of a person.",
        )),
    }
}
