//! The hot verb: one reset, a repeat, or ten thousand. One transaction: the old password dead, sessions
//! ended, older reset superseded, the new one, its mail and its audit record.
//!
//! Reads come first, then a decision for each ask, then the writes. A refusal is a value: it costs the
//! neighbours nothing and leaves nothing but its own record.

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::begin;
use super::budget::Budgets;
use super::limits::MailTimes;
use super::rows::Kind;
use super::target::{self, Found, Open, Target};
use crate::audit::{self, Event, Outcome};
use crate::clock::{SECOND, Timestamp};
use crate::credentials::Confirmation;
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::identity::{Actor, Presumed, TenantId};
use crate::mail::address::Email;
use crate::rights::Rights;
use crate::store::Tx;

/// What the tenant chose, as far as a request is concerned.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// How long the link lives.
    pub lifetime_minutes: i64,
    /// Whether the old password dies now.
    pub kills_password: bool,
    /// How long a repeat gets the same reset.
    pub repeat_seconds: i64,
    /// Reset mails to one user in an hour.
    pub mails_per_hour: i64,
    /// Resets by one credential in an hour; 0 for the default, negative for no limit.
    pub budget_per_hour: i64,
}

/// One wish for a reset.
#[derive(Debug, Clone)]
pub struct Ask {
    /// In which tenant.
    pub tenant: TenantId,
    /// Whose password.
    pub email: Email,
    /// Why.
    pub kind: Kind,
    /// Who asks.
    pub actor: Actor,
    /// Whom they are only taken for; none when that is certain.
    pub presumed: Option<Arc<Presumed>>,
    /// What they may do; none when the user asks for themself.
    pub rights: Option<Arc<Rights>>,
    /// The id of the new reset.
    pub id: Uuid,
    /// The id of its mail.
    pub mail: Uuid,
    /// The key that makes its link.
    pub key: i64,
    /// The caller's `Idempotency-Key` and the digest of what was asked under it.
    pub idempotency: Option<(String, Vec<u8>)>,
    /// What the tenant chose.
    pub rules: Rules,
    /// The present moment.
    pub now: Timestamp,
}

/// A reset that was requested, or that had been requested already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The reset.
    pub id: Uuid,
    /// Whether it is the answer to a repeat: nothing new was made.
    pub is_repeat: bool,
}

/// Which asks concern the same user.
pub(super) fn key(ask: &Ask) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (ask.tenant, ask.email.key()).hash(&mut hasher);
    hasher.finish()
}

