//! How the mails of a tenant stand that have not left, for a room that queues many.

use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Mails that are looked at.
const LOOKED_AT: i64 = 4_096;

/// Mails that wait.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many there are, up to some thousands.
    pub all: i64,
    /// How many of them the relay has refused for now.
    pub refused: i64,
    /// Its words for one of them.
    pub words: Option<String>,
}

/// How the waiting mails of a tenant stand.
///
/// # Errors
/// Those of the store.
pub fn look_at_waiting(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Standing> {
    let row = tx.one(
        "SELECT COUNT(*), COUNT(w.relay_words), MAX(w.relay_words) FROM (SELECT m.relay_words FROM mails m
         WHERE m.tenant = $1 AND m.sent_at IS NULL AND m.failed_at IS NULL ORDER BY m.due_at LIMIT $2) w",
        &params![tenant, LOOKED_AT],
    )?;
    Ok(Standing { all: row.get(0)?, refused: row.get(1)?, words: row.get(2)? })
}
