//! Whether a tenant is served, and what its owner has asked of the operator. A tenant that is suspended keeps everything; only
//! nobody comes in, and no mail leaves.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::remove::Removal;
use super::rows::read;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant, TenantId};
use crate::params;
use crate::store::{Row, Tx};

/// The columns of [`Standing`]; a macro so that statements stay static texts.
macro_rules! columns {
    () => {
        "id, name, uid, revision, settings, disabled_at, suspension, deletion_requested_at, deletion_request, removal,
         removal_due_at, removal_begun_at, user_count, created_at"
    };
}

const BY_NAME: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE name = $1");
const BY_ID: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE id = $1");
const ALL: &str = concat!("SELECT ", columns!(), " FROM tenants ORDER BY name");
const PAGE: &str = concat!("SELECT ", columns!(), " FROM tenants WHERE name > $1 ORDER BY name LIMIT $2");

/// Who asked, and in which words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The address of the owner who asked, or the operator.
    pub by: String,
    /// To whom to answer; may be empty.
    pub email: String,
    /// Why, as one of the words of the public API; may be empty.
    pub reason: String,
    /// Why, in free words; may be empty.
    pub feedback: String,
}

/// A tenant with what was asked for it, and when.
#[derive(Debug, Clone)]
pub struct Standing {
    /// The tenant.
    pub tenant: Tenant,
    /// Since when it is suspended.
    pub suspended: Option<(Timestamp, Asked)>,
    /// When an owner asked to delete it.
    pub deletion: Option<(Timestamp, Asked)>,
    /// Its removal by the operator.
    pub removal: Option<Removal>,
    /// How many users it has.
    pub users: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Standing {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            tenant: read(row)?,
            suspended: read_asked(row, 5)?,
            deletion: read_asked(row, 7)?,
            removal: Removal::read(row, 9)?,
            users: row.get(12)?,
            created_at: row.get(13)?,
        })
    }
}

/// The moment in column `at` with the words in the next one.
fn read_asked(row: &Row, at: usize) -> Result<Option<(Timestamp, Asked)>> {
    let (moment, words) = (row.get::<Option<Timestamp>>(at)?, row.get::<Option<String>>(at + 1)?);
    let Some(moment) = moment else { return Ok(None) };
    let words = words.map_or(Ok(Asked::default()), |words| serde_json::from_str(&words).map_err(Error::internal))?;
    Ok(Some((moment, words)))
}

/// The tenant of this name, whether it is suspended or not. Runs in the house's scope.
///
/// # Errors
/// `NotFound`.
pub fn get_standing(tx: &mut Tx<'_>, name: &str) -> Result<Standing> {
    let row = tx.maybe(BY_NAME, &params![name])?;
    let row = row.ok_or_else(|| Error::not_found(format!("There is no tenant with the name {name}.")))?;
    Standing::read(&row)
}

/// The tenant of this number, whether it is suspended or not.
///
/// # Errors
/// `NotFound`.
pub fn get_standing_by_id(tx: &mut Tx<'_>, id: TenantId) -> Result<Standing> {
    let row = tx.maybe(BY_ID, &params![id])?;
    Standing::read(&row.ok_or_else(|| Error::not_found("The tenant is not there any more."))?)
}

/// A page of all tenants, by name, behind the tenant of this name; an empty one begins. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_standings_after(tx: &mut Tx<'_>, name: &str, limit: i64) -> Result<Vec<Standing>> {
    tx.all(PAGE, &params![name, limit])?.iter().map(Standing::read).collect()
}

/// Every tenant, by name. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_standings(tx: &mut Tx<'_>) -> Result<Vec<Standing>> {
    tx.all(ALL, &[])?.iter().map(Standing::read).collect()
}

/// Whether there is a tenant of this name, served or suspended: the name is taken then.
///
/// # Errors
/// Those of the store.
pub fn is_taken(tx: &mut Tx<'_>, name: &str) -> Result<bool> {
    Ok(tx.maybe("SELECT 1 FROM tenants WHERE name = $1", &params![name])?.is_some())
}

