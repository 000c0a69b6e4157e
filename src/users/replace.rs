//! A user's names and roles, said anew. Absent is unchanged, an empty list is none.

use serde_json::json;

use super::{UserAsk, create, grants};
use crate::access::{ApiGroup, Grant, Rights, SYSTEM};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::people::{self, User, get_by_email, grants_of, replace_grants};
use crate::store::Tx;

/// Replaces what was sent. The kind of sign-in stays: real clients send `SSO` for everyone.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank, and for taking a role from an owner; `Conflict` for taking from
/// oneself what one could not give back; those of the grants.
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
    keep_what_undoes(&user, act, &before, &after)?;
    keep_the_owner(&user, &before, &after)?;
    let name = |field, asked: Option<&str>, kept: &str| create::check_name(field, asked.or(Some(kept)));
    let first_name = name("first_name", ask.first_name.as_deref(), &user.first_name)?;
    let last_name = name("last_name", ask.last_name.as_deref(), &user.last_name)?;
    people::rename(tx, tenant, user.id, (&first_name, &last_name), act.now)?;
    if after != before {
        replace_grants(tx, tenant, user.id, &after)?;
    }
    let facts = json!({ "namespace_roles": { "before": before, "after": after } });
    act.record(tx, "user.replace", &user.email, facts)?;
    Ok(User { first_name, last_name, modified_at: Some(act.now), ..user })
}

/// Nobody takes from themself the last right by which roles are given, nor that of an owner, which only an owner gives.
fn keep_what_undoes(user: &User, act: &Act, before: &[Grant], after: &[Grant]) -> Result<()> {
    if user.id != act.caller.user {
        return Ok(());
    }
    let (had, has) = (Rights::new(before.to_vec()), Rights::new(after.to_vec()));
    let is_lost = |group: &ApiGroup| had.allow(*group, SYSTEM) && !has.allow(*group, SYSTEM);
    let lost = [ApiGroup::UamWrite, ApiGroup::TenantOwner].into_iter().find(is_lost);
    let owners_role = before.iter().find(|grant| user.owner_since.is_some() && !after.contains(grant));
    match (lost, owners_role) {
        (None, None) => Ok(()),
        (Some(group), _) => Err(Error::conflict(format!(
            "You cannot take the right {} in the namespace {SYSTEM} from yourself: you could not give it back. Ask another \
             administrator.",
            group.name()
        ))),
        (None, Some(grant)) => Err(Error::conflict(format!(
            "You own this tenant and keep the role {} in {}.",
            grant.role, grant.namespace
        ))),
    }
}

/// A tenant without an owner could never get one again.
fn keep_the_owner(user: &User, before: &[Grant], after: &[Grant]) -> Result<()> {
    let lost = before.iter().find(|grant| !after.contains(grant));
    match lost {
        Some(grant) if user.owner_since.is_some() => Err(Error::forbidden(format!(
            "{} owns this tenant and keeps the role {} in {}: a tenant always keeps its owner.",
            user.email, grant.role, grant.namespace
        ))),
        _ => Ok(()),
    }
}
