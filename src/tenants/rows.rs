//! SQL over tenants that several rooms need.

use serde_json::Value;

use super::sleep;
use crate::clock::Timestamp;
use crate::config::PublicUrl;
use crate::error::{Error, Kind, Result, Told};
use crate::identity::{Tenant, TenantId, TenantSettings};
use crate::pages::told;
use crate::params;
use crate::store::{Row, Tx};

/// The columns of a tenant; a macro so that statements stay static texts.
macro_rules! columns {
    () => {
        "id, name, uid, revision, settings, disabled_at"
    };
}

const SERVED: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = $1 AND disabled_at IS NULL");
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = $1 AND removal_begun_at IS NULL");
const BY_NAME: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE name = $1 AND removal_begun_at IS NULL");
const BY_UID: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE uid = $1 AND removal_begun_at IS NULL");
const ONLY: &str = concat!("SELECT ", columns!(), ", removal_begun_at FROM tenants WHERE id <> $1 LIMIT 2");
const ALL: &str = concat!("SELECT ", columns!(), " FROM tenants ORDER BY id");
const WITH_USERS: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = $1 AND user_count > 0");

/// What a caller of a suspended tenant is told who has proved to be one of its users; nobody else is told.
pub fn suspended() -> Error {
    told::error(Kind::Forbidden, Told::Suspended)
}

/// That a tenant is served, asked once a caller has proved to be one of its users.
///
/// # Errors
/// `Forbidden` where it is suspended.
pub fn check_served(tenant: &Tenant) -> Result<()> {
    if tenant.is_suspended { Err(suspended()) } else { Ok(()) }
}

/// The tenant with this number, if it is served.
///
/// # Errors
/// Those of the store.
pub fn find_by_id(tx: &mut Tx<'_>, id: TenantId) -> Result<Option<Tenant>> {
    tx.maybe(SERVED, &params![id])?.map(|row| read(&row)).transpose()
}

/// The tenant with this number, served or suspended, unless it is being deleted. For what strangers ask: they must not be told
/// the one from the other.
///
/// # Errors
/// Those of the store.
pub fn find_even_suspended(tx: &mut Tx<'_>, id: TenantId) -> Result<Option<Tenant>> {
    tx.maybe(BY_ID, &params![id])?.map(|row| read(&row)).transpose()
}

/// The tenant of this name, as [`find_even_suspended`]. For the gate, which does not know the tenant yet.
///
/// # Errors
/// Those of the store.
pub fn find_by_name(tx: &mut Tx<'_>, name: &str) -> Result<Option<Tenant>> {
    tx.maybe(BY_NAME, &params![name])?.map(|row| read(&row)).transpose()
}

/// The tenant of this id, by which the API names it, as [`find_even_suspended`]. For calls that know no tenant yet.
///
/// # Errors
/// Those of the store.
pub fn find_by_uid(tx: &mut Tx<'_>, uid: &str) -> Result<Option<Tenant>> {
    tx.maybe(BY_UID, &params![uid])?.map(|row| read(&row)).transpose()
}

/// Every tenant, including suspended ones. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_all(tx: &mut Tx<'_>) -> Result<Vec<Tenant>> {
    tx.all(ALL, &[])?.iter().map(read).collect()
}

/// Up to `most` ids of tenants behind this one, suspended ones too, in their order. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn ids_after(tx: &mut Tx<'_>, last: Option<TenantId>, most: i64) -> Result<Vec<TenantId>> {
    let last = last.map_or(i64::MIN, |last| last.0);
    let rows = tx.all("SELECT id FROM tenants WHERE id > $1 ORDER BY id LIMIT $2", &params![last, most])?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// The tenant of the operators, if it has a user.
///
/// # Errors
/// Those of the store.
pub fn find_with_operators(tx: &mut Tx<'_>) -> Result<Option<Tenant>> {
    tx.maybe(WITH_USERS, &params![TenantId::SYSTEM])?.map(|row| read(&row)).transpose()
}

/// Whether there is a tenant beside that of the operators, which every store has once it was served.
///
/// # Errors
/// Those of the store.
pub fn has_any(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(tx.maybe(ONLY, &params![TenantId::SYSTEM])?.is_some())
}

