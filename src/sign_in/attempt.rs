//! The two transactions of a sign-in: before the password is hashed, and after.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;

use super::entry::{Entry, begin_session};
use super::lockout;
use super::steps::{self, NewStep, Purpose};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::factors::{self, Factor, Judged, Owner};
use crate::identity::{Actor, Tenant, TenantId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::passwords::{Verdict, foreign};
use crate::people::{self, User};
use crate::secret::Secret;
use crate::sessions::NewSession;
use crate::store::Tx;

/// The action of the records of who signed in, or was refused.
pub(super) const ACTION: &str = "sign_in";
/// The action of a right password that does not do by itself.
pub(super) const STEP: &str = "sign_in.step";

/// What a sign-in is judged by.
#[derive(Clone)]
pub struct House {
    /// The tenant, with what it requires.
    pub tenant: Arc<Tenant>,
    /// The keys that codes are made under.
    pub keys: Keys,
}

/// The address that a browser claims, as typed.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The address, if it is one.
    pub email: Option<Email>,
    /// The key for counting guesses: the address without regard to case, or the typed text.
    pub key: String,
    /// The user named by the device cookie.
    pub device: Option<Uuid>,
}

impl Claim {
    /// Parses the typed text.
    pub fn new(typed: &str, device: Option<Uuid>) -> Self {
        let email = Email::parse(typed).ok();
        let key = email.as_ref().map_or_else(|| typed.trim().to_lowercase(), Email::key);
        Self { email, key, device }
    }
}

/// A guess that has been counted and may now be checked.
#[derive(Debug, Clone)]
pub struct Guess {
    /// The user, if the address is known.
    pub user: Option<User>,
    /// What is compared with where there is no hash; without it a hash of ours is computed.
    pub decoy: Option<String>,
    /// The key under which the guess was counted.
    pub subject: [u8; 32],
}

impl Guess {
    /// The hash to compare with: the user's own, also where no password succeeds, so that one address always takes the
    /// same time; for an address without one, a decoy that takes as long as those of others.
    pub fn stored_hash(&self) -> Option<String> {
        let own = self.user.as_ref().and_then(|user| user.password_hash.clone());
        own.or_else(|| self.decoy.clone())
    }

    /// The user, where the comparison shows the right password and nothing else stands in the way.
    pub fn entrant(&self, verdict: Verdict) -> Option<&User> {
        let may_enter = verdict != Verdict::Wrong && self.obstacle().is_none();
        self.user.as_ref().filter(|_| may_enter)
    }

    /// The open reset of a user whose password is dead, where the browser is one of theirs.
    pub fn ended_for(&self, claim: &Claim) -> Option<Uuid> {
        let user = self.user.as_ref().filter(|user| claim.device == Some(user.uid) && user.disabled_at.is_none())?;
        user.password_dead_at.and(user.open_reset)
    }

    /// Why no password at all would succeed; for the audit record only.
    fn obstacle(&self) -> Option<&'static str> {
        let Some(user) = &self.user else { return Some("unknown address") };
        if user.disabled_at.is_some() {
            Some("disabled")
        } else if !user.has_local_password() {
            Some("no password here")
        } else if user.password_hash.is_none() {
            Some("no password yet")
        } else {
            user.password_dead_at.map(|_| "password was reset")
        }
    }
}

/// Finds the user and counts the guess. A device cookie of another user is ignored. `key` makes the decoys.
///
/// # Errors
/// `TooMany` if no guess may be made now, whether the address is known or not.
pub fn begin(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    claim: &Claim,
    key: &[u8; 32],
    free: i64,
    now: Timestamp,
) -> Result<Guess> {
    let user = match &claim.email {
        Some(email) => people::find_by_email(tx, tenant, email)?,
        None => None,
    };
    let device = claim.device.filter(|device| user.as_ref().is_some_and(|user| user.uid == *device));
    let password_hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let subject = lockout::subject(&claim.key, device, password_hash);
    lockout::count(tx, tenant, &subject, free, now)?;
    // For every address: one that has a hash takes this step too.
    let schemes = people::schemes(tx, tenant)?;
    let decoy = foreign::decoy(&schemes.foreign, schemes.users, key, &format!("{}:{}", tenant.0, claim.key));
    Ok(Guess { user, decoy, subject })
}

