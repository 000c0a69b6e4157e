//! The course of an act on many users: planned, acted by, stopped.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::change::Change;
use super::judge::Counts;
use super::rows::{self, Bulk, Due, State};
use super::terms::Terms;
use crate::act::Act;
use crate::audit::{self, Event, Outcome};
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::ids;
use crate::store::Tx;

/// Plans of a tenant that are neither lapsed nor over.
const OPEN_MAX: usize = 10;
/// So long the call that begins a plan goes on with it by itself; then any server does.
const OWN_SECONDS: i64 = 10;

/// Begins a plan.
///
/// # Errors
/// `Invalid` and `Forbidden` for what could be done to nobody; `Conflict` where too many plans wait.
pub(super) fn begin(tx: &mut Tx<'_>, id: Uuid, terms: &Terms, act: &Act) -> Result<()> {
    terms.check()?;
    Change::of(terms)?.check(tx, act)?;
    make_room(tx, act)?;
    let bulk = new(tx, id, terms, act)?;
    rows::insert(tx, act.tenant.id, &bulk)?;
    act.record(tx, "bulk.plan", &id.to_string(), json!({ "terms": terms }))
}

/// Ends plans that have lapsed, and refuses another one where too many wait.
fn make_room(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let mut waiting = 0;
    for open in rows::open(tx, act.tenant.id)? {
        if open.state_at(act.now) == State::Lapsed {
            rows::replace(tx, act.tenant.id, &Bulk { ended_at: Some(act.now), ..open })?;
        } else {
            waiting += 1;
        }
    }
    if waiting < OPEN_MAX {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "{waiting} plans wait in this tenant already. End one by tenantry bulk stop, or act by it."
    )))
}

fn new(tx: &mut Tx<'_>, id: Uuid, terms: &Terms, act: &Act) -> Result<Bulk> {
    let said = serde_json::to_string(terms).map_err(Error::internal)?;
    Ok(Bulk {
        id,
        terms: terms.clone(),
        state: State::Planning,
        created_at: act.now,
        created_by: act.actor.name.clone(),
        touched_at: act.now,
        authority: Authority::of(tx, act)?,
        found_to: None,
        planned: Counts::default(),
        digest: Sha256::new().chain_update(id.as_bytes()).chain_update(said).finalize().to_vec(),
        planned_at: None,
        run: None,
        acted_at: None,
        acted_by: None,
        acted_to: 0,
        acted: Counts::default(),
        ended_at: None,
        why: None,
        next_at: Some(act.now.plus_seconds(OWN_SECONDS)),
    })
}

