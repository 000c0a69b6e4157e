//! A user's change of their own password, in one transaction.

use serde_json::json;
use uuid::Uuid;

use super::letters::{self, NewNotice};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result, Told};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::people::{self, User};
use crate::sessions;
use crate::store::Tx;

/// A change that has been checked and is now written.
#[derive(Debug, Clone)]
pub struct Change {
    /// The user as read before the check.
    pub user: User,
    /// The PHC string of the new password.
    pub new_hash: String,
    /// The hash of the session that asked. It lives on, all others end.
    pub session: Vec<u8>,
    /// The number of old hashes to keep.
    pub keep: u32,
    /// The id of the mail that reports the change.
    pub mail_id: Uuid,
}

/// Writes the new password if the user's row is as it was when the old password was checked. All other sessions and the
/// open reset end, and a mail reports the change to the user.
///
/// # Errors
/// `Conflict` if the password was changed or reset, or the user disabled, in the meantime.
pub fn change(tx: &mut Tx<'_>, tenant: TenantId, change: &Change, actor: &Actor, now: Timestamp) -> Result<()> {
    let user = &change.user;
    replace_hash(tx, tenant, change, now)?;
    if let Some(old_hash) = &user.password_hash {
        people::retire_hash(tx, tenant, user.id, old_hash, change.keep, now)?;
    }
    sessions::move_to_epoch(tx, tenant, &change.session, user.session_epoch + 1)?;
    if let Some(reset) = &user.open_reset {
        cancel_reset(tx, tenant, reset, now)?;
    }
    let (id, user, address) = (change.mail_id, user.id, &actor.address.to_string());
    letters::tell_of_change(tx, &NewNotice { tenant, id, user, address, now })?;
    let event = Event {
        tenant,
        at: now,
        action: "password.change",
        outcome: Outcome::Accepted,
        actor,
        subject: &change.user.email,
        facts: json!({ "cancelled_reset": change.user.open_reset.map(|reset| reset.to_string()) }),
    };
    audit::record(tx, &event)
}

/// Records a refused change.
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
    let facts = json!({ "reason": reason });
    let outcome = Outcome::Refused;
    audit::record(tx, &Event { tenant, at: now, action: "password.change", outcome, actor, subject, facts })
}

fn replace_hash(tx: &mut Tx<'_>, tenant: TenantId, change: &Change, now: Timestamp) -> Result<()> {
    let user = &change.user;
    let was_changed_at = user.password_changed_at.unwrap_or_default();
    let changed = tx.run(
        "UPDATE users SET password_hash = $3, password_changed_at = $4, session_epoch = session_epoch + 1,
                          open_reset = NULL, open_reset_expires_at = NULL
         WHERE tenant = $1 AND id = $2 AND session_epoch = $5 AND COALESCE(password_changed_at, 0) = $6
           AND (open_reset = $7 OR (open_reset IS NULL AND $7 IS NULL))
           AND disabled_at IS NULL AND password_dead_at IS NULL",
        &params![tenant, user.id, &change.new_hash, now, user.session_epoch, was_changed_at, user.open_reset.as_ref(),],
    )?;
    if changed == 1 {
        return Ok(());
    }
    Err(Error::conflict(
        "The password or the account was changed by someone else at this moment. Nothing was changed here. Sign in again and look.",
    )
    .told(Told::ChangedMeanwhile))
}

fn cancel_reset(tx: &mut Tx<'_>, tenant: TenantId, reset: &Uuid, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE resets SET cancelled_at = $3, cancelled_by = 'password change'
         WHERE tenant = $1 AND id = $2 AND redeemed_at IS NULL AND superseded_at IS NULL AND cancelled_at IS NULL
           AND expires_at > $3",
        &params![tenant, reset, now],
    )
    .map(drop)
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
