//! Files that wait: for how long, and by whose rights a server goes on.

use uuid::Uuid;

use super::rows::{self, Due, Upload};
use crate::act::Act;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// A file is kept for so long at most, in seconds.
const KEPT_SECONDS: i64 = 3_600;
/// A server that goes on with a file is taken for gone if nothing was heard of it for so long, in seconds.
pub(super) const LEASE_SECONDS: i64 = 8;
/// A suspended tenant is looked at again after so many seconds.
pub(super) const SUSPENDED_SECONDS: i64 = 60;
/// What is told of an import whose file has lapsed.
pub(super) const LAPSED: &str =
    "The uploaded file was kept for an hour. Upload it again: users who are here already stay as they are.";

/// Until when a file is kept.
pub(in crate::transfer) fn kept_until(uploaded_at: Timestamp) -> Timestamp {
    uploaded_at.plus_seconds(KEPT_SECONDS)
}

/// The moment before which files were uploaded that are kept no longer.
pub(super) fn lapsed_before(now: Timestamp) -> Timestamp {
    now.plus_seconds(-KEPT_SECONDS)
}

/// The run of an uploaded file begins, by the rights of who runs it.
///
/// # Errors
/// `Conflict` for a file that is kept no longer; those of [`Authority::of`].
pub(in crate::transfer) fn is_run(tx: &mut Tx<'_>, import: Uuid, act: &Act) -> Result<()> {
    let tenant = act.tenant.id;
    let found = rows::find(tx, tenant, import)?;
    let Some(upload) = found.filter(|upload| upload.uploaded_at.lasts(KEPT_SECONDS, act.now)) else {
        return Err(Error::conflict(LAPSED));
    };
    let running = Upload { authority: Authority::of(tx, act)?, next_at: Some(act.now), ..upload };
    rows::replace(tx, tenant, import, &running).map(drop)
}

/// Takes a file to go on with it; `None` where another server was here first, or it is gone.
pub(super) fn take(tx: &mut Tx<'_>, due: Due, now: Timestamp) -> Result<Option<Upload>> {
    let found = rows::find(tx, due.tenant, due.import)?;
    let Some(upload) = found.filter(|upload| upload.next_at.is_some_and(|next_at| next_at <= now)) else {
        return Ok(None);
    };
    rows::put_off(tx, due, Some(now.plus_seconds(LEASE_SECONDS)))?;
    Ok(Some(upload))
}

/// Forgets every file of a tenant, and stops its import: after a restore nobody knows what was done since. How many there were.
///
/// # Errors
/// Those of the store.
pub fn end_uploads(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<u64> {
    tx.run("DELETE FROM import_upload_parts WHERE tenant = $1", &params![tenant])?;
    tx.run("DELETE FROM import_uploads WHERE tenant = $1", &params![tenant])?;
    tx.run(
        "UPDATE imports SET state = 'stopped', ended_at = $2, why = 'A backup was restored.'
         WHERE tenant = $1 AND ended_at IS NULL AND uploaded_at IS NOT NULL",
        &params![tenant, now],
    )
}

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let ahead = now.plus_seconds(SUSPENDED_SECONDS).with_skew();
    tx.run("UPDATE import_uploads SET next_at = $2 WHERE tenant = $1 AND next_at > $3", &params![tenant, now, ahead])?;
    // Else a file that a clock which ran ahead has stamped would be kept for longer than an hour.
    for statement in [
        "UPDATE import_uploads SET uploaded_at = $2 WHERE tenant = $1 AND uploaded_at > $3",
        "UPDATE import_upload_parts SET uploaded_at = $2 WHERE tenant = $1 AND uploaded_at > $3",
    ] {
        tx.run(statement, &params![tenant, now, now.with_skew()])?;
    }
    Ok(())
}
