//! The roles of a user in namespaces, given to the user or held through user groups.

use super::through;
use crate::access::{ApiGroups, Grant, Held, Rights};
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

const RIGHTS: Batch = Batch::new(
    "SELECT g.namespace, g.role, g.api_groups, u.group_roles
     FROM users u LEFT JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
     WHERE u.tenant = $1 AND u.id = $2",
);

/// The rights of a user.
///
/// # Errors
/// Those of the store.
pub fn rights_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Rights> {
    read_rights(&tx.all(RIGHTS.text(), &params![tenant, user])?, 0)
}

/// The rights of these users, in their order; none of one who is not there.
///
/// # Errors
/// Those of the store.
pub fn rights_of_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<Vec<Rights>> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    tx.each(RIGHTS, &asked)?.iter().map(|answer| read_rights(&answer.rows, 0)).collect()
}

/// The rights in the rows of a user joined with the user's grants: `g.namespace, g.role, g.api_groups, u.group_roles`, from
/// column `first` on. A user without a grant has one row, with nulls.
///
/// # Errors
/// `Internal` when the statement has other columns.
pub fn read_rights(rows: &[Row], first: usize) -> Result<Rights> {
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        let (namespace, role) = (row.get::<Option<String>>(first)?, row.get::<Option<String>>(first + 1)?);
        if let Some((namespace, role)) = namespace.zip(role) {
            let kept = row.get::<Option<i64>>(first + 2)?.map(ApiGroups::kept);
            held.push(Held::directly(Grant { namespace, role }, kept));
        }
    }
    held.sort_by(|one, next| one.grant.cmp(&next.grant));
    let through = match rows.first() {
        Some(row) => row.get::<Option<String>>(first + 3)?,
        None => None,
    };
    let Some(through) = through else { return Ok(Rights::of(held, Vec::new())) };
    let (through, user_groups) = through::read(&through)?;
    held.extend(through);
    Ok(Rights::of(held, user_groups))
}

/// The roles given to a user in namespaces, sorted; without those held through user groups.
///
/// # Errors
/// Those of the store.
pub fn grants_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<Grant>> {
    let rows = tx.all(
        "SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2 ORDER BY namespace, role",
        &params![tenant, user],
    )?;
    rows.iter().map(|row| Ok(Grant { namespace: row.get(0)?, role: row.get(1)? })).collect()
}

/// A role that is named twice is given once.
const GRANT: Batch = Batch::new(
    "INSERT INTO grants (tenant, user_id, namespace, role, api_groups) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
);

/// Gives a user these roles and no others.
///
/// # Errors
/// Those of the store.
pub fn replace_grants(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, grants: &[Grant]) -> Result<()> {
    tx.run("DELETE FROM grants WHERE tenant = $1 AND user_id = $2", &params![tenant, user])?;
    add_grants(tx, tenant, &[user], grants)
}

/// Gives each of these users these roles, beside those that they have.
///
/// # Errors
/// Those of the store.
pub fn add_grants(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId], grants: &[Grant]) -> Result<()> {
    let held = resolve(tx, tenant, grants)?;
    let pairs = users.iter().flat_map(|user| held.iter().map(move |held| (user, held)));
    let rows: Vec<_> = pairs
        .map(|(user, held)| params![tenant, *user, &held.grant.namespace, &held.grant.role, to_keep(held)])
        .collect();
    tx.each(GRANT, &rows).map(drop)
}

const FIRST_GRANT: Batch =
    Batch::new("INSERT INTO grants (tenant, user_id, namespace, role, api_groups) VALUES ($1, $2, $3, $4, $5)");

/// Writes the grants of users who are just made, each once.
pub(super) fn first_grants(tx: &mut Tx<'_>, tenant: TenantId, given: &[(UserId, &Held)]) -> Result<()> {
    let rows: Vec<_> = given
        .iter()
        .map(|(user, held)| params![tenant, *user, &held.grant.namespace, &held.grant.role, to_keep(held)])
        .collect();
    tx.put(FIRST_GRANT, &rows)
}

/// These grants with the calls that their roles allow in this tenant.
///
/// # Errors
/// Those of the store.
pub fn resolve(tx: &mut Tx<'_>, tenant: TenantId, grants: &[Grant]) -> Result<Vec<Held>> {
    let roles: Vec<&str> = grants.iter().map(|grant| grant.role.as_str()).collect();
    let groups = groups_of_roles(tx, tenant, &roles)?;
    Ok(grants.iter().zip(groups).map(|(grant, groups)| Held::directly(grant.clone(), groups)).collect())
}

/// What stands beside a grant: nothing for a built-in role, which each release knows for itself.
fn to_keep(held: &Held) -> Option<i64> {
    crate::access::built_in_role(&held.grant.role).is_none().then(|| held.groups.to_keep())
}

/// The API groups of these roles, in their order; `None` for a role that the tenant does not have. The table of a tenant's own
/// roles is written by the room `roles`.
///
/// # Errors
/// Those of the store.
pub fn groups_of_roles(tx: &mut Tx<'_>, tenant: TenantId, roles: &[&str]) -> Result<Vec<Option<ApiGroups>>> {
    roles.iter().map(|role| groups_of_role(tx, tenant, role)).collect()
}

fn groups_of_role(tx: &mut Tx<'_>, tenant: TenantId, role: &str) -> Result<Option<ApiGroups>> {
    if let Some(groups) = crate::access::built_in_role(role) {
        return Ok(Some(groups));
    }
    let row = tx.maybe("SELECT api_groups FROM roles WHERE tenant = $1 AND name = $2", &params![tenant, role])?;
    let Some(row) = row else { return Ok(None) };
    let names: Vec<String> = serde_json::from_str(&row.get::<String>(0)?).map_err(Error::internal)?;
    Ok(Some(ApiGroups::of_names(&names)))
}
