//! What follows for users from their groups. It is written into each user's row, since every call reads its caller's rights and
//! only few change a group.

use std::collections::{BTreeSet, HashMap};

use super::grants::resolve;
use super::through::text;
use crate::access::{Grant, Held};
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

/// The grants of a group, sorted, each with what its role allows.
///
/// # Errors
/// Those of the store.
pub fn grants_of_group(tx: &mut Tx<'_>, tenant: TenantId, group: &str) -> Result<Vec<Held>> {
    let rows = tx.all(
        "SELECT namespace, role FROM group_grants WHERE tenant = $1 AND group_name = $2 ORDER BY namespace, role",
        &params![tenant, group],
    )?;
    let grants = rows.iter().map(|row| Ok(Grant { namespace: row.get(0)?, role: row.get(1)? }));
    let grants = grants.collect::<Result<Vec<_>>>()?;
    resolve(tx, tenant, &grants)
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

/// The grants of a group as they stand in the rows of its members.
pub(super) fn kept_grants(tx: &mut Tx<'_>, tenant: TenantId, group: &str) -> Result<Vec<(String, String, i64)>> {
    let held = grants_of_group(tx, tenant, group)?;
    Ok(held.into_iter().map(|one| (one.grant.namespace, one.grant.role, one.groups.to_keep())).collect())
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
