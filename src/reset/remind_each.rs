//! Mails links of an incident once more to users who have not chosen a password. A link that is alive goes again and lives anew; where
//! it has died its user gets a reset of the same incident, which ends nothing that has not ended already.

use serde_json::json;
use uuid::Uuid;

use super::ask::Ask;
use super::begin;
use super::decide::Decision;
use super::letters::NO_FACTS;
use super::limits::{Bound, MailTimes};
use super::mail_each::{Mailing, Releasing, mail_each};
use super::rows::Kind;
use super::rules;
use super::stuck::DELIVERABLE;
use super::target::{self, Target};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, Tenant, UserId};
use crate::mails::{self, NewMail};
use crate::params;
use crate::store::{Batch, Tx};

const RENEW: Batch = Batch::new(
    "UPDATE users SET reset_mail_times = $4, open_reset_expires_at = $6
    WHERE tenant = $1 AND id = $2 AND reset_mail_times = $3 AND open_reset = $5 AND disabled_at IS NULL",
);

/// A user who may need a reminder.
#[derive(Debug, Clone, Copy)]
pub struct ToRemind {
    /// Who.
    pub user: UserId,
    /// The id of the mail, and of the reset that takes the place of one that has died.
    pub id: Uuid,
}

/// How users are reminded.
#[derive(Debug)]
pub struct Reminding<'a> {
    /// In which tenant.
    pub tenant: &'a Tenant,
    /// By whom.
    pub actor: &'a Actor,
    /// The least and the greatest id of the incident's own resets: a user is not reminded of anybody else's.
    pub own: (Uuid, Uuid),
    /// The incident, and how its links go.
    pub releasing: Releasing,
}

/// Mails those of them who have not chosen a password since, whose place holds a reset of this incident that was let go, and whose
/// bound of mails in an hour is not reached. How many these were.
///
/// # Errors
/// Those of the store; then nothing was done.
pub fn remind_each(tx: &mut Tx<'_>, users: &[ToRemind], reminding: &Reminding<'_>) -> Result<i64> {
    let (tenant, now) = (reminding.tenant.id, reminding.releasing.now);
    let found = target::find_each(tx, tenant, &users.iter().map(|one| one.user).collect::<Vec<_>>(), now)?;
    let (mut again, mut anew) = (Vec::new(), Anew::default());
    for (one, target) in users.iter().zip(found) {
        let Some(target) = target.filter(|target| reminding.may_get_one(target)) else { continue };
        let per_hour = reminding.tenant.settings.reset.mails_per_hour;
        let Ok(mail_times) = target.mail_times.admit(Bound::Asked, per_hour, now) else { continue };
        match target.open.as_ref().map(|open| open.id) {
            Some(open) => again.push(Again { target, open, mail: one.id, mail_times }),
            None => {
                let (ask, mail_times) = (reminding.ask(one, &target)?, target.mail_times.clone());
                anew.asks.push(ask);
                anew.decisions.push(Decision::Begin { target, mail_times, leaves_at: now, half_of_budget: None });
            }
        }
    }
    mail_again(tx, &again, &reminding.releasing)?;
    begin_anew(tx, &anew, reminding)?;
    Ok((again.len() + anew.asks.len()) as i64)
}

/// A live link that goes again.
struct Again {
    target: Target,
    open: Uuid,
    mail: Uuid,
    mail_times: MailTimes,
}

/// Resets in the place of those that have died.
#[derive(Default)]
struct Anew {
    asks: Vec<Ask>,
    decisions: Vec<Decision>,
}

impl Anew {
    fn targets(&self) -> impl Iterator<Item = (&Ask, &Target)> {
        self.asks.iter().zip(&self.decisions).filter_map(|(ask, decision)| match decision {
            Decision::Begin { target, .. } => Some((ask, target)),
            _ => None,
        })
    }
}

impl Reminding<'_> {
    fn may_get_one(&self, target: &Target) -> bool {
        let may_choose = target.is_local && !target.is_service && !target.is_disabled && !target.password_is_alive;
        let is_own = target.place.is_some_and(|reset| (self.own.0..=self.own.1).contains(&reset));
        may_choose && is_own && target.held_by.is_none()
    }

    fn ask(&self, one: &ToRemind, target: &Target) -> Result<Ask> {
        let rules = rules::of_incident(self.tenant, false);
        let key_and_now = (self.releasing.key, self.releasing.now);
        Ask::of_incident(self.tenant.id, (one.id, &target.email), self.actor, rules, key_and_now)
    }
}

fn mail_again(tx: &mut Tx<'_>, again: &[Again], releasing: &Releasing) -> Result<()> {
    let (tenant, now, expires_at) = (releasing.tenant, releasing.now, releasing.expires_at());
    let times: Vec<_> = again.iter().map(|one| one.mail_times.text()).collect();
    let users: Vec<_> = again
        .iter()
        .zip(&times)
        .map(|(one, times)| {
            params![tenant, one.target.user, &one.target.mail_times_stored, times, &one.open, expires_at]
        })
        .collect();
    tx.put(RENEW, &users)?;
    let resets: Vec<_> = again.iter().map(|one| params![tenant, &one.open, expires_at]).collect();
    tx.put(DELIVERABLE, &resets)?;
    let mail = |one: &Again| NewMail {
        tenant,
        id: one.mail,
        kind: Kind::Incident.word(),
        user: one.target.user,
        reset: Some(one.open),
        facts: NO_FACTS,
        now,
        due_at: now,
        give_up_at: expires_at,
    };
    mails::queue_each(tx, &again.iter().map(mail).collect::<Vec<_>>())
}

/// Resets in the place of those that have died, each with its one record, and their mails.
fn begin_anew(tx: &mut Tx<'_>, anew: &Anew, reminding: &Reminding<'_>) -> Result<()> {
    if anew.asks.is_empty() {
        return Ok(());
    }
    let incident = reminding.releasing.incident;
    begin::begin_held(tx, &incident, &anew.asks, &anew.decisions, &vec![None; anew.asks.len()])?;
    let event = |(ask, target): (_, _)| event_of(ask, target, incident, reminding.releasing.now);
    audit::record_each(tx, &anew.targets().map(event).collect::<Vec<_>>())?;
    let mailings: Vec<_> = anew.targets().map(|(ask, target)| Mailing { user: target.user, reset: ask.id }).collect();
    mail_each(tx, &mailings, &reminding.releasing).map(drop)
}

fn event_of<'a>(ask: &'a Ask, target: &'a Target, incident: Uuid, at: Timestamp) -> Event<'a> {
    let facts = json!({
        "reset": ask.id,
        "kind": ask.kind.word(),
        "incident": incident,
        "password_dead": target.loses_password_by(ask),
        "follows": target.place,
    });
    let (action, outcome) = ("reset.request", Outcome::Accepted);
    Event { tenant: ask.tenant, at, action, outcome, actor: &ask.actor, subject: &target.email, facts }
}
