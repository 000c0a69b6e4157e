//! What of the store goes into a file of evidence.

use uuid::Uuid;

use super::super::ids;
use super::super::people::{Outcome, Person};
use super::super::rows::Incident;
use crate::audit::{self, Record};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::store::{Scope, Store, Tx};

/// Links that are read at once.
const LINKS: i64 = 32;

/// A user of the list, with their records.
pub(super) struct Found {
    pub(super) person: Person,
    /// Of the end of the password.
    pub(super) record: Option<Record>,
    /// Of the redemption of the link.
    pub(super) redeem: Option<Record>,
}

/// Whether the password of a user has ended.
pub(super) fn has_ended(person: &Person) -> bool {
    !matches!(person.outcome, Outcome::LeftOut | Outcome::Planned)
}

/// Reads the records of users.
pub(super) fn records_of(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: &Incident,
    people: Vec<Person>,
) -> Result<Vec<Found>> {
    let run = incident.run()?;
    let of_ends: Vec<_> =
        people.iter().filter(|person| has_ended(person)).map(|person| ids::of_place(&run, 0, person.place)).collect();
    let redeem = |person: &Person| person.reset.as_ref().and_then(|reset| reset.redeem_record);
    let of_redeems: Vec<_> = people.iter().filter_map(redeem).collect();
    let mut ends = audit::find_each(tx, tenant, &of_ends)?.into_iter();
    let mut redeems = audit::find_each(tx, tenant, &of_redeems)?.into_iter();
    let found = |person: Person| Found {
        record: has_ended(&person).then(|| ends.next()).flatten().flatten(),
        redeem: redeem(&person).and_then(|_| redeems.next()).flatten(),
        person,
    };
    Ok(people.into_iter().map(found).collect())
}

/// The number before that of the link which has a record, looked for from the end of the chain on.
///
/// # Errors
/// `Conflict` if no link has it.
pub(super) async fn before_link_of((store, scope, tenant): (&Store, Scope, TenantId), record: Uuid) -> Result<i64> {
    let last = store.read(scope, |tx| audit::last_link(tx, tenant))?;
    let mut up_to = last.map_or(0, |last| last.number);
    while up_to > 0 {
        let from = (up_to - LINKS).max(0);
        let found = store.scan(scope, move |tx| look(tx, tenant, (from, up_to), record)).await?;
        if let Some(number) = found {
            return Ok(number - 1);
        }
        up_to = from;
    }
    Err(Error::conflict(
        "The records of the beginning of this incident are not in the chain of this server. Look for them in the copy that was \
         made before they were taken away.",
    ))
}

/// The link behind one number and up to another that has a record.
fn look(tx: &mut Tx<'_>, tenant: TenantId, (from, up_to): (i64, i64), record: Uuid) -> Result<Option<i64>> {
    let mut at = from;
    while at < up_to {
        let Some(link) = audit::link_behind(tx, tenant, at)? else { return Ok(None) };
        let listed = audit::unpack(&link.entries).ok_or_else(|| Error::internal("a link is not readable"))?;
        if listed.iter().any(|listed| listed.id == record) {
            return Ok(Some(link.number));
        }
        at = link.number;
    }
    Ok(None)
}
