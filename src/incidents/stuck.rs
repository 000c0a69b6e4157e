//! Mails of an incident that the relay did not take, tried once more.

use serde_json::json;
use uuid::Uuid;

use super::acts::acted;
use super::ids;
use super::rows::{self, Incident};
use super::state::{State, said};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::reset;
use crate::store::Tx;

/// Mails that one call tries again.
const MOST: i64 = 5_000;

/// Tries the mails again that were given up, with a whole life of their links. How many they are, some thousands at most; called
/// again, it goes on with the others.
///
/// # Errors
/// `NotFound`; `Conflict` where no mails leave or have left.
pub(super) fn retry(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<(Incident, i64)> {
    let incident = rows::get(tx, act.tenant.id, id)?;
    let state = State::of(&incident, act.now);
    if !matches!(state, State::Mailing | State::Mailed | State::Done) {
        return Err(Error::conflict(said(state)));
    }
    let bounds = ids::bounds(&incident.run()?, 0);
    let expires_at = act.now.plus_seconds(3_600 * incident.link_hours);
    let tried = reset::mail_stuck_again(tx, act.tenant.id, bounds, MOST, (act.now, expires_at))?;
    // Links are alive again, so it is not done for so long.
    let mailed_at = incident.mailed_at.map(|at| if tried > 0 { act.now } else { at });
    let incident = Incident { mailed_at, touched_at: act.now, ..incident };
    let facts = json!({ "name": incident.terms.name, "users": tried });
    Ok((acted(tx, incident, act, "incident.retry", facts)?, tried))
}