/// A sign-in with the right password.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The user as read before the password was checked.
    pub user: User,
    /// The key under which the guess was counted.
    pub subject: [u8; 32],
    /// The session to insert.
    pub session: NewSession,
    /// The hash of the session cookie that the browser sent; that session ends.
    pub replaced: Option<[u8; 32]>,
    /// A new hash of the same password, if the stored one has another cost or form.
    pub rehashed: Option<String>,
    /// What was typed as a code, if anything.
    pub code: Option<Secret<String>>,
    /// The step in which a browser waits for what is missing; none for a program, which sends everything at once.
    pub step: Option<NewStep>,
    /// The id of the mail that tells of a used recovery code.
    pub mail: Uuid,
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrived {
    /// The session has begun.
    In,
    /// The user may not sign in any more with the password that was checked.
    ChangedMeanwhile,
    /// Something is missing, for which the step waits.
    Waits(Purpose),
    /// The code was refused.
    Refused(Judged),
}

/// Begins the session if the user may still sign in with the password that was checked, and every proof that this account
/// needs is there. What is asked for is asked here, in the transaction that writes the session.
///
/// # Errors
/// Those of the store.
pub fn accept(tx: &mut Tx<'_>, house: &House, arrival: &Arrival, actor: &Actor, now: Timestamp) -> Result<Arrived> {
    let (tenant, user) = (house.tenant.id, &arrival.user);
    let factor = factors::find(tx, tenant, user.id)?.filter(Factor::is_on);
    let by = match (factor, &arrival.code) {
        (None, _) if house.tenant.settings.sign_in.second_factor_required => {
            return wait(tx, house, arrival, Purpose::Enrol, (actor, now));
        }
        (None, _) => None,
        (Some(_), None) => return wait(tx, house, arrival, Purpose::Code, (actor, now)),
        (Some(_), Some(code)) => {
            let owner = Owner { tenant, user: user.id };
            match factors::prove(tx, &house.keys, owner, code.expose(), now)? {
                Judged::Right(by) => Some(by),
                refused => {
                    // The password was right: wrong codes have a count of their own.
                    lockout::clear(tx, tenant, &arrival.subject)?;
                    refuse(tx, tenant, &user.email, &refused.reason(), actor, now)?;
                    return Ok(Arrived::Refused(refused));
                }
            }
        }
    };
    let hash = arrival.rehashed.as_deref().or(user.password_hash.as_deref());
    let (replaced, enrolled) = (arrival.replaced.as_ref(), false);
    let entry = Entry { user, hash, session: &arrival.session, replaced, by, enrolled, mail: arrival.mail };
    if !begin_session(tx, tenant, &entry, actor, now)? {
        return Ok(Arrived::ChangedMeanwhile);
    }
    lockout::clear(tx, tenant, &arrival.subject).map(|()| Arrived::In)
}

/// The right password does not do: a browser waits in its step for the rest. It is recorded, since this client knows the
/// password.
fn wait(
    tx: &mut Tx<'_>,
    house: &House,
    arrival: &Arrival,
    purpose: Purpose,
    (actor, now): (&Actor, Timestamp),
) -> Result<Arrived> {
    let (tenant, user) = (house.tenant.id, &arrival.user);
    lockout::clear(tx, tenant, &arrival.subject)?;
    if let Some(hash) = &arrival.rehashed {
        people::upgrade_hash(tx, tenant, user, hash)?;
    }
    if let Some(step) = &arrival.step {
        // Where an administrator took the app away, nobody sees a new one without the link.
        let is_held = factors::find(tx, tenant, user.id)?.is_some_and(|factor| factor.taken_away_at.is_some());
        let step = NewStep { seed: step.seed.filter(|_| purpose == Purpose::Enrol && !is_held), ..step.clone() };
        steps::insert(tx, tenant, user, purpose, &step, now)?;
    }
    let (outcome, subject) = (Outcome::Accepted, user.email.as_str());
    let facts = json!({ "waits_for": purpose.word(), "in_a_browser": arrival.step.is_some() });
    audit::record(tx, &Event { tenant, at: now, action: STEP, outcome, actor, subject, facts })?;
    Ok(Arrived::Waits(purpose))
}

/// Records a refused sign-in. The typed text is recorded only if it is an address: people type their password into the
/// wrong field.
///
/// # Errors
/// Those of the store.
pub fn refuse_guess(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    claim: &Claim,
    guess: &Guess,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let stored = guess.user.as_ref().map(|user| user.email.as_str());
    let subject = stored.or(claim.email.as_ref().map(Email::as_str)).unwrap_or_default();
    refuse(tx, tenant, subject, guess.obstacle().unwrap_or("wrong password"), actor, now)
}

/// Records a refused sign-in with its reason.
///
/// # Errors
/// Those of the store.
pub fn refuse(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    subject: &str,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let (outcome, facts) = (Outcome::Refused, json!({ "reason": reason }));
    audit::record(tx, &Event { tenant, at: now, action: ACTION, outcome, actor, subject, facts })
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
