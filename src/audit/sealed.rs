//! Reading the chain onwards from a place: in an order without gaps, and nothing that is not committed. The ids of records would
//! not do: they follow the arrival of requests, so a record that is committed late stands before others that were read already.

use uuid::Uuid;

use super::digest::{self, Link};
use super::left::{self, Left};
use super::rows;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Tx};

/// A place in the chain of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The link from which is read.
    pub link: i64,
    /// How many of its records are read already.
    pub position: i64,
}

/// A sealed record, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its link and its position there, counted from 1 as in a verification.
    pub place: Place,
    /// Its id.
    pub id: Uuid,
    /// The action.
    pub action: String,
    /// `accepted` or `refused`.
    pub outcome: String,
    /// Whether its facts name an incident.
    pub names_incident: bool,
}

/// The place behind everything that is sealed.
///
/// # Errors
/// Those of the store.
pub fn end_of_sealed(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Place> {
    let last = rows::find_last_link(tx, tenant)?.map_or(0, |(link, _)| link.number);
    Ok(Place { link: last + 1, position: 0 })
}

/// Whether records up to this id wait to be sealed.
///
/// # Errors
/// Those of the store.
pub fn has_unsealed(tx: &mut Tx<'_>, tenant: TenantId, up_to: Uuid) -> Result<bool> {
    for left in Left::ALL {
        if left::list(tx, tenant, left, 1)?.first().is_some_and(|first| first.id <= up_to) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The last link of a chain.
///
/// # Errors
/// Those of the store.
pub fn last_link(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<Link>> {
    Ok(rows::find_last_link(tx, tenant)?.map(|(link, _)| link))
}

/// The first link behind a number.
///
/// # Errors
/// Those of the store.
pub fn link_behind(tx: &mut Tx<'_>, tenant: TenantId, number: i64) -> Result<Option<Link>> {
    Ok(rows::find_next_link(tx, tenant, number)?.map(|(link, _)| link))
}

/// The records behind a place within its link, up to so many, and the place behind them; none where that link is not there yet. A
/// record that somebody has taken out of the table is passed over: a verification names it.
///
/// # Errors
/// Those of the store.
pub fn read_sealed(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    from: Place,
    most: usize,
) -> Result<Option<(Vec<Sealed>, Place)>> {
    let statement = "SELECT digests FROM audit_links WHERE tenant = $1 AND number = $2";
    let Some(row) = tx.maybe(statement, &params![tenant, from.link])? else { return Ok(None) };
    let entries = digest::unpack(&row.get::<Vec<u8>>(0)?).ok_or_else(|| Error::internal("a link is not readable"))?;
    let read = usize::try_from(from.position).map_err(Error::internal)?;
    let ids: Vec<_> = entries.iter().skip(read).take(most).map(|entry| entry.id).collect();
    let behind = read + ids.len();
    let next = match behind >= entries.len() {
        true => Place { link: from.link + 1, position: 0 },
        false => Place { position: i64::try_from(behind).map_err(Error::internal)?, ..from },
    };
    Ok(Some((actions_of(tx, tenant, from, &ids)?, next)))
}

fn actions_of(tx: &mut Tx<'_>, tenant: TenantId, from: Place, ids: &[Uuid]) -> Result<Vec<Sealed>> {
    const ACTION: Batch = Batch::new(
        "SELECT action, outcome, CASE WHEN facts LIKE $3 THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
        FROM audit WHERE tenant = $1 AND id = $2",
    );
    // Within a text of JSON every quotation mark is escaped, so that no value looks like this member.
    const INCIDENT: &str = r#"%"incident":"%"#;
    let asked: Vec<_> = ids.iter().map(|id| params![tenant, id, INCIDENT]).collect();
    let answers = tx.each(ACTION, &asked)?;
    let mut sealed = Vec::new();
    for ((position, id), answer) in (from.position + 1..).zip(ids).zip(&answers) {
        if let Some(row) = answer.rows.first() {
            let place = Place { position, ..from };
            let (action, outcome, names_incident) = (row.get(0)?, row.get(1)?, row.get(2)?);
            sealed.push(Sealed { place, id: *id, action, outcome, names_incident });
        }
    }
    Ok(sealed)
}
