//! User groups: who is in them, and the roles that their members hold by them.

use uuid::Uuid;

use super::grants::read_rights;
use super::membership;
use crate::access::{Grant, Rights};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::store::{Batch, Row, Tx};
use crate::text;

/// A user group.
#[derive(Debug, Clone)]
pub struct Group {
    /// The name, by which calls and roles know it.
    pub name: String,
    /// The id outside.
    pub uid: Uuid,
    /// The name that people see.
    pub display_name: String,
    /// The description.
    pub description: String,
    /// The id of the group in the directory that it is synchronised with; without meaning here otherwise.
    pub sync_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was last changed.
    pub modified_at: Option<Timestamp>,
}

impl Group {
    /// A group without members and roles yet.
    pub fn new(name: String, created_by: &str, random: &Random, now: Timestamp) -> Self {
        Self {
            name,
            uid: random.uuid(now),
            display_name: String::new(),
            description: String::new(),
            sync_id: String::new(),
            created_at: now,
            created_by: created_by.into(),
            modified_at: None,
        }
    }
}

const COLUMNS: &str = "SELECT name, uid, display_name, description, sync_id, created_at, created_by, modified_at
    FROM user_groups WHERE tenant = $1 ORDER BY name";

fn read(row: &Row) -> Result<Group> {
    Ok(Group {
        name: row.get(0)?,
        uid: row.get(1)?,
        display_name: row.get(2)?,
        description: row.get(3)?,
        sync_id: row.get(4)?,
        created_at: row.get(5)?,
        created_by: row.get(6)?,
        modified_at: row.get(7)?,
    })
}

