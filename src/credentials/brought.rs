//! Service users that are here without a credential: they came with their tenant, and get a new one.

use super::rows;
use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people::{self, User};
use crate::store::Tx;

/// The service user that is named, if one is. `says_more` is whether roles or groups are asked for too.
///
/// # Errors
/// `Invalid`.
pub(super) fn read(user: Option<&str>, says_more: bool) -> Result<Option<Email>> {
    let Some(email) = user.filter(|email| !email.is_empty()) else { return Ok(None) };
    if says_more {
        return Err(Error::invalid(
            "Field user names a service user that has its roles and groups. Leave namespace_roles and user_group_names out.",
        ));
    }
    Email::parse(email).map(Some)
}

/// The service user of this address, with its roles.
///
/// # Errors
/// `NotFound`; `Forbidden` for one of higher rank; `Conflict` for one that has its credential.
pub(super) fn there(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<(User, Vec<Grant>)> {
    let found = people::find_by_email(tx, act.tenant.id, email)?.filter(|user| user.kind == people::Kind::Service);
    let user = found.ok_or_else(|| Error::not_found("Field user names no service user of this tenant."))?;
    act.outrank(tx, &user)?;
    if rows::is_any_of(tx, act.tenant.id, user.id)? {
        return Err(Error::conflict(format!(
            "The service user {} has its credential. Renew that, or revoke it.",
            user.email
        )));
    }
    let grants = people::grants_of(tx, act.tenant.id, user.id)?;
    Ok((user, grants))
}
