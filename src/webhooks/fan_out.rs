//! Reading on in the chain: what a webhook wants becomes deliveries, and its place moves, in one transaction.

use uuid::Uuid;

use super::deliveries::{self, New};
use super::events;
use super::rows::{self, Work};
use crate::audit::{self, Place, Sealed};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::ids;
use crate::store::{Scope, Store, Tx};

/// Records looked at in one step.
const RECORDS_MAX: usize = 500;
/// A webhook with so many deliveries that wait reads no further.
pub(super) const WAITING_MAX: i64 = 1_000;

/// What a step has found.
struct Found {
    from: Place,
    to: Place,
    new: Vec<New>,
}

/// A step of a webhook. How many deliveries were made; none where there was nothing to read.
///
/// # Errors
/// Those of the store.
pub(super) async fn read_on(store: &Store, work: Work, now: Timestamp) -> Result<Option<usize>> {
    let scope = Scope::of(work.tenant);
    let Some(found) = store.scan(scope, move |tx| look(tx, work)).await? else { return Ok(None) };
    store.write(scope, move |tx| keep(tx, work, &found, now)).await
}

fn look(tx: &mut Tx<'_>, work: Work) -> Result<Option<Found>> {
    let Some(webhook) = rows::find(tx, work.tenant, work.webhook)?.filter(|webhook| webhook.off_at.is_none()) else {
        return Ok(None);
    };
    if deliveries::count_waiting(tx, work.tenant, webhook.id, WAITING_MAX)? >= WAITING_MAX {
        return Ok(None);
    }
    let read = audit::read_sealed(tx, work.tenant, webhook.place, RECORDS_MAX)?;
    let Some((records, to)) = read else { return Ok(None) };
    let new = records.into_iter().filter_map(|record| {
        let event = events::of_record(&record.action, &record.outcome)?;
        let is_passed_over = !webhook.people && is_of_a_user_of_an_incident(&record);
        (webhook.events.has(event) && !is_passed_over).then(|| delivery(webhook.id, event, &record))
    });
    Ok(Some(Found { from: webhook.place, to, new: new.collect() }))
}

/// Whether an incident has left it for one of its users, and not for itself.
fn is_of_a_user_of_an_incident(record: &Sealed) -> bool {
    record.names_incident && !record.action.starts_with("incident.")
}

/// Always the same id for a record and a webhook, ordered by the time of the record.
fn delivery(webhook: Uuid, event: &'static str, record: &Sealed) -> New {
    let id = ids::derived(&record.id, &webhook.simple().to_string(), 0);
    New { id, event, record: record.id, place: record.place }
}

/// Nothing where another process was first.
fn keep(tx: &mut Tx<'_>, work: Work, found: &Found, now: Timestamp) -> Result<Option<usize>> {
    if !rows::advance(tx, work.tenant, work.webhook, found.from, found.to)? {
        return Ok(None);
    }
    deliveries::queue(tx, work.tenant, work.webhook, &found.new, now)?;
    Ok(Some(found.new.len()))
}