/// All groups of a tenant, by name.
///
/// # Errors
/// Those of the store.
pub fn list_groups(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<Group>> {
    tx.all(COLUMNS, &params![tenant])?.iter().map(read).collect()
}

/// The group of this name.
///
/// # Errors
/// Those of the store.
pub fn find_group(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<Option<Group>> {
    let row = tx.maybe(
        "SELECT name, uid, display_name, description, sync_id, created_at, created_by, modified_at
         FROM user_groups WHERE tenant = $1 AND name = $2",
        &params![tenant, name],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The group of this name.
///
/// # Errors
/// `NotFound`.
pub fn get_group(tx: &mut Tx<'_>, tenant: TenantId, name: &str) -> Result<Group> {
    find_group(tx, tenant, name)?
        .ok_or_else(|| Error::not_found(format!("User group {} was not found in this tenant.", text::shown(name))))
}

/// Writes a new group.
///
/// # Errors
/// `Duplicate` when there is one of that name.
pub fn insert_group(tx: &mut Tx<'_>, tenant: TenantId, group: &Group) -> Result<()> {
    let inserted = tx.run(
        "INSERT INTO user_groups (tenant, name, uid, display_name, description, sync_id, created_at, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        &params![
            tenant,
            &group.name,
            &group.uid,
            &group.display_name,
            &group.description,
            &group.sync_id,
            group.created_at,
            &group.created_by,
        ],
    )?;
    if inserted == 0 {
        return Err(Error::duplicate(format!("Object already exists: a user group with the name {}.", group.name)));
    }
    Ok(())
}

/// Writes the texts of a group anew.
///
/// # Errors
/// Those of the store.
pub fn describe_group(tx: &mut Tx<'_>, tenant: TenantId, group: &Group) -> Result<()> {
    tx.run(
        "UPDATE user_groups SET display_name = $3, description = $4, sync_id = $5, modified_at = $6
         WHERE tenant = $1 AND name = $2",
        &params![tenant, &group.name, &group.display_name, &group.description, &group.sync_id, group.modified_at],
    )
    .map(drop)
}

const ADDRESS: Batch = Batch::new("SELECT email_key, email FROM users WHERE tenant = $1 AND id = $2");

/// The members of a group with their addresses, by address.
///
/// # Errors
/// Those of the store.
pub fn members(tx: &mut Tx<'_>, tenant: TenantId, group: &str) -> Result<Vec<(UserId, String)>> {
    let rows =
        tx.all("SELECT user_id FROM group_members WHERE tenant = $1 AND group_name = $2", &params![tenant, group])?;
    let ids = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<UserId>>>()?;
    let asked: Vec<_> = ids.iter().map(|id| params![tenant, *id]).collect();
    let mut found = Vec::with_capacity(ids.len());
    for (id, answer) in ids.iter().zip(tx.each(ADDRESS, &asked)?) {
        if let Some(row) = answer.rows.first() {
            found.push((row.get::<String>(0)?, *id, row.get::<String>(1)?));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, id, email)| (id, email)).collect())
}

const JOIN: Batch =
    Batch::new("INSERT INTO group_members (tenant, group_name, user_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
const LEAVE: Batch = Batch::new("DELETE FROM group_members WHERE tenant = $1 AND group_name = $2 AND user_id = $3");
const GIVE: Batch = Batch::new(
    "INSERT INTO group_grants (tenant, group_name, namespace, role) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
);
const TAKE: Batch =
    Batch::new("DELETE FROM group_grants WHERE tenant = $1 AND group_name = $2 AND namespace = $3 AND role = $4");

/// What changes of a group.
#[derive(Debug, Clone, Default)]
pub struct GroupChange {
    /// Users who become members; members stay members.
    pub join: Vec<UserId>,
    /// Users who are members no longer.
    pub leave: Vec<UserId>,
    /// Roles that its members get.
    pub give: Vec<Grant>,
    /// Roles that its members lose.
    pub take: Vec<Grant>,
}

/// Changes members and roles of a group, and with them what its members hold.
///
/// # Errors
/// Those of the store.
pub fn change_group(tx: &mut Tx<'_>, tenant: TenantId, group: &str, change: &GroupChange) -> Result<()> {
    let of_users = |users: &[UserId]| users.iter().map(|user| params![tenant, group, *user]).collect::<Vec<_>>();
    tx.each(JOIN, &of_users(&change.join))?;
    tx.each(LEAVE, &of_users(&change.leave))?;
    for (batch, grants) in [(GIVE, &change.give), (TAKE, &change.take)] {
        let rows: Vec<_> = grants.iter().map(|grant| params![tenant, group, &grant.namespace, &grant.role]).collect();
        tx.each(batch, &rows)?;
    }
    let mut touched: Vec<UserId> = change.join.iter().chain(&change.leave).copied().collect();
    if !change.give.is_empty() || !change.take.is_empty() {
        touched.extend(members(tx, tenant, group)?.into_iter().map(|(user, _)| user));
    }
    touched.sort_unstable();
    touched.dedup();
    membership::refresh(tx, tenant, &touched)
}

/// Removes a group; its members hold nothing by it any more.
///
/// # Errors
/// Those of the store.
pub fn remove_group(tx: &mut Tx<'_>, tenant: TenantId, group: &str) -> Result<()> {
    let members: Vec<UserId> = members(tx, tenant, group)?.into_iter().map(|(user, _)| user).collect();
    tx.run("DELETE FROM group_members WHERE tenant = $1 AND group_name = $2", &params![tenant, group])?;
    tx.run("DELETE FROM group_grants WHERE tenant = $1 AND group_name = $2", &params![tenant, group])?;
    tx.run("DELETE FROM user_groups WHERE tenant = $1 AND name = $2", &params![tenant, group])?;
    membership::refresh(tx, tenant, &members)
}

const RIGHTS_OF_MEMBER: Batch = Batch::new(
    "SELECT g.namespace, g.role, g.api_groups, u.group_roles, u.owner_since
     FROM users u LEFT JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id WHERE u.tenant = $1 AND u.id = $2",
);

/// The sum of what the members of a group hold, and whether an owner of the tenant is among them; without one user, if one
/// is named.
///
/// # Errors
/// Those of the store.
pub fn sum_of_members(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    group: &str,
    except: Option<UserId>,
) -> Result<(Rights, bool)> {
    let members =
        tx.all("SELECT user_id FROM group_members WHERE tenant = $1 AND group_name = $2", &params![tenant, group])?;
    let members = members.iter().map(|row| row.get(0)).collect::<Result<Vec<UserId>>>()?;
    let others = members.into_iter().filter(|member| Some(*member) != except);
    let asked: Vec<_> = others.map(|member| params![tenant, member]).collect();
    let (mut held, mut has_owner) = (Vec::new(), false);
    for member in tx.each(RIGHTS_OF_MEMBER, &asked)? {
        for one in read_rights(&member.rows, 0)?.held() {
            // A group of thousands holds few different roles.
            if !held.contains(one) {
                held.push(one.clone());
            }
        }
        let owner_since = member.rows.first().map(|row| row.get::<Option<Timestamp>>(4)).transpose()?;
        has_owner |= owner_since.flatten().is_some();
    }
    Ok((Rights::of(held, Vec::new()), has_owner))
}
