//! Who holds a role, and what follows where a role or a namespace changes.

use super::membership;
use super::rows::find_by_id;
use crate::access::ApiGroups;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Row, Tx};

/// Takes away every role that was given to users in a namespace; returns their number.
///
/// # Errors
/// Those of the store.
pub fn forget_namespace(tx: &mut Tx<'_>, tenant: TenantId, namespace: &str) -> Result<u64> {
    let to_groups = membership::forget_namespace(tx, tenant, namespace)?;
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
    membership::refresh_holders_of(tx, tenant, role)
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

/// The address of a person, other than this one, who can sign in by a password and holds a role in a namespace, directly or
/// through a user group; none where nobody does.
///
/// # Errors
/// Those of the store.
pub fn another_person_with_role(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (namespace, role): (&str, &str),
    but: UserId,
) -> Result<Option<String>> {
    const DIRECTLY: &str =
        "SELECT user_id FROM grants WHERE tenant = $1 AND role = $2 AND namespace = $3 AND user_id <> $4";
    const BY_GROUP: &str = "SELECT DISTINCT m.user_id FROM group_grants g
         JOIN group_members m ON m.tenant = g.tenant AND m.group_name = g.group_name
         WHERE g.tenant = $1 AND g.role = $2 AND g.namespace = $3 AND m.user_id <> $4";
    for statement in [DIRECTLY, BY_GROUP] {
        for row in tx.all(statement, &params![tenant, role, namespace, but])? {
            let user = find_by_id(tx, tenant, row.get(0)?)?;
            if let Some(user) = user.filter(|user| user.disabled_at.is_none() && user.has_local_password()) {
                return Ok(Some(user.email));
            }
        }
    }
    Ok(None)
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
