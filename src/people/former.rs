//! What an address keeps when its user is removed: where the history of its resets begins, and the mails it got lately.
//! Removing a user and making them anew hides no reset and gives no further mails to spend.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mail::address::Email;
use crate::params;
use crate::store::{Batch, Tx};

/// Keeps what the address keeps, before the row of the user goes. A user who came to the address by a change has not taken
/// over what it kept of an earlier one; this takes its place.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp) -> Result<()> {
    tx.run(
        "INSERT INTO former_users (tenant, email_key, last_reset, reset_mail_times, removed_at)
         SELECT tenant, email_key, last_reset, reset_mail_times, $3 FROM users WHERE tenant = $1 AND id = $2
         ON CONFLICT (tenant, email_key) DO UPDATE SET last_reset = excluded.last_reset,
             reset_mail_times = excluded.reset_mail_times, removed_at = excluded.removed_at",
        &params![tenant, user, now],
    )
    .map(drop)
}

const KEPT: Batch = Batch::new("SELECT 1 FROM former_users WHERE tenant = $1 AND email_key = $2");

/// Hands what the addresses have kept to the users who were just made under them. Most have kept nothing.
///
/// # Errors
/// Those of the store.
pub fn hand_over_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[(UserId, &Email)]) -> Result<()> {
    let keys: Vec<_> = users.iter().map(|(_, email)| email.key()).collect();
    let asked: Vec<_> = keys.iter().map(|key| params![tenant, key]).collect();
    for ((user, email), kept) in users.iter().zip(tx.each(KEPT, &asked)?) {
        if !kept.rows.is_empty() {
            hand_over(tx, tenant, *user, email)?;
        }
    }
    Ok(())
}

/// Hands what the address has kept to the user who was just made under it.
///
/// # Errors
/// Those of the store.
pub fn hand_over(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, email: &Email) -> Result<()> {
    let (key, kept) =
        (email.key(), "SELECT last_reset, reset_mail_times FROM former_users WHERE tenant = $1 AND email_key = $2");
    let Some(row) = tx.maybe(kept, &params![tenant, &key])? else { return Ok(()) };
    let (last_reset, times): (Option<uuid::Uuid>, String) = (row.get(0)?, row.get(1)?);
    tx.run(
        "UPDATE users SET last_reset = $3, reset_mail_times = $4 WHERE tenant = $1 AND id = $2",
        &params![tenant, user, last_reset.as_ref(), &times],
    )?;
    tx.run("DELETE FROM former_users WHERE tenant = $1 AND email_key = $2", &params![tenant, &key]).map(drop)
}
