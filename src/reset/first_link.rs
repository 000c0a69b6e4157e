//! The first link of a tenant's first owner, told instead of mailed: there may be no relay yet, and
//! whoever sets the house up is its administrator.

use super::invite::{self, Invitation};
use super::link::{self, Claim};
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::keys::Keys;
use crate::params;
use crate::store::Tx;
use crate::users::NewUser;

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
    let tenant: &Tenant = invitation.tenant;
    invite::invite(tx, user, invitation)?;
    tx.run("DELETE FROM mails WHERE tenant = $1 AND id = $2", &params![tenant.id, &invitation.mail])?;
    let claim = Claim { tenant: tenant.id, reset: invitation.id };
    let token = link::token(keys, invitation.key, claim)
        .ok_or_else(|| Error::internal("the key of a link is not in the key file"))?;
    Ok(format!("{}/reset#{}", base.trim_end_matches('/'), token.expose()))
}
