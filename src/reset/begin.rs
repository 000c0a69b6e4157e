//! The writes that begin a reset: the user's row points to it, the older one is superseded, it and its
//! mail are inserted.

use uuid::Uuid;

use super::ask::Ask;
use super::decide::Decision;
use super::letters::NO_FACTS;
use super::target::Target;
use super::warning;
use crate::clock::Timestamp;
use crate::credentials;
use crate::error::Result;
use crate::mails::{self, NewMail};
use crate::params;
use crate::store::{Batch, Param, Tx};

const POINT: Batch = Batch::new(
    "UPDATE users SET
        password_dead_at = CASE WHEN $5 = 1 THEN COALESCE(password_dead_at, $6) ELSE password_dead_at END,
        session_epoch = session_epoch + $11,
        last_reset = $4, open_reset = $4, open_reset_expires_at = $7, reset_mail_times = $8
    WHERE tenant = $1 AND id = $2 AND session_epoch = $3 AND disabled_at IS NULL
        AND reset_mail_times = $9 AND open_reset IS NOT DISTINCT FROM $10",
);
const SUPERSEDE: Batch = Batch::new("UPDATE resets SET superseded_at = $3 WHERE tenant = $1 AND id = $2");
/// As `INSERT`, of an incident: no mail goes with it yet.
const INSERT_HELD: Batch = Batch::new(
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, previous_id, requested_at,
        requested_by, credential, address, request_id, expires_at, mail_waits_until, credentials_revoked, incident, held_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $9)",
);
const INSERT: Batch = Batch::new(
    "INSERT INTO resets (tenant, id, user_id, email, kind, kills_password, key_id, previous_id, requested_at,
        requested_by, credential, address, request_id, expires_at, mail_waits_until, credentials_revoked)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
);

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
    tx.put(INSERT, &begun.iter().map(Begun::columns).collect::<Vec<_>>())?;
    let mails: Vec<_> = begun.iter().map(Begun::mail).collect();
    mails::queue_each(tx, &mails)?;
    for one in &begun {
        if let Some((used, most)) = one.half_of_budget {
            warning::queue(tx, one.ask, used, most)?;
        }
    }
    Ok(())
}

/// Begins those of an incident, whose mails are held. They are in the order of their users.
///
/// # Errors
/// As [`begin`].
pub(super) fn begin_held(
    tx: &mut Tx<'_>,
    incident: &Uuid,
    asks: &[Ask],
    decided: &[Decision],
    revoked: &[Option<i64>],
) -> Result<()> {
    let decided = asks.iter().zip(decided).zip(revoked);
    let mut begun: Vec<Begun<'_>> = decided
        .filter_map(|((ask, decided), revoked)| Begun::of(ask, decided, *revoked))
        .map(|one| Begun { expires_at: one.ask.now, ..one })
        .collect();
    begun.sort_by_key(|one| one.target.user);
    point(tx, &begun)?;
    let held = |one| {
        let mut columns = Begun::columns(one).to_vec();
        columns.push(incident.into());
        columns
    };
    tx.put(INSERT_HELD, &begun.iter().map(held).collect::<Vec<_>>())
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

    /// As `INSERT` binds them.
    fn columns(&self) -> [Param<'_>; 16] {
        let (ask, target) = (self.ask, self.target);
        params![
            ask.tenant,
            &ask.id,
            target.user,
            &target.email,
            ask.kind.word(),
            target.loses_password_by(ask),
            ask.key,
            target.latest.as_ref(),
            ask.now,
            &ask.actor.name,
            ask.actor.credential.as_deref(),
            &self.address,
            &ask.actor.request_id,
            self.expires_at,
            (self.leaves_at > ask.now).then_some(self.leaves_at),
            self.revoked,
        ]
    }

    fn mail(&self) -> NewMail<'static> {
        NewMail {
            tenant: self.ask.tenant,
            id: self.ask.mail,
            kind: self.ask.kind.word(),
            user: self.target.user,
            reset: Some(self.ask.id),
            facts: NO_FACTS,
            now: self.ask.now,
            due_at: self.leaves_at,
            give_up_at: self.expires_at,
        }
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
                one.target.loses_password_by(one.ask),
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
    let mut older: Vec<_> = begun.iter().filter_map(|one| Some((one.target.replaces()?, one.ask))).collect();
    // In the order in which the worker of the mails takes them too.
    older.sort_by_key(|(id, _)| **id);
    let older: Vec<_> = older.into_iter().map(|(id, ask)| params![ask.tenant, id, ask.now]).collect();
    tx.put(SUPERSEDE, &older)
}
