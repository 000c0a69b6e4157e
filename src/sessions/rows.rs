//! The statements over sessions.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// Who holds a session.
#[derive(Debug)]
pub struct Holder {
    /// The user.
    pub user: UserId,
    /// Their address.
    pub email: String,
    /// The revision of the tenant.
    pub tenant_revision: i64,
    /// When it was last used.
    pub last_seen_at: Timestamp,
}

/// Who holds the session of this hash: none when it has ended in any way.
///
/// # Errors
/// Those of the store.
pub fn find_holder(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    secret_hash: &[u8; 32],
    seen_after: Timestamp,
    now: Timestamp,
) -> Result<Option<Holder>> {
    let row = tx.maybe(
        "SELECT s.user_id, u.email, t.revision, s.last_seen_at
         FROM sessions s
         JOIN users u ON u.tenant = s.tenant AND u.id = s.user_id AND u.session_epoch = s.epoch
         JOIN tenants t ON t.id = s.tenant
         WHERE s.tenant = $1 AND s.secret_hash = $2 AND s.last_seen_at > $3 AND s.ends_at > $4
           AND u.disabled_at IS NULL AND t.disabled_at IS NULL",
        &params![tenant, secret_hash, seen_after, now],
    )?;
    row.map(|row| {
        Ok(Holder { user: row.get(0)?, email: row.get(1)?, tenant_revision: row.get(2)?, last_seen_at: row.get(3)? })
    })
    .transpose()
}

/// What a new session is made from.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The id outside.
    pub uid: Uuid,
    /// The hash of its cookie.
    pub secret_hash: [u8; 32],
    /// Whose.
    pub user: UserId,
    /// The epoch of the user's sessions at this moment.
    pub epoch: i64,
    /// When it ends, whatever happens.
    pub ends_at: Timestamp,
    /// From where it was begun.
    pub address: String,
}

/// Writes a new session.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &NewSession, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO sessions (tenant, secret_hash, uid, user_id, epoch, started_at, last_seen_at, ends_at, address)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8)",
        &params![tenant, &new.secret_hash, &new.uid, new.user, new.epoch, now, new.ends_at, &new.address],
    )
    .map(drop)
}

/// A session as its user sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The id outside.
    pub uid: Uuid,
    /// The hash of its cookie.
    pub secret_hash: Vec<u8>,
    /// When begun.
    pub started_at: Timestamp,
    /// When last used.
    pub last_seen_at: Timestamp,
    /// From where it was begun.
    pub address: String,
}

/// The live sessions of a user, the latest first.
///
/// # Errors
/// Those of the store.
pub fn list(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    seen_after: Timestamp,
    now: Timestamp,
) -> Result<Vec<Session>> {
    let rows = tx.all(
        "SELECT s.uid, s.secret_hash, s.started_at, s.last_seen_at, s.address
         FROM sessions s JOIN users u ON u.tenant = s.tenant AND u.id = s.user_id AND u.session_epoch = s.epoch
         WHERE s.tenant = $1 AND s.user_id = $2 AND s.last_seen_at > $3 AND s.ends_at > $4
         ORDER BY s.started_at DESC",
        &params![tenant, user, seen_after, now],
    )?;
    rows.iter()
        .map(|row| {
            Ok(Session {
                uid: row.get(0)?,
                secret_hash: row.get(1)?,
                started_at: row.get(2)?,
                last_seen_at: row.get(3)?,
                address: row.get(4)?,
            })
        })
        .collect()
}

/// Ends one session of a user; whether there was such a one.
///
/// # Errors
/// Those of the store.
pub fn end(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, uid: &Uuid) -> Result<bool> {
    let gone =
        tx.run("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND uid = $3", &params![tenant, user, uid])?;
    Ok(gone == 1)
}

/// Ends the session of this hash; whether there was such a one.
///
/// # Errors
/// Those of the store.
pub fn end_by_hash(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8]) -> Result<bool> {
    let gone = tx.run("DELETE FROM sessions WHERE tenant = $1 AND secret_hash = $2", &params![tenant, secret_hash])?;
    Ok(gone == 1)
}

/// Ends every session of a user but the one of this hash; how many.
///
/// # Errors
/// Those of the store.
pub fn end_others(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, secret_hash: &[u8]) -> Result<u64> {
    tx.run(
        "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND secret_hash <> $3",
        &params![tenant, user, secret_hash],
    )
}

/// Lets one session live on in a new epoch, while all others of the user end with the old one.
///
/// # Errors
/// Those of the store.
pub fn move_to_epoch(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8], epoch: i64) -> Result<()> {
    tx.run(
        "UPDATE sessions SET epoch = $3 WHERE tenant = $1 AND secret_hash = $2",
        &params![tenant, secret_hash, epoch],
    )
    .map(drop)
}

/// Notes that a session is in use.
///
/// # Errors
/// Those of the store.
pub fn touch(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8], now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE sessions SET last_seen_at = $3 WHERE tenant = $1 AND secret_hash = $2",
        &params![tenant, secret_hash, now],
    )
    .map(drop)
}

/// Lets sessions that a clock which ran ahead has begun, or seen in use, begin or be in use now: else they would outlive
/// their time.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let moments = params![tenant, now, now.with_skew()];
    tx.run(
        "UPDATE sessions SET ends_at = ends_at - (started_at - $2), started_at = $2
         WHERE tenant = $1 AND started_at > $3",
        &moments,
    )?;
    tx.run("UPDATE sessions SET last_seen_at = $2 WHERE tenant = $1 AND last_seen_at > $3", &moments).map(drop)
}

/// Drops the rows of sessions whose time is over, of all tenants; how many. For the house itself.
///
/// # Errors
/// Those of the store.
pub fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE ends_at <= $1", &params![now])
}

/// Ends every session of a tenant. Those that counted, with the address of their user.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Vec<(Uuid, String)>> {
    let counted = tx.all(
        "SELECT s.uid, u.email
         FROM sessions s JOIN users u ON u.tenant = s.tenant AND u.id = s.user_id AND u.session_epoch = s.epoch
         WHERE s.tenant = $1 AND s.ends_at > $2 ORDER BY u.email",
        &params![tenant, now],
    )?;
    tx.run("DELETE FROM sessions WHERE tenant = $1", &params![tenant])?;
    counted.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
