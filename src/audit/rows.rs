//! SQL over records and links.

use uuid::Uuid;

use super::digest::{self, Content, Entry, Link};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The id of the request.
    pub id: Uuid,
    /// The time.
    pub at: Timestamp,
    /// The action.
    pub action: String,
    /// `accepted` or `refused`.
    pub outcome: String,
    /// The actor.
    pub actor: String,
    /// The API credential that was used.
    pub credential: Option<String>,
    /// The user or object that the action changed.
    pub subject: String,
    /// The client's address.
    pub address: String,
    /// Further facts, as JSON.
    pub facts: String,
    /// Random bytes that go into the digest.
    pub salt: Option<Vec<u8>>,
    /// The record that vouches for this one, if it was rewritten when a person was erased.
    pub erased_by: Option<Uuid>,
}

/// The columns of [`Record`], in its order; a macro so that statements stay static texts.
macro_rules! record_columns {
    () => {
        "id, at, action, outcome, actor, credential, subject, address, facts, salt, erased_by"
    };
}
pub(super) use record_columns;

impl Record {
    /// Reads the columns of `record_columns!`.
    ///
    /// # Errors
    /// `Internal` if the statement has other columns.
    pub fn read(row: &Row) -> Result<Self> {
        let mut row = row.columns();
        Ok(Self {
            id: row.take()?,
            at: row.take()?,
            action: row.take()?,
            outcome: row.take()?,
            actor: row.take()?,
            credential: row.take()?,
            subject: row.take()?,
            address: row.take()?,
            facts: row.take()?,
            salt: row.take()?,
            erased_by: row.take()?,
        })
    }

    /// Its entry, computed from its present content.
    pub fn entry(&self, tenant: TenantId) -> Entry {
        let texts = [&self.action, &self.outcome, &self.actor, &self.subject, &self.address, &self.facts];
        let texts = texts.map(String::as_str);
        let (credential, salt) = (self.credential.as_deref(), self.salt.as_deref());
        digest::entry(tenant, self.id, &Content { at: self.at, credential, texts, salt })
    }
}

/// What a record says now, and who vouches for that.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    /// Its entry, computed from its present content.
    pub(super) entry: Entry,
    /// The record that vouches for it, if it was rewritten.
    pub(super) erased_by: Option<Uuid>,
}

/// What records say now, in the order of `ids`; `None` for a missing record.
pub(super) fn present_of(tx: &mut Tx<'_>, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Option<Present>>> {
    let present = |record: Record| Present { entry: record.entry(tenant), erased_by: record.erased_by };
    Ok(find_each(tx, tenant, ids)?.into_iter().map(|record| record.map(present)).collect())
}

/// Records in the order of `ids`; `None` for a missing one.
///
/// # Errors
/// Those of the store.
pub fn find_each(tx: &mut Tx<'_>, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<Option<Record>>> {
    const BY_ID: Batch = Batch::new(concat!("SELECT ", record_columns!(), " FROM audit WHERE tenant = $1 AND id = $2"));
    let asked: Vec<_> = ids.iter().map(|id| params![tenant, id]).collect();
    let found = tx.each(BY_ID, &asked)?;
    found.iter().map(|answer| answer.rows.first().map(Record::read).transpose()).collect()
}

/// Records before one, the newest first.
///
/// # Errors
/// Those of the store.
pub fn list_before(tx: &mut Tx<'_>, tenant: TenantId, before: Uuid, max: i64) -> Result<Vec<Record>> {
    let statement =
        concat!("SELECT ", record_columns!(), " FROM audit WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    tx.all(statement, &params![tenant, &before, max])?.iter().map(Record::read).collect()
}

/// Records in the order of their ids, after one.
pub(super) fn list_after(tx: &mut Tx<'_>, tenant: TenantId, after: Uuid, max: i64) -> Result<Vec<Record>> {
    let statement =
        concat!("SELECT ", record_columns!(), " FROM audit WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3");
    tx.all(statement, &params![tenant, &after, max])?.iter().map(Record::read).collect()
}

/// The first link after number `after`, with its signature.
pub(super) fn find_next_link(tx: &mut Tx<'_>, tenant: TenantId, after: i64) -> Result<Option<(Link, Vec<u8>)>> {
    let statement = "SELECT number, records, digests, previous, sealed_at, signature FROM audit_links
        WHERE tenant = $1 AND number > $2 ORDER BY number LIMIT 1";
    tx.maybe(statement, &params![tenant, after])?.as_ref().map(read_link).transpose()
}

/// The newest link, with its signature.
pub(super) fn find_last_link(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<(Link, Vec<u8>)>> {
    let statement = "SELECT number, records, digests, previous, sealed_at, signature FROM audit_links
        WHERE tenant = $1 ORDER BY number DESC LIMIT 1";
    tx.maybe(statement, &params![tenant])?.as_ref().map(read_link).transpose()
}

fn read_link(row: &Row) -> Result<(Link, Vec<u8>)> {
    let link = Link {
        number: row.get(0)?,
        records: row.get(1)?,
        entries: row.get(2)?,
        previous: row.get(3)?,
        sealed_at: row.get(4)?,
    };
    Ok((link, row.get(5)?))
}
