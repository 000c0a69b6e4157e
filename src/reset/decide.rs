//! What is to be done for a wish, by what the store knows of its user. Pure.
//!
//! The rule of repeats: an answer of 200 means that what this call promises is true now. So a wish is a repeat only of
//! one that did all that this one would do, and only while that still holds.

use uuid::Uuid;

use super::ask::{Accepted, Ask};
use super::budget::Budgets;
use super::held::Holds;
use super::limits::{Bound, MailTimes};
use super::named::UnderKey;
use super::rows::Kind;
use super::target::{Found, Open, Target};
use crate::access::{Rights, may_touch};
use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Kind as ErrorKind, Result};

/// What is to be done for an ask.
pub(super) enum Decision {
    /// A new reset takes the place of the open one.
    Begin {
        target: Target,
        mail_times: MailTimes,
        /// When its mail may leave.
        leaves_at: Timestamp,
        half_of_budget: Option<(i64, i64)>,
    },
    /// The link of this open reset, which someone else asked for, is mailed once more.
    MailAgain { target: Target, open: Uuid, mail_times: MailTimes },
    /// All of it was done a moment ago.
    Repeat(Uuid),
    /// It is the call that was made under its key before.
    Replay(Uuid),
    /// With the address as stored, where there is such a user.
    Refuse { refusal: Error, email: Option<String> },
    /// The caller is not the one that the last look told. Nothing is said about the target.
    Outdated,
}

impl Decision {
    pub(super) fn answer(self, ask: &Ask) -> Result<Accepted> {
        match self {
            Self::Begin { .. } => Ok(Accepted { id: ask.id, is_replay: false }),
            Self::Repeat(id) | Self::MailAgain { open: id, .. } => Ok(Accepted { id, is_replay: false }),
            Self::Replay(id) => Ok(Accepted { id, is_replay: true }),
            Self::Refuse { refusal, .. } => Err(refusal),
            Self::Outdated => Err(Error::outdated()),
        }
    }

    /// The reset that an accepted call answers with; none for one that was refused, or answered before.
    pub(super) fn accepted(&self, ask: &Ask) -> Option<Uuid> {
        match self {
            Self::Begin { .. } => Some(ask.id),
            Self::Repeat(id) | Self::MailAgain { open: id, .. } => Some(*id),
            Self::Replay(_) | Self::Refuse { .. } | Self::Outdated => None,
        }
    }
}

pub(super) fn decide(
    ask: &Ask,
    found: Found,
    under_key: &Option<UnderKey>,
    holds: &Holds,
    budgets: &mut Budgets,
) -> Decision {
    let email = found.as_ref().map(|target| target.email.clone());
    try_to_decide(ask, found, under_key, holds, budgets).unwrap_or_else(|refusal| Decision::Refuse { refusal, email })
}

fn try_to_decide(
    ask: &Ask,
    found: Found,
    under_key: &Option<UnderKey>,
    holds: &Holds,
    budgets: &mut Budgets,
) -> Result<Decision> {
    if let Some(known) = under_key.as_ref().filter(|known| known.still_means_something(ask.now)) {
        return replay(ask, known);
    }
    let Some(target) = found else {
        return Err(Error::not_found(format!("User {} was not found in this tenant.", ask.email.as_str())));
    };
    may_reset(ask, &target)?;
    if let Some(held) = target.place.filter(|_| target.held_by.is_some()) {
        // A wish gets the answer of every wish, and no link.
        if ask.kind.is_wish() {
            return Ok(Decision::Repeat(held));
        }
        holds.check(ask.tenant, &target)?;
    }
    if let Some(open) = &target.open {
        if is_repeat(ask, &target, open) {
            return Ok(Decision::Repeat(open.id));
        }
        if ask.kind.is_wish() && !open.kind.is_wish() {
            return mail_again(ask, target);
        }
    }
    let (mail_times, leaves_at) = mail_times(ask, &target)?;
    let half_of_budget = if ask.rights.is_some() { budgets.spend(ask)? } else { None };
    Ok(Decision::Begin { target, mail_times, leaves_at, half_of_budget })
}

fn replay(ask: &Ask, known: &UnderKey) -> Result<Decision> {
    if ask.idempotency.as_ref().is_some_and(|named| named.is(known)) {
        return Ok(Decision::Replay(known.reset));
    }
    Err(Error::new(
        ErrorKind::Refused,
        "This Idempotency-Key was used for another call within the last 24 hours. Take a new key for another call.",
    ))
}

