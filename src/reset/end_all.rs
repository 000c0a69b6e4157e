//! Ends every open reset of a tenant at once.

use uuid::Uuid;

use super::end::SAY_EACH_CANCELLED;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mails;
use crate::params;
use crate::store::Tx;

/// Everything that was ended.
#[derive(Debug)]
pub struct Ended {
    /// The resets whose links were valid, with the address of their user.
    pub resets: Vec<(Uuid, String)>,
    /// Mails of resets that were still waiting; they are not sent.
    pub mails: u64,
}

/// Cancels every open reset of a tenant in the name of `by`, drops the waiting mails of resets, and deletes the
/// idempotency keys. The users' rows still point to their resets: the caller follows with `people::end_access`.
///
/// # Errors
/// Those of the store.
pub fn end_all(tx: &mut Tx<'_>, tenant: TenantId, by: &str, now: Timestamp) -> Result<Ended> {
    let alive = tx.all(
        "SELECT r.id, r.email FROM users u JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
         WHERE u.tenant = $1 AND u.open_reset IS NOT NULL AND r.expires_at > $2 ORDER BY r.id",
        &params![tenant, now],
    )?;
    let alive: Vec<(Uuid, String)> = alive.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_>>()?;
    let rows: Vec<_> = alive.iter().map(|(id, _)| params![tenant, id, now, by]).collect();
    tx.each(SAY_EACH_CANCELLED, &rows)?;
    let mails = mails::drop_of_resets(tx, tenant, &format!("not sent: the reset was ended by {by}"), now)?;
    tx.run("DELETE FROM reset_keys WHERE tenant = $1", &params![tenant])?;
    Ok(Ended { resets: alive, mails })
}

/// How many valid links a key has made, and when the last of them expires.
///
/// # Errors
/// Those of the store.
pub fn links_of_key(tx: &mut Tx<'_>, tenant: TenantId, key: i64, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let row = tx.one(
        "SELECT COUNT(*), MAX(r.expires_at) FROM users u JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
         WHERE u.tenant = $1 AND u.open_reset IS NOT NULL AND r.expires_at > $2 AND r.key_id = $3",
        &params![tenant, now, key],
    )?;
    Ok((row.get(0)?, row.get(1)?))
}
