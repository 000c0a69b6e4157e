//! Finds records, newest first, or oldest first for an export.

use uuid::Uuid;

use super::rows::{Record, record_columns};
use super::{Outcome, WENT_BACK};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Param, Tx};
use crate::terms::Word;

/// A filter of records; unset fields match everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The action.
    pub action: Option<String>,
    /// The actor, without regard to case.
    pub actor: Option<String>,
    /// The subject, without regard to case.
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// At or after this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// After this record in the order of the listing.
    pub after: Option<Uuid>,
    /// The most records.
    pub limit: i64,
}

macro_rules! find {
    ($comparison:literal, $order:literal) => {
        concat!(
            "SELECT ",
            record_columns!(),
            " FROM audit WHERE tenant = $1 AND action = COALESCE($2, action) AND LOWER(actor) = LOWER(COALESCE($3, actor))
                AND LOWER(subject) = LOWER(COALESCE($4, subject)) AND outcome = COALESCE($5, outcome)
                AND at >= $6 AND at < $7 AND id ",
            $comparison,
            " $8 ORDER BY id ",
            $order,
            " LIMIT $9"
        )
    };
}

/// Matching records, newest first. Ids are ordered by time, so the key of the table is the order of the listing.
///
/// # Errors
/// Those of the store.
pub fn list_newest(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Vec<Record>> {
    let after = filter.after.unwrap_or(Uuid::max());
    tx.all(find!("<", "DESC"), &values(tenant, filter, &after))?.iter().map(Record::read).collect()
}

/// Matching records, oldest first.
///
/// # Errors
/// Those of the store.
pub fn list_oldest(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Vec<Record>> {
    let after = filter.after.unwrap_or(Uuid::nil());
    tx.all(find!(">", "ASC"), &values(tenant, filter, &after))?.iter().map(Record::read).collect()
}

/// The id of the latest record, if there is one.
///
/// # Errors
/// Those of the store.
pub fn latest(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<Uuid>> {
    let row = tx.maybe("SELECT id FROM audit WHERE tenant = $1 ORDER BY id DESC LIMIT 1", &params![tenant])?;
    row.map(|row| row.get(0)).transpose()
}

/// The latest record of a loss of acknowledged changes, if it is not older than `since`.
///
/// # Errors
/// Those of the store.
pub fn find_lost_history(tx: &mut Tx<'_>, tenant: TenantId, since: Timestamp) -> Result<Option<Record>> {
    let filter = Filter { action: Some(WENT_BACK.into()), since: Some(since), limit: 1, ..Filter::default() };
    Ok(list_newest(tx, tenant, &filter)?.into_iter().next())
}

fn values<'a>(tenant: TenantId, filter: &'a Filter, after: &'a Uuid) -> [Param<'a>; 9] {
    params![
        tenant,
        filter.action.as_deref(),
        filter.actor.as_deref(),
        filter.subject.as_deref(),
        filter.outcome.map(Word::word),
        filter.since.map_or(i64::MIN, |since| since.0),
        filter.until.map_or(i64::MAX, |until| until.0),
        after,
        filter.limit,
    ]
}
