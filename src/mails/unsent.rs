//! The mail that waits or was given up, as the operator sees and steers it.

use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::{Row, Tx};

/// What the relay would have said, had the operator not.
pub const DROPPED: &str = "Dropped by the operator.";
/// A mail that was given up and is tried again is worth so long a time at least.
const WORTH_SECONDS: i64 = 3600;

/// By id, which is by the moment when they were queued.
const UNSENT: &str =
    "SELECT t.name, m.id, m.kind, u.email, m.queued_at, m.attempts, m.due_at, m.failed_at, m.relay_words
    FROM mails m JOIN tenants t ON t.id = m.tenant LEFT JOIN users u ON u.tenant = m.tenant AND u.id = m.user_id
    WHERE m.id > $1 AND m.sent_at IS NULL AND ($2 = '' OR t.name = $2) ORDER BY m.id LIMIT $3";
/// Up to here they are counted.
const COUNTED_MAX: i64 = 10_000;
const WAITING: &str = "SELECT COUNT(*) FROM
    (SELECT 1 FROM mails WHERE sent_at IS NULL AND failed_at IS NULL ORDER BY tenant, due_at LIMIT $1) w";
const ONE: &str = "SELECT kind, reset_id, give_up_at, failed_at, attempts, relay_words FROM mails
    WHERE tenant = $1 AND id = $2 AND sent_at IS NULL";
const RETRY: &str = "UPDATE mails SET due_at = $3, give_up_at = $4, failed_at = NULL WHERE tenant = $1 AND id = $2";
const DROP: &str = "UPDATE mails SET failed_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2";

/// A mail that was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// The name of its tenant.
    pub tenant: String,
    /// Its id.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// The address of the user whose it is; none if the user is gone.
    pub to: Option<String>,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: i64,
    /// When it is tried next.
    pub due_at: Timestamp,
    /// When it was given up.
    pub given_up_at: Option<Timestamp>,
    /// The relay's last words.
    pub relay_words: Option<String>,
}

impl Unsent {
    fn read(row: &Row) -> Result<Self> {
        let mut row = row.columns();
        Ok(Self {
            tenant: row.take()?,
            id: row.take()?,
            kind: row.take()?,
            to: row.take()?,
            queued_at: row.take()?,
            attempts: row.take()?,
            due_at: row.take()?,
            given_up_at: row.take()?,
            relay_words: row.take()?,
        })
    }
}

/// Mails that were not sent, behind the mail of this id; of the tenant of this name, or of all with an empty one. Runs in the
/// house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_unsent(tx: &mut Tx<'_>, tenant: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<Unsent>> {
    let after = after.unwrap_or_default();
    tx.all(UNSENT, &params![&after, tenant, limit])?.iter().map(Unsent::read).collect()
}

/// How many mails of all tenants wait, counted to ten thousand; one more stands for any larger number. Runs in the house's
/// scope.
///
/// # Errors
/// Those of the store.
pub fn count_waiting(tx: &mut Tx<'_>) -> Result<i64> {
    tx.one(WAITING, &params![COUNTED_MAX + 1])?.get(0)
}

/// A mail that can be steered.
struct Waiting {
    kind: String,
    reset: Option<Uuid>,
    give_up_at: Timestamp,
    is_given_up: bool,
}

/// # Errors
/// `NotFound`; `Conflict` while it is on its way to the relay, since nobody knows yet what becomes of it.
fn get(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid) -> Result<Waiting> {
    let row = tx.maybe(ONE, &params![tenant, id])?;
    let row = row.ok_or_else(|| {
        Error::not_found("No mail of this id waits in this tenant; `mail queue` lists those that do.")
    })?;
    let (failed_at, attempts, words): (Option<Timestamp>, i64, Option<String>) =
        (row.get(3)?, row.get(4)?, row.get(5)?);
    if failed_at.is_none() && attempts > 0 && words.is_none() {
        return Err(Error::conflict("This mail is on its way at this moment. Look again in a minute."));
    }
    Ok(Waiting { kind: row.get(0)?, reset: row.get(1)?, give_up_at: row.get(2)?, is_given_up: failed_at.is_some() })
}

/// Has a mail tried at once, also one that was given up.
///
/// # Errors
/// `NotFound`; `Conflict` while it is on its way.
pub fn retry(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid, actor: &Actor, now: Timestamp) -> Result<()> {
    let mail = get(tx, tenant, id)?;
    let give_up_at = mail.give_up_at.max(now.plus_seconds(WORTH_SECONDS));
    tx.run(RETRY, &params![tenant, id, now, give_up_at])?;
    record(tx, tenant, ("mail.retry", id), &mail, actor, now)
}

/// Gives up a mail that waits; the reset that it is about, if it is about one.
///
/// # Errors
/// `NotFound`; `Conflict` while it is on its way, and for a mail that was given up already.
pub fn drop_one(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid, actor: &Actor, now: Timestamp) -> Result<Option<Uuid>> {
    let mail = get(tx, tenant, id)?;
    if mail.is_given_up {
        return Err(Error::conflict("This mail was given up already: it does not leave unless it is tried again."));
    }
    tx.run(DROP, &params![tenant, id, now, DROPPED])?;
    record(tx, tenant, ("mail.drop", id), &mail, actor, now)?;
    Ok(mail.reset)
}

fn record(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (action, id): (&str, &Uuid),
    mail: &Waiting,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let facts = json!({ "mail": mail.kind, "reset": mail.reset, "was_given_up": mail.is_given_up });
    let (outcome, subject) = (Outcome::Accepted, id.to_string());
    audit::record(tx, &Event { tenant, at: now, action, outcome, actor, subject: &subject, facts })
}
