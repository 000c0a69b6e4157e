//! One user put into groups and taken out of them.

use super::ask::TOLD_MAX;
use crate::access::Grant;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::people::{self, GroupChange, User};
use crate::store::Tx;
use crate::{giving, text};

/// Makes the user a member of these groups, beside those that the user is in. The caller must have been asked for rank already.
///
/// # Errors
/// `Invalid` for groups that do not exist, `Forbidden` for a right of the groups that the caller lacks.
pub fn join(tx: &mut Tx<'_>, act: &Act, user: &User, names: &[String]) -> Result<()> {
    check(tx, act, names)?;
    for name in names {
        let grants = people::grants_of_group(tx, act.tenant.id, name)?;
        let grants: Vec<Grant> = grants.into_iter().map(|held| held.grant).collect();
        giving::require(tx, act, &grants)?;
        let change = GroupChange { join: vec![user.id], ..GroupChange::default() };
        people::change_group(tx, act.tenant.id, name, &change)?;
    }
    Ok(())
}

/// Takes the user out of these groups; one that the user is not in is no fault. The caller must have been asked for rank
/// already, which covers what the user held by the groups.
///
/// # Errors
/// `Invalid` for groups that do not exist, `Conflict` where the caller would lose the right to undo it.
pub fn leave(tx: &mut Tx<'_>, act: &Act, user: &User, names: &[String]) -> Result<()> {
    check(tx, act, names)?;
    let had = act.rights_now(tx)?;
    for name in names {
        let change = GroupChange { leave: vec![user.id], ..GroupChange::default() };
        people::change_group(tx, act.tenant.id, name, &change)?;
    }
    giving::keep_what_undoes(tx, act, &had)
}

/// Makes the user a member of these groups and of no others.
///
/// # Errors
/// As [`join`] and [`leave`].
pub fn set(tx: &mut Tx<'_>, act: &Act, user: &User, names: &[String]) -> Result<()> {
    let present = people::rights_of(tx, act.tenant.id, user.id)?.user_groups().to_vec();
    let joined: Vec<String> = names.iter().filter(|name| !present.contains(name)).cloned().collect();
    let left: Vec<String> = present.iter().filter(|name| !names.contains(name)).cloned().collect();
    join(tx, act, user, &joined)?;
    leave(tx, act, user, &left)
}

fn check(tx: &mut Tx<'_>, act: &Act, names: &[String]) -> Result<()> {
    let mut unknown = Vec::new();
    for name in names {
        if unknown.len() < TOLD_MAX && people::find_group(tx, act.tenant.id, name)?.is_none() {
            unknown.push(text::shown_or_empty(name));
        }
    }
    if unknown.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("Field group_names names groups that do not exist: {}.", unknown.join(", "))))
}
