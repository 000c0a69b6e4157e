//! When a second person has to agree.

use super::rows;
use super::state::LIFE_SECONDS;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Proof;
use crate::reset;
use crate::store::Tx;

/// For so long the passwords count that one person has ended alone.
const DAY_SECONDS: i64 = 24 * 3_600;

/// Whether a second person has to agree before this person ends so many passwords. By a token nobody ends more than what is left
/// of the hourly budget of its user, which is then spent: a token that leaked must not lock everyone out. By a session nobody ends
/// more in a day than the tenant lets one person.
///
/// # Errors
/// Those of the store.
pub(super) fn asks_for_another(tx: &mut Tx<'_>, users: i64, act: &Act) -> Result<bool> {
    if matches!(act.caller.proof, Proof::Credential(_)) {
        return Ok(!reset::spend_at_once(tx, &act.tenant, &act.actor.name, users, act.now)?);
    }
    let of_tenant = reset::reckoned_users(tx, act.tenant.id, act.now)?;
    let Some(most) = most(act.tenant.settings.reset.incident_approval_above, of_tenant) else { return Ok(false) };
    Ok(ended_alone(tx, act)? + users > most)
}

/// How many passwords one person may end alone in a day: what the tenant has chosen, or the larger of 500 and a fifth of its
/// users. `None` for no limit.
pub(super) fn most(chosen: i64, users: i64) -> Option<i64> {
    match chosen {
        0 => Some((users / 5).max(500)),
        chosen if chosen < 0 => None,
        chosen => Some(chosen),
    }
}

/// The passwords that this person has ended alone within a day.
fn ended_alone(tx: &mut Tx<'_>, act: &Act) -> Result<i64> {
    let since = act.now.plus_seconds(-DAY_SECONDS);
    let made_since = Timestamp(since.0).plus_seconds(-LIFE_SECONDS);
    let all = rows::since(tx, act.tenant.id, made_since)?;
    let own = all.iter().filter(|one| one.authority.user == act.caller.user && one.agreed_at.is_none());
    let counted = own.filter(|one| one.started_at.is_some_and(|at| at >= since));
    Ok(counted.map(|one| if one.ended_at.is_some() { one.ended.users } else { one.planned.users() }).sum())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_grows_with_the_tenant() {
        assert_eq!(
            [(0, 10), (0, 2_500), (0, 100_000), (7, 100_000)].map(|(chosen, users)| most(chosen, users)),
            [Some(500), Some(500), Some(20_000), Some(7)]
        );
        assert_eq!(most(-1, 10), None);
    }
}
