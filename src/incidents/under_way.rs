//! The incidents that somebody may have to look at, for the first page of the console.

use uuid::Uuid;

use super::rows;
use super::state::State;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::store::Tx;

/// Of so many of the newest ones; an older one is under way no more.
const LOOKED_AT: i64 = 20;

/// An incident that is not at its end.
#[derive(Debug, Clone)]
pub struct UnderWay {
    /// The id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// Users whose passwords have ended.
    pub ended: i64,
}

/// The incidents that end passwords, hold mails, mail links or wait for a second person, the newest first.
///
/// # Errors
/// Those of the store.
pub fn under_way(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Vec<UnderWay>> {
    let listed = rows::list(tx, tenant, Uuid::max(), LOOKED_AT)?;
    let shown = listed.into_iter().filter_map(|incident| {
        let state = State::of(&incident, now);
        let is_under_way = matches!(state, State::Awaiting | State::Ending | State::Held | State::Mailing);
        is_under_way.then_some(UnderWay {
            id: incident.id,
            state,
            ended: incident.ended.users,
            name: incident.terms.name,
        })
    });
    Ok(shown.collect())
}
