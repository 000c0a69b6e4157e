//! A slice of passwords that end, in one transaction with the place up to which it has come.

use serde_json::json;

use super::begin::facts;
use super::due::Due;
use super::factors;
use super::ids;
use super::judge::Reason;
use super::lines;
use super::listed;
use super::rows::{self, Incident};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Tenant;
use crate::reset::{self, Ending, Fate, PasswordOf};
use crate::store::Tx;

/// Ends the next passwords of an incident. Whether there are others to end.
///
/// # Errors
/// Those of the store; then nothing of the slice is there.
pub(super) fn run(
    tx: &mut Tx<'_>,
    due: Due,
    tenant: &Tenant,
    (most, key): (usize, i64),
    now: Timestamp,
) -> Result<bool> {
    let Some(mut incident) = rows::find(tx, due.tenant, due.id)?.filter(may_run) else { return Ok(false) };
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let users = listed::next(tx, due.tenant, due.id, (incident.ended_to, incident.ends_below), most)?;
    let added = factors::Added::find(tx, &incident, due.tenant, &users)?;
    let fates = end_each(tx, &incident, tenant, &users, (key, now))?;
    incident.ended.factors += added.remove(tx, due, &incident, &fates, now)?;
    let mut dropped = Vec::new();
    for ((place, _), fate) in users.iter().zip(fates) {
        if let Some(reason) = add(&mut incident, fate) {
            dropped.push((*place, reason));
        }
    }
    listed::leave_out(tx, due.tenant, due.id, &dropped)?;
    incident.ended.slices += i64::from(!users.is_empty());
    incident.ended_to = users.last().map_or(incident.ended_to, |(place, _)| *place);
    incident.touched_at = now;
    // The addresses of its list are of no use any more.
    let has_lines = lines::forget(tx, due.tenant, due.id, most)?;
    let is_more = users.len() as i64 == most || has_lines;
    if !is_more {
        close(tx, due, &mut incident, now)?;
    }
    rows::replace(tx, due.tenant, &incident)?;
    Ok(is_more)
}

/// Whether passwords may end now.
fn may_run(incident: &Incident) -> bool {
    incident.started_at.is_some()
        && incident.paused_at.is_none()
        && incident.cancelled_at.is_none()
        && incident.ended_to < incident.ends_below - 1
}

fn end_each(
    tx: &mut Tx<'_>,
    incident: &Incident,
    tenant: &Tenant,
    users: &[(i64, crate::identity::UserId)],
    (key, now): (i64, Timestamp),
) -> Result<Vec<Fate>> {
    let (run, rights) = (incident.run()?, incident.rights());
    let actor = incident.authority.actor(run);
    let filter = &incident.terms.filter;
    let ending = Ending {
        tenant,
        incident: incident.id,
        actor: &actor,
        rights: &rights,
        spares_disabled: !incident.terms.include_disabled,
        set_before: filter.password_before,
        set_after: filter.password_after,
        revokes_credentials: incident.terms.revoke_credentials,
        key,
        now,
    };
    let users: Vec<_> =
        users.iter().map(|(place, user)| PasswordOf { user: *user, id: ids::of_place(&run, 0, *place) }).collect();
    reset::end_each(tx, &users, &ending)
}

/// Adds what became of a password to the sums; why it was left alone, if so.
fn add(incident: &mut Incident, fate: Fate) -> Option<Reason> {
    let ended = &mut incident.ended;
    match fate {
        Fate::Reset { sessions, credentials } => {
            ended.users += 1;
            ended.sessions += sessions;
            ended.credentials += credentials;
        }
        Fate::Alone { sessions } => {
            ended.users += 1;
            ended.alone += 1;
            ended.sessions += sessions;
        }
        Fate::Spared(why) => {
            let reason = Reason::from(why);
            *ended.dropped.entry(reason).or_default() += 1;
            return Some(reason);
        }
    }
    None
}

/// The last slice: all up to the bound have come. With mails that are held, the people who act come when they are released.
fn close(tx: &mut Tx<'_>, due: Due, incident: &mut Incident, now: Timestamp) -> Result<()> {
    let is_first = incident.ended_at.is_none();
    incident.ended_to = incident.ends_below - 1;
    incident.ended_at = incident.ended_at.or(Some(now));
    incident.next_at = incident.released_at.map(|_| now);
    if !is_first {
        return Ok(());
    }
    let ended = json!({ "ended": incident.ended });
    record(tx, due, incident, ("incident.end", 0), ended, now)
}

/// The record of a step that nobody's call makes. The caller writes the incident, to which it belongs.
///
/// # Errors
/// Those of the store.
pub(super) fn record(
    tx: &mut Tx<'_>,
    due: Due,
    incident: &mut Incident,
    (action, nth): (&'static str, usize),
    more: serde_json::Value,
    now: Timestamp,
) -> Result<()> {
    let actor = incident.authority.actor(crate::ids::derived(&incident.run()?, action, nth));
    incident.acts.add(&actor.request_id);
    let mut facts = facts(incident);
    for (name, value) in more.as_object().into_iter().flatten() {
        facts[name] = value.clone();
    }
    let (tenant, outcome, subject) = (due.tenant, Outcome::Accepted, due.id.to_string());
    audit::record(tx, &Event { tenant, at: now, action, outcome, actor: &actor, subject: &subject, facts })
}
