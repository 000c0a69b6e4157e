//! A change of an address as stored.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mail::address::Email;
use crate::params;
use crate::people::User;
use crate::store::{Row, Tx};

/// For how long the link of a change works: a new mailbox may not be open yet.
pub(super) const LIFE_SECONDS: i64 = 24 * 3600;

/// A change of an address that was requested.
#[derive(Debug, Clone)]
pub struct Change {
    /// The id.
    pub id: Uuid,
    /// Whose address.
    pub user: UserId,
    /// The new address.
    pub email: String,
    /// The key under which the link was made.
    pub key: i64,
    /// The user's epoch of sessions when it was requested.
    pub session_epoch: i64,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// Who requested it.
    pub requested_by: String,
    /// Until when its link works.
    pub expires_at: Timestamp,
    /// When the link was used.
    pub confirmed_at: Option<Timestamp>,
}

impl Change {
    /// Whether it waits for its link: not used, not too old, and nothing has ended the sessions of this user since.
    pub fn waits(&self, user: &User, now: Timestamp) -> bool {
        self.user == user.id
            && self.confirmed_at.is_none()
            && self.requested_at.lasts(LIFE_SECONDS, now)
            && self.session_epoch == user.session_epoch
            && user.disabled_at.is_none()
            && user.has_local_password()
    }

    /// Whether it is a change to this address, in whatever spelling.
    pub(super) fn is_to(&self, email: &Email) -> bool {
        Email::parse(&self.email).is_ok_and(|own| own.key() == email.key())
    }
}

fn read(row: &Row) -> Result<Change> {
    let mut row = row.columns();
    Ok(Change {
        id: row.take()?,
        user: row.take()?,
        email: row.take()?,
        key: row.take()?,
        session_epoch: row.take()?,
        requested_at: row.take()?,
        requested_by: row.take()?,
        expires_at: row.take()?,
        confirmed_at: row.take()?,
    })
}

/// The change with this id.
pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid) -> Result<Option<Change>> {
    let row = tx.maybe(
        "SELECT id, user_id, email, key_id, session_epoch, requested_at, requested_by, expires_at, confirmed_at
         FROM address_changes WHERE tenant = $1 AND id = $2",
        &params![tenant, id],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The change of a user's address that waits for its link.
///
/// # Errors
/// Those of the store.
pub fn pending_of(tx: &mut Tx<'_>, tenant: TenantId, user: &User, now: Timestamp) -> Result<Option<Change>> {
    let row = tx.maybe(
        "SELECT id, user_id, email, key_id, session_epoch, requested_at, requested_by, expires_at, confirmed_at
         FROM address_changes WHERE tenant = $1 AND user_id = $2",
        &params![tenant, user.id],
    )?;
    let change = row.map(|row| read(&row)).transpose()?;
    Ok(change.filter(|change| change.waits(user, now)))
}

/// Writes a change in the place of an earlier one of its user.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, change: &Change) -> Result<()> {
    forget(tx, tenant, change.user)?;
    tx.run(
        "INSERT INTO address_changes (tenant, id, user_id, email, key_id, session_epoch, requested_at, requested_by,
             expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &params![
            tenant,
            &change.id,
            change.user,
            &change.email,
            change.key,
            change.session_epoch,
            change.requested_at,
            &change.requested_by,
            change.expires_at
        ],
    )
    .map(drop)
}

/// Takes away the change of a user.
pub(super) fn forget(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<()> {
    tx.run("DELETE FROM address_changes WHERE tenant = $1 AND user_id = $2", &params![tenant, user]).map(drop)
}

/// Uses the link of a change up; false when it was used before or is too old.
pub(super) fn use_up(tx: &mut Tx<'_>, tenant: TenantId, id: &Uuid, now: Timestamp) -> Result<bool> {
    let used = tx.run(
        "UPDATE address_changes SET confirmed_at = $3
         WHERE tenant = $1 AND id = $2 AND confirmed_at IS NULL AND expires_at > $3",
        &params![tenant, id, now],
    )?;
    Ok(used == 1)
}
