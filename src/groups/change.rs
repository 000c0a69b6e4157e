//! A group made, changed and removed.

use std::collections::BTreeSet;

use serde_json::json;

use super::ask::{Texts, users_of};
use crate::access::Grant;
use crate::act::Act;
use crate::error::Result;
use crate::identity::UserId;
use crate::mail::address::Email;
use crate::people::{self, Group, GroupChange, User};
use crate::store::Tx;
use crate::{giving, text};

/// A group with its members and roles.
#[derive(Debug, Clone)]
pub struct GroupInFull {
    /// The group.
    pub group: Group,
    /// The addresses of its members, sorted.
    pub members: Vec<String>,
    /// The roles that its members hold, sorted.
    pub grants: Vec<Grant>,
}

/// What a group becomes.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub(super) texts: Texts,
    pub(super) members: Vec<Email>,
    pub(super) grants: Vec<Grant>,
}

/// The group of this name.
///
/// # Errors
/// `NotFound`.
pub fn get(tx: &mut Tx<'_>, act: &Act, name: &str) -> Result<GroupInFull> {
    let group = people::get_group(tx, act.tenant.id, name)?;
    in_full(tx, act, group)
}

/// All groups of the tenant, by name.
///
/// # Errors
/// Those of the store.
pub(super) fn list(tx: &mut Tx<'_>, act: &Act) -> Result<Vec<GroupInFull>> {
    let groups = people::list_groups(tx, act.tenant.id)?;
    groups.into_iter().map(|group| in_full(tx, act, group)).collect()
}

fn in_full(tx: &mut Tx<'_>, act: &Act, group: Group) -> Result<GroupInFull> {
    let members = people::members(tx, act.tenant.id, &group.name)?.into_iter().map(|(_, email)| email).collect();
    let grants = people::grants_of_group(tx, act.tenant.id, &group.name)?.into_iter().map(|held| held.grant).collect();
    Ok(GroupInFull { group, members, grants })
}

/// Makes a group.
///
/// # Errors
/// `Duplicate` when there is one of that name; those of [`apply`].
pub fn create(tx: &mut Tx<'_>, new: &Group, wanted: &Wanted, act: &Act) -> Result<GroupInFull> {
    let group = described(new.clone(), &wanted.texts);
    people::insert_group(tx, act.tenant.id, &group)?;
    apply(tx, act, &group, wanted, "group.create")?;
    in_full(tx, act, group)
}

/// Makes a group what is wanted, and nothing else.
///
/// # Errors
/// `NotFound`: a replacement never creates; those of [`apply`].
pub(super) fn replace(tx: &mut Tx<'_>, name: &str, wanted: &Wanted, act: &Act) -> Result<GroupInFull> {
    let group = people::get_group(tx, act.tenant.id, name)?;
    let group = Group { modified_at: Some(act.now), ..described(group, &wanted.texts) };
    people::describe_group(tx, act.tenant.id, &group)?;
    apply(tx, act, &group, wanted, "group.replace")?;
    in_full(tx, act, group)
}

fn described(group: Group, texts: &Texts) -> Group {
    let Texts { display_name, description, sync_id } = texts.clone();
    Group { display_name, description, sync_id, ..group }
}

