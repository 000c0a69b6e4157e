//! The hot verb: one reset, a repeat, or ten thousand. One transaction: the old password dead, sessions
//! ended, older reset superseded, the new one, its mail and its audit record.
//!
//! Reads come first, then a decision for each ask, then the writes. A refusal is a value: it costs the
//! neighbours nothing and leaves nothing but its own record.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use super::limits::{MailTimes, budget};
use super::rows::Kind;
use crate::audit::{self, Event, Outcome};
use crate::clock::{SECOND, Timestamp};
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId, UserId};
use crate::mail::address::Email;
use crate::params;
use crate::rights::{Grant, Rights};
use crate::store::{Answer, Row, Tx};

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
    let found = find(tx, asks)?;
    let mut budgets = Budgets::read(tx, asks)?;
    let decided: Vec<Decision> = asks.iter().zip(found).map(|(ask, found)| decide(ask, found, &mut budgets)).collect();
    write(tx, asks, &decided)?;
    budgets.write(tx)?;
    Ok(asks.iter().zip(decided).map(|(ask, decided)| decided.answer(ask)).collect())
}

/// A user as this verb needs one.
struct Target {
    user: UserId,
    email: String,
    is_local: bool,
    is_service: bool,
    is_disabled: bool,
    epoch: i64,
    latest: Option<Uuid>,
    open: Option<Open>,
    mail_times: MailTimes,
    grants: Vec<Grant>,
}

/// The reset that is open when the ask arrives.
struct Open {
    id: Uuid,
    requested_at: Timestamp,
    requested_by: String,
    is_undeliverable: bool,
}

/// What was found for an ask.
struct Found {
    target: Option<Target>,
    /// The digest and the reset of an earlier ask under the same idempotency key.
    under_key: Option<(Vec<u8>, Uuid)>,
}

const FIND: &str = "SELECT id, email, kind, idm_type, disabled_at, session_epoch, last_reset, open_reset,
        open_reset_expires_at, reset_mail_times
    FROM users WHERE tenant = $1 AND email_key = $2";
const GRANTS: &str = "SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2";
const OPEN: &str = "SELECT requested_at, requested_by, undeliverable_at FROM resets WHERE tenant = $1 AND id = $2";
const UNDER_KEY: &str =
    "SELECT body_digest, reset_id FROM reset_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";

