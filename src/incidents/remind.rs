//! Users who have not chosen a password are mailed once more: in rounds, each when somebody asks for it, an hour after the last mails at
//! the earliest, at the pace of the first mails.

use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::acts::acted;
use super::begin::facts;
use super::due::Due;
use super::end::record;
use super::ids;
use super::listed;
use super::mail::releasing;
use super::rows::{self, Incident};
use super::state::{State, said};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::Tenant;
use crate::reset::{self, Reminding, ToRemind};
use crate::store::Tx;

/// Rounds of an incident.
const ROUNDS_MAX: u8 = 3;
/// Users have so long to follow a mail before they get another one.
const AFTER_SECONDS: i64 = 3_600;

/// How far users were reminded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Reminders {
    /// Rounds that were begun.
    pub(super) rounds: u8,
    /// When the round that is under way began; none between rounds.
    pub(super) since: Option<Timestamp>,
    /// The place in the list up to which users of this round were looked at.
    pub(super) to: i64,
    /// Reminders of all rounds.
    pub(super) users: i64,
}

/// Begins a round. Asked again while it is under way, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` before all mails have left, within an hour after that, and after the last round.
pub(super) fn remind(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let mut incident = rows::get(tx, act.tenant.id, id)?;
    if incident.reminders.since.is_some() && incident.cancelled_at.is_none() {
        return Ok(incident);
    }
    let state = State::of(&incident, act.now);
    let mailed_at = incident.mailed_at.filter(|_| matches!(state, State::Mailed | State::Done));
    let mailed_at = mailed_at.ok_or_else(|| Error::conflict(said(state)))?;
    if mailed_at.lasts(AFTER_SECONDS, act.now) {
        let from = mailed_at.plus_seconds(AFTER_SECONDS);
        return Err(Error::conflict(format!(
            "The last mails left within the last hour, and users need time to follow them. Remind them from {from} on."
        )));
    }
    if incident.reminders.rounds >= ROUNDS_MAX {
        return Err(Error::conflict(format!(
            "Users were reminded {ROUNDS_MAX} times. Ask those who are left another way: tenantry incident people {id}."
        )));
    }
    let users = incident.reminders.users;
    incident.reminders = Reminders { rounds: incident.reminders.rounds + 1, since: Some(act.now), to: 0, users };
    (incident.touched_at, incident.next_at) = (act.now, Some(act.now));
    let mut facts = facts(&incident);
    facts["round"] = json!(incident.reminders.rounds);
    acted(tx, incident, act, "incident.remind", facts)
}

/// Reminds the next users of the round that is under way.
///
/// # Errors
/// Those of the store; then none of them is.
pub(super) fn queue(
    tx: &mut Tx<'_>,
    due: Due,
    incident: &mut Incident,
    (tenant, key): (&Tenant, i64),
    most: i64,
    now: Timestamp,
) -> Result<()> {
    let (run, round) = (incident.run()?, incident.reminders.rounds);
    let users = listed::next(tx, due.tenant, due.id, (incident.reminders.to, incident.ends_below), most)?;
    let to_remind: Vec<_> =
        users.iter().map(|(place, user)| ToRemind { user: *user, id: ids::of_place(&run, round, *place) }).collect();
    let actor = incident.authority.actor(run);
    let releasing = releasing(due, incident, key, now);
    let own = ids::bounds_of_all(&run);
    incident.reminders.users +=
        reset::remind_each(tx, &to_remind, &Reminding { tenant, actor: &actor, own, releasing })?;
    incident.reminders.to = users.last().map_or(incident.reminders.to, |(place, _)| *place);
    if (users.len() as i64) < most {
        incident.reminders.since = None;
        // Links live anew, so it is not done for so long.
        (incident.mailed_at, incident.next_at) = (Some(now), None);
        let mailed = json!({ "round": round, "reminded": incident.reminders.users });
        record(tx, due, incident, ("incident.mail", usize::from(round)), mailed, now)?;
    }
    Ok(())
}
