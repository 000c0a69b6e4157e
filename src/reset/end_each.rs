//! Ends the passwords of many users in one transaction, for an incident: each as a reset does, with its one record, but no mail
//! leaves. A user who is disabled gets no reset, which nobody could use: their password ends alone.

use serde_json::{Value, json};
use uuid::Uuid;

use super::ask::Ask;
use super::begin;
use super::decide::Decision;
use super::rules;
use super::target::{self, Found, Target};
use crate::access::{Rights, may_touch};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant, UserId};
use crate::params;
use crate::sessions;
use crate::store::{Batch, Tx};

const END_ALONE: Batch = Batch::new(
    "UPDATE users SET session_epoch = session_epoch + 1,
        password_dead_at = CASE WHEN password_hash IS NULL THEN password_dead_at ELSE COALESCE(password_dead_at, $3) END
    WHERE tenant = $1 AND id = $2",
);

/// A user whose password is to end.
#[derive(Debug, Clone, Copy)]
pub struct PasswordOf {
    /// Whose.
    pub user: UserId,
    /// The id of the reset and of its record: a second one would meet the first.
    pub id: Uuid,
}

/// By what passwords end.
#[derive(Debug)]
pub struct Ending<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// For which incident.
    pub incident: Uuid,
    /// Who has declared it.
    pub actor: &'a Actor,
    /// What that person might do when it was begun.
    pub rights: &'a Rights,
    /// Whether users who are disabled are left alone.
    pub spares_disabled: bool,
    /// Only passwords set before this moment.
    pub set_before: Option<Timestamp>,
    /// Only passwords set at this moment or later.
    pub set_after: Option<Timestamp>,
    /// Whether the API credentials of these users end too.
    pub revokes_credentials: bool,
    /// The key that will make the links.
    pub key: i64,
    /// The present moment.
    pub now: Timestamp,
}

/// Why the password of a user is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The user was removed.
    Gone,
    /// The user signs in elsewhere.
    Sso,
    /// It is a service user.
    Service,
    /// The user is disabled.
    Disabled,
    /// The password was not set in the time that is asked for.
    PasswordNewer,
    /// The user has a right that the one who declared the incident had not.
    AboveRank,
}

/// What became of the password of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It has ended, with this many sessions and API credentials; a link waits.
    Reset {
        /// Sessions that have ended.
        sessions: i64,
        /// Credentials that have ended.
        credentials: i64,
    },
    /// It has ended with this many sessions, and there is no link, since the user is disabled.
    Alone {
        /// Sessions that have ended.
        sessions: i64,
    },
    /// It is as it was.
    Spared(Why),
}

/// Ends these passwords. The answers are in the order of the users.
///
/// # Errors
/// Those of the store; then nothing was done.
pub fn end_each(tx: &mut Tx<'_>, users: &[PasswordOf], ending: &Ending<'_>) -> Result<Vec<Fate>> {
    let tenant = ending.tenant;
    let ids: Vec<_> = users.iter().map(|one| one.user).collect();
    let found = target::find_each(tx, tenant.id, &ids, ending.now)?;
    let epochs: Vec<_> = found.iter().flatten().map(|target| (target.user, target.epoch)).collect();
    let mut sessions = sessions::count_live_of_each(tx, tenant, &epochs, ending.now)?.into_iter();
    let (mut resets, mut alone, mut fates) = (Resets::default(), Vec::new(), Vec::new());
    for (one, found) in users.iter().zip(found) {
        let sessions = if found.is_some() { sessions.next().unwrap_or_default() } else { 0 };
        fates.push(match ending.judge(found) {
            Err(why) => Fate::Spared(why),
            Ok(target) if target.is_disabled => {
                alone.push((*one, target.email, sessions));
                Fate::Alone { sessions }
            }
            Ok(target) => {
                resets.add(ending.ask(one, &target)?, target, sessions);
                Fate::Reset { sessions, credentials: 0 }
            }
        });
    }
    let revoked = resets.write(tx, ending)?;
    end_alone(tx, &alone, ending)?;
    let reset = fates.iter_mut().filter_map(|fate| match fate {
        Fate::Reset { credentials, .. } => Some(credentials),
        Fate::Alone { .. } | Fate::Spared(_) => None,
    });
    reset.zip(revoked).for_each(|(credentials, revoked)| *credentials = revoked);
    Ok(fates)
}

