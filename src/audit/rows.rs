//! The statements over records and links.

use uuid::Uuid;

use super::digest::Link;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The id of the request.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: String,
    /// `accepted` or `refused`.
    pub outcome: String,
    /// Who.
    pub actor: String,
    /// With which API credential.
    pub credential: Option<String>,
    /// To whom or what.
    pub subject: String,
    /// From where.
    pub address: String,
    /// What else matters, as JSON.
    pub facts: String,
    /// The link that seals it; none for less than a second.
    pub link: Option<i64>,
}

/// The columns of [`Record`], in its order; a macro so that statements stay static texts.
macro_rules! record_columns {
    () => {
        "id, at, action, outcome, actor, credential, subject, address, facts, link"
    };
}
pub(super) use record_columns;

impl Record {
    /// Reads the columns of `record_columns!`.
    ///
    /// # Errors
    /// `Internal` when the statement has other columns.
    pub fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            at: row.get(1)?,
            action: row.get(2)?,
            outcome: row.get(3)?,
            actor: row.get(4)?,
            credential: row.get(5)?,
            subject: row.get(6)?,
            address: row.get(7)?,
            facts: row.get(8)?,
            link: row.get(9)?,
        })
    }
}

/// The records that a link claims, in the order of the ids, at most `max`. Found
/// by their ids first: else the walk goes through every record of the tenant instead of the index of links.
pub(super) fn list_of_link(tx: &mut Tx<'_>, tenant: TenantId, link: i64, max: i64) -> Result<Vec<Record>> {
    let statement = concat!(
        "SELECT ",
        record_columns!(),
        " FROM audit WHERE tenant = $1 AND id IN (
            SELECT id FROM audit WHERE tenant = $1 AND link = $2 ORDER BY id LIMIT $3) ORDER BY id"
    );
    tx.all(statement, &params![tenant, link, max])?.iter().map(Record::read).collect()
}

/// The records that no link holds yet, in the order of the ids, at most `max`.
pub(super) fn list_unsealed(tx: &mut Tx<'_>, tenant: TenantId, max: i64) -> Result<Vec<Record>> {
    let statement = concat!(
        "SELECT ",
        record_columns!(),
        " FROM audit WHERE tenant = $1 AND link IS NULL ORDER BY link, id LIMIT $2"
    );
    tx.all(statement, &params![tenant, max])?.iter().map(Record::read).collect()
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
