//! SQL over the keys by which a source knows the users who came from it: by them a second run of the same file changes nothing.

use uuid::Uuid;

use super::import::Key;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

/// By what a source knows a user who came from it.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) user: UserId,
    pub(super) digest: Vec<u8>,
    pub(super) import: Uuid,
    pub(super) row: i64,
}

const BY_KEY: Batch = Batch::new(
    "SELECT user_id, digest, import_id, number FROM import_keys WHERE tenant = $1 AND source = $2 AND key = $3",
);

/// Who is known by these keys, in their order.
pub(super) fn known_by(tx: &mut Tx<'_>, tenant: TenantId, keys: &[&Key]) -> Result<Vec<Option<Known>>> {
    let asked: Vec<_> = keys.iter().map(|key| params![tenant, &key.source, &key.id]).collect();
    let known = |row: &Row| Ok(Known { user: row.get(0)?, digest: row.get(1)?, import: row.get(2)?, row: row.get(3)? });
    tx.each(BY_KEY, &asked)?.iter().map(|answer| answer.rows.first().map(known).transpose()).collect()
}

const OF_USER: Batch =
    Batch::new("SELECT import_id FROM import_keys WHERE tenant = $1 AND user_id = $2 AND import_id = $3 LIMIT 1");

/// Whether this import has made or changed these users.
pub(super) fn are_of(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId], import: Uuid) -> Result<Vec<bool>> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user, &import]).collect();
    Ok(tx.each(OF_USER, &asked)?.iter().map(|answer| !answer.rows.is_empty()).collect())
}

/// A key that an import has met.
pub(super) struct NewKey<'a> {
    pub(super) key: &'a Key,
    pub(super) user: UserId,
    pub(super) digest: &'a [u8],
    pub(super) row: i64,
}

const INSERT_KEY: Batch = Batch::new(
    "INSERT INTO import_keys (tenant, source, key, user_id, digest, import_id, number) VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const CHANGE_KEY: Batch = Batch::new(
    "UPDATE import_keys SET digest = $4, import_id = $5, number = $6 WHERE tenant = $1 AND source = $2 AND key = $3",
);
const FORGET_KEY: Batch = Batch::new("DELETE FROM import_keys WHERE tenant = $1 AND source = $2 AND key = $3");

pub(super) fn insert_keys(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, keys: &[NewKey<'_>]) -> Result<()> {
    let rows: Vec<_> = keys
        .iter()
        .map(|new| params![tenant, &new.key.source, &new.key.id, new.user, new.digest, &import, new.row])
        .collect();
    tx.put(INSERT_KEY, &rows)
}

pub(super) fn change_keys(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, keys: &[NewKey<'_>]) -> Result<()> {
    let rows: Vec<_> =
        keys.iter().map(|new| params![tenant, &new.key.source, &new.key.id, new.digest, &import, new.row]).collect();
    tx.each(CHANGE_KEY, &rows).map(drop)
}

/// Forgets keys whose users are there no more.
pub(super) fn forget_keys(tx: &mut Tx<'_>, tenant: TenantId, keys: &[Key]) -> Result<()> {
    let rows: Vec<_> = keys.iter().map(|key| params![tenant, &key.source, &key.id]).collect();
    tx.each(FORGET_KEY, &rows).map(drop)
}
