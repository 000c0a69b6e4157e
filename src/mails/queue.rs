//! Putting mails into the table, and taking them out of it again.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::store::{Batch, Param, Tx};

/// The statement of the hot verb too, so nothing in it may look at another table.
const QUEUE: Batch = Batch::new(
    "INSERT INTO mails (tenant, id, kind, user_id, reset_id, facts, queued_at, due_at, give_up_at,
        attempts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
);
const IS_QUEUED: Batch = Batch::new("SELECT 1 FROM mails WHERE tenant = $1 AND id = $2");
const AGAIN: Batch = Batch::new(
    "UPDATE mails SET failed_at = NULL, due_at = $3, give_up_at = $4, attempts = 0, relay_words = NULL
    WHERE tenant = $1 AND id = $2 AND failed_at IS NOT NULL",
);
const TAKE_BACK: &str = "DELETE FROM mails WHERE tenant = $1 AND id = $2";
const DROP_OF_RESETS: &str = "UPDATE mails SET failed_at = $2, relay_words = $3
    WHERE tenant = $1 AND reset_id IS NOT NULL AND sent_at IS NULL AND failed_at IS NULL";
const FORGET: &str = "DELETE FROM mails WHERE tenant = $1 AND id < $2 AND (sent_at < $3 OR failed_at < $3)";

/// The user of a mail that goes to no user: its letter tells to whom ([`super::Letter::compose_for_no_user`]).
pub const NO_USER: UserId = UserId(0);

/// A mail that is to be queued.
#[derive(Debug, Clone, Copy)]
pub struct NewMail<'a> {
    /// In which tenant.
    pub tenant: TenantId,
    /// Its id. Its first bits are the moment when it was made, as in every id that [`Random::uuid`] draws.
    pub id: Uuid,
    /// What it is: a word that a [`super::Letter`] is registered under.
    pub kind: &'static str,
    /// To whom.
    pub user: UserId,
    /// The reset that it is about, if it is about one.
    pub reset: Option<Uuid>,
    /// What its letter needs besides, as JSON.
    pub facts: &'a str,
    /// The present moment.
    pub now: Timestamp,
    /// When it may leave.
    pub due_at: Timestamp,
    /// From when on it would be of no use.
    pub give_up_at: Timestamp,
}

impl NewMail<'_> {
    /// As `QUEUE` binds them.
    fn columns(&self) -> [Param<'_>; 9] {
        params![
            self.tenant,
            &self.id,
            self.kind,
            self.user,
            self.reset.as_ref(),
            self.facts,
            self.now,
            self.due_at,
            self.give_up_at
        ]
    }
}

/// Queues a mail.
///
/// # Errors
/// Those of the store.
pub fn queue(tx: &mut Tx<'_>, mail: &NewMail<'_>) -> Result<()> {
    tx.run(QUEUE.text(), &mail.columns()).map(drop)
}

/// Queues many mails, for a verb that runs beside its like (see [`Tx::put`]).
///
/// # Errors
/// Those of [`Tx::put`].
pub fn queue_each(tx: &mut Tx<'_>, mails: &[NewMail<'_>]) -> Result<()> {
    let rows: Vec<_> = mails.iter().map(NewMail::columns).collect();
    tx.put(QUEUE, &rows)
}

/// Lets mails that were given up be tried again, as if they had not been.
///
/// # Errors
/// Those of the store.
pub fn try_again_each(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    ids: &[Uuid],
    (due_at, give_up_at): (Timestamp, Timestamp),
) -> Result<()> {
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, id, due_at, give_up_at]).collect();
    tx.each(AGAIN, &rows).map(drop)
}

/// Whether there is a mail with each of these ids, whatever became of it.
///
/// # Errors
/// Those of the store.
pub fn are_queued(tx: &mut Tx<'_>, tenant: TenantId, ids: &[Uuid]) -> Result<Vec<bool>> {
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, id]).collect();
    Ok(tx.each(IS_QUEUED, &rows)?.iter().map(|answer| !answer.rows.is_empty()).collect())
}

/// Takes back a mail that was queued in this transaction.
///
/// # Errors
/// Those of the store.
pub fn take_back(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid) -> Result<()> {
    tx.run(TAKE_BACK, &params![tenant, id]).map(drop)
}

/// Gives up all mails of resets that have not left, for this reason; how many there were.
///
/// # Errors
/// Those of the store.
pub fn drop_of_resets(tx: &mut Tx<'_>, tenant: TenantId, reason: &str, now: Timestamp) -> Result<u64> {
    tx.run(DROP_OF_RESETS, &params![tenant, now, reason])
}

/// Deletes the mails of a tenant that left, or were given up, before a moment. A mail leaves after its id was made, and ids are
/// ordered by time, so younger ids are not looked at.
///
/// # Errors
/// Those of the store.
pub fn forget_old(tx: &mut Tx<'_>, tenant: TenantId, before: Timestamp) -> Result<()> {
    tx.run(FORGET, &params![tenant, &Random::least_uuid(before), before]).map(drop)
}
