//! The removal of a tenant. It is out of service at once, and can be taken back for a time; then everything of it goes, in
//! slices, and only the operators' records tell of it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::get_standing_by_id;
use super::standing::{record, refuse_operators};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::{Row, Tx};

/// A removal that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// Who asked.
    pub by: String,
    /// When.
    pub asked_at: Timestamp,
    /// Until when it can be taken back.
    pub due_at: Timestamp,
    /// Since when the rows of the tenant have been going.
    pub begun_at: Option<Timestamp>,
}

/// What is kept of it beside the moments.
#[derive(Serialize, Deserialize)]
struct Kept {
    by: String,
    asked_at: i64,
}

impl Removal {
    /// The one that stands in the three columns from `at` on.
    pub(super) fn read(row: &Row, at: usize) -> Result<Option<Self>> {
        let (kept, due_at) = (row.get::<Option<String>>(at)?, row.get::<Option<Timestamp>>(at + 1)?);
        let Some((kept, due_at)) = kept.zip(due_at) else { return Ok(None) };
        let Kept { by, asked_at } = serde_json::from_str(&kept).map_err(Error::internal)?;
        Ok(Some(Self { by, asked_at: Timestamp(asked_at), due_at, begun_at: row.get(at + 2)? }))
    }

    /// Whether it can be taken back no more.
    pub fn is_over(&self, now: Timestamp) -> bool {
        self.begun_at.is_some() || self.due_at <= now
    }
}

/// A tenant whose time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Its number.
    pub tenant: TenantId,
    /// Whether its rows have begun to go.
    pub is_begun: bool,
}

/// Takes a tenant out of service, from the next request on, and has it deleted after so many days.
///
/// # Errors
/// `NotFound`; `Conflict` for a tenant that is removed already, and for that of the operators.
pub fn remove(tx: &mut Tx<'_>, id: TenantId, grace_days: i64, actor: &Actor, now: Timestamp) -> Result<()> {
    let before = get_standing_by_id(tx, id)?;
    refuse_operators(&before.tenant)?;
    let name = &before.tenant.name;
    if let Some(removal) = before.removal {
        return Err(Error::conflict(format!(
            "The tenant {name} is removed already, and deleted on {}. Until then `tenantry tenant resume {name}` takes it back.",
            removal.due_at
        )));
    }
    let due_at = now.plus_seconds(grace_days * 24 * 3600);
    let kept = Kept { by: actor.as_operator().name, asked_at: now.0 };
    let kept = serde_json::to_string(&kept).map_err(Error::internal)?;
    tx.run(
        "UPDATE tenants SET disabled_at = COALESCE(disabled_at, $2), removal = $3, removal_due_at = $4,
             revision = revision + 1
         WHERE id = $1",
        &params![id, now, &kept, due_at],
    )?;
    record(tx, &before.tenant, "tenant.remove", actor, json!({ "deleted_at": due_at }), now)
}

/// Tenants that could be taken back until `before` and no longer. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_due(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<Due>> {
    let statement = "SELECT id, removal_begun_at FROM tenants WHERE removal_due_at <= $1 ORDER BY removal_due_at";
    let due = tx.all(statement, &params![before])?;
    let due =
        due.iter().map(|row| Ok(Due { tenant: row.get(0)?, is_begun: row.get::<Option<Timestamp>>(1)?.is_some() }));
    due.collect()
}

/// Begins to delete a tenant that could be taken back until `before` and no longer: from now on nothing takes it back. The
/// record in the operators' tenant keeps what `proof` says of the tenant's own records, which go too. Nothing happens where it was taken back meanwhile, or another process was first.
///
/// # Errors
/// Those of the store.
pub fn begin_removal(
    tx: &mut Tx<'_>,
    id: TenantId,
    proof: Value,
    actor: &Actor,
    (before, now): (Timestamp, Timestamp),
) -> Result<()> {
    let begun = tx.run(
        "UPDATE tenants SET removal_begun_at = $3 WHERE id = $1 AND removal_due_at <= $2 AND removal_begun_at IS NULL",
        &params![id, before, now],
    )?;
    if begun == 0 {
        return Ok(());
    }
    let standing = get_standing_by_id(tx, id)?;
    let removal = standing.removal.ok_or_else(|| Error::internal("a removal that was begun is not there"))?;
    let facts = json!({
        "id": standing.tenant.uid,
        "users": standing.users,
        "created_at": standing.created_at,
        "removed_by": removal.by,
        "removed_at": removal.asked_at,
        "records": proof,
    });
    tell(tx, "tenant.delete", &standing.tenant.name, facts, actor, now)
}

/// The end of a removal: the tenant itself goes, and its name is free again. Nothing else may be left of it. Another process
/// may have been first.
///
/// # Errors
/// Those of the store.
pub fn end_removal(tx: &mut Tx<'_>, id: TenantId, actor: &Actor, now: Timestamp) -> Result<()> {
    let known = tx.maybe("SELECT name, uid FROM tenants WHERE id = $1", &params![id])?;
    let gone = tx.run("DELETE FROM tenants WHERE id = $1 AND removal_begun_at IS NOT NULL", &params![id])?;
    match known.filter(|_| gone == 1) {
        None => Ok(()),
        Some(row) => {
            let (name, uid): (String, String) = (row.get(0)?, row.get(1)?);
            tell(tx, "tenant.deleted", &name, json!({ "id": uid }), actor, now)
        }
    }
}

/// A record in the operators' tenant alone.
fn tell(tx: &mut Tx<'_>, action: &str, subject: &str, facts: Value, actor: &Actor, now: Timestamp) -> Result<()> {
    let (tenant, outcome) = (TenantId::SYSTEM, Outcome::Accepted);
    audit::record(tx, &Event { tenant, at: now, action, outcome, actor, subject, facts })
}