/// Requests resets. The answers stand in the order of the asks; a refusal is one of them.
///
/// # Errors
/// Those of the store; then none of them was done.
pub fn request(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Vec<Result<Accepted>>> {
    let presumed = Confirmation::of(asks.iter().filter_map(|ask| ask.presumed.as_deref()));
    let [user, key] = target::questions(asks);
    let [users, keys, budgets, bearers] = tx.look([user, key, Budgets::question(asks), presumed.question()])?;
    let (found, confirmed) = (target::read(asks, &users, &keys)?, presumed.read(&bearers)?);
    let mut budgets = Budgets::read(asks, &budgets)?;
    let decide = |(ask, found): (&Ask, Found)| {
        let is_known = ask.presumed.as_deref().is_none_or(|presumed| confirmed.contains(&presumed));
        if is_known { decide(ask, found, &mut budgets) } else { Decision::Outdated }
    };
    let decided: Vec<Decision> = asks.iter().zip(found).map(decide).collect();
    begin::begin(tx, asks, &decided)?;
    budgets.write(tx)?;
    let events: Vec<Event<'_>> = asks.iter().zip(&decided).filter_map(event).collect();
    audit::record_each(tx, &events)?;
    Ok(asks.iter().zip(decided).map(|(ask, decided)| decided.answer(ask)).collect())
}

/// What is to be done for an ask.
pub(super) enum Decision {
    Begin {
        target: Target,
        mail_times: MailTimes,
        half_of_budget: Option<(i64, i64)>,
    },
    Repeat(Uuid),
    Refuse(Error),
    /// Whoever asks is not who they were taken for. Nothing is said about the target.
    Outdated,
}

impl Decision {
    fn answer(self, ask: &Ask) -> Result<Accepted> {
        match self {
            Self::Begin { .. } => Ok(Accepted { id: ask.id, is_repeat: false }),
            Self::Repeat(id) => Ok(Accepted { id, is_repeat: true }),
            Self::Refuse(refusal) => Err(refusal),
            Self::Outdated => Err(Error::outdated()),
        }
    }
}

fn decide(ask: &Ask, found: Found, budgets: &mut Budgets) -> Decision {
    try_to_decide(ask, found, budgets).unwrap_or_else(Decision::Refuse)
}

fn try_to_decide(ask: &Ask, found: Found, budgets: &mut Budgets) -> Result<Decision> {
    if let (Some((digest, reset)), Some((_, asked))) = (found.under_key, &ask.idempotency) {
        return if digest == *asked {
            Ok(Decision::Repeat(reset))
        } else {
            Err(Error::new(
                ErrorKind::Refused,
                "This Idempotency-Key was used with another body. Take a new key for another wish.",
            ))
        };
    }
    let Some(target) = found.target else {
        return Err(Error::not_found(format!("User {} was not found in this tenant.", ask.email.as_str())));
    };
    may_reset(ask, &target)?;
    if let Some(open) = target.open.as_ref().filter(|open| is_repeat(ask, open)) {
        return Ok(Decision::Repeat(open.id));
    }
    let mail_times = target.mail_times.admit(ask.rules.mails_per_hour, ask.now)?;
    let half_of_budget = if ask.rights.is_some() { budgets.spend(ask)? } else { None };
    Ok(Decision::Begin { target, mail_times, half_of_budget })
}

/// Rank, and who has no password here.
fn may_reset(ask: &Ask, target: &Target) -> Result<()> {
    let email = &target.email;
    if let Some(rights) = ask.rights.as_ref().filter(|_| ask.actor.user != Some(target.user)) {
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

/// Nobody resets a user who may do more than they may, and only an owner resets an owner.
fn outrank(rights: &Rights, target: &Target) -> Result<()> {
    let email = &target.email;
    if let Some(missing) = rights.lack(&Rights::new(target.grants.clone())) {
        return Err(Error::forbidden(format!(
            "{email} has rights that you do not have ({} in namespace {}), so you may not reset their password. Ask \
             someone who has them.",
            missing.group, missing.namespace
        )));
    }
    if target.is_owner && !rights.are_owners() {
        return Err(Error::forbidden(format!("{email} owns this tenant, and only an owner may reset their password.")));
    }
    Ok(())
}

/// The same administrator again, or the user again, within the window and with the mail still alive. A wish may come
/// to its turn after one that came in later, and a clock may be set back.
fn is_repeat(ask: &Ask, open: &Open) -> bool {
    let is_same = match ask.kind {
        Kind::Administrator | Kind::Remail | Kind::Invitation => open.requested_by == ask.actor.name,
        Kind::Forgotten | Kind::Own => true,
    };
    let apart = (ask.now.0 - open.requested_at.0).abs();
    is_same && !open.is_undeliverable && apart < ask.rules.repeat_seconds * SECOND
}

/// A repeat did nothing, so it leaves no record, and what is asked again leaves its own. Anonymous wishes that come to
/// nothing leave none either: anyone could fill the log with them.
fn event<'a>((ask, decided): (&'a Ask, &'a Decision)) -> Option<Event<'a>> {
    let (outcome, facts): (Outcome, Value) = match decided {
        Decision::Repeat(_) | Decision::Outdated => return None,
        Decision::Refuse(_) if ask.kind == Kind::Forgotten => return None,
        Decision::Refuse(refusal) => (Outcome::Refused, json!({ "reason": refusal.message })),
        Decision::Begin { target, .. } => (
            Outcome::Accepted,
            json!({
                "reset": ask.id,
                "kind": ask.kind.word(),
                "password_dead": ask.rules.kills_password,
                "superseded": target.open.as_ref().map(|open| open.id),
            }),
        ),
    };
    Some(Event {
        tenant: ask.tenant,
        at: ask.now,
        action: "reset.request",
        outcome,
        actor: &ask.actor,
        subject: ask.email.as_str(),
        facts,
    })
}
