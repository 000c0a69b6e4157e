//! The mails of an incident, which leave when its passwords have ended and they are released: at the pace, in the order of the
//! list, with a place of their own.

use serde_json::json;

use super::due::Due;
use super::end::record;
use super::ids;
use super::listed;
use super::pace::Next;
use super::remind;
use super::rows::{self, Incident};
use super::state::State;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Tenant;
use crate::mails;
use crate::reset::{self, Mailing, Releasing};
use crate::store::Tx;

/// Queues the next mails of an incident, or the next reminders, or waits until the pace lets them go.
///
/// # Errors
/// Those of the store; then none of them is queued.
pub(super) fn run(tx: &mut Tx<'_>, due: Due, (tenant, key): (&Tenant, i64), now: Timestamp) -> Result<()> {
    let found = rows::find(tx, due.tenant, due.id)?;
    let is_mailing = |one: &Incident| State::of(one, now) == State::Mailing && one.paused_at.is_none();
    let Some(mut incident) = found.filter(is_mailing) else { return Ok(()) };
    let waiting = mails::look_at_waiting(tx, due.tenant)?;
    incident.touched_at = now;
    match incident.mailed.next(incident.pace, &waiting, now) {
        Next::Wait(until) => incident.next_at = Some(until),
        Next::Queue(most, next) => {
            incident.next_at = Some(next);
            if incident.mailed_at.is_none() {
                queue(tx, due, &mut incident, most, key, now)?;
            } else {
                remind::queue(tx, due, &mut incident, (tenant, key), most, now)?;
            }
        }
    }
    rows::replace(tx, due.tenant, &incident)
}

fn queue(tx: &mut Tx<'_>, due: Due, incident: &mut Incident, most: i64, key: i64, now: Timestamp) -> Result<()> {
    let run = incident.run()?;
    let users = listed::next(tx, due.tenant, due.id, (incident.mailed_to, incident.ends_below), most)?;
    let resets: Vec<_> =
        users.iter().map(|(place, user)| Mailing { user: *user, reset: ids::of_place(&run, 0, *place) }).collect();
    let went = reset::mail_each(tx, &resets, &releasing(due, incident, key, now))?;
    let queued = went.iter().filter(|went| **went).count() as i64;
    incident.mailed.users += queued;
    incident.mailed.passed += users.len() as i64 - queued;
    incident.mailed_to = users.last().map_or(incident.mailed_to, |(place, _)| *place);
    if (users.len() as i64) < most {
        (incident.mailed_at, incident.next_at) = (Some(now), None);
        let mailed = json!({ "mailed": incident.mailed.users });
        record(tx, due, incident, ("incident.mail", 0), mailed, now)?;
    }
    Ok(())
}

/// How the links of an incident go.
pub(super) fn releasing(due: Due, incident: &Incident, key: i64, now: Timestamp) -> Releasing {
    Releasing { tenant: due.tenant, incident: incident.id, link_hours: incident.link_hours, key, now }
}
