//! A user's names and roles, said anew. Absent is unchanged, an empty list is none.

use serde_json::json;

use super::{User, UserAsk, create, get_by_email, grants, grants_of, replace_grants};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::params;
use crate::rights::Grant;
use crate::store::Tx;

/// Replaces what was sent. The kind of sign-in stays: real clients send `SSO` for everyone.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank, and for taking a role from an owner; those of the grants.
pub fn replace(tx: &mut Tx<'_>, ask: &UserAsk, act: &Act) -> Result<User> {
    let (tenant, email) = (act.tenant.id, ask.address()?);
    grants::check_groups(ask.group_names.as_deref())?;
    let user = get_by_email(tx, tenant, &email)?;
    act.outrank(tx, &user)?;
    let before = grants_of(tx, tenant, user.id)?;
    let after = match &ask.namespace_roles {
        Some(asked) => grants::check(tx, act, asked, &before)?,
        None => before.clone(),
    };
    keep_the_owner(&user, &before, &after)?;
    let name = |field, asked: Option<&str>, kept: &str| create::check_name(field, asked.or(Some(kept)));
    let first_name = name("first_name", ask.first_name.as_deref(), &user.first_name)?;
    let last_name = name("last_name", ask.last_name.as_deref(), &user.last_name)?;
    tx.run(
        "UPDATE users SET first_name = $3, last_name = $4, modified_at = $5 WHERE tenant = $1 AND id = $2",
        &params![tenant, user.id, &first_name, &last_name, act.now],
    )?;
    if after != before {
        replace_grants(tx, tenant, user.id, &after)?;
    }
    let facts = json!({ "namespace_roles": { "before": before, "after": after } });
    act.record(tx, "user.replace", &user.email, facts)?;
    Ok(User { first_name, last_name, modified_at: Some(act.now), ..user })
}

/// A tenant without an owner could never get one again.
fn keep_the_owner(user: &User, before: &[Grant], after: &[Grant]) -> Result<()> {
    let lost = before.iter().find(|grant| !after.contains(grant));
    match lost {
        Some(grant) if user.owner_since.is_some() => Err(Error::forbidden(format!(
            "{} owns this tenant and keeps the role {} in {}. Make someone else the owner first.",
            user.email, grant.role, grant.namespace
        ))),
        _ => Ok(()),
    }
}