/// Suspends a tenant: from the next request on nobody comes in, in any process. The revision grows, so that nothing that was
/// read of the tenant before counts any more.
///
/// # Errors
/// `Conflict` for a tenant that is suspended already, and for that of the operators.
pub fn suspend(tx: &mut Tx<'_>, tenant: &Tenant, asked: &Asked, actor: &Actor, now: Timestamp) -> Result<()> {
    refuse_operators(tenant)?;
    let changed = tx.run(
        "UPDATE tenants SET disabled_at = $2, suspension = $3, revision = revision + 1
         WHERE id = $1 AND disabled_at IS NULL",
        &params![tenant.id, now, &kept(asked)?],
    )?;
    if changed == 0 {
        return Err(Error::conflict(format!(
            "The tenant {} is suspended already. `tenantry tenant resume {}` serves it again.",
            tenant.name, tenant.name
        )));
    }
    record(tx, tenant, "tenant.suspend", actor, words(asked)?, now)
}

/// Notes that an owner wishes the tenant to be deleted. It goes on as before: what is done about it, the operator decides. The
/// latest request stands.
///
/// # Errors
/// Those of the store.
pub fn request_deletion(tx: &mut Tx<'_>, tenant: &Tenant, asked: &Asked, actor: &Actor, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE tenants SET deletion_requested_at = $2, deletion_request = $3 WHERE id = $1",
        &params![tenant.id, now, &kept(asked)?],
    )?;
    record(tx, tenant, "tenant.request_deletion", actor, words(asked)?, now)
}

/// Serves a suspended tenant again, as it was, and takes away a request to delete it, and its removal as long as there is time.
///
/// # Errors
/// `NotFound`; `Conflict` where there is none of these, and after that time.
pub fn resume(tx: &mut Tx<'_>, id: TenantId, actor: &Actor, now: Timestamp) -> Result<Standing> {
    let before = get_standing_by_id(tx, id)?;
    let name = &before.tenant.name;
    if before.suspended.is_none() && before.deletion.is_none() && before.removal.is_none() {
        return Err(Error::conflict(format!(
            "The tenant {name} is served, and nobody has asked to delete it. There is nothing to resume."
        )));
    }
    if before.removal.as_ref().is_some_and(|removal| removal.is_over(now)) {
        return Err(Error::conflict(format!(
            "The tenant {name} is being deleted: the time within which it could be taken back is over."
        )));
    }
    tx.run(
        "UPDATE tenants SET disabled_at = NULL, suspension = NULL, deletion_requested_at = NULL, deletion_request = NULL,
             removal = NULL, removal_due_at = NULL, revision = revision + 1,
             awake_since = CASE WHEN disabled_at IS NULL THEN awake_since ELSE $2 END
         WHERE id = $1",
        &params![id, now],
    )?;
    let facts = json!({
        "was_suspended": before.suspended.is_some(),
        "deletion_was_requested": before.deletion.is_some(),
        "was_removed": before.removal.is_some(),
    });
    record(tx, &before.tenant, "tenant.resume", actor, facts, now)?;
    get_standing_by_id(tx, id)
}

/// Without the tenant of the operators nobody could undo anything.
pub(super) fn refuse_operators(tenant: &Tenant) -> Result<()> {
    match tenant.id {
        TenantId::SYSTEM => Err(Error::conflict("The operators' tenant can be neither suspended nor removed.")),
        _ => Ok(()),
    }
}

fn kept(asked: &Asked) -> Result<String> {
    serde_json::to_string(asked).map_err(Error::internal)
}

fn words(asked: &Asked) -> Result<Value> {
    serde_json::to_value(asked).map_err(Error::internal)
}

pub(super) fn record(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    action: &str,
    actor: &Actor,
    facts: Value,
    now: Timestamp,
) -> Result<()> {
    let (outcome, subject) = (Outcome::Accepted, tenant.name.as_str());
    audit::record(tx, &Event { tenant: tenant.id, at: now, action, outcome, actor, subject, facts })
}
