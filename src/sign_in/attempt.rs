//! The two steps of a sign-in that touch the store: before the password is looked at, and after.

use serde_json::json;
use uuid::Uuid;

use super::lockout;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::params;
use crate::people::{self, User};
use crate::sessions::{self, NewSession};
use crate::store::Tx;

/// Whom someone says to be.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The address, if it can be one.
    pub email: Option<Email>,
    /// What is counted: the address without regard to case, or whatever was typed instead.
    pub key: String,
    /// The user whom the device cookie names.
    pub device: Option<Uuid>,
}

impl Claim {
    /// Reads what was typed.
    pub fn new(typed: &str, device: Option<Uuid>) -> Self {
        let email = Email::parse(typed).ok();
        let key = email.as_ref().map_or_else(|| typed.trim().to_lowercase(), Email::key);
        Self { email, key, device }
    }
}

/// A guess that was counted and may now be checked.
#[derive(Debug, Clone)]
pub struct Guess {
    /// Whose password it may be.
    pub user: Option<User>,
    /// Under which it was counted.
    pub subject: [u8; 32],
}

impl Guess {
    /// The hash to compare with; none for everyone who cannot sign in with a password.
    pub fn stored_hash(&self) -> Option<String> {
        if self.obstacle().is_some() { None } else { self.user.as_ref()?.password_hash.clone() }
    }

    /// Why no password at all would do; for the record alone.
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

/// Finds the user and counts the guess. What a device cookie says of another user is not heard.
///
/// # Errors
/// `TooMany` when no guess may be made now, whether the address is known or not.
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

/// What a right password leads to.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// The user as they were when the password was checked.
    pub user: User,
    /// Under which the guess was counted.
    pub subject: [u8; 32],
    /// The session to begin.
    pub session: NewSession,
    /// The hash of the session cookie that came along; that session ends.
    pub replaced: Option<[u8; 32]>,
    /// The same password at the present cost, if the stored hash has another.
    pub rehashed: Option<String>,
}

/// Begins the session, if the user may still sign in with the password that was checked; whether so.
///
/// # Errors
/// Those of the store.
pub fn accept(tx: &mut Tx<'_>, tenant: TenantId, arrival: &Arrival, actor: &Actor, now: Timestamp) -> Result<bool> {
    let user = &arrival.user;
    // Not the hash itself must be the same: two sign-ins at once may both bring it to the present cost.
    let hash = arrival.rehashed.as_deref().or(user.password_hash.as_deref());
    let was_changed_at = user.password_changed_at.unwrap_or_default();
    let changed = tx.run(
        // A password that was set by a clock which ran ahead ages from now on.
        "UPDATE users SET last_login_at = $3, password_hash = $4,
             password_changed_at = CASE WHEN password_changed_at > $7 THEN $3 ELSE password_changed_at END
         WHERE tenant = $1 AND id = $2 AND COALESCE(password_changed_at, 0) = $5 AND session_epoch = $6
           AND disabled_at IS NULL AND password_dead_at IS NULL",
        &params![tenant, user.id, now, hash, was_changed_at, user.session_epoch, now.with_skew()],
    )?;
    if changed == 0 {
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
    record(tx, tenant, (Outcome::Accepted, &user.email, facts), &actor, now)?;
    Ok(true)
}

/// Records that a sign-in was refused. `claim` is not recorded when it is no address: people type
/// their password into the wrong field.
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

/// Records that a sign-in was refused, and why.
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
    record(tx, tenant, (Outcome::Refused, subject, json!({ "reason": reason })), actor, now)
}

fn record(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (outcome, subject, facts): (Outcome, &str, serde_json::Value),
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    audit::record(tx, &Event { tenant, at: now, action: "sign_in", outcome, actor, subject, facts })
}

#[cfg(test)]
#[path = "attempt_tests.rs"]
mod tests;
