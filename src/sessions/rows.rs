//! SQL over sessions.

use uuid::Uuid;

use crate::access::Rights;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people;
use crate::store::Tx;

/// The holder of a session.
#[derive(Debug)]
pub struct Holder {
    /// The user.
    pub user: UserId,
    /// The user's address.
    pub email: String,
    /// What the user may do.
    pub rights: Rights,
    /// The revision of the tenant.
    pub tenant_revision: i64,
    /// Whether the tenant is suspended: then the session counts for nothing but to be told so.
    pub tenant_is_suspended: bool,
    /// When the session was last used.
    pub last_seen_at: Timestamp,
    /// When its holder last proved who they are.
    pub proved_at: Option<Timestamp>,
}

/// The holder of the session with this hash, with their rights; `None` if it has ended. How long it may lie idle is a setting of
/// the tenant, so the caller judges `last_seen_at`, and whether the tenant is served. One statement, since every call of a
/// browser begins with it.
///
/// # Errors
/// Those of the store.
pub fn find_holder(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    secret_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Holder>> {
    let rows = tx.all(
        "SELECT s.user_id, u.email, t.revision, s.last_seen_at, s.proved_at, g.namespace, g.role, g.api_groups,
             u.group_roles, t.disabled_at
         FROM sessions s
         JOIN users u ON u.tenant = s.tenant AND u.id = s.user_id AND u.session_epoch = s.epoch
         JOIN tenants t ON t.id = s.tenant
         LEFT JOIN grants g ON g.tenant = s.tenant AND g.user_id = s.user_id
         WHERE s.tenant = $1 AND s.secret_hash = $2 AND s.ends_at > $3
           AND u.disabled_at IS NULL AND t.removal_begun_at IS NULL",
        &params![tenant, secret_hash, now],
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(Holder {
        user: row.get(0)?,
        email: row.get(1)?,
        tenant_revision: row.get(2)?,
        tenant_is_suspended: row.get::<Option<Timestamp>>(9)?.is_some(),
        last_seen_at: row.get(3)?,
        proved_at: row.get(4)?,
        rights: people::read_rights(&rows, 5)?,
    }))
}

/// The values of a new session.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The public id.
    pub uid: Uuid,
    /// The hash of its cookie.
    pub secret_hash: [u8; 32],
    /// The user.
    pub user: UserId,
    /// The user's session epoch now.
    pub epoch: i64,
    /// The end of the session, however it is used.
    pub ends_at: Timestamp,
    /// The client's address at the start.
    pub address: String,
    /// How the user proved who they are, in the words of login events.
    pub method: &'static str,
}

/// Inserts a session, whose user has just proved who they are.
///
/// # Errors
/// Those of the store.
pub fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &NewSession, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO sessions (tenant, secret_hash, uid, user_id, epoch, started_at, last_seen_at, ends_at, address,
             proved_at, method)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $6, $9)",
        &params![tenant, &new.secret_hash, &new.uid, new.user, new.epoch, now, new.ends_at, &new.address, new.method],
    )
    .map(drop)
}

/// A session as its user sees it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The public id.
    pub uid: Uuid,
    /// The hash of its cookie.
    pub secret_hash: Vec<u8>,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// The client's address at the start.
    pub address: String,
}

/// The user's valid sessions, the latest first.
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

/// Ends one session of a user; returns whether there was one.
///
/// # Errors
/// Those of the store.
pub fn end(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, uid: &Uuid) -> Result<bool> {
    let gone =
        tx.run("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND uid = $3", &params![tenant, user, uid])?;
    Ok(gone == 1)
}

/// Ends the session with this hash; returns whether there was one.
///
/// # Errors
/// Those of the store.
pub fn end_by_hash(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8]) -> Result<bool> {
    let gone = tx.run("DELETE FROM sessions WHERE tenant = $1 AND secret_hash = $2", &params![tenant, secret_hash])?;
    Ok(gone == 1)
}

/// Ends every session of a user except the one with this hash; returns their number.
///
/// # Errors
/// Those of the store.
pub fn end_others(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, secret_hash: &[u8]) -> Result<u64> {
    tx.run(
        "DELETE FROM sessions WHERE tenant = $1 AND user_id = $2 AND secret_hash <> $3",
        &params![tenant, user, secret_hash],
    )
}

/// Moves one session to a new epoch, while all others of the user end with the old one.
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

/// Records that a session is in use.
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

/// Records that the holder of a session has proved again who they are; whether it is still there.
///
/// # Errors
/// Those of the store.
pub fn prove(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8], now: Timestamp) -> Result<bool> {
    let statement = "UPDATE sessions SET proved_at = $3 WHERE tenant = $1 AND secret_hash = $2";
    tx.run(statement, &params![tenant, secret_hash, now]).map(|rows| rows == 1)
}

/// Resets the times of sessions stamped in the future, by a clock that ran ahead, to now: otherwise they would live too
/// long.
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
    tx.run("UPDATE sessions SET last_seen_at = $2 WHERE tenant = $1 AND last_seen_at > $3", &moments)?;
    tx.run(
        "UPDATE sessions SET proved_at = NULL WHERE tenant = $1 AND proved_at > $2",
        &params![tenant, now.with_skew()],
    )
    .map(drop)
}

/// Deletes the expired sessions of all tenants; returns their number. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn forget_ended(tx: &mut Tx<'_>, now: Timestamp) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE ends_at <= $1", &params![now])
}

/// Deletes every session of a user who is removed.
///
/// # Errors
/// Those of the store.
pub fn end_all_of(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run("DELETE FROM sessions WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(drop)
}

/// Ends every session of a tenant; returns the valid ones, each with its user's address.
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
