//! SQL over files that were uploaded.

use uuid::Uuid;

use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// A file that was uploaded for an import.
#[derive(Debug, Clone)]
pub(super) struct Upload {
    /// The number of the key by which it is sealed.
    pub(super) key: i64,
    /// Who has asked for what is under way: the plan, then the run.
    pub(super) authority: Authority,
    pub(super) uploaded_at: Timestamp,
    /// When a server goes on with it; none while the plan waits for someone to run it.
    pub(super) next_at: Option<Timestamp>,
}

/// One that a server is to go on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) tenant: TenantId,
    pub(super) import: Uuid,
}

impl Due {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self { tenant: row.get(0)?, import: row.get(1)? })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, new: &Upload) -> Result<()> {
    tx.run(
        "INSERT INTO import_uploads (tenant, import_id, key_id, actor, actor_name, credential, address, session_epoch,
                                     uploaded_at, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            tenant,
            &import,
            new.key,
            new.authority.user,
            &new.authority.name,
            new.authority.credential.as_deref(),
            &new.authority.address,
            new.authority.session_epoch,
            new.uploaded_at,
            new.next_at,
        ],
    )
    .map(drop)
}

pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid) -> Result<Option<Upload>> {
    let row = tx.maybe(
        "SELECT key_id, actor, actor_name, credential, address, session_epoch, uploaded_at, next_at FROM import_uploads
         WHERE tenant = $1 AND import_id = $2",
        &params![tenant, &import],
    )?;
    let read = |row: Row| {
        let mut row = row.columns();
        Ok(Upload {
            key: row.take()?,
            authority: Authority {
                user: row.take()?,
                name: row.take()?,
                credential: row.take()?,
                address: row.take()?,
                session_epoch: row.take()?,
            },
            uploaded_at: row.take()?,
            next_at: row.take()?,
        })
    };
    row.map(read).transpose()
}

/// Writes by whose rights it is gone on with, and when; whether it is still there.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, upload: &Upload) -> Result<bool> {
    let gone = tx.run(
        "UPDATE import_uploads SET actor = $3, actor_name = $4, credential = $5, address = $6, session_epoch = $7, next_at = $8
         WHERE tenant = $1 AND import_id = $2",
        &params![
            tenant,
            &import,
            upload.authority.user,
            &upload.authority.name,
            upload.authority.credential.as_deref(),
            &upload.authority.address,
            upload.authority.session_epoch,
            upload.next_at,
        ],
    )?;
    Ok(gone == 1)
}

/// Moves the moment at which a server goes on; whether the file is still there.
pub(super) fn put_off(tx: &mut Tx<'_>, due: Due, next_at: Option<Timestamp>) -> Result<bool> {
    let statement = "UPDATE import_uploads SET next_at = $3 WHERE tenant = $1 AND import_id = $2";
    Ok(tx.run(statement, &params![due.tenant, &due.import, next_at])? == 1)
}

/// Those that are due, of all tenants.
pub(super) fn find_due(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<Due>> {
    let due = "SELECT tenant, import_id FROM import_uploads WHERE next_at <= $1 ORDER BY next_at LIMIT $2";
    tx.all(due, &params![now, most])?.iter().map(Due::of).collect()
}

/// Those that were uploaded before this time, of all tenants.
pub(super) fn find_old(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<Due>> {
    let old = "SELECT tenant, import_id FROM import_uploads WHERE uploaded_at <= $1 ORDER BY uploaded_at LIMIT 16";
    tx.all(old, &params![before])?.iter().map(Due::of).collect()
}

/// Parts that were written before this time, of all tenants: what an upload leaves that was killed in its middle.
pub(super) fn find_old_parts(tx: &mut Tx<'_>, before: Timestamp) -> Result<Vec<Due>> {
    let old = "SELECT tenant, import_id FROM import_upload_parts WHERE uploaded_at <= $1 ORDER BY uploaded_at LIMIT 1";
    tx.all(old, &params![before])?.iter().map(Due::of).collect()
}

pub(super) fn insert_part(
    tx: &mut Tx<'_>,
    due: Due,
    (number, sealed): (i64, &[u8]),
    uploaded_at: Timestamp,
) -> Result<()> {
    tx.run(
        "INSERT INTO import_upload_parts (tenant, import_id, number, uploaded_at, sealed) VALUES ($1, $2, $3, $4, $5)",
        &params![due.tenant, &due.import, number, uploaded_at, sealed],
    )
    .map(drop)
}

/// The parts of a file, in order.
pub(super) fn parts(tx: &mut Tx<'_>, due: Due) -> Result<Vec<Vec<u8>>> {
    let parts = "SELECT sealed FROM import_upload_parts WHERE tenant = $1 AND import_id = $2 ORDER BY number";
    tx.all(parts, &params![due.tenant, &due.import])?.iter().map(|row| row.get(0)).collect()
}

/// Forgets a file.
///
/// # Errors
/// Those of the store.
pub(in crate::transfer) fn forget(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid) -> Result<()> {
    tx.run("DELETE FROM import_upload_parts WHERE tenant = $1 AND import_id = $2", &params![tenant, &import])?;
    tx.run("DELETE FROM import_uploads WHERE tenant = $1 AND import_id = $2", &params![tenant, &import]).map(drop)
}
