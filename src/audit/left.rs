//! What transactions have left for the sealer, in two tables.

use uuid::Uuid;

use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// Where it is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// In `audit_waiting`: lists of version 2.
    Waiting,
    /// In `audit_unsealed`: lists of version 1, by releases that know neither the other table nor the other version.
    ByOlderReleases,
}

impl Left {
    /// Both tables.
    pub(super) const ALL: [Self; 2] = [Self::Waiting, Self::ByOlderReleases];

    fn one_of(self, waiting: &'static str, by_older_releases: &'static str) -> &'static str {
        match self {
            Self::Waiting => waiting,
            Self::ByOlderReleases => by_older_releases,
        }
    }
}

/// What one transaction left, which no link holds yet.
pub(super) struct Unsealed {
    /// The id of the first record.
    pub(super) id: Uuid,
    /// The packed list of its records.
    pub(super) entries: Vec<u8>,
}

fn read(row: &Row) -> Result<Unsealed> {
    Ok(Unsealed { id: row.get(0)?, entries: row.get(1)? })
}

/// Unsealed records, in the order of their ids.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, left: Left, max: i64) -> Result<Vec<Unsealed>> {
    let statement = left.one_of(
        "SELECT id, digests FROM audit_waiting WHERE tenant = $1 ORDER BY id LIMIT $2",
        "SELECT id, digests FROM audit_unsealed WHERE tenant = $1 ORDER BY id LIMIT $2",
    );
    tx.all(statement, &params![tenant, max])?.iter().map(read).collect()
}

/// The first unsealed records after `after`.
pub(super) fn find_next(tx: &mut Tx<'_>, tenant: TenantId, left: Left, after: Uuid) -> Result<Option<Unsealed>> {
    let statement = left.one_of(
        "SELECT id, digests FROM audit_waiting WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT 1",
        "SELECT id, digests FROM audit_unsealed WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT 1",
    );
    tx.maybe(statement, &params![tenant, &after])?.as_ref().map(read).transpose()
}

/// Takes away what is sealed now, up to and with `last`; from how many transactions that was.
pub(super) fn delete(tx: &mut Tx<'_>, tenant: TenantId, left: Left, last: Uuid) -> Result<u64> {
    let statement = left.one_of(
        "DELETE FROM audit_waiting WHERE tenant = $1 AND id <= $2",
        "DELETE FROM audit_unsealed WHERE tenant = $1 AND id <= $2",
    );
    tx.run(statement, &params![tenant, &last])
}

/// The tenants for which something is left. For a verb in the house's scope.
///
/// It steps through the key from each tenant in it to the next one: where nothing waits it is one look, however many tenants
/// there are.
pub(super) fn tenants(tx: &mut Tx<'_>, left: Left) -> Result<Vec<TenantId>> {
    let statement = left.one_of(
        "WITH RECURSIVE waiting (tenant) AS (
            SELECT (SELECT a.tenant FROM audit_waiting a ORDER BY a.tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT a.tenant FROM audit_waiting a WHERE a.tenant > w.tenant ORDER BY a.tenant LIMIT 1)
            FROM waiting w WHERE w.tenant IS NOT NULL)
        SELECT tenant FROM waiting WHERE tenant IS NOT NULL",
        "WITH RECURSIVE waiting (tenant) AS (
            SELECT (SELECT a.tenant FROM audit_unsealed a ORDER BY a.tenant LIMIT 1)
            UNION ALL
            SELECT (SELECT a.tenant FROM audit_unsealed a WHERE a.tenant > w.tenant ORDER BY a.tenant LIMIT 1)
            FROM waiting w WHERE w.tenant IS NOT NULL)
        SELECT tenant FROM waiting WHERE tenant IS NOT NULL",
    );
    tx.all(statement, &[])?.iter().map(|row| row.get(0)).collect()
}
