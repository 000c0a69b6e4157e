//! What a user holds through user groups, as it stands in the user's row.

use std::collections::{BTreeMap, HashMap};

use crate::access::{ApiGroups, Grant, Held};
use crate::error::{Error, Result};

/// As stored: for each group of the user its grants, as namespace, role and the number of the role's API groups.
type Kept = BTreeMap<String, Vec<(String, String, i64)>>;

/// Reads the column `group_roles`: the grants, and the names of all groups.
pub(super) fn read(kept: &str) -> Result<(Vec<Held>, Vec<String>)> {
    let kept: Kept = serde_json::from_str(kept).map_err(Error::internal)?;
    let names = kept.keys().cloned().collect();
    let held = kept.into_iter().flat_map(|(group, grants)| {
        grants.into_iter().map(move |(namespace, role, groups)| Held {
            through: Some(group.clone()),
            ..Held::directly(Grant { namespace, role }, Some(ApiGroups::kept(groups)))
        })
    });
    Ok((held.collect(), names))
}

/// The grants that the groups in the column `group_roles` give.
///
/// # Errors
/// `Internal` when it cannot be read.
pub fn grants_by_groups(kept: Option<&str>) -> Result<Vec<Grant>> {
    kept.map_or(Ok(Vec::new()), |kept| read(kept).map(|(held, _)| held.into_iter().map(|held| held.grant).collect()))
}

/// The names of the groups in the column `group_roles`.
///
/// # Errors
/// `Internal` when it cannot be read.
pub fn user_groups(kept: Option<&str>) -> Result<Vec<String>> {
    kept.map_or(Ok(Vec::new()), |kept| read(kept).map(|(_, names)| names))
}

/// What is stored for the groups of these names; none for a user in no group.
pub(super) fn text(names: &[String], grants: &HashMap<String, Vec<(String, String, i64)>>) -> Result<Option<String>> {
    if names.is_empty() {
        return Ok(None);
    }
    let kept: BTreeMap<&String, &Vec<_>> = names.iter().filter_map(|name| grants.get_key_value(name)).collect();
    serde_json::to_string(&kept).map(Some).map_err(Error::internal)
}
