//! The second person: who may agree, and what follows.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::begin::{begin, is_meant};
use super::listed::{self, Class};
use super::rows::{self, Incident};
use super::state::{State, said};
use crate::access::{ADMIN_ROLE, SYSTEM};
use crate::act::Act;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, Proof, Tenant, TenantId};
use crate::ids;
use crate::people;
use crate::store::Tx;

/// The one who agrees or declines.
pub(super) struct Witness<'a> {
    pub(super) tenant: &'a Arc<Tenant>,
    pub(super) actor: &'a Actor,
    pub(super) now: Timestamp,
    /// How the incident names them.
    pub(super) name: String,
}

impl<'a> Witness<'a> {
    fn of(act: &'a Act) -> Self {
        Self { tenant: &act.tenant, actor: &act.actor, now: act.now, name: act.actor.name.clone() }
    }

    fn record(&self, tx: &mut Tx<'_>, action: &'static str, incident: Uuid, facts: Value) -> Result<()> {
        let (tenant, at, actor, outcome) = (self.tenant.id, self.now, self.actor, Outcome::Accepted);
        audit::record(tx, &Event { tenant, at, action, outcome, actor, subject: &incident.to_string(), facts })
    }
}

/// Agrees to a plan, and begins it in the same transaction, by the rights that the person who has made it has at this moment.
/// `place` is that of the person who agrees, where they are in the list: they come last but one.
///
/// # Errors
/// `NotFound`; `Conflict` for another plan, in another state, and where the access of the person who made it has ended;
/// `Forbidden` for a person who may not agree.
pub(super) fn agree(tx: &mut Tx<'_>, id: Uuid, plan: &[u8], place: Option<i64>, act: &Act) -> Result<Incident> {
    let tenant = act.tenant.id;
    let incident = rows::get(tx, tenant, id)?;
    if is_begun(&incident, plan, act.now)? {
        return Ok(incident);
    }
    may_agree(tx, &incident, act)?;
    if let Some(place) = place {
        listed::move_to(tx, tenant, id, (act.caller.user, place), Class::Agreed.place(1))?;
    }
    agreed(tx, incident, &Witness::of(act))
}

/// Whether the plan has begun, so that there is nothing to agree to any more.
///
/// # Errors
/// `Conflict` for another plan, and where nobody is asked to agree.
pub(super) fn is_begun(incident: &Incident, plan: &[u8], now: Timestamp) -> Result<bool> {
    let state = State::of(incident, now);
    is_meant(incident, state, plan)?;
    match state {
        State::Awaiting => Ok(false),
        state if state.is_begun() => Ok(true),
        state => Err(Error::conflict(said(state))),
    }
}

/// Notes that a witness has agreed, who was judged, and begins the plan.
///
/// # Errors
/// `Conflict` where the access of the person who made the plan has ended; those of the store.
pub(super) fn agreed(tx: &mut Tx<'_>, incident: Incident, by: &Witness<'_>) -> Result<Incident> {
    let asker = incident
        .authority
        .act(tx, by.tenant, incident.id, by.now)
        .map_err(|ended| Error::conflict(format!("{} Decline it, and make a plan of your own.", ended.message)))?;
    let mut incident =
        Incident { agreed_at: Some(by.now), agreed_by: Some(by.name.clone()), asked_at: None, ..incident };
    incident.acts.add(&by.actor.request_id);
    let facts =
        json!({ "name": incident.terms.name, "plan": crate::hex::hex(&incident.digest), "asked_by": asker.actor.name });
    by.record(tx, "incident.agree", incident.id, facts)?;
    let request_id = ids::derived(&by.actor.request_id, "incident.start", 0);
    begin(tx, incident, &Act { actor: Actor { request_id, ..asker.actor.clone() }, part_of: None, ..asker })
}

/// Declines a plan that waits for a second person: it is over.
///
/// # Errors
/// `NotFound`; `Conflict` in another state.
pub(super) fn decline(tx: &mut Tx<'_>, id: Uuid, why: &str, act: &Act) -> Result<Incident> {
    let incident = awaiting(tx, act.tenant.id, id, act.now)?;
    declined(tx, incident, why, &Witness::of(act))
}

/// An incident that waits for a second person.
///
/// # Errors
/// `NotFound`; `Conflict` in another state.
pub(super) fn awaiting(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid, now: Timestamp) -> Result<Incident> {
    let incident = rows::get(tx, tenant, id)?;
    match State::of(&incident, now) {
        State::Awaiting => Ok(incident),
        state => Err(Error::conflict(said(state))),
    }
}

/// Ends an incident to which a witness does not agree.
///
/// # Errors
/// Those of the store.
pub(super) fn declined(tx: &mut Tx<'_>, incident: Incident, why: &str, by: &Witness<'_>) -> Result<Incident> {
    let mut incident = Incident {
        cancelled_at: Some(by.now),
        cancelled_by: Some(by.name.clone()),
        why: Some(if why.is_empty() { format!("{} has declined it.", by.name) } else { why.into() }),
        touched_at: by.now,
        found_to: None,
        next_at: (incident.lines > 0).then_some(by.now),
        ..incident
    };
    incident.acts.add(&by.actor.request_id);
    rows::replace(tx, by.tenant.id, &incident)?;
    by.record(tx, "incident.decline", incident.id, json!({ "name": incident.terms.name, "why": why }))?;
    Ok(incident)
}

/// Another owner may agree, by a session. Where there is no other owner who can sign in, another administrator may. The person
/// who agrees is a witness, and need not have the rights of those whose passwords end.
fn may_agree(tx: &mut Tx<'_>, incident: &Incident, act: &Act) -> Result<()> {
    let is_by_token = matches!(act.caller.proof, Proof::Credential(_));
    if is_by_token && !act.tenant.settings.reset.incident_agree_by_token {
        return Err(Error::forbidden(
            "An API token cannot agree to an incident. Sign in to agree, or let the operator set incident_agree_by_token.",
        ));
    }
    if act.caller.user == incident.authority.user {
        return Err(Error::forbidden("You asked for this incident, so someone else must agree to it."));
    }
    let owners = people::local_owners(tx, act.tenant.id)?;
    if owners.iter().any(|owner| owner.id == act.caller.user) {
        return Ok(());
    }
    let others: Vec<_> = owners.iter().filter(|owner| owner.id != incident.authority.user).collect();
    if let Some(owner) = others.first() {
        return Err(Error::forbidden(format!("Another owner of this tenant must agree, such as {}.", owner.email)));
    }
    let rights = act.rights_now(tx)?;
    let administers = rights.held_in(SYSTEM).any(|held| held.grant.role == ADMIN_ROLE);
    match administers {
        true => Ok(()),
        false => Err(Error::forbidden(format!(
            "There is no other owner, so someone with the role {ADMIN_ROLE} in {SYSTEM} must agree."
        ))),
    }
}
