//! What people do to an incident under way: pause it, go on, cancel it, let its mails go, say something else in them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::acts::acted;
use super::begin::facts;
use super::due::Due;
use super::listed::LEFT_OUT;
use super::mail::releasing;
use super::remind::Reminders;
use super::rows::{self, Incident};
use super::state::{State, said};
use super::terms::{self, EMAILS_MAX};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::people;
use crate::reset::{self, Mailing};
use crate::store::Tx;

/// What may be said otherwise once an incident has begun.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "IncidentChange")]
pub(super) struct Change {
    /// What the mails say besides, by language; the mails that have left stay as they were.
    #[schemars(example = BTreeMap::from([("en", "We have reset all passwords that were in the copy.")]))]
    pub(super) words: Option<BTreeMap<String, String>>,
    /// Whom users may ask; an empty text for the tenant's contact.
    #[schemars(example = &"security@example.com")]
    pub(super) contact: Option<String>,
    /// How many mails leave in a minute at most; 0 for as many as the relay takes.
    #[schemars(example = 60)]
    pub(super) pace_per_minute: Option<i64>,
}

/// Stands still where it is until it is gone on with. Asked again, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` where nothing goes on.
pub(super) fn pause(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if !matches!(state, State::Ending | State::Held | State::Mailing) {
        return Err(Error::conflict(said(state)));
    }
    if incident.paused_at.is_some() {
        return Ok(incident);
    }
    let incident = Incident { paused_at: Some(act.now), touched_at: act.now, next_at: None, ..incident };
    let facts = facts(&incident);
    acted(tx, incident, act, "incident.pause", facts)
}

/// Goes on with what was paused. Asked again, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` where nothing can go on.
pub(super) fn go_on(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if !matches!(state, State::Ending | State::Held | State::Mailing) {
        return Err(Error::conflict(said(state)));
    }
    if incident.paused_at.is_none() {
        return Ok(incident);
    }
    let next_at = (state != State::Held).then_some(act.now);
    let incident = Incident { paused_at: None, touched_at: act.now, next_at, ..incident };
    let facts = facts(&incident);
    acted(tx, incident, act, "incident.go_on", facts)
}

/// Ends an incident where it is: passwords that have ended stay so, their links stay held, and nothing more is mailed.
///
/// # Errors
/// `NotFound`; `Conflict` for one that is at its end.
pub(super) fn cancel(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if matches!(state, State::Cancelled | State::Mailed | State::Done) {
        return Err(Error::conflict(said(state)));
    }
    let facts = facts(&incident);
    let incident = cancelled(incident, &act.actor.name, None, act.now);
    acted(tx, incident, act, "incident.cancel", facts)
}

/// An incident that is ended in the name of `by`: of users whose passwords have ended nobody is added.
pub(super) fn cancelled(incident: Incident, by: &str, why: Option<&str>, now: crate::clock::Timestamp) -> Incident {
    let ends_below = if incident.started_at.is_some() { incident.ended_to + 1 } else { incident.ends_below };
    let ended_at = incident.started_at.and(incident.ended_at.or(Some(now)));
    Incident {
        ends_below,
        ended_at,
        reminders: Reminders { since: None, ..incident.reminders },
        cancelled_at: Some(now),
        cancelled_by: Some(by.into()),
        why: Some(why.map_or_else(|| format!("{by} has cancelled it."), String::from)),
        // The place of a plan that is not made to its end holds an address, and is of no use any more.
        found_to: None,
        touched_at: now,
        // The addresses of its list go.
        next_at: (incident.lines > 0).then_some(now),
        ..incident
    }
}

/// Lets the mails go: of all, or of these users alone at once. Of one that was cancelled, those of the passwords that have ended.
///
/// # Errors
/// `NotFound`; `Conflict` where no mails are held; `Invalid` for a user who is not held by it.
pub(super) fn release(tx: &mut Tx<'_>, id: Uuid, (emails, key): (&[Email], i64), act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    let may = matches!(state, State::Ending | State::Held | State::Mailing)
        || (state == State::Cancelled && incident.started_at.is_some());
    if !may {
        return Err(Error::conflict(said(state)));
    }
    if !emails.is_empty() {
        return release_these(tx, incident, (emails, key), act);
    }
    if incident.released_at.is_some() && state != State::Cancelled {
        return Ok(incident);
    }
    let ends_below = if state == State::Cancelled { incident.ends_below } else { LEFT_OUT };
    let incident = Incident {
        ends_below,
        cancelled_at: None,
        cancelled_by: None,
        why: None,
        released_at: Some(act.now),
        mailed_at: None,
        paused_at: None,
        touched_at: act.now,
        next_at: Some(act.now),
        ..incident
    };
    let facts = facts(&incident);
    acted(tx, incident, act, "incident.release", facts)
}

fn release_these(
    tx: &mut Tx<'_>,
    mut incident: Incident,
    (emails, key): (&[Email], i64),
    act: &Act,
) -> Result<Incident> {
    let (tenant, id) = (act.tenant.id, incident.id);
    if emails.len() > EMAILS_MAX {
        return Err(Error::invalid(format!("Field emails takes {EMAILS_MAX} addresses at most.")));
    }
    let users = people::find_each_by_email(tx, tenant, &emails.iter().collect::<Vec<_>>())?;
    let mut resets = Vec::with_capacity(emails.len());
    for (email, user) in emails.iter().zip(users) {
        let held = user.and_then(|user| user.open_reset.map(|reset| Mailing { user: user.id, reset }));
        resets.push((email, held.ok_or_else(|| not_held(email))?));
    }
    let due = Due { tenant, id };
    let mailings: Vec<_> = resets.iter().map(|(_, one)| *one).collect();
    let went = reset::mail_each(tx, &mailings, &releasing(due, &incident, key, act.now))?;
    if let Some(((email, _), _)) = resets.iter().zip(&went).find(|(_, went)| !**went) {
        return Err(not_held(email));
    }
    incident.mailed.users += went.len() as i64;
    incident.touched_at = act.now;
    let facts = json!({ "name": incident.terms.name, "users": went.len() });
    acted(tx, incident, act, "incident.release", facts)
}

fn not_held(email: &Email) -> Error {
    Error::invalid(format!("Field emails names {}, whose mail this incident does not hold.", email.as_str()))
}

/// Says something else in the mails that have not left, or lets them go at another pace.
///
/// # Errors
/// `NotFound`; `Invalid` for words that may not be; `Conflict` for one that is over.
pub(super) fn change(tx: &mut Tx<'_>, id: Uuid, change: &Change, act: &Act) -> Result<Incident> {
    let mut incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if matches!(state, State::Lapsed | State::Mailed | State::Done) {
        return Err(Error::conflict(said(state)));
    }
    if let Some(words) = &change.words {
        terms::check_words(words)?;
        incident.words.clone_from(words);
    }
    if let Some(contact) = &change.contact {
        terms::check_contact(Some(contact))?;
        incident.contact = Some(contact.clone()).filter(|contact| !contact.is_empty());
    }
    if let Some(pace) = change.pace_per_minute {
        terms::check_pace(pace)?;
        incident.pace = pace;
    }
    incident.touched_at = act.now;
    let facts = json!({ "words": incident.words, "contact": incident.contact, "pace_per_minute": incident.pace });
    acted(tx, incident, act, "incident.change", facts)
}
