//! A slice of a run: the next users of its list judged and changed, in one transaction with the place up to which it has come.

use std::sync::Arc;

use uuid::Uuid;

use super::change::Change;
use super::course;
use super::judge::{Judge, Reason};
use super::listed;
use super::rows::{self, Bulk, Due, State};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant, UserId};
use crate::store::Tx;
use crate::users::found_each;
use crate::{ids, people};

/// Carries out a slice of a run. Whether there is another one.
///
/// # Errors
/// What is refused to the person who acts: then nothing of the slice is done, and the run is to be stopped with the sentence.
pub(super) fn run(tx: &mut Tx<'_>, due: Due, tenant: &Arc<Tenant>, most: usize, now: Timestamp) -> Result<bool> {
    let Some(mut bulk) = rows::find(tx, due.tenant, due.id)?.filter(|bulk| bulk.state == State::Running) else {
        return Ok(false);
    };
    let act = bulk.act(tx, tenant, now)?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let users = listed::next(tx, due.tenant, due.id, bulk.acted_to, most)?;
    let left_out = change_each(tx, &mut bulk, &act, &users)?;
    listed::leave_out(tx, due.tenant, due.id, &left_out)?;
    bulk.acted_to = users.last().map_or(bulk.acted_to, |(place, _)| *place);
    if (users.len() as i64) < most {
        course::close(tx, due, bulk, None, now)?;
        return Ok(false);
    }
    (bulk.touched_at, bulk.next_at) = (now, Some(now));
    rows::replace(tx, due.tenant, &bulk)?;
    Ok(true)
}

/// Changes those of these users who may be changed; the others with their reasons.
fn change_each(tx: &mut Tx<'_>, bulk: &mut Bulk, act: &Act, users: &[(i64, UserId)]) -> Result<Vec<(i64, Reason)>> {
    let (tenant, run) = (act.tenant.id, bulk.run.unwrap_or(bulk.id));
    let (change, filter) = (Change::of(&bulk.terms)?, bulk.terms.filter.filter());
    change.check(tx, act)?;
    let judge = Judge::new(tx, act, &change, &filter)?;
    let ids: Vec<_> = users.iter().map(|(_, user)| *user).collect();
    let (found, rights) = (found_each(tx, tenant, &ids)?, people::rights_of_each(tx, tenant, &ids)?);
    let mut left_out = Vec::new();
    for (((place, _), user), theirs) in users.iter().zip(&found).zip(&rights) {
        let reason = judge.listed(user.as_ref(), theirs);
        bulk.acted.add(reason);
        match (user, reason) {
            (Some(user), None) => change.make(tx, user, &of_user(act, run, *place))?,
            (_, reason) => left_out.extend(reason.map(|reason| (*place, reason))),
        }
    }
    Ok(left_out)
}

/// The act on the user of a place. Its record has an id that follows from run and place, so that there can be only one.
fn of_user(act: &Act, run: Uuid, place: i64) -> Act {
    let nth = usize::try_from(place).unwrap_or_default();
    Act { actor: Actor { request_id: ids::derived(&run, "bulk", nth), ..act.actor.clone() }, ..act.clone() }
}
