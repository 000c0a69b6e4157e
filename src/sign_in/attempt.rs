//! The two transactions of a sign-in: before the password is hashed, and after.

use serde_json::json;
use uuid::Uuid;

use super::lockout;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::people::{self, User};
use crate::sessions::{self, NewSession};
use crate::store::Tx;

/// The action of the records.
const ACTION: &str = "sign_in";

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
    /// The key under which the guess was counted.
    pub subject: [u8; 32],
}

impl Guess {
    /// The hash to compare with; `None` for anyone who cannot sign in with a password.
    pub fn stored_hash(&self) -> Option<String> {
        if self.obstacle().is_some() { None } else { self.user.as_ref()?.password_hash.clone() }
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

/// Finds the user and counts the guess. A device cookie of another user is ignored.
///
/// # Errors
/// `TooMany` if no guess may be made now, whether the address is known or not.
pub fn begin(tx: &mut Tx<'_>, tenant: TenantId, claim: &Claim, free: i64, now: Timestamp) -> Result<Guess> {
    let user = match &claim.email {
        Some(email) => people::find_by_email(tx, tenant, email)?,
        None => None,
    };
    let device = claim.device.filter(|device| user.as_ref().is_some_and(|user| user.uid == *device));
    let password_hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let subject = lockout::subject(&claim.key, device, password_hash);
    lockout::count(tx, tenant, &subject, free, now)?;
    Ok(Guess { user, subject })
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
}

/// Begins the session if the user may still sign in with the password that was checked; returns whether it did.
///
/// # Errors
/// Those of the store.
pub fn accept(tx: &mut Tx<'_>, tenant: TenantId, arrival: &Arrival, actor: &Actor, now: Timestamp) -> Result<bool> {
    let user = &arrival.user;
    let hash = arrival.rehashed.as_deref().or(user.password_hash.as_deref());
    if !people::note_sign_in(tx, tenant, user, hash, now)? {
        refuse(tx, tenant, &user.email, "changed meanwhile", actor, now)?;
        return Ok(false);
    }
    lockout::clear(tx, tenant, &arrival.subject)?;
    if let Some(replaced) = &arrival.replaced {
        sessions::end_by_hash(tx, tenant, replaced)?;
    }
    sessions::insert(tx, tenant, &arrival.session, now)?;
    let actor = Actor { user: Some(user.id), name: user.email.clone(), credential: None, ..actor.clone() };
    let facts = json!({ "session": arrival.session.uid.to_string() });
    let (outcome, subject) = (Outcome::Accepted, user.email.as_str());
    audit::record(tx, &Event { tenant, at: now, action: ACTION, outcome, actor: &actor, subject, facts })?;
    Ok(true)
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
