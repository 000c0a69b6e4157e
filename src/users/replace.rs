//! A user's names and roles, said anew. Absent is unchanged, an empty list is none.

use serde_json::json;

use super::UserAsk;
use super::create::read_words;
use crate::access::{Grant, Rights};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::people::{self, User, check_name, get_by_email, grants_of, replace_grants};
use crate::store::Tx;
use crate::{giving, groups};

/// Replaces what was sent. The kind of sign-in stays: real clients send `SSO` for everyone.
///
/// # Errors
/// `NotFound`; `Forbidden` for a user of higher rank, and for taking a role from an owner; `Conflict` for taking from
/// oneself what one could not give back; those of the grants.
pub fn replace(tx: &mut Tx<'_>, ask: &UserAsk, act: &Act) -> Result<User> {
    let (tenant, email) = (act.tenant.id, ask.address()?);
    read_words(ask)?;
    let user = get_by_email(tx, tenant, &email)?;
    act.outrank(tx, &user)?;
    let before = grants_of(tx, tenant, user.id)?;
    let after = match &ask.namespace_roles {
        Some(asked) => giving::check(tx, act, asked, &before)?,
        None => before.clone(),
    };
    keep_what_undoes(tx, &user, act, &before, &after)?;
    keep_the_owner(&user, &before, &after)?;
    let name = |field, asked: Option<&str>, kept: &str| check_name(field, asked.or(Some(kept)));
    let first_name = name("first_name", ask.first_name.as_deref(), &user.first_name)?;
    let last_name = name("last_name", ask.last_name.as_deref(), &user.last_name)?;
    people::rename(tx, tenant, &user, &first_name, &last_name, act.now)?;
    if after != before {
        replace_grants(tx, tenant, user.id, &after)?;
    }
    let were_in = people::rights_of(tx, tenant, user.id)?.user_groups().to_vec();
    if let Some(names) = &ask.group_names {
        groups::set(tx, act, &user, names)?;
    }
    let are_in = people::rights_of(tx, tenant, user.id)?.user_groups().to_vec();
    let facts = json!({
        "namespace_roles": { "before": before, "after": after },
        "group_names": { "before": were_in, "after": are_in },
    });
    act.record(tx, "user.replace", &user.email, facts)?;
    Ok(User { first_name, last_name, modified_at: Some(act.now), ..user })
}

/// A user does not take from themself what only another could give back.
fn keep_what_undoes(tx: &mut Tx<'_>, user: &User, act: &Act, before: &[Grant], after: &[Grant]) -> Result<()> {
    if user.id != act.caller.user {
        return Ok(());
    }
    let mine = act.rights_now(tx)?;
    let had = mine.whole();
    let through_groups = had.held().iter().filter(|held| held.through.is_some()).cloned();
    let mut held = people::resolve(tx, act.tenant.id, after)?;
    held.extend(through_groups);
    let has = Rights::of(held, had.user_groups().to_vec());
    let owners_role = before.iter().find(|grant| user.owner_since.is_some() && !after.contains(grant));
    match (giving::lost(had, &has), owners_role) {
        (None, None) => Ok(()),
        (Some(group), _) => Err(giving::cannot_undo(group)),
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
