//! The link of a tenant's first owner, printed instead of mailed: there may be no relay yet, and the person who runs
//! `init` or `restore` administers the server.

use super::invite::{self, Invitation};
use super::link::{self, Claim};
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::mails;
use crate::people::NewUser;
use crate::store::Tx;

/// Opens the first reset of a user created in this transaction, removes its mail and returns the link. The invitation
/// holds the key, the user and the time.
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

/// As [`first_link`] for an existing owner. It writes no audit record of its own. `None` if there is no such user.
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
