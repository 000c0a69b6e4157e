//! An administrator takes the code app of a user away, as one who has lost it needs.

use serde_json::json;

use crate::act::Act;
use crate::error::{Error, Result};
use crate::factors::{self, NewLink};
use crate::mail::address::Email;
use crate::people::{Kind, get_by_email};
use crate::store::Tx;

/// Ends the code app of a user, with the recovery codes and every session. A link is mailed, without which no other app is set
/// up. Where there was none, nothing ends by it; that an administrator asked for it is recorded.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank; `Conflict` for a service user, who never signs in, and for one who signs in
/// elsewhere; `TooMany` beyond the bound of mails, where only a fresh link is asked for.
pub fn reset_codes(tx: &mut Tx<'_>, email: &Email, link: &NewLink, act: &Act) -> Result<()> {
    let user = get_by_email(tx, act.tenant.id, email)?;
    act.outrank(tx, &user)?;
    if user.kind == Kind::Service {
        return Err(Error::conflict(format!("{} is a service user and never signs in.", user.email)));
    }
    if !user.has_local_password() {
        return Err(Error::conflict(format!("{} signs in through single sign-on. Reset the codes there.", user.email)));
    }
    let had_device = factors::take_away(tx, &user, link, act)?;
    act.record(tx, "user.reset_codes", &user.email, json!({ "had_device": had_device }))
}