impl Ending<'_> {
    /// The user, if their password is to end.
    fn judge(&self, found: Found) -> Result<Target, Why> {
        let target = found.ok_or(Why::Gone)?;
        if target.is_service {
            Err(Why::Service)
        } else if !target.is_local {
            Err(Why::Sso)
        } else if target.is_disabled && self.spares_disabled {
            Err(Why::Disabled)
        } else if !self.takes(target.password_changed_at) {
            Err(Why::PasswordNewer)
        } else if self.actor.user != Some(target.user)
            && may_touch(self.rights, &target.rights, target.is_owner).is_err()
        {
            Err(Why::AboveRank)
        } else {
            Ok(target)
        }
    }

    fn takes(&self, set_at: Option<Timestamp>) -> bool {
        let is_any = self.set_before.is_none() && self.set_after.is_none();
        set_at.map_or(is_any, |at| {
            self.set_before.is_none_or(|before| at < before) && self.set_after.is_none_or(|after| at >= after)
        })
    }

    fn actor_of(&self, one: &PasswordOf) -> Actor {
        Actor { request_id: one.id, ..self.actor.clone() }
    }

    fn ask(&self, one: &PasswordOf, target: &Target) -> Result<Ask> {
        let rules = rules::of_incident(self.tenant, self.revokes_credentials);
        Ask::of_incident(self.tenant.id, (one.id, &target.email), self.actor, rules, (self.key, self.now))
    }
}

/// The resets that are begun, each with the sessions that it ends.
#[derive(Default)]
struct Resets {
    asks: Vec<Ask>,
    decided: Vec<Decision>,
    sessions: Vec<i64>,
}

impl Resets {
    fn add(&mut self, ask: Ask, target: Target, sessions: i64) {
        let (mail_times, leaves_at) = (target.mail_times.clone(), ask.now);
        self.asks.push(ask);
        self.decided.push(Decision::Begin { target, mail_times, leaves_at, half_of_budget: None });
        self.sessions.push(sessions);
    }

    /// How many credentials have ended with each.
    fn write(&self, tx: &mut Tx<'_>, ending: &Ending<'_>) -> Result<Vec<i64>> {
        let revoked = begin::revoke_credentials(tx, &self.asks, &self.decided)?;
        begin::begin_held(tx, &ending.incident, &self.asks, &self.decided, &revoked)?;
        let ended = self.sessions.iter().zip(&revoked);
        let told = self.asks.iter().zip(&self.decided).zip(ended);
        let events = told
            .filter_map(|((ask, decided), (sessions, revoked))| event_of(ask, decided, *sessions, *revoked, ending));
        audit::record_each(tx, &events.collect::<Vec<_>>())?;
        Ok(revoked.into_iter().map(Option::unwrap_or_default).collect())
    }
}

fn event_of<'a>(
    ask: &'a Ask,
    decided: &'a Decision,
    sessions: i64,
    revoked: Option<i64>,
    ending: &Ending<'_>,
) -> Option<Event<'a>> {
    let Decision::Begin { target, .. } = decided else { return None };
    let mut facts = json!({
        "reset": ask.id,
        "kind": ask.kind.word(),
        "incident": ending.incident,
        "password_dead": target.loses_password_by(ask),
        "superseded": target.replaces(),
        "sessions": sessions,
    });
    if let Some(revoked) = revoked {
        facts["credentials_revoked"] = json!(revoked);
    }
    Some(accepted(ending, "reset.request", &ask.actor, &target.email, facts))
}

fn accepted<'a>(
    ending: &Ending<'_>,
    action: &'static str,
    actor: &'a Actor,
    subject: &'a str,
    facts: Value,
) -> Event<'a> {
    Event { tenant: ending.tenant.id, at: ending.now, action, outcome: Outcome::Accepted, actor, subject, facts }
}

fn end_alone(tx: &mut Tx<'_>, users: &[(PasswordOf, String, i64)], ending: &Ending<'_>) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|(one, ..)| params![ending.tenant.id, one.user, ending.now]).collect();
    tx.put(END_ALONE, &rows)?;
    let actors: Vec<_> = users.iter().map(|(one, ..)| ending.actor_of(one)).collect();
    let event = |((_, email, sessions), actor): (&'_ (PasswordOf, String, i64), _)| {
        let facts = json!({ "incident": ending.incident, "sessions": sessions });
        (actor, email.clone(), facts)
    };
    let told: Vec<_> = users.iter().zip(&actors).map(event).collect();
    let events: Vec<_> = told
        .iter()
        .map(|(actor, email, facts)| accepted(ending, "reset.end_password", actor, email, facts.clone()))
        .collect();
    audit::record_each(tx, &events)
}
