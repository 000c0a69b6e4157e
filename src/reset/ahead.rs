//! Corrects times in the future, stamped by a clock that ran ahead: they would bind, or live, until that future came.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::store::Tx;

const KEYS: &str = "UPDATE reset_keys SET created_at = $2 WHERE tenant = $1 AND created_at > $3";
const BUDGETS: &str = "DELETE FROM reset_budgets WHERE tenant = $1 AND hour_started_at > $2";
/// A reset's id begins with its time, so the key finds those of the future.
const AHEAD: &str = "SELECT id, user_id, requested_at FROM resets WHERE tenant = $1 AND id > $2 AND requested_at > $3";
const RESET: &str = "UPDATE resets SET requested_at = $3, expires_at = expires_at - $4,
        mail_waits_until = mail_waits_until - $4
    WHERE tenant = $1 AND id = $2";
const PLACE: &str = "UPDATE users SET open_reset_expires_at = open_reset_expires_at - $4
    WHERE tenant = $1 AND id = $2 AND open_reset = $3";

/// Resets times in the future of resets, idempotency keys and budgets to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let ahead = now.with_skew();
    tx.run(KEYS, &params![tenant, now, ahead])?;
    tx.run(BUDGETS, &params![tenant, ahead])?;
    for row in tx.all(AHEAD, &params![tenant, &Random::least_uuid(ahead), ahead])? {
        let (id, user, requested_at) = (row.get::<Uuid>(0)?, row.get::<UserId>(1)?, row.get::<Timestamp>(2)?);
        let by = requested_at.0 - now.0;
        tx.run(RESET, &params![tenant, &id, now, by])?;
        tx.run(PLACE, &params![tenant, user, &id, by])?;
    }
    Ok(())
}
