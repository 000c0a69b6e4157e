//! A user asks the owners of the tenant for access: for people who can sign in and have no role yet.

use serde_json::json;
use uuid::Uuid;

use super::{access_letter, person, rows};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::people;
use crate::store::Tx;

/// How long a user waits before they may ask again.
const AGAIN_SECONDS: i64 = 24 * 3600;
/// The most users of a tenant who may ask in an hour: each request is a mail to every owner.
const IN_AN_HOUR: i64 = 20;
const HOUR_SECONDS: u32 = 3600;

/// For how many seconds a user who asked then may not ask again; 0 if they may.
pub(super) fn seconds_to_wait(asked_at: Option<Timestamp>, now: Timestamp) -> i64 {
    asked_at.map_or(0, |at| at.seconds_left(AGAIN_SECONDS, now))
}

/// Notes the request and queues a mail to each owner, with ids out of `mail`.
///
/// # Errors
/// `TooMany` within a day of the last request, and when twenty users of the tenant have asked within an hour; those of
/// [`person::calling`].
pub(super) fn request(tx: &mut Tx<'_>, act: &Act, mail: &Uuid) -> Result<()> {
    let (tenant, now, user) = (act.tenant.id, act.now, person::calling(tx, act)?);
    let left = seconds_to_wait(rows::find(tx, tenant, user.id)?.access_requested_at, now);
    if left > 0 {
        let wait = u32::try_from(left).map_err(Error::internal)?;
        return Err(Error::too_many("You have asked for access within the last day. Ask again tomorrow.", wait));
    }
    let hour_ago = now.plus_seconds(-i64::from(HOUR_SECONDS));
    if rows::requests_between(tx, tenant, hour_ago, now.with_skew(), IN_AN_HOUR)? >= IN_AN_HOUR {
        return Err(Error::too_many(
            "Too many users ask for access at the moment. Ask again in an hour.",
            HOUR_SECONDS,
        ));
    }
    rows::note_request(tx, tenant, user.id, now)?;
    let owners = people::owner_ids(tx, tenant)?;
    access_letter::queue(tx, act, mail, &user, &owners)?;
    act.record(tx, "access.request", &user.email, json!({ "owners": owners.len() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_asks_once_a_day_and_a_clock_that_ran_ahead_binds_nobody() {
        let now = Timestamp(1_772_615_727_004_211);
        let asked = |seconds: i64| seconds_to_wait(Some(now.plus_seconds(seconds)), now);
        assert_eq!(seconds_to_wait(None, now), 0);
        assert_eq!(
            [0, -1, -AGAIN_SECONDS + 1, -AGAIN_SECONDS, 3600].map(asked),
            [AGAIN_SECONDS, AGAIN_SECONDS - 1, 1, 0, 0]
        );
    }
}
