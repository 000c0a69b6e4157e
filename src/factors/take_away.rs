//! An administrator takes the second factor of a user away, as one who has lost it needs.

use super::link::{NewLink, give};
use super::rows::{Factor, find};
use crate::act::Act;
use crate::error::Result;
use crate::params;
use crate::people::{self, User};
use crate::reset;
use crate::store::Tx;

/// Ends the app and the recovery codes of a user, and every session and half-finished sign-in with them. The user is mailed a
/// link, without which no other app is set up; once more for one who waits for it, a fresh link. Whether there was an app.
///
/// # Errors
/// `TooMany` beyond the bound of mails, where only a fresh link is asked for.
pub fn take_away(tx: &mut Tx<'_>, user: &User, new: &NewLink, act: &Act) -> Result<bool> {
    let tenant = act.tenant.id;
    let Some(factor) = find(tx, tenant, user.id)? else { return Ok(false) };
    if factor.is_on() {
        end(tx, user, act)?;
    } else {
        reset::count_mail(tx, &act.tenant, user.id, false, act.now)?;
    }
    give(tx, tenant, user, new, &act.actor, act.now)?;
    Ok(Factor::is_on(&factor))
}

fn end(tx: &mut Tx<'_>, user: &User, act: &Act) -> Result<()> {
    tx.run(
        "UPDATE second_factors SET seed = NULL, confirmed_at = NULL, recovery_seed = NULL, recovery_used = 0, failures = 0,
             last_failure_at = 0, taken_away_at = $3
         WHERE tenant = $1 AND user_id = $2",
        &params![act.tenant.id, user.id, act.now],
    )?;
    people::end_sessions(tx, act.tenant.id, user.id)
}