/// Gives a group the wanted members and roles.
///
/// # Errors
/// `Invalid` for a user, role or namespace that does not exist; `Forbidden` for a right that the caller lacks, and for a member
/// of higher rank; `Conflict` where the caller would lose the right to undo it.
fn apply(tx: &mut Tx<'_>, act: &Act, group: &Group, wanted: &Wanted, action: &'static str) -> Result<()> {
    let before = in_full(tx, act, group.clone())?;
    let members = users_of(tx, act, &wanted.members)?;
    let grants = giving::check(tx, act, &wanted.grants, &before.grants)?;
    let present = people::members(tx, act.tenant.id, &group.name)?;
    let present_ids: BTreeSet<UserId> = present.iter().map(|(id, _)| *id).collect();
    let wanted_ids: BTreeSet<UserId> = members.iter().map(|user| user.id).collect();
    let joined: Vec<&User> = members.iter().filter(|user| !present_ids.contains(&user.id)).collect();
    let left: Vec<_> = present.iter().filter(|(id, _)| !wanted_ids.contains(id)).collect();
    let change = GroupChange {
        join: joined.iter().map(|user| user.id).collect(),
        leave: left.iter().map(|(id, _)| *id).collect(),
        give: grants.iter().filter(|grant| !before.grants.contains(grant)).cloned().collect(),
        take: before.grants.iter().filter(|grant| !grants.contains(grant)).cloned().collect(),
    };
    if !joined.is_empty() {
        giving::require(tx, act, &grants)?;
    }
    make(tx, act, group, &change)?;
    let facts = json!({
        "namespace_roles": { "before": before.grants, "after": grants },
        "joined": joined.iter().map(|user| &user.email).collect::<Vec<_>>(),
        "left": left.iter().map(|(_, email)| email).collect::<Vec<_>>(),
    });
    act.record(tx, action, &group.name, facts)
}

/// Carries out a change, where nobody whom it concerns has more than the caller: neither the members before nor those after.
fn make(tx: &mut Tx<'_>, act: &Act, group: &Group, change: &GroupChange) -> Result<()> {
    let had = act.rights_now(tx)?;
    giving::outrank_members(tx, act, &group.name)?;
    giving::require(tx, act, &change.take)?;
    people::change_group(tx, act.tenant.id, &group.name, change)?;
    giving::outrank_members(tx, act, &group.name)?;
    giving::keep_what_undoes(tx, act, &had)
}

/// Gives a group further roles.
///
/// # Errors
/// `NotFound`; those of [`apply`].
pub fn assign_roles(tx: &mut Tx<'_>, name: &str, asked: &[Grant], act: &Act) -> Result<GroupInFull> {
    let before = get(tx, act, name)?;
    let asked = giving::check(tx, act, asked, &before.grants)?;
    let give: Vec<Grant> = asked.into_iter().filter(|grant| !before.grants.contains(grant)).collect();
    let change = GroupChange { give, ..GroupChange::default() };
    change_roles(tx, act, before, &change, "group.assign_roles")
}

/// Takes roles from a group; one that it does not have is no fault.
///
/// # Errors
/// `NotFound`; those of [`apply`].
pub fn remove_roles(tx: &mut Tx<'_>, name: &str, asked: &[Grant], act: &Act) -> Result<GroupInFull> {
    let before = get(tx, act, name)?;
    let take: Vec<Grant> = before.grants.iter().filter(|grant| asked.contains(grant)).cloned().collect();
    let change = GroupChange { take, ..GroupChange::default() };
    change_roles(tx, act, before, &change, "group.remove_roles")
}

fn change_roles(
    tx: &mut Tx<'_>,
    act: &Act,
    before: GroupInFull,
    change: &GroupChange,
    action: &'static str,
) -> Result<GroupInFull> {
    let group = Group { modified_at: Some(act.now), ..before.group };
    people::describe_group(tx, act.tenant.id, &group)?;
    make(tx, act, &group, change)?;
    let after = in_full(tx, act, group)?;
    let facts = json!({ "namespace_roles": { "before": before.grants, "after": after.grants } });
    act.record(tx, action, &after.group.name, facts)?;
    Ok(after)
}

/// Removes a group; its members lose the roles that they held by it.
///
/// # Errors
/// `NotFound`; `Forbidden` for a member of higher rank; `Conflict` where the caller would lose the right to undo it.
pub fn remove(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    let had = act.rights_now(tx)?;
    let before = get(tx, act, name)?;
    giving::outrank_members(tx, act, name)?;
    giving::require(tx, act, &before.grants)?;
    people::remove_group(tx, act.tenant.id, name)?;
    giving::keep_what_undoes(tx, act, &had)?;
    let facts = json!({ "namespace_roles": before.grants, "left": before.members });
    act.record(tx, "group.remove", &text::shown(name), facts)
}
