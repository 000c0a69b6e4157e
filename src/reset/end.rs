//! The end of an open reset before its link was used: the one place for it in the user's row is emptied, and its timeline
//! says who ended it.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Tx};

const EMPTY_THE_PLACE: &str = "UPDATE users SET open_reset = NULL, open_reset_expires_at = NULL
    WHERE tenant = $1 AND id = $2 AND open_reset = $3";

/// Nothing is said on one that had its end already, or whose link is dead of age; one that is held has no age.
const SAY_CANCELLED: &str = "UPDATE resets SET cancelled_at = $3, cancelled_by = $4
    WHERE tenant = $1 AND id = $2 AND redeemed_at IS NULL AND superseded_at IS NULL AND cancelled_at IS NULL
      AND (expires_at > $3 OR held_at IS NOT NULL)";
/// The same for many resets at once.
pub(super) const SAY_EACH_CANCELLED: Batch = Batch::new(SAY_CANCELLED);

/// Ends a reset of a user in the name of `by`; false when it was not the open one.
///
/// # Errors
/// Those of the store.
pub fn end_open(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    reset: &Uuid,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    if tx.run(EMPTY_THE_PLACE, &params![tenant, user, reset])? == 0 {
        return Ok(false);
    }
    tx.run(SAY_CANCELLED, &params![tenant, reset, now, by])?;
    Ok(true)
}

/// As [`end_open`], but a reset that an incident holds stays: its user gets a link by the release alone, also when they were
/// locked out and let in again, or have another address by then.
///
/// # Errors
/// Those of the store.
pub fn end_unless_held(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: UserId,
    reset: &Uuid,
    by: &str,
    now: Timestamp,
) -> Result<bool> {
    const IS_HELD: &str = "SELECT 1 FROM resets WHERE tenant = $1 AND id = $2 AND held_at IS NOT NULL";
    match tx.maybe(IS_HELD, &params![tenant, reset])? {
        Some(_) => Ok(false),
        None => end_open(tx, tenant, user, reset, by, now),
    }
}
