//! One-time codes at sign-in. No device for them can be enrolled here, so that none is ever asked for one.

use serde_json::json;

use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people::{Kind, get_by_email};
use crate::store::Tx;

/// Sees to it that a user has no device for one-time codes, as one who has lost it needs. Nobody has one here, so nothing ends
/// by it; that an administrator asked for it is recorded.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank; `Conflict` for a service user, who never signs in.
pub fn reset_codes(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<()> {
    let user = get_by_email(tx, act.tenant.id, email)?;
    act.outrank(tx, &user)?;
    if user.kind == Kind::Service {
        return Err(Error::conflict(format!("{} is a service user and never signs in.", user.email)));
    }
    act.record(tx, "user.reset_codes", &user.email, json!({ "had_device": false }))
}
