//! The roles of a user in namespaces, given to the user or held through user groups.

use super::rows::find_by_id;
use super::through;
use crate::access::{ApiGroups, Grant, Held, Rights};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The rights of a user.
///
/// # Errors
/// Those of the store.
pub fn rights_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Rights> {
    let rows = tx.all(
        "SELECT g.namespace, g.role, g.api_groups, u.group_roles
         FROM users u LEFT JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
         WHERE u.tenant = $1 AND u.id = $2",
        &params![tenant, user],
    )?;
    read_rights(&rows, 0)
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

/// Takes away every role that was given to users in a namespace; returns their number.
///
/// # Errors
/// Those of the store.
pub fn forget_namespace(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<u64> {
    let to_groups = through::forget_namespace(tx, tenant, namespace)?;
    let to_users = tx.run("DELETE FROM grants WHERE tenant = $1 AND namespace = $2", &params![tenant, namespace])?;
    Ok(to_groups + to_users)
}

/// Lets a role of the tenant's own allow these calls from now on, wherever it is held.
///
/// # Errors
/// Those of the store.
pub fn change_role(tx: &mut Tx<'_>, tenant: TenantId, role: &str, groups: ApiGroups) -> Result<()> {
    tx.run(
        "UPDATE grants SET api_groups = $3 WHERE tenant = $1 AND role = $2",
        &params![tenant, role, groups.to_keep()],
    )?;
    through::refresh_holders_of(tx, tenant, role)
}

/// The namespaces in which a role is held, by users or by user groups.
///
/// # Errors
/// Those of the store.
pub fn namespaces_of_role(tx: &mut Tx<'_>, tenant: TenantId, role: &str) -> Result<Vec<String>> {
    let rows = tx.all(
        "SELECT namespace FROM grants WHERE tenant = $1 AND role = $2
         UNION SELECT namespace FROM group_grants WHERE tenant = $1 AND role = $2",
        &params![tenant, role],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// A user or a user group that holds a role, for a sentence; none when nobody does.
///
/// # Errors
/// Those of the store.
pub fn holder_of_role(tx: &mut Tx<'_>, tenant: TenantId, role: &str) -> Result<Option<String>> {
    let by_user =
        tx.maybe("SELECT user_id FROM grants WHERE tenant = $1 AND role = $2 LIMIT 1", &params![tenant, role])?;
    if let Some(row) = by_user {
        let user = find_by_id(tx, tenant, row.get(0)?)?;
        return Ok(user.map(|user| format!("the user {}", user.email)));
    }
    let by_group = tx
        .maybe("SELECT group_name FROM group_grants WHERE tenant = $1 AND role = $2 LIMIT 1", &params![tenant, role])?;
    by_group.map(|row| Ok(format!("the group {}", row.get::<String>(0)?))).transpose()
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

/// A user who holds a role.
#[derive(Debug, Clone)]
pub struct Holder {
    /// The id outside.
    pub uid: uuid::Uuid,
    /// The address.
    pub email: String,
    /// When the user was made; when the role was given is in the audit records alone.
    pub since: Timestamp,
    /// The role.
    pub role: String,
}

/// The users who were given a role in a namespace, by address and role; one for each role.
///
/// # Errors
/// Those of the store.
pub fn holders_in(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<Vec<Holder>> {
    let rows = tx.all(
        "SELECT u.uid, u.email, u.created_at, g.role
         FROM grants g JOIN users u ON u.tenant = g.tenant AND u.id = g.user_id
         WHERE g.tenant = $1 AND g.namespace = $2 ORDER BY u.email_key, g.role",
        &params![tenant, namespace],
    )?;
    let holder = |row: &Row| Ok(Holder { uid: row.get(0)?, email: row.get(1)?, since: row.get(2)?, role: row.get(3)? });
    rows.iter().map(holder).collect()
}
