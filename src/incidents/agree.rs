//! The second person: who may agree, and what follows.

use serde_json::json;
use uuid::Uuid;

use super::acts::acted;
use super::begin::{begin, is_meant};
use super::listed::{self, Class};
use super::rows::{self, Incident};
use super::state::{State, said};
use crate::access::{ADMIN_ROLE, SYSTEM};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::identity::{Actor, Proof};
use crate::ids;
use crate::people;
use crate::store::Tx;

/// Agrees to a plan, and begins it in the same transaction, by the rights that the person who has made it has at this moment.
/// `place` is that of the person who agrees, where they are in the list: they come last but one.
///
/// # Errors
/// `NotFound`; `Conflict` for another plan, in another state, and where the access of the person who made it has ended;
/// `Forbidden` for a person who may not agree.
pub(super) fn agree(tx: &mut Tx<'_>, id: Uuid, plan: &[u8], place: Option<i64>, act: &Act) -> Result<Incident> {
    let tenant = act.tenant.id;
    let incident = rows::get(tx, tenant, id)?;
    let state = State::of(&incident, act.now);
    is_meant(&incident, state, plan)?;
    if state != State::Awaiting {
        return if state.is_begun() { Ok(incident) } else { Err(Error::conflict(said(state))) };
    }
    may_agree(tx, &incident, act)?;
    let by = incident
        .authority
        .act(tx, &act.tenant, id, act.now)
        .map_err(|ended| Error::conflict(format!("{} Decline it, and make a plan of your own.", ended.message)))?;
    if let Some(place) = place {
        listed::move_to(tx, tenant, id, (act.caller.user, place), Class::Agreed.place(1))?;
    }
    let mut incident =
        Incident { agreed_at: Some(act.now), agreed_by: Some(act.actor.name.clone()), asked_at: None, ..incident };
    incident.acts.add(&act.actor.request_id);
    let facts =
        json!({ "name": incident.terms.name, "plan": crate::hex::hex(&incident.digest), "asked_by": by.actor.name });
    act.record(tx, "incident.agree", &id.to_string(), facts)?;
    let request_id = ids::derived(&act.actor.request_id, "incident.start", 0);
    begin(tx, incident, &Act { actor: Actor { request_id, ..by.actor.clone() }, part_of: None, ..by })
}

/// Declines a plan that waits for a second person: it is over.
///
/// # Errors
/// `NotFound`; `Conflict` in another state.
pub(super) fn decline(tx: &mut Tx<'_>, id: Uuid, why: &str, act: &Act) -> Result<Incident> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if state != State::Awaiting {
        return Err(Error::conflict(said(state)));
    }
    let incident = Incident {
        cancelled_at: Some(act.now),
        cancelled_by: Some(act.actor.name.clone()),
        why: Some(if why.is_empty() { format!("{} has declined it.", act.actor.name) } else { why.into() }),
        touched_at: act.now,
        found_to: None,
        next_at: (incident.lines > 0).then_some(act.now),
        ..incident
    };
    let facts = json!({ "name": incident.terms.name, "why": why });
    acted(tx, incident, act, "incident.decline", facts)
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
