//! The beginning of an incident: planned, filled, begun.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::acts::{Acts, acted};
use super::letters::{self, Told};
use super::limit::asks_for_another;
use super::listed::{ACTING, LEFT_OUT};
use super::remind::Reminders;
use super::rows::{self, Incident};
use super::state::{ASKED_SECONDS, State, said};
use super::terms::Terms;
use super::{counts, lines, pace};
use crate::act::Act;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::mail::address::Email;
use crate::store::Tx;

/// Plans of a tenant that wait, at most.
const OPEN_MAX: usize = 10;
/// So long the call that begins a plan goes on with it by itself; then any server does.
const OWN_SECONDS: i64 = 10;
/// Addresses of a list, at most.
const LINES_MAX: i64 = 2_000_000;

/// Declares an incident: its plan is made at once, or when the parts of its list are complete.
///
/// # Errors
/// `Invalid` for terms that choose nobody; `Conflict` where too many plans wait.
pub(super) fn declare(tx: &mut Tx<'_>, id: Uuid, terms: &Terms, act: &Act) -> Result<Incident> {
    let tenant = act.tenant.id;
    terms.check()?;
    make_room(tx, act)?;
    let mut incident = new(tx, id, terms, act)?;
    let emails = terms.emails.iter().map(|email| Email::parse(email)).collect::<Result<Vec<_>>>()?;
    lines::keep(tx, (tenant, id), 0, &emails, act.now)?;
    incident.lines = lines::count(tx, tenant, id)?;
    incident.acts.add(&act.actor.request_id);
    rows::insert(tx, tenant, &incident)?;
    act.record(tx, "incident.declare", &id.to_string(), json!({ "terms": recorded(terms) }))?;
    Ok(incident)
}

/// Refuses another plan where too many wait.
fn make_room(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let all = rows::since(tx, act.tenant.id, act.now.plus_seconds(-2 * super::state::LIFE_SECONDS))?;
    let waits = |one: &&Incident| {
        matches!(State::of(one, act.now), State::Collecting | State::Planning | State::Planned | State::Awaiting)
    };
    match all.iter().filter(waits).count() {
        waiting if waiting >= OPEN_MAX => Err(Error::conflict(format!(
            "{waiting} plans wait in this tenant already. Begin one, or end it by tenantry incident cancel."
        ))),
        _ => Ok(()),
    }
}

fn new(tx: &mut Tx<'_>, id: Uuid, terms: &Terms, act: &Act) -> Result<Incident> {
    let said = serde_json::to_string(terms).map_err(Error::internal)?;
    // The addresses stand in the list.
    let kept = Terms { emails: Vec::new(), lines: terms.is_by_list(), ..terms.clone() };
    Ok(Incident {
        id,
        words: terms.words.clone(),
        contact: terms.contact.clone(),
        link_hours: terms.link_hours,
        pace: terms.pace_per_minute,
        created_at: act.now,
        created_by: act.actor.name.clone(),
        touched_at: act.now,
        authority: Authority::of(tx, act)?,
        lines: 0,
        planning_at: (!terms.lines).then_some(act.now),
        found_to: None,
        planned: counts::Planned::default(),
        digest: Sha256::new().chain_update(id.as_bytes()).chain_update(said).finalize().to_vec(),
        planned_at: None,
        asked_at: None,
        agreed_at: None,
        agreed_by: None,
        rights: std::collections::BTreeMap::new(),
        run: None,
        started_at: None,
        ends_below: if terms.hold { ACTING } else { LEFT_OUT },
        ended_to: 0,
        ended: counts::Ended::default(),
        ended_at: None,
        released_at: None,
        mailed_to: 0,
        mailed: pace::Mailed::default(),
        mailed_at: None,
        paused_at: None,
        cancelled_at: None,
        cancelled_by: None,
        why: None,
        next_at: (!terms.lines).then(|| act.now.plus_seconds(OWN_SECONDS)),
        acts: Acts::default(),
        reminders: Reminders::default(),
        terms: kept,
    })
}

/// The terms in a record: of long lists, how long they are.
fn recorded(terms: &Terms) -> Value {
    let mut said = json!(terms);
    for (field, count) in [("emails", terms.emails.len()), ("except", terms.except.len())] {
        if count > 0 {
            said[field] = json!(count);
        }
    }
    said
}

/// Leaves a plan that is not made yet to the servers.
///
/// # Errors
/// `NotFound`.
pub(super) fn hand_over(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let mut incident = rows::get(tx, act.tenant.id, id)?;
    if State::of(&incident, act.now) == State::Planning {
        incident.next_at = Some(act.now);
        rows::replace(tx, act.tenant.id, &incident)?;
    }
    Ok(incident)
}

/// Takes a part of the list; sent again under its number, it takes the place of what was there.
///
/// # Errors
/// `NotFound`; `Conflict` once the plan is made or being made; `Invalid` for a list that is too long.
pub(super) fn take_lines(tx: &mut Tx<'_>, id: Uuid, part: i64, emails: &[Email], act: &Act) -> Result<Incident> {
    let tenant = act.tenant.id;
    let mut incident = rows::get(tx, tenant, id)?;
    if State::of(&incident, act.now) != State::Collecting {
        return Err(Error::conflict("The list of this incident is complete. Declare another one for a longer list."));
    }
    lines::keep(tx, (tenant, id), part, emails, act.now)?;
    incident.lines = lines::count(tx, tenant, id)?;
    if incident.lines > LINES_MAX {
        return Err(Error::invalid(format!("A list takes {LINES_MAX} addresses at most.")));
    }
    incident.touched_at = act.now;
    acted(tx, incident, act, "incident.list", json!({ "part": part, "addresses": emails.len() }))
}

