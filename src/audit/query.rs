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

/// Which records; what is not given does not narrow.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// This action.
    pub action: Option<String>,
    /// By this actor, without regard to case: addresses are found so everywhere.
    pub actor: Option<String>,
    /// Of this subject, without regard to case.
    pub subject: Option<String>,
    /// With this outcome.
    pub outcome: Option<Outcome>,
    /// Not before.
    pub since: Option<Timestamp>,
    /// Before.
    pub until: Option<Timestamp>,
    /// Behind this record in the order of the listing.
    pub after: Option<Uuid>,
    /// So many at most.
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

/// The newest first. Ids are ordered by time, so the key of the table is the order of the listing.
///
/// # Errors
/// Those of the store.
pub fn list_newest(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Vec<Record>> {
    let after = filter.after.unwrap_or(Uuid::max());
    tx.all(find!("<", "DESC"), &values(tenant, filter, &after))?.iter().map(Record::read).collect()
}

/// The oldest first.
///
/// # Errors
/// Those of the store.
pub fn list_oldest(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Vec<Record>> {
    let after = filter.after.unwrap_or(Uuid::nil());
    tx.all(find!(">", "ASC"), &values(tenant, filter, &after))?.iter().map(Record::read).collect()
}

/// The latest record that says that the store forgot what was acknowledged, if it is not older than that.
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
