//! What users hold through user groups. It follows from the groups' members and roles, and stands in each user's row, since
//! every call reads its caller's rights and only few change a group.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::groups::grants_of_group;
use crate::access::{ApiGroups, Grant, Held};
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

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

/// The names of the groups in the column `group_roles`.
///
/// # Errors
/// `Internal` when it cannot be read.
pub fn user_groups(kept: Option<&str>) -> Result<Vec<String>> {
    kept.map_or(Ok(Vec::new()), |kept| read(kept).map(|(_, names)| names))
}

const GROUPS_OF: Batch =
    Batch::new("SELECT group_name FROM group_members WHERE tenant = $1 AND user_id = $2 ORDER BY group_name");
const KEEP: Batch = Batch::new("UPDATE users SET group_roles = $3 WHERE tenant = $1 AND id = $2");

/// Writes anew what these users hold through user groups.
///
/// # Errors
/// Those of the store.
pub(super) fn refresh(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<()> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    let mut groups_of_each = Vec::with_capacity(users.len());
    for answer in tx.each(GROUPS_OF, &asked)? {
        groups_of_each.push(answer.rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>>>()?);
    }
    let named: BTreeSet<&String> = groups_of_each.iter().flatten().collect();
    let mut grants = HashMap::new();
    for name in named {
        grants.insert(name.clone(), kept_grants(tx, tenant, name)?);
    }
    let texts: Vec<_> = groups_of_each.iter().map(|names| text(names, &grants)).collect::<Result<_>>()?;
    let rows: Vec<_> = users.iter().zip(&texts).map(|(user, text)| params![tenant, *user, text.as_deref()]).collect();
    tx.each(KEEP, &rows).map(drop)
}

fn kept_grants(tx: &mut Tx<'_>, tenant: TenantId, group: &str) -> Result<Vec<(String, String, i64)>> {
    let held = grants_of_group(tx, tenant, group)?;
    Ok(held.into_iter().map(|one| (one.grant.namespace, one.grant.role, one.groups.to_keep())).collect())
}

fn text(names: &[String], grants: &HashMap<String, Vec<(String, String, i64)>>) -> Result<Option<String>> {
    if names.is_empty() {
        return Ok(None);
    }
    let kept: BTreeMap<&String, &Vec<_>> = names.iter().filter_map(|name| grants.get_key_value(name)).collect();
    serde_json::to_string(&kept).map(Some).map_err(Error::internal)
}

/// Writes anew what users hold through the groups that hold a role.
pub(super) fn refresh_holders_of(tx: &mut Tx<'_>, tenant: TenantId, role: &str) -> Result<()> {
    let rows = tx.all(
        "SELECT DISTINCT m.user_id FROM group_grants g
         JOIN group_members m ON m.tenant = g.tenant AND m.group_name = g.group_name
         WHERE g.tenant = $1 AND g.role = $2",
        &params![tenant, role],
    )?;
    let users = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>>>()?;
    refresh(tx, tenant, &users)
}

/// Takes away every role that was given to user groups in a namespace; returns their number.
pub(super) fn forget_namespace(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<u64> {
    let rows = tx.all(
        "SELECT DISTINCT m.user_id FROM group_grants g
         JOIN group_members m ON m.tenant = g.tenant AND m.group_name = g.group_name
         WHERE g.tenant = $1 AND g.namespace = $2",
        &params![tenant, namespace],
    )?;
    let users = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<_>>>()?;
    let gone = tx.run("DELETE FROM group_grants WHERE tenant = $1 AND namespace = $2", &params![tenant, namespace])?;
    refresh(tx, tenant, &users)?;
    Ok(gone)
}