/// Begins the plan of an incident whose list is complete. Asked again, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` where there is no list yet, or nothing is to be planned any more.
pub(super) fn plan(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Incident> {
    let tenant = act.tenant.id;
    let incident = rows::get(tx, tenant, id)?;
    match State::of(&incident, act.now) {
        State::Collecting if incident.lines > 0 => {}
        State::Collecting => return Err(Error::conflict("The list of this incident is empty. Send its parts first.")),
        State::Planning | State::Planned => return Ok(incident),
        state => return Err(Error::conflict(said(state))),
    }
    let incident = Incident {
        authority: Authority::of(tx, act)?,
        planning_at: Some(act.now),
        touched_at: act.now,
        next_at: Some(act.now),
        ..incident
    };
    let facts = json!({ "addresses": incident.lines });
    acted(tx, incident, act, "incident.plan", facts)
}

/// Begins to end the passwords of a plan, of which it must be known what it is and how many users it names; or asks for a second
/// person. Asked again, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` for another plan or number, in another state, and while another one ends passwords; `Forbidden` for a
/// person who has not made the plan.
pub(super) fn start(tx: &mut Tx<'_>, id: Uuid, (plan, users): (&[u8], i64), act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    is_meant(&incident, state, plan)?;
    names_so_many(&incident, users)?;
    if state != State::Planned {
        return Ok(incident);
    }
    if users == 0 {
        return Err(Error::conflict("This plan names nobody, so there is nothing to do."));
    }
    if incident.authority.user != act.caller.user {
        return Err(Error::forbidden(format!(
            "{} has made this plan, by their rights, and may begin it. Make a plan of your own.",
            incident.authority.name
        )));
    }
    only_one(tx, act)?;
    let incident = Incident { authority: Authority::of(tx, act)?, touched_at: act.now, ..incident };
    if !asks_for_another(tx, users, act)? {
        return begin(tx, incident, act);
    }
    let incident = Incident { asked_at: Some(act.now), next_at: Some(act.now.plus_seconds(ASKED_SECONDS)), ..incident };
    let facts = facts(&incident);
    let incident = acted(tx, incident, act, "incident.ask", facts)?;
    letters::tell_owners(tx, Told::Asked, &incident, act)?;
    Ok(incident)
}

/// Refuses a plan that names another number of users than is said.
pub(super) fn names_so_many(incident: &Incident, users: i64) -> Result<()> {
    match incident.planned.users() {
        planned if planned == users => Ok(()),
        planned => {
            Err(Error::conflict(format!("Field users says {users} and the plan has {planned}. Read the plan again.")))
        }
    }
}

fn only_one(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    match rows::ending(tx, act.tenant.id)? {
        Some(other) => Err(Error::conflict(format!(
            "The incident \u{201c}{}\u{201d} is still ending passwords. Go on with it or cancel it first.",
            other.terms.name
        ))),
        None => Ok(()),
    }
}

/// Whether a plan that can be begun is the one that is meant.
pub(super) fn is_meant(incident: &Incident, state: State, plan: &[u8]) -> Result<()> {
    if matches!(state, State::Collecting | State::Planning | State::Lapsed | State::Cancelled) {
        return Err(Error::conflict(said(state)));
    }
    if incident.digest != plan {
        return Err(Error::conflict(
            "This is not the plan of this incident. Look at it once more by tenantry incident show.",
        ));
    }
    Ok(())
}

/// Begins, by the rights that the person of this act has at this moment.
///
/// # Errors
/// `Conflict` while another one ends passwords; those of the store.
pub(super) fn begin(tx: &mut Tx<'_>, incident: Incident, act: &Act) -> Result<Incident> {
    only_one(tx, act)?;
    let incident = Incident {
        rights: act.rights_now(tx)?.kept(),
        run: Some(act.actor.request_id),
        started_at: Some(act.now),
        released_at: (!incident.terms.hold).then_some(act.now),
        touched_at: act.now,
        next_at: Some(act.now),
        ..incident
    };
    let facts = facts(&incident);
    let incident = acted(tx, incident, act, "incident.start", facts)?;
    letters::tell_owners(tx, Told::Started, &incident, act)?;
    Ok(incident)
}

/// What the records of an incident say of it.
pub(super) fn facts(incident: &Incident) -> Value {
    json!({
        "name": incident.terms.name,
        "reason": incident.terms.reason,
        "terms": recorded(&incident.terms),
        "plan": hex(&incident.digest),
        "planned": incident.planned,
        "agreed_by": incident.agreed_by,
    })
}

/// A request that has waited too long for a second person: the plan is as it was.
///
/// # Errors
/// Those of the store.
pub(super) fn lapse(tx: &mut Tx<'_>, tenant: crate::identity::TenantId, id: Uuid, now: Timestamp) -> Result<()> {
    let Some(incident) = rows::find(tx, tenant, id)?.filter(|incident| incident.started_at.is_none()) else {
        return Ok(());
    };
    let is_over = incident.asked_at.is_some_and(|at| !at.lasts(ASKED_SECONDS, now));
    if is_over {
        let incident = Incident { asked_at: None, next_at: None, touched_at: now, ..incident };
        rows::replace(tx, tenant, &incident)?;
    }
    Ok(())
}
