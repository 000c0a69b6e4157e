//! A role of the tenant's own made, changed and removed.

use std::collections::BTreeSet;

use serde_json::json;

use super::rows::{self, Role};
use crate::access::{self, ApiGroup, ApiGroups};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::objects::{self, AskedMetadata, KeptMetadata};
use crate::random::Random;
use crate::store::Tx;
use crate::views::Shown;
use crate::{giving, people, text};

/// API groups that a role may name.
const GROUPS_MAX: usize = 256;

/// Reads the API groups of a role, each once and sorted.
///
/// # Errors
/// `Invalid` for one that does not exist. Names of the public service's own that are not known here are kept.
pub fn read_groups(asked: &[String]) -> Result<Vec<String>> {
    let groups: BTreeSet<&String> = asked.iter().collect();
    if groups.len() > GROUPS_MAX {
        return Err(Error::invalid(format!("Field api_groups names more than {GROUPS_MAX} groups.")));
    }
    let is_known = |name: &String| ApiGroup::of_name(name).is_some() || giving::is_foreign(name);
    if let Some(unknown) = groups.iter().find(|name| !is_known(name)) {
        let shown = text::shown_or_empty(unknown);
        return Err(Error::invalid(format!("Field api_groups names the group {shown}, which does not exist.")));
    }
    Ok(groups.into_iter().cloned().collect())
}

/// A new role, with its id drawn.
///
/// # Errors
/// `Invalid` for a name that cannot be; `Duplicate` for that of a built-in role.
pub fn draw(asked: &AskedMetadata, groups: Vec<String>, random: &Random, act: &Act) -> Result<Role> {
    let name = asked.name.clone().unwrap_or_default();
    check_name(&name)?;
    Ok(Shown {
        name,
        namespace: access::SYSTEM,
        tenant: act.tenant.uid.clone(),
        uid: random.uuid(act.now),
        kept: asked.keep()?,
        created_at: act.now,
        created_by: act.actor.name.clone(),
        modified_at: None,
        spec: groups,
    })
}

/// Checks the name of a new role.
///
/// # Errors
/// `Invalid` for a name that cannot be; `Duplicate` for that of a built-in role.
pub fn check_name(name: &str) -> Result<()> {
    objects::check_name("metadata.name", name, objects::NAME_MAX)?;
    if access::built_in_role(name).is_some() {
        return Err(rows::taken(name));
    }
    if giving::is_foreign(name) {
        return Err(Error::invalid(
            "Field metadata.name begins like a role of the public service. Choose a name that does not begin with ves-io- or \
             f5xc-.",
        ));
    }
    Ok(())
}

/// Makes the role. It allows nothing until it is given.
///
/// # Errors
/// `Duplicate` when there is one of that name.
pub fn create(tx: &mut Tx<'_>, new: &Role, act: &Act) -> Result<Role> {
    rows::insert(tx, act.tenant.id, new)?;
    act.record(tx, "role.create", &new.name, json!({ "api_groups": new.spec }))?;
    Ok(new.clone())
}

/// What of a role is to change; the rest stays.
#[derive(Debug, Clone, Default)]
pub struct RoleChange {
    /// The API groups.
    pub groups: Option<Vec<String>>,
    /// Description, labels and annotations.
    pub metadata: Option<KeptMetadata>,
}

/// Changes a role, for all who hold it.
///
/// # Errors
/// `NotFound`; `Forbidden` for a built-in role, and for a right, given or taken by the change, that the caller lacks where the
/// role is held; `Conflict` where the caller would lose the right to undo it.
pub fn replace(tx: &mut Tx<'_>, name: &str, change: &RoleChange, act: &Act) -> Result<Role> {
    refuse_built_in(name)?;
    let had = act.rights_now(tx)?;
    let before = rows::get(tx, act.tenant.id, &act.tenant.uid, name)?;
    let after = Role {
        spec: change.groups.clone().unwrap_or_else(|| before.spec.clone()),
        kept: change.metadata.clone().unwrap_or_else(|| before.kept.clone()),
        modified_at: Some(act.now),
        ..before.clone()
    };
    let (were, are) = (ApiGroups::of_names(&before.spec), ApiGroups::of_names(&after.spec));
    let differ = were.without(are).with(are.without(were));
    for namespace in people::namespaces_of_role(tx, act.tenant.id, name)? {
        if let Some(missing) = had.lack_of(differ, &namespace) {
            return Err(giving::not_yours(&had, &missing));
        }
    }
    rows::update(tx, act.tenant.id, &after)?;
    people::change_role(tx, act.tenant.id, name, are)?;
    giving::keep_what_undoes(tx, act, &had)?;
    let facts = json!({ "api_groups": { "before": before.spec, "after": after.spec } });
    act.record(tx, "role.replace", name, facts)?;
    Ok(after)
}

/// Removes a role that nobody holds.
///
/// # Errors
/// `NotFound`; `Forbidden` for a built-in role; `Conflict` with the name of one who holds it, so that nobody loses access by
/// surprise.
pub fn remove(tx: &mut Tx<'_>, name: &str, act: &Act) -> Result<()> {
    refuse_built_in(name)?;
    let role = rows::get(tx, act.tenant.id, &act.tenant.uid, name)?;
    if let Some(holder) = people::holder_of_role(tx, act.tenant.id, name)? {
        return Err(Error::conflict(format!(
            "The role {name} is held by {holder}. Take it from all who hold it first."
        )));
    }
    rows::delete(tx, act.tenant.id, name)?;
    act.record(tx, "role.remove", name, json!({ "api_groups": role.spec }))
}

fn refuse_built_in(name: &str) -> Result<()> {
    match access::built_in_role(name) {
        Some(_) => Err(Error::forbidden(format!(
            "The role {} belongs to every tenant and cannot be changed. Make one of your own.",
            text::shown(name)
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_of_the_public_service_are_kept_and_other_unknown_ones_refused() {
        let names = ["ves-io-uam-read", "f5xc-billing", "ves-io-uam-read"].map(String::from);
        assert_eq!(read_groups(&names).unwrap(), ["f5xc-billing", "ves-io-uam-read"]);
        for (unknown, shown) in [("", "\"\""), ("uam-read", "uam-read")] {
            let refused = read_groups(&[unknown.into()]).unwrap_err().message;
            assert_eq!(refused, format!("Field api_groups names the group {shown}, which does not exist."));
        }
    }
}