fn find(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Vec<Found>> {
    let keys: Vec<String> = asks.iter().map(|ask| ask.email.key()).collect();
    let rows: Vec<_> = asks.iter().zip(&keys).map(|(ask, key)| params![ask.tenant, key]).collect();
    let users = tx.each(FIND, &rows)?;
    let mut found = Vec::with_capacity(asks.len());
    for (ask, user) in asks.iter().zip(users) {
        let target = user.rows.first().map(|row| read_target(tx, ask, row)).transpose()?;
        let under_key = match &ask.idempotency {
            Some((key, _)) => tx.maybe(UNDER_KEY, &params![ask.tenant, &ask.actor.name, key])?,
            None => None,
        };
        let under_key = under_key.map(|row| Ok::<_, Error>((row.get(0)?, row.get(1)?))).transpose()?;
        found.push(Found { target, under_key });
    }
    Ok(found)
}

fn read_target(tx: &mut Tx<'_>, ask: &Ask, row: &Row) -> Result<Target> {
    let user = row.get(0)?;
    let open: Option<Uuid> = row.get(7)?;
    let expires_at: Option<Timestamp> = row.get(8)?;
    let open = match open.zip(expires_at).filter(|(_, expires_at)| *expires_at > ask.now) {
        Some((id, _)) => {
            let row = tx.one(OPEN, &params![ask.tenant, &id])?;
            let is_undeliverable = row.get::<Option<Timestamp>>(2)?.is_some();
            Some(Open { id, requested_at: row.get(0)?, requested_by: row.get(1)?, is_undeliverable })
        }
        None => None,
    };
    let grants = match ask.rights {
        Some(_) => tx.all(GRANTS, &params![ask.tenant, user])?.iter().map(grant).collect::<Result<_>>()?,
        None => Vec::new(),
    };
    Ok(Target {
        user,
        email: row.get(1)?,
        is_service: row.get::<String>(2)? != "USER",
        is_local: row.get::<String>(3)? == "VOLTERRA_MANAGED",
        is_disabled: row.get::<Option<Timestamp>>(4)?.is_some(),
        epoch: row.get(5)?,
        latest: row.get(6)?,
        open,
        mail_times: MailTimes::parse(&row.get::<String>(9)?),
        grants,
    })
}

fn grant(row: &Row) -> Result<Grant> {
    Ok(Grant { namespace: row.get(0)?, role: row.get(1)? })
}

/// What is to be done for an ask.
enum Decision {
    Begin { target: Target, mail_times: MailTimes, half_of_budget: Option<(i64, i64)> },
    Repeat(Uuid),
    Refuse(Error),
}

impl Decision {
    fn answer(self, ask: &Ask) -> Result<Accepted> {
        match self {
            Self::Begin { .. } => Ok(Accepted { id: ask.id, is_repeat: false }),
            Self::Repeat(id) => Ok(Accepted { id, is_repeat: true }),
            Self::Refuse(refusal) => Err(refusal),
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
                crate::error::Kind::Refused,
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
    if let Some(rights) = ask.rights.as_ref().filter(|_| ask.actor.user != Some(target.user))
        && let Some(missing) = rights.lack(&Rights::new(target.grants.clone()))
    {
        return Err(Error::forbidden(format!(
            "{email} has rights that you do not have ({} in namespace {}), so you may not reset their password. Ask \
             someone who has them.",
            missing.group, missing.namespace
        )));
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

/// The same administrator again, or the user again, within the window and with the mail still alive.
fn is_repeat(ask: &Ask, open: &Open) -> bool {
    let is_same = match ask.kind {
        Kind::Administrator | Kind::Remail | Kind::Invitation => open.requested_by == ask.actor.name,
        Kind::Forgotten | Kind::Own => true,
    };
    is_same && !open.is_undeliverable && ask.now.0 - open.requested_at.0 < ask.rules.repeat_seconds * SECOND
}

/// The budgets of the credentials in one group.
struct Budgets(HashMap<(TenantId, String), Budget>);

struct Budget {
    hour: Timestamp,
    used: i64,
    spent: i64,
    most: i64,
}

impl Budgets {
    fn read(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Self> {
        let mut budgets = HashMap::new();
        for ask in asks.iter().filter(|ask| ask.rights.is_some() && ask.rules.budget_per_hour >= 0) {
            let key = (ask.tenant, purse(ask));
            if budgets.contains_key(&key) {
                continue;
            }
            let hour = Timestamp(ask.now.0 - ask.now.0.rem_euclid(3600 * SECOND));
            let row = tx.maybe(
                "SELECT used FROM reset_budgets WHERE tenant = $1 AND actor = $2 AND hour_started_at = $3",
                &params![ask.tenant, &key.1, hour],
            )?;
            let used = row.map_or(Ok(0), |row| row.get(0))?;
            let users: i64 = tx.one("SELECT user_count FROM tenants WHERE id = $1", &params![ask.tenant])?.get(0)?;
            let most = budget(ask.rules.budget_per_hour, users).unwrap_or(i64::MAX);
            budgets.insert(key, Budget { hour, used, spent: 0, most });
        }
        Ok(Self(budgets))
    }

    /// Takes one reset out of the budget; the count and the budget when this passes its half.
    fn spend(&mut self, ask: &Ask) -> Result<Option<(i64, i64)>> {
        let Some(budget) = self.0.get_mut(&(ask.tenant, purse(ask))) else { return Ok(None) };
        let used = budget.used + budget.spent + 1;
        if used > budget.most {
            let wait = (budget.hour.0 + 3600 * SECOND - ask.now.0) / SECOND + 1;
            return Err(Error::too_many(
                format!(
                    "This credential has made its {} resets of this hour. Wait, or declare an incident.",
                    budget.most
                ),
                u32::try_from(wait).unwrap_or(1),
            ));
        }
        budget.spent += 1;
        Ok((used == (budget.most + 1) / 2).then_some((used, budget.most)))
    }

    fn write(self, tx: &mut Tx<'_>) -> Result<()> {
        for ((tenant, purse), budget) in self.0.into_iter().filter(|(_, budget)| budget.spent > 0) {
            tx.run(
                "INSERT INTO reset_budgets (tenant, actor, hour_started_at, used) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (tenant, actor, hour_started_at) DO UPDATE SET used = reset_budgets.used + $4",
                &params![tenant, &purse, budget.hour, budget.spent],
            )?;
        }
        Ok(())
    }
}

/// Whose budget an ask is taken from: the credential's, or the person's when signed in by a browser.
fn purse(ask: &Ask) -> String {
    ask.actor.credential.clone().unwrap_or_else(|| ask.actor.name.clone())
}

const POINT: &str = "UPDATE users SET
        password_dead_at = CASE WHEN $5 = 1 THEN COALESCE(password_dead_at, $6) ELSE password_dead_at END,
        session_epoch = session_epoch + $5,
        last_reset = $4, open_reset = $4, open_reset_expires_at = $7, reset_mail_times = $8
    WHERE tenant = $1 AND id = $2 AND session_epoch = $3 AND disabled_at IS NULL";
const SUPERSEDE: &str = "UPDATE resets SET superseded_at = $3 WHERE tenant = $1 AND id = $2";
const INSERT: &str =
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, previous_id, requested_at,
        requested_by, credential, address, request_id, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
pub(super) const QUEUE_MAIL: &str =
    "INSERT INTO mails (tenant, id, kind, user_id, reset_id, facts, queued_at, due_at, give_up_at,
        attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, 0)";

fn write(tx: &mut Tx<'_>, asks: &[Ask], decided: &[Decision]) -> Result<()> {
    let begun: Vec<Begun<'_>> = asks.iter().zip(decided).filter_map(Begun::of).collect();
    point(tx, &begun)?;
    insert(tx, &begun)?;
    for one in &begun {
        if let Some((used, most)) = one.half_of_budget {
            tell_owners(tx, one.ask, used, most)?;
        }
        if let Some((key, digest)) = &one.ask.idempotency {
            tx.run(
                "INSERT INTO reset_keys (tenant, actor, idempotency_key, body_digest, reset_id, created_at)
                 VALUES ($1, $2, $3, $4, $5, $6)",
                &params![one.ask.tenant, &one.ask.actor.name, key, digest.as_slice(), &one.ask.id, one.ask.now],
            )?;
        }
    }
    let events: Vec<Event<'_>> = asks.iter().zip(decided).filter_map(event).collect();
    audit::record_each(tx, &events)
}

/// An ask that begins a reset, with what its statements bind.
struct Begun<'a> {
    ask: &'a Ask,
    target: &'a Target,
    mail_times: String,
    address: String,
    expires_at: Timestamp,
    half_of_budget: Option<(i64, i64)>,
}

impl<'a> Begun<'a> {
    fn of((ask, decided): (&'a Ask, &'a Decision)) -> Option<Self> {
        let Decision::Begin { target, mail_times, half_of_budget } = decided else { return None };
        Some(Self {
            ask,
            target,
            mail_times: mail_times.text(),
            address: ask.actor.address.to_string(),
            expires_at: ask.now.plus_seconds(60 * ask.rules.lifetime_minutes),
            half_of_budget: *half_of_budget,
        })
    }
}

fn point(tx: &mut Tx<'_>, begun: &[Begun<'_>]) -> Result<()> {
    let users: Vec<_> = begun
        .iter()
        .map(|one| {
            params![
                one.ask.tenant,
                one.target.user,
                one.target.epoch,
                &one.ask.id,
                one.ask.rules.kills_password,
                one.ask.now,
                one.expires_at,
                &one.mail_times,
            ]
        })
        .collect();
    all_changed(&tx.each(POINT, &users)?)?;
    let older: Vec<_> = begun
        .iter()
        .filter_map(|one| one.target.open.as_ref().map(|open| params![one.ask.tenant, &open.id, one.ask.now]))
        .collect();
    all_changed(&tx.each(SUPERSEDE, &older)?)
}

fn insert(tx: &mut Tx<'_>, begun: &[Begun<'_>]) -> Result<()> {
    let resets: Vec<_> = begun
        .iter()
        .map(|one| {
            let (ask, target) = (one.ask, one.target);
            params![
                ask.tenant,
                &ask.id,
                target.user,
                &target.email,
                ask.kind.word(),
                ask.rules.kills_password,
                ask.key,
                target.latest.as_ref(),
                ask.now,
                &ask.actor.name,
                ask.actor.credential.as_deref(),
                &one.address,
                &ask.actor.request_id,
                one.expires_at,
            ]
        })
        .collect();
    tx.each(INSERT, &resets)?;
    let mails: Vec<_> = begun
        .iter()
        .map(|one| {
            let (ask, user) = (one.ask, one.target.user);
            params![ask.tenant, &ask.mail, ask.kind.word(), user, &ask.id, "{}", ask.now, one.expires_at]
        })
        .collect();
    tx.each(QUEUE_MAIL, &mails).map(drop)
}

/// A row that is not as it was read means that someone else was first: everything is undone and tried again.
fn all_changed(answers: &[Answer]) -> Result<()> {
    if answers.iter().all(|answer| answer.changed == 1) {
        return Ok(());
    }
    Err(Error::unavailable("The user was changed at the same moment. Nothing was done; try again.", 1))
}

/// A leaked credential shows itself by what it spends.
fn tell_owners(tx: &mut Tx<'_>, ask: &Ask, used: i64, most: i64) -> Result<()> {
    let owners =
        tx.all("SELECT id FROM users WHERE tenant = $1 AND owner_since IS NOT NULL LIMIT 10", &params![ask.tenant])?;
    let facts = json!({ "credential": purse(ask), "used": used, "budget": most }).to_string();
    for (nth, owner) in owners.iter().enumerate() {
        // Derived, since the verb draws nothing; one ask passes the half at most once.
        let id = Uuid::from_u128(ask.mail.as_u128() ^ (nth as u128 + 1));
        let give_up_at = ask.now.plus_seconds(24 * 3600);
        let user: UserId = owner.get(0)?;
        tx.run(QUEUE_MAIL, &params![ask.tenant, &id, "budget", user, None::<&Uuid>, &facts, ask.now, give_up_at])?;
    }
    Ok(())
}

/// A repeat did nothing, so it leaves no record. Anonymous wishes that come to nothing leave none either:
/// anyone could fill the log with them.
fn event<'a>((ask, decided): (&'a Ask, &'a Decision)) -> Option<Event<'a>> {
    let (outcome, facts): (Outcome, Value) = match decided {
        Decision::Repeat(_) => return None,
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

/// What the first link of a new user is made from.
pub struct Invitation<'a> {
    /// The tenant.
    pub tenant: &'a crate::identity::Tenant,
    /// Who made the user.
    pub actor: &'a Actor,
    /// The id of the reset.
    pub id: Uuid,
    /// The id of its mail.
    pub mail: Uuid,
    /// The key that makes its link.
    pub key: i64,
    /// The present moment.
    pub now: Timestamp,
}

/// Longer than a reset's: nobody waits at the mailbox for an account that they did not ask for.
const INVITATION_MINUTES: i64 = 24 * 60;

/// Opens the first reset of a user who was made in this transaction. It writes no record of its own:
/// the creation is the action.
///
/// # Errors
/// Those of the store.
pub fn invite(tx: &mut Tx<'_>, user: &crate::users::NewUser, invitation: &Invitation<'_>) -> Result<()> {
    let Invitation { tenant, actor, id, mail, key, now } = invitation;
    let rules = Rules {
        lifetime_minutes: INVITATION_MINUTES,
        kills_password: false,
        repeat_seconds: 0,
        mails_per_hour: tenant.settings.reset_mails_per_hour,
        budget_per_hour: -1,
    };
    let ask = Ask {
        tenant: tenant.id,
        email: user.email.clone(),
        kind: Kind::Invitation,
        actor: (*actor).clone(),
        rights: None,
        id: *id,
        mail: *mail,
        key: *key,
        idempotency: None,
        rules,
        now: *now,
    };
    let target = Target {
        user: user.id,
        email: user.email.as_str().to_string(),
        is_local: true,
        is_service: false,
        is_disabled: false,
        epoch: 0,
        latest: None,
        open: None,
        mail_times: MailTimes::parse(""),
        grants: Vec::new(),
    };
    let mail_times = target.mail_times.admit(rules.mails_per_hour, *now)?;
    let decided = Decision::Begin { target, mail_times, half_of_budget: None };
    let begun: Vec<Begun<'_>> = Begun::of((&ask, &decided)).into_iter().collect();
    point(tx, &begun)?;
    insert(tx, &begun)
}
