//! The writes that begin a reset: the user's row points to it, the older one is superseded, it and its
//! mail are inserted.

use serde_json::json;
use uuid::Uuid;

use super::decide::Decision;
use super::request::Ask;
use super::target::Target;
use crate::clock::Timestamp;
use crate::credentials;
use crate::error::Result;
use crate::identity::UserId;
use crate::params;
use crate::store::Tx;

const POINT: &str = "UPDATE users SET
        password_dead_at = CASE WHEN $5 = 1 THEN COALESCE(password_dead_at, $6) ELSE password_dead_at END,
        session_epoch = session_epoch + $11,
        last_reset = $4, open_reset = $4, open_reset_expires_at = $7, reset_mail_times = $8
    WHERE tenant = $1 AND id = $2 AND session_epoch = $3 AND disabled_at IS NULL
        AND reset_mail_times = $9 AND open_reset IS NOT DISTINCT FROM $10";
const SUPERSEDE: &str = "UPDATE resets SET superseded_at = $3 WHERE tenant = $1 AND id = $2";
const INSERT: &str =
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, previous_id, requested_at,
        requested_by, credential, address, request_id, expires_at, mail_waits_until, credentials_revoked)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
pub(super) const QUEUE_MAIL: &str =
    "INSERT INTO mails (tenant, id, kind, user_id, reset_id, facts, queued_at, due_at, give_up_at,
        attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)";

/// Begins those that were decided so.
///
/// # Errors
/// Those of [`Tx::put`], when a user was changed since they were read; then none of them has begun.
pub(super) fn begin(tx: &mut Tx<'_>, asks: &[Ask], decided: &[Decision], revoked: &[Option<i64>]) -> Result<()> {
    let decided = asks.iter().zip(decided).zip(revoked);
    let mut begun: Vec<Begun<'_>> =
        decided.filter_map(|((ask, decided), revoked)| Begun::of(ask, decided, *revoked)).collect();
    // Others do the same at the same time: those who take rows in one order never wait for one another in a circle.
    begun.sort_by_key(|one| (one.ask.tenant, one.target.user));
    point(tx, &begun)?;
    insert(tx, &begun)?;
    for one in &begun {
        if let Some((used, most)) = one.half_of_budget {
            tell_owners(tx, one.ask, used, most)?;
        }
    }
    Ok(())
}

/// Ends the API credentials of the users whose resets are to end them too: how many, for each ask that begins such a one.
///
/// # Errors
/// Those of the store.
pub(super) fn revoke_credentials(tx: &mut Tx<'_>, asks: &[Ask], decided: &[Decision]) -> Result<Vec<Option<i64>>> {
    let mut revoke = |(ask, decided): (&Ask, &Decision)| match decided {
        Decision::Begin { target, .. } if ask.rules.revokes_credentials => {
            credentials::revoke_all_of(tx, ask.tenant, target.user).map(Some)
        }
        _ => Ok(None),
    };
    asks.iter().zip(decided).map(&mut revoke).collect()
}

/// An ask that begins a reset, with what its statements bind.
struct Begun<'a> {
    ask: &'a Ask,
    target: &'a Target,
    mail_times: String,
    address: String,
    leaves_at: Timestamp,
    expires_at: Timestamp,
    half_of_budget: Option<(i64, i64)>,
    revoked: Option<i64>,
}

impl<'a> Begun<'a> {
    fn of(ask: &'a Ask, decided: &'a Decision, revoked: Option<i64>) -> Option<Self> {
        let Decision::Begin { target, mail_times, leaves_at, half_of_budget } = decided else { return None };
        Some(Self {
            ask,
            target,
            mail_times: mail_times.text(),
            address: ask.actor.address.to_string(),
            leaves_at: *leaves_at,
            expires_at: ask.expires_at(*leaves_at),
            half_of_budget: *half_of_budget,
            revoked,
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
                one.ask.kills_password_of(one.target),
                one.ask.now,
                one.expires_at,
                &one.mail_times,
                &one.target.mail_times_stored,
                one.target.place.as_ref(),
                one.ask.kind.ends_access(),
            ]
        })
        .collect();
    tx.put(POINT, &users)?;
    let mut older: Vec<_> = begun.iter().filter_map(|one| Some((&one.target.open.as_ref()?.id, one.ask))).collect();
    // In the order in which the outbox takes them too.
    older.sort_by_key(|(id, _)| **id);
    let older: Vec<_> = older.into_iter().map(|(id, ask)| params![ask.tenant, id, ask.now]).collect();
    tx.put(SUPERSEDE, &older)
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
                ask.kills_password_of(target),
                ask.key,
                target.latest.as_ref(),
                ask.now,
                &ask.actor.name,
                ask.actor.credential.as_deref(),
                &one.address,
                &ask.actor.request_id,
                one.expires_at,
                (one.leaves_at > ask.now).then_some(one.leaves_at),
                one.revoked,
            ]
        })
        .collect();
    tx.put(INSERT, &resets)?;
    let mails: Vec<_> = begun
        .iter()
        .map(|one| {
            let (ask, user) = (one.ask, one.target.user);
            let (queued_at, due_at, give_up_at) = (ask.now, one.leaves_at, one.expires_at);
            params![ask.tenant, &ask.mail, ask.kind.word(), user, &ask.id, "{}", queued_at, due_at, give_up_at]
        })
        .collect();
    tx.put(QUEUE_MAIL, &mails)
}

/// A leaked credential shows itself by what it spends.
fn tell_owners(tx: &mut Tx<'_>, ask: &Ask, used: i64, most: i64) -> Result<()> {
    let owners =
        tx.all("SELECT id FROM users WHERE tenant = $1 AND owner_since IS NOT NULL LIMIT 10", &params![ask.tenant])?;
    let facts = json!({ "by": ask.actor.name, "used": used, "budget": most }).to_string();
    for (nth, owner) in owners.iter().enumerate() {
        // Derived, since the verb draws nothing; one ask passes the half at most once.
        let id = Uuid::from_u128(ask.mail.as_u128() ^ (nth as u128 + 1));
        let give_up_at = ask.now.plus_seconds(24 * 3600);
        let user: UserId = owner.get(0)?;
        let none = None::<&Uuid>;
        tx.run(QUEUE_MAIL, &params![ask.tenant, &id, "budget", user, none, &facts, ask.now, ask.now, give_up_at])?;
    }
    Ok(())
}