/// The tenant, if there is exactly one beside that of the operators; a bare host then means that tenant. A suspended one
/// counts too: otherwise the host would mean another tenant for as long. One that is being deleted is meant by nothing.
///
/// # Errors
/// Those of the store.
pub fn get_only(tx: &mut Tx<'_>) -> Result<Option<Tenant>> {
    let mut tenants = tx.all(ONLY, &params![TenantId::SYSTEM])?;
    if tenants.len() != 1 {
        return Ok(None);
    }
    let only = tenants.remove(0);
    if only.get::<Option<Timestamp>>(6)?.is_some() { Ok(None) } else { read(&only).map(Some) }
}

/// How many users a tenant has.
///
/// # Errors
/// Those of the store.
pub fn count_users(tx: &mut Tx<'_>, tenant: TenantId) -> Result<i64> {
    tx.one("SELECT user_count FROM tenants WHERE id = $1", &params![tenant])?.get(0)
}

/// Where links to pages of a tenant lead, without a slash at the end: to the address that was chosen for it, else to its host
/// under the public URL. The operators' tenant has the bare host.
pub fn base_url(tenant: &Tenant, public_url: &PublicUrl) -> String {
    let own = tenant.settings.brand.public_url.as_deref().map(|url| url.trim_end_matches('/').to_owned());
    own.unwrap_or_else(|| match tenant.id {
        TenantId::SYSTEM => public_url.bare(),
        _ => public_url.for_tenant(&tenant.name),
    })
}

/// Writes the settings and raises the revision, so that every process reads them again.
///
/// # Errors
/// `Conflict` if another request changed them since `tenant` was read.
pub fn replace_settings(tx: &mut Tx<'_>, tenant: &Tenant, settings: &TenantSettings) -> Result<()> {
    let before = tx.maybe("SELECT settings FROM tenants WHERE id = $1", &params![tenant.id])?;
    if let Some(before) = before {
        let text = laid_over(&before.get::<String>(0)?, settings)?;
        let changed = tx.run(
            "UPDATE tenants SET settings = $3, sleep_look_at = $4, revision = revision + 1 WHERE id = $1 AND revision = $2",
            &params![tenant.id, tenant.revision, &text, sleep::look_at(settings)],
        )?;
        if changed == 1 {
            return Ok(());
        }
    }
    Err(Error::conflict("Someone else changed the settings of this tenant. Read them again and repeat your change."))
}

/// Raises the revision, for what other rooms keep of a tenant and every process remembers.
///
/// # Errors
/// Those of the store.
pub fn raise_revision(tx: &mut Tx<'_>, tenant: TenantId) -> Result<()> {
    tx.run("UPDATE tenants SET revision = revision + 1 WHERE id = $1", &params![tenant]).map(drop)
}

/// The settings as they are stored next. Members that this release does not know were written by a newer one beside it, and
/// stay as they are.
fn laid_over(before: &str, settings: &TenantSettings) -> Result<String> {
    let mut stored: Value = serde_json::from_str(before).map_err(Error::internal)?;
    lay_over(&mut stored, serde_json::to_value(settings).map_err(Error::internal)?);
    Ok(stored.to_string())
}

fn lay_over(below: &mut Value, above: Value) {
    match (below, above) {
        (Value::Object(below), Value::Object(above)) => {
            for (name, value) in above {
                lay_over(below.entry(name).or_insert(Value::Null), value);
            }
        }
        (below, above) => *below = above,
    }
}

/// Notes that many users are about to come: for a day, what may be done to a part of the users is reckoned by those of now. Of
/// several imports within a day the first counts.
///
/// # Errors
/// Those of the store.
pub fn note_import(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE tenants SET import_began_at = $2, users_before_import =
             CASE WHEN import_began_at BETWEEN $3 AND $2 THEN users_before_import ELSE user_count END
         WHERE id = $1",
        &params![tenant, now, now.plus_seconds(-24 * 3600)],
    )
    .map(drop)
}

/// Adds to the number of users; `by` may be negative.
///
/// # Errors
/// Those of the store.
pub fn change_user_count(tx: &mut Tx<'_>, tenant: TenantId, by: i64) -> Result<()> {
    tx.run("UPDATE tenants SET user_count = user_count + $2 WHERE id = $1", &params![tenant, by]).map(drop)
}

pub(super) fn read(row: &Row) -> Result<Tenant> {
    let settings: String = row.get(4)?;
    Ok(Tenant {
        id: row.get(0)?,
        name: row.get(1)?,
        uid: row.get(2)?,
        revision: row.get(3)?,
        settings: serde_json::from_str(&settings).map_err(Error::internal)?,
        is_suspended: row.get::<Option<Timestamp>>(5)?.is_some(),
    })
}
