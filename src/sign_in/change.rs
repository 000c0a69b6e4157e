//! A user's change of their own password, in one transaction.

use serde_json::json;
use uuid::Uuid;

use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Kind, Result, Told};
use crate::identity::{Actor, TenantId};
use crate::notices::{self, NewNotice};
use crate::pages::told;
use crate::people::{self, User};
use crate::reset;
use crate::sessions;
use crate::store::Tx;

/// The action, in records.
pub(super) const ACTION: &str = "password.change";

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
    if !people::replace_password(tx, tenant, user, &change.new_hash, now)? {
        return Err(told::error(Kind::Conflict, Told::ChangedMeanwhile));
    }
    if let Some(old_hash) = &user.password_hash {
        people::retire_hash(tx, tenant, user.id, old_hash, change.keep, now)?;
    }
    sessions::move_to_epoch(tx, tenant, &change.session, user.session_epoch + 1)?;
    if let Some(reset) = &user.open_reset {
        reset::end_open(tx, tenant, user.id, reset, "password change", now)?;
    }
    let (id, user, address) = (change.mail_id, user.id, &actor.address.to_string());
    notices::tell_of_change(tx, &NewNotice { tenant, id, user, address, now })?;
    let event = Event {
        tenant,
        at: now,
        action: ACTION,
        outcome: Outcome::Accepted,
        actor,
        subject: &change.user.email,
        facts: json!({ "cancelled_reset": change.user.open_reset.map(|reset| reset.to_string()) }),
    };
    audit::record(tx, &event)
}

#[cfg(test)]
#[path = "change_tests.rs"]
mod tests;