/// Leaves a plan that is not made yet to the servers.
///
/// # Errors
/// `NotFound`.
pub(super) fn hand_over(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Bulk> {
    let mut bulk = rows::get(tx, act.tenant.id, id)?;
    if bulk.state == State::Planning {
        bulk.next_at = Some(act.now);
        rows::replace(tx, act.tenant.id, &bulk)?;
    }
    Ok(bulk)
}

/// Begins the run of a plan, of which it must be known by what it is and how many users it names. Asked again, nothing is done.
///
/// # Errors
/// `NotFound`; `Conflict` for another plan or number, in another state, and while another run of the tenant goes on; those of
/// [`Change::check`].
pub(super) fn act(tx: &mut Tx<'_>, id: Uuid, (plan, users): (&[u8], i64), act: &Act) -> Result<Bulk> {
    let tenant = act.tenant.id;
    let bulk = rows::get(tx, tenant, id)?;
    let state = bulk.state_at(act.now);
    is_meant(&bulk, state, plan, users)?;
    if matches!(state, State::Running | State::Done) {
        return Ok(bulk);
    }
    Change::of(&bulk.terms)?.check(tx, act)?;
    if let Some(other) = rows::open(tx, tenant)?.into_iter().find(|other| other.state == State::Running) {
        return Err(Error::conflict(format!(
            "The bulk act {} is still running. Wait for its end, or end it by tenantry bulk stop.",
            other.id
        )));
    }
    let bulk = Bulk {
        state: State::Running,
        touched_at: act.now,
        authority: Authority::of(tx, act)?,
        run: Some(act.actor.request_id),
        acted_at: Some(act.now),
        acted_by: Some(act.actor.name.clone()),
        next_at: Some(act.now),
        ..bulk
    };
    rows::replace(tx, tenant, &bulk)?;
    let facts = json!({ "terms": bulk.terms, "plan": hex(&bulk.digest), "users": users });
    act.record(tx, "bulk.act", &id.to_string(), facts)?;
    Ok(bulk)
}

/// Whether a plan that can be acted by is the one that is meant.
fn is_meant(bulk: &Bulk, state: State, plan: &[u8], users: i64) -> Result<()> {
    if matches!(state, State::Planning | State::Lapsed | State::Stopped) {
        return Err(Error::conflict(said(state)));
    }
    if bulk.digest != plan {
        return Err(Error::conflict(
            "This is not the plan of this bulk act. Look at it once more by tenantry bulk show.",
        ));
    }
    if bulk.planned.users != users {
        return Err(Error::conflict(format!(
            "Field users says {users} and the plan has {}. Look at it once more by tenantry bulk show.",
            bulk.planned.users
        )));
    }
    if users == 0 {
        return Err(Error::conflict("This plan names nobody, so there is nothing to do."));
    }
    Ok(())
}

/// Ends a plan or a run; what was done stays.
///
/// # Errors
/// `NotFound`; `Conflict` for one that is at its end already.
pub(super) fn stop(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Bulk> {
    let bulk = rows::get(tx, act.tenant.id, id)?;
    let state = bulk.state_at(act.now);
    if matches!(state, State::Lapsed | State::Done | State::Stopped) {
        return Err(Error::conflict(said(state)));
    }
    let facts = facts_of_end(&bulk);
    let why = Some(format!("{} has stopped it.", act.actor.name));
    let bulk = ended(bulk, State::Stopped, why, act.now);
    rows::replace(tx, act.tenant.id, &bulk)?;
    act.record(tx, "bulk.stop", &id.to_string(), facts)?;
    Ok(bulk)
}

/// Ends what nobody's call ends: a run that has come to its end, or what is refused to the person who asked for it.
///
/// # Errors
/// Those of the store.
pub(super) fn close(tx: &mut Tx<'_>, due: Due, bulk: Bulk, why: Option<String>, now: Timestamp) -> Result<()> {
    let mut facts = facts_of_end(&bulk);
    if let Some(why) = &why {
        facts["why"] = json!(why);
    }
    let actor = bulk.authority.actor(ids::derived(&bulk.run.unwrap_or(bulk.id), "bulk.end", 0));
    let state = if why.is_some() { State::Stopped } else { State::Done };
    rows::replace(tx, due.tenant, &ended(bulk, state, why, now))?;
    let (tenant, outcome, subject) = (due.tenant, Outcome::Accepted, due.id.to_string());
    audit::record(tx, &Event { tenant, at: now, action: "bulk.end", outcome, actor: &actor, subject: &subject, facts })
}

fn ended(bulk: Bulk, state: State, why: Option<String>, now: Timestamp) -> Bulk {
    // The place of a plan that is not made to its end holds an address, and is of no use any more.
    Bulk { state, why, found_to: None, ended_at: Some(now), touched_at: now, next_at: None, ..bulk }
}

fn facts_of_end(bulk: &Bulk) -> Value {
    json!({ "terms": bulk.terms, "planned": bulk.planned, "acted": bulk.acted, "ran": bulk.run.is_some() })
}

/// Why nothing can be done in a state.
fn said(state: State) -> &'static str {
    match state {
        State::Planning => "This plan is not made yet. Wait until all its users are found.",
        State::Lapsed => "This plan is older than a day. Make a new one.",
        State::Stopped => "This bulk act was stopped. Make a new plan.",
        State::Done => "This bulk act is done already.",
        State::Planned | State::Running => "This bulk act is under way.",
    }
}
