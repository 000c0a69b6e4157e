//! What an import leaves behind and is forgotten.

use uuid::Uuid;

use super::import::Key;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

/// Rows that are deleted at once.
const SLICE: i64 = 5_000;

const FORGET: Batch =
    Batch::new("DELETE FROM import_rows WHERE tenant = $1 AND import_id = $2 AND phase = $3 AND number = $4");

/// Deletes what is known of the rows of one import that ended before this time and invites nobody any more, and the import with
/// the last of them.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    let over = "SELECT tenant, id FROM imports WHERE ended_at < $1 AND NOT EXISTS (SELECT 1 FROM import_invitations v
            WHERE v.tenant = imports.tenant AND v.import_id = imports.id AND v.next_at IS NOT NULL)
        ORDER BY ended_at LIMIT 1";
    let Some(found) = tx.maybe(over, &params![before])? else { return Ok(()) };
    let (tenant, id): (TenantId, Uuid) = (found.get(0)?, found.get(1)?);
    let rows = tx.all(
        "SELECT phase, number FROM import_rows WHERE tenant = $1 AND import_id = $2 ORDER BY phase, number LIMIT $3",
        &params![tenant, &id, SLICE],
    )?;
    let rows: Vec<(i64, i64)> = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_>>()?;
    let keys: Vec<_> = rows.iter().map(|(phase, number)| params![tenant, &id, *phase, *number]).collect();
    tx.each(FORGET, &keys)?;
    if (rows.len() as i64) < SLICE {
        tx.run("DELETE FROM import_invitations WHERE tenant = $1 AND import_id = $2", &params![tenant, &id])?;
        tx.run("DELETE FROM import_things WHERE tenant = $1 AND import_id = $2", &params![tenant, &id])?;
        tx.run("DELETE FROM import_chunks WHERE tenant = $1 AND import_id = $2", &params![tenant, &id])?;
        tx.run("DELETE FROM imports WHERE tenant = $1 AND id = $2", &params![tenant, &id])?;
    }
    Ok(())
}

/// By which keys sources know a user.
///
/// # Errors
/// Those of the store.
pub fn keys_of_user(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Vec<Key>> {
    let statement = "SELECT source, key FROM import_keys WHERE tenant = $1 AND user_id = $2 ORDER BY source, key";
    let rows = tx.all(statement, &params![tenant, user])?;
    rows.iter().map(|row| Ok(Key { source: row.get(0)?, id: row.get(1)? })).collect()
}

/// Forgets under which keys sources know a user who is removed: a row with one of them brings a new user.
///
/// # Errors
/// Those of the store.
pub fn forget_user(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run("DELETE FROM import_keys WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(drop)
}
