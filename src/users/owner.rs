//! The owners of a tenant: who is made one, and who is one no longer. A tenant always keeps one.

use serde_json::json;

use super::FirstLink;
use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::giving;
use crate::mail::address::Email;
use crate::people::{self, Kind, User, get_by_email};
use crate::reset;
use crate::store::Tx;

/// Makes a person an owner of the tenant. The roles given to the user before are dropped for those of an owner, the password
/// is kept here from now on, and a link to choose one is mailed; a password that works goes on until then. For an owner it
/// changes nothing and mails nothing, since a client may send it again.
///
/// # Errors
/// `Forbidden` for a caller who is no owner, and for a user with a right that the caller lacks; `NotFound`; `Conflict` for a
/// service user and for a disabled one.
pub fn assign_owner(tx: &mut Tx<'_>, email: &Email, link: &FirstLink, act: &Act) -> Result<()> {
    act.require_owner(tx)?;
    let (tenant, user) = (act.tenant.id, get_by_email(tx, act.tenant.id, email)?);
    act.outrank(tx, &user)?;
    may_own(&user)?;
    let (before, after) = (people::grants_of(tx, tenant, user.id)?, Grant::of_an_owner());
    let was_owner = user.owner_since.is_some();
    if was_owner {
        return act.record(tx, "user.assign_owner", &user.email, json!({ "was_owner": was_owner }));
    }
    giving::require(tx, act, &after)?;
    people::appoint_owner(tx, tenant, user.id, act.now)?;
    people::replace_grants(tx, tenant, user.id, &after)?;
    let invitation = link.invitation(act);
    reset::send_link(tx, email, &invitation)?;
    let facts = json!({
        "was_owner": was_owner,
        "namespace_roles": { "before": before, "after": after },
        "idm_type_before": user.sign_in_by.word(),
        "reset": invitation.id,
    });
    act.record(tx, "user.assign_owner", &user.email, facts)
}

/// Makes a person an owner no longer. The roles stay, and can be taken as any roles can. For a user who is no owner it
/// changes nothing.
///
/// # Errors
/// `Forbidden` for a caller who is no owner, and for a user with a right that the caller lacks; `NotFound`; `Conflict` for the
/// only owner who can sign in.
pub fn unassign_owner(tx: &mut Tx<'_>, email: &Email, act: &Act) -> Result<()> {
    act.require_owner(tx)?;
    let (tenant, user) = (act.tenant.id, get_by_email(tx, act.tenant.id, email)?);
    act.outrank(tx, &user)?;
    let was_owner = user.owner_since.is_some();
    if was_owner {
        let stays_owned = people::local_owners(tx, tenant)?.iter().any(|owner| owner.id != user.id);
        if !stays_owned {
            return Err(Error::conflict(format!(
                "{} is the only owner of this tenant, and a tenant always keeps one. Make another user an owner first, then \
                 repeat this call.",
                user.email
            )));
        }
        people::dismiss_owner(tx, tenant, user.id, act.now)?;
    }
    act.record(tx, "user.unassign_owner", &user.email, json!({ "was_owner": was_owner }))
}

fn may_own(user: &User) -> Result<()> {
    if user.kind == Kind::Service {
        return Err(Error::conflict(format!("{} is a service user. Only a person can own a tenant.", user.email)));
    }
    if user.disabled_at.is_some() {
        return Err(Error::conflict(format!(
            "{} is disabled. Enable the user first, then make them an owner.",
            user.email
        )));
    }
    Ok(())
}
