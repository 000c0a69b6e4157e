//! All users of a tenant, part by part: a tenant of a hundred thousand is read by its key, and no more than a part of it is
//! in memory.

use std::collections::HashMap;

use super::UserState;
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people::{self, Kind, SignInBy};
use crate::store::{Row, Tx};

const PAGE: usize = 2_000;
const USERS: &str = "SELECT u.id, u.email_key, u.email, u.first_name, u.last_name, u.kind, u.idm_type, u.owner_since,
           u.disabled_at, u.created_at, u.last_login_at, u.password_hash IS NOT NULL, u.group_roles, f.seed IS NOT NULL
    FROM users u LEFT JOIN second_factors f ON f.tenant = u.tenant AND f.user_id = u.id
    WHERE u.tenant = $1 AND u.email_key > $2 AND u.kind <> 'SERVICE' ORDER BY u.email_key LIMIT 2000";
const GRANTS: &str = "SELECT g.user_id, g.namespace, g.role
    FROM users u JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
    WHERE u.tenant = $1 AND u.email_key > $2 AND u.email_key <= $3 ORDER BY u.email_key, g.namespace, g.role";

/// A user as the list shows them.
#[derive(Debug, Clone)]
pub struct ListedUser {
    /// The address, as first written.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// A person; service users are not listed.
    pub kind: Kind,
    /// How they sign in.
    pub sign_in_by: SignInBy,
    /// Their roles in namespaces, sorted.
    pub grants: Vec<Grant>,
    /// The user groups that they are in, by name.
    pub groups: Vec<String>,
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// Whether locked out.
    pub is_disabled: bool,
    /// Whether they have a code app.
    pub has_factor: bool,
    /// Where they stand, in one word.
    pub state: UserState,
    /// When created.
    pub created_at: Timestamp,
    /// Last successful sign-in.
    pub last_login_at: Option<Timestamp>,
}

/// Hands the first persons of a tenant behind the address `after` to `take`, by address, and returns the last address if there
/// may be more. Service users are not among them: clean-up programs would remove them.
///
/// # Errors
/// Those of the store, and those of `take`.
pub fn list(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    after: &str,
    mut take: impl FnMut(ListedUser) -> Result<()>,
) -> Result<Option<String>> {
    let page = tx.all(USERS, &params![tenant, after])?;
    let Some(last) = page.last() else { return Ok(None) };
    let until: String = last.get(1)?;
    let mut grants = grants_between(tx, tenant, after, &until)?;
    page.iter().try_for_each(|row| take(listed(row, &mut grants)?))?;
    Ok((page.len() == PAGE).then_some(until))
}

fn grants_between(tx: &mut Tx<'_>, tenant: TenantId, after: &str, until: &str) -> Result<HashMap<UserId, Vec<Grant>>> {
    let mut grants: HashMap<UserId, Vec<Grant>> = HashMap::new();
    for row in tx.all(GRANTS, &params![tenant, after, until])? {
        grants.entry(row.get(0)?).or_default().push(Grant { namespace: row.get(1)?, role: row.get(2)? });
    }
    Ok(grants)
}

fn listed(row: &Row, grants: &mut HashMap<UserId, Vec<Grant>>) -> Result<ListedUser> {
    let sign_in_by: SignInBy = row.get(6)?;
    let is_disabled = row.get::<Option<Timestamp>>(8)?.is_some();
    Ok(ListedUser {
        email: row.get(2)?,
        first_name: row.get(3)?,
        last_name: row.get(4)?,
        kind: row.get(5)?,
        sign_in_by,
        grants: grants.remove(&row.get(0)?).unwrap_or_default(),
        groups: people::user_groups(row.get::<Option<String>>(12)?.as_deref())?,
        is_owner: row.get::<Option<Timestamp>>(7)?.is_some(),
        is_disabled,
        has_factor: row.get(13)?,
        state: UserState::of(is_disabled, sign_in_by == SignInBy::Password, row.get(11)?),
        created_at: row.get(9)?,
        last_login_at: row.get(10)?,
    })
}
