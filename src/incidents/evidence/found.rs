//! What of the store goes into a file of evidence.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::super::people::{Outcome, Person};
use super::super::rows::Incident;
use super::super::{factors, ids};
use crate::audit::{self, Record};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::reset::{self, ResetOutcome};
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
    /// Of the code app that was taken away.
    pub(super) code_app: Option<Record>,
    /// The links that came in the place of dead ones, by their rounds.
    pub(super) renewed: Vec<Renewed>,
}

/// A link that a reminder brought, with its records.
pub(super) struct Renewed {
    pub(super) round: u8,
    pub(super) reset: ResetOutcome,
    /// Of its reset.
    pub(super) record: Option<Record>,
    /// Of its redemption.
    pub(super) redeem: Option<Record>,
}

impl Found {
    /// The ids of all records that were found.
    pub(super) fn ids(&self) -> impl Iterator<Item = Uuid> {
        let of_renewed = self.renewed.iter().flat_map(|one| [&one.record, &one.redeem]);
        [&self.record, &self.redeem, &self.code_app].into_iter().chain(of_renewed).flatten().map(|record| record.id)
    }
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
    now: Timestamp,
) -> Result<Vec<Found>> {
    let run = incident.run()?;
    let mut renewed = renewed(tx, tenant, incident, &people, now)?;
    let has_apps = incident.terms.remove_factors_since.is_some();
    let app_of = |person: &Person| ids::of_place(&run, factors::ROUND, person.place);
    let mut asked = Vec::new();
    for person in people.iter().filter(|person| has_ended(person)) {
        asked.push(ids::of_place(&run, 0, person.place));
        asked.extend(has_apps.then(|| app_of(person)));
        asked.extend(redemption(person));
    }
    asked.extend(renewed.iter().flat_map(|(_, one)| [Some(one.reset.id), one.reset.redeem_record]).flatten());
    let found = audit::find_each(tx, tenant, &asked)?.into_iter().flatten();
    let found: HashMap<_, _> = found.map(|record| (record.id, record)).collect();
    let of = |id: Uuid| found.get(&id).cloned();
    for (_, one) in &mut renewed {
        (one.record, one.redeem) = (of(one.reset.id), one.reset.redeem_record.and_then(of));
    }
    let mut renewed = renewed.into_iter().peekable();
    let user = |person: Person| {
        let own = std::iter::from_fn(|| renewed.next_if(|(place, _)| *place == person.place));
        Found {
            renewed: own.map(|(_, one)| one).collect(),
            record: has_ended(&person).then(|| of(ids::of_place(&run, 0, person.place))).flatten(),
            redeem: redemption(&person).and_then(of),
            code_app: (has_apps && has_ended(&person)).then(|| of(app_of(&person))).flatten(),
            person,
        }
    };
    Ok(people.into_iter().map(user).collect())
}

fn redemption(person: &Person) -> Option<Uuid> {
    person.reset.as_ref().and_then(|reset| reset.redeem_record)
}

/// The links that reminders brought, in the order of places and rounds. Where the first link was used there are none.
fn renewed(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: &Incident,
    people: &[Person],
    now: Timestamp,
) -> Result<Vec<(i64, Renewed)>> {
    let run = incident.run()?;
    let is_used = |person: &Person| person.reset.as_ref().is_some_and(|reset| reset.redeemed_at.is_some());
    let asked: Vec<_> = people
        .iter()
        .filter(|person| has_ended(person) && !is_used(person))
        .flat_map(|person| (1..=incident.reminders.rounds).map(|round| (person.place, round)))
        .collect();
    let resets: Vec<_> = asked.iter().map(|(place, round)| ids::of_place(&run, *round, *place)).collect();
    let mut found = reset::outcomes(tx, tenant, &resets, now)?.into_iter().peekable();
    let renewed = |((place, round), id): ((i64, u8), &Uuid)| {
        let reset = found.next_if(|reset| reset.id == *id)?;
        Some((place, Renewed { round, reset, record: None, redeem: None }))
    };
    Ok(asked.into_iter().zip(&resets).filter_map(renewed).collect())
}

/// The number before that of the first link which has a record of an incident, looked for from the end of the chain on. Records that
/// waited at once are sealed in the order of their ids: so what was declared may stand behind what has ended.
///
/// # Errors
/// `Conflict` if no link has the first act.
pub(super) async fn before_links_of(
    (store, scope, tenant): (&Store, Scope, TenantId),
    incident: &Incident,
    acts: &[Uuid],
) -> Result<i64> {
    let last = store.read(scope, |tx| audit::last_link(tx, tenant))?;
    let (mut up_to, mut begins) = (last.map_or(0, |last| last.number), None);
    let own = ids::bounds_of_all(&incident.run()?);
    let acts: Arc<[Uuid]> = acts.into();
    while up_to > 0 {
        let (from, acts) = ((up_to - LINKS).max(0), Arc::clone(&acts));
        let seen = store.scan(scope, move |tx| look(tx, tenant, (from, up_to), (&acts, own))).await?;
        begins = match (begins, seen.first) {
            (Some(_), Some(first)) => Some(first),
            (None, first) if seen.has_first_act => first,
            (None, _) => None,
            (Some(_), None) => break,
        };
        up_to = from;
    }
    begins.map(|begins| begins - 1).ok_or_else(|| {
        Error::conflict(
            "The records of the beginning of this incident are not in the chain of this server. Look for them in the copy that \
             was made before they were taken away.",
        )
    })
}

/// What some links have of an incident.
#[derive(Default)]
struct Seen {
    /// The number of the first one that has a record of it.
    first: Option<i64>,
    /// Whether one has the first act.
    has_first_act: bool,
}

/// Looks into the links behind one number and up to another.
fn look(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (from, up_to): (i64, i64),
    (acts, (least, greatest)): (&[Uuid], (Uuid, Uuid)),
) -> Result<Seen> {
    let (mut at, mut seen) = (from, Seen::default());
    while at < up_to {
        let Some(link) = audit::link_behind(tx, tenant, at)? else { break };
        let listed = audit::unpack(&link.entries).ok_or_else(|| Error::internal("a link is not readable"))?;
        if listed.iter().any(|one| (least..=greatest).contains(&one.id) || acts.contains(&one.id)) {
            seen.first = seen.first.or(Some(link.number));
        }
        seen.has_first_act |= listed.iter().any(|one| Some(&one.id) == acts.first());
        at = link.number;
    }
    Ok(seen)
}