/// A wish takes nothing away from a link that an administrator or an invitation has given: it mails that very link.
fn mail_again(ask: &Ask, target: Target) -> Result<Decision> {
    let mail_times = target.mail_times.admit(Bound::Wished, ask.rules.mails_per_hour, ask.now)?;
    let Some(open) = target.open.as_ref().map(|open| open.id) else { return Err(Error::internal("no reset is open")) };
    Ok(Decision::MailAgain { target, open, mail_times })
}

/// Within the bound of mails. Beyond it a password ends all the same, and the one mail waits; what promises a mail and
/// no more is refused.
fn mail_times(ask: &Ask, target: &Target) -> Result<(MailTimes, Timestamp)> {
    let (bound, per_hour) = (ask.kind.bound(), ask.rules.mails_per_hour);
    match ask.kind {
        Kind::Administrator | Kind::Invitation | Kind::Incident => Ok(target.mail_times.wait(bound, per_hour, ask.now)),
        Kind::Remail | Kind::Forgotten | Kind::Own => Ok((target.mail_times.admit(bound, per_hour, ask.now)?, ask.now)),
    }
}

/// Rank, and who has no password here.
fn may_reset(ask: &Ask, target: &Target) -> Result<()> {
    let email = &target.email;
    // By a narrowed token even its own user is someone of more rights.
    let is_other = ask.actor.user != Some(target.user);
    if let Some(rights) = ask.rights.as_ref().filter(|rights| is_other || rights.is_narrowed()) {
        outrank(rights, target)?;
    }
    if target.is_service {
        Err(Error::conflict(format!("{email} is a service user and has no password. Renew its credential instead.")))
    } else if !target.is_local {
        Err(Error::conflict(format!("{email} signs in through single sign-on, so there is no password to reset.")))
    } else if target.is_disabled {
        Err(Error::conflict(format!("{email} is disabled. Enable the user first, then reset the password.")))
    } else {
        Ok(())
    }
}

/// Refuses to reset the password of a user who may do more than the caller may.
fn outrank(rights: &Rights, target: &Target) -> Result<()> {
    may_touch(rights, &target.rights, target.is_owner).map_err(|missing| {
        Error::forbidden(format!(
            "{} has rights that you do not have ({} in namespace {}), so you may not reset their password. Ask someone who \
             has them.{}",
            target.email,
            missing.group,
            missing.namespace,
            rights.note()
        ))
    })
}

/// Whether all that this wish would do was done by the one that opened the reset, and still holds. A wish may come to its
/// turn after one that came in later, and a clock may be set back.
fn is_repeat(ask: &Ask, target: &Target, open: &Open) -> bool {
    let is_recent = (ask.now.0 - open.requested_at.0).abs() < ask.rules.repeat_seconds * SECOND;
    if open.is_undeliverable {
        return false;
    }
    match ask.kind {
        Kind::Administrator => {
            is_recent && open.kind == Kind::Administrator && is_by(ask, open) && holds(ask, target, open)
        }
        // It promises a mail now: one that waits for the bound is none.
        Kind::Remail => is_recent && !open.kind.is_wish() && is_by(ask, open) && !target.mail_times.one_waits(ask.now),
        // A new user has no open reset, and an incident always ends what there is.
        Kind::Invitation | Kind::Incident => false,
        Kind::Forgotten | Kind::Own if open.kind.is_wish() => is_recent,
        Kind::Forgotten | Kind::Own => target.mail_times.was_just_wished(ask.rules.repeat_seconds, ask.now),
    }
}

fn is_by(ask: &Ask, open: &Open) -> bool {
    open.requested_by == ask.actor.name
}

/// Whether password, sessions and credentials are still as the reset by an administrator has left them.
fn holds(ask: &Ask, target: &Target, open: &Open) -> bool {
    let password_is_ended = !target.password_is_alive || !ask.rules.kills_password;
    let signed_in_since = target.password_is_alive && target.last_login_at.is_some_and(|at| at >= open.requested_at);
    let credentials_are_ended = open.revoked_credentials || !ask.rules.revokes_credentials;
    password_is_ended && !signed_in_since && credentials_are_ended
}
