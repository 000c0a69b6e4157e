//! When a credential was used: to a day, so that a busy one costs one write a day.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// A use is noted no more often than this. A new credential is used for the first time when it is made.
pub const NOTED_EVERY_SECONDS: i64 = 24 * 3600;

/// Notes the use of a credential, unless another one was noted within a day. A time that a clock has stamped which ran ahead is
/// replaced.
///
/// # Errors
/// Those of the store.
pub fn note_use(tx: &mut Tx<'_>, tenant: TenantId, secret_hash: &[u8; 32], now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE credentials SET used_at = $3
         WHERE tenant = $1 AND secret_hash = $2 AND inactive_at IS NULL
           AND (COALESCE(used_at, created_at) <= $4 OR used_at > $5)",
        &params![tenant, secret_hash, now, now.plus_seconds(-NOTED_EVERY_SECONDS), now.with_skew()],
    )
    .map(drop)
}
