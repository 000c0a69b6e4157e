//! What may be given and taken: roles that exist, in namespaces that exist, by a person who has all that they allow, to and
//! from people who have no more than that person.

use std::collections::BTreeSet;

use crate::access::{ApiGroup, EVERY, Grant, Missing, Rights, SYSTEM, may_touch};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::store::Tx;
use crate::text::shown_or_empty;
use crate::{namespaces, people};

/// Longest name of a role or a namespace in a grant, in bytes.
const NAME_MAX: usize = 256;

/// The grants that were asked for, each once and sorted, if the caller may give those that are not `held` already.
///
/// # Errors
/// `Invalid` for a role or namespace that does not exist, `Forbidden` for a right that the caller lacks.
pub fn check(tx: &mut Tx<'_>, act: &Act, asked: &[Grant], held: &[Grant]) -> Result<Vec<Grant>> {
    let asked: BTreeSet<Grant> = asked.iter().cloned().collect();
    let new: Vec<Grant> = asked.iter().filter(|grant| !held.contains(grant)).cloned().collect();
    match unknown(tx, act.tenant.id, &new)? {
        Some(Unknown::Role(role)) => {
            let role = shown_or_empty(&role);
            Err(Error::invalid(format!("Field namespace_roles names the role {role}, which does not exist.")))
        }
        Some(Unknown::Namespace(namespace)) => {
            let namespace = shown_or_empty(&namespace);
            Err(Error::invalid(format!("Field namespace_roles names the namespace {namespace}, which does not exist.")))
        }
        None => require(tx, act, &new).map(|()| asked.into_iter().collect()),
    }
}

/// What grants name that the tenant does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// A role.
    Role(String),
    /// A namespace.
    Namespace(String),
}

/// The first role, else the first namespace, of these grants that does not exist. Exports of the public service name roles
/// that are not known here; they are kept and grant nothing.
///
/// # Errors
/// Those of the store.
pub fn unknown(tx: &mut Tx<'_>, tenant: TenantId, grants: &[Grant]) -> Result<Option<Unknown>> {
    for role in grants.iter().map(|grant| grant.role.as_str()).collect::<BTreeSet<_>>() {
        if !is_foreign(role) && people::groups_of_roles(tx, tenant, &[role])?[0].is_none() {
            return Ok(Some(Unknown::Role(role.into())));
        }
    }
    for namespace in grants.iter().map(|grant| grant.namespace.as_str()).collect::<BTreeSet<_>>() {
        if namespace != EVERY && !namespaces::exists(tx, tenant, namespace)? {
            return Ok(Some(Unknown::Namespace(namespace.into())));
        }
    }
    Ok(None)
}

/// Refuses to give or to take grants that allow more than the caller has.
///
/// # Errors
/// `Forbidden`, with the first right that the caller lacks.
pub fn require(tx: &mut Tx<'_>, act: &Act, grants: &[Grant]) -> Result<()> {
    let given = Rights::of(people::resolve(tx, act.tenant.id, grants)?, Vec::new());
    let mine = act.rights_now(tx)?;
    mine.lack(&given).map_or(Ok(()), |missing| Err(not_yours(&mine, &missing)))
}

/// The refusal of a right that the caller would give without having it.
pub fn not_yours(mine: &Rights, missing: &Missing) -> Error {
    Error::forbidden(format!(
        "You cannot give what you do not have: the right {} in the namespace {}.{}",
        missing.group,
        shown_or_empty(&missing.namespace),
        mine.note()
    ))
}

/// Whether a name may be one of the public service's own, for a role or an API group.
pub fn is_foreign(name: &str) -> bool {
    (name.starts_with("ves-io-") || name.starts_with("f5xc-")) && name.len() <= NAME_MAX
}

/// Refuses to change a user group that has a member of higher rank than the caller: what changes in the group changes for all
/// of its members. The caller may be a member.
///
/// # Errors
/// `Forbidden`, with the right that is missing and its namespace.
pub fn outrank_members(tx: &mut Tx<'_>, act: &Act, group: &str) -> Result<()> {
    let mine = act.rights_now(tx)?;
    // By a narrowed token even its own user is someone of more rights.
    let except = (!mine.is_narrowed()).then_some(act.caller.user);
    let (theirs, has_owner) = people::sum_of_members(tx, act.tenant.id, group, except)?;
    may_touch(&mine, &theirs, has_owner).map_err(|missing| {
        Error::forbidden(format!(
            "A member of the group {group} has the right {} in the namespace {}, which you do not have. Ask someone who has it.{}",
            missing.group,
            missing.namespace,
            mine.note()
        ))
    })
}

/// The last right that could undo a change, if the caller would lose it: to give roles, or to be an owner, which only an owner
/// gives. It is the person who loses it, whatever their token leaves of it.
pub fn lost(had: &Rights, has: &Rights) -> Option<ApiGroup> {
    let (had, has) = (had.whole(), has.whole());
    let is_lost = |group: &ApiGroup| had.allow(*group, SYSTEM) && !has.allow(*group, SYSTEM);
    [ApiGroup::UamWrite, ApiGroup::TenantOwner].into_iter().find(is_lost)
}

/// The refusal of a change by which the caller would lose [`lost`].
pub fn cannot_undo(group: ApiGroup) -> Error {
    Error::conflict(format!(
        "You cannot take the right {} in the namespace {SYSTEM} from yourself: you could not give it back. Ask another \
         administrator.",
        group.name()
    ))
}

/// Refuses a change that was made in this transaction and took from the caller the right to undo it.
///
/// # Errors
/// `Conflict`. The transaction must end with it.
pub fn keep_what_undoes(tx: &mut Tx<'_>, act: &Act, had: &Rights) -> Result<()> {
    let has = people::rights_of(tx, act.tenant.id, act.caller.user)?;
    lost(had, &has).map_or(Ok(()), |group| Err(cannot_undo(group)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_public_service_is_known_by_how_it_begins() {
        for kept in ["ves-io-admin-role", "ves-io-some-new-role", "f5xc-billing", "f5xc-waap-admin"] {
            assert!(is_foreign(kept), "{kept}");
        }
        for other in ["", "admin", "VES-IO-admin-role"] {
            assert!(!is_foreign(other), "{other}");
        }
    }

    #[test]
    fn who_gives_roles_keeps_that_right() {
        let rights = |role| Rights::built_in(vec![Grant::new(SYSTEM, role)]);
        let (administrator, reader) = (rights("ves-io-admin-role"), rights("ves-io-monitor-role"));
        assert_eq!(lost(&administrator, &reader), Some(ApiGroup::UamWrite));
        assert_eq!(lost(&rights("ves-io-tenant-owner-role"), &administrator), Some(ApiGroup::TenantOwner));
        assert_eq!(lost(&administrator, &rights("ves-io-uam-admin-role")), None);
        assert_eq!(lost(&reader, &Rights::default()), None);
    }
}
