//! The link of a tenant's first owner, told instead of mailed: there may be no relay yet, and whoever sets the house
//! up, or restores it, is its administrator.

use super::invite::{self, Invitation};
use super::link::{self, Claim};
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::mails;
use crate::people::NewUser;
use crate::store::Tx;

/// Opens the first reset of a user who was made in this transaction, takes its mail back and answers
/// the link. The invitation says under which key, for whom and when.
///
/// # Errors
/// Those of the store.
pub fn first_link(
    tx: &mut Tx<'_>,
    keys: &Keys,
    user: &NewUser,
    invitation: &Invitation<'_>,
    base: &str,
) -> Result<String> {
    invite::invite(tx, user, invitation)?;
    tell(tx, keys, invitation, base)
}

/// As [`first_link`] for an owner who is there already. It writes no record of its own either. None when there is no such
/// user.
///
/// # Errors
/// Those of the store.
pub fn owners_link(
    tx: &mut Tx<'_>,
    keys: &Keys,
    owner: &Email,
    invitation: &Invitation<'_>,
    base: &str,
) -> Result<Option<String>> {
    if !invite::open_again(tx, owner, invitation)? {
        return Ok(None);
    }
    tell(tx, keys, invitation, base).map(Some)
}

fn tell(tx: &mut Tx<'_>, keys: &Keys, invitation: &Invitation<'_>, base: &str) -> Result<String> {
    let tenant: &Tenant = invitation.tenant;
    mails::take_back(tx, tenant.id, &invitation.mail)?;
    let claim = Claim { tenant: tenant.id, reset: invitation.id };
    let token = link::token(keys, invitation.key, claim)
        .ok_or_else(|| Error::internal("the key of a link is not in the key file"))?;
    Ok(format!("{}/reset#{}", base.trim_end_matches('/'), token.expose()))
}
