//! Which incidents a server has to go on with.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// An incident that a server has to go on with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) tenant: TenantId,
    pub(super) id: Uuid,
}

/// What is due, in the order of time.
pub(super) fn find_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Due>> {
    let due = "SELECT tenant, id FROM incidents WHERE next_at <= $1 ORDER BY next_at LIMIT 16";
    tx.all(due, &params![now])?.iter().map(|row| Ok(Due { tenant: row.get(0)?, id: row.get(1)? })).collect()
}
