//! The address of a user: how it is changed, and where mail goes meanwhile.

use super::found::{EDITION, Found, change_words};
use super::rows::User;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, TenantSettings};
use crate::mail::address::Email;
use crate::params;
use crate::store::Tx;

const HOUR_SECONDS: i64 = 3600;

impl User {
    /// Whether the present address has served this account: a link that was mailed to it came back, or a password was
    /// chosen. The first address of a user whom nobody has reached yet has not, and may be a misspelt one.
    pub fn has_used_address(&self) -> bool {
        self.email_verified_at.is_some() || self.password_hash.is_some()
    }

    /// The former address with the moment until which mail goes there; `None` once the tenant's cool-off is over.
    pub fn former_address(&self, settings: &TenantSettings, now: Timestamp) -> Option<(&str, Timestamp)> {
        let (former, changed_at) = (self.former_email.as_deref()?, self.email_changed_at?);
        let seconds = settings.reset.address_cool_off_hours * HOUR_SECONDS;
        changed_at.lasts(seconds, now).then(|| (former, changed_at.plus_seconds(seconds)))
    }

    /// Where mail to this user goes now: links, and what tells of the account. The holder of a password who changes the
    /// address of an account cannot also read its links on the same day.
    pub fn mail_goes_to(&self, settings: &TenantSettings, now: Timestamp) -> &str {
        self.former_address(settings, now).map_or(&self.email, |(former, _)| former)
    }
}

/// An address that its user has confirmed.
#[derive(Debug, Clone, Copy)]
pub struct NewAddress<'a> {
    /// The address.
    pub email: &'a Email,
    /// Where mail goes until the cool-off is over, if not to the address itself.
    pub former: Option<&'a str>,
    /// The epoch of sessions in which the change was requested.
    pub session_epoch: i64,
    /// The present moment.
    pub now: Timestamp,
}

/// Gives a user another address, which the link that was mailed to it has verified. False when the user is disabled, or the
/// sessions of then have ended. The address must be free.
///
/// # Errors
/// Those of the store.
pub fn change_address(tx: &mut Tx<'_>, tenant: TenantId, user: &User, new: &NewAddress<'_>) -> Result<bool> {
    let changed = tx.run(
        "UPDATE users SET email = $3, email_key = $4, email_verified_at = $5, email_changed_at = $5, former_email = $6,
             found_by = $8
         WHERE tenant = $1 AND id = $2 AND session_epoch = $7 AND disabled_at IS NULL
           AND kind = 'USER' AND idm_type = 'VOLTERRA_MANAGED'",
        &params![
            tenant,
            user.id,
            new.email.as_str(),
            &new.email.key(),
            new.now,
            new.former,
            new.session_epoch,
            EDITION
        ],
    )?;
    if changed == 1 {
        let User { id, kind, first_name, last_name, .. } = user;
        let email = new.email.as_str();
        change_words(tx, tenant, &Found { user: *id, kind: *kind, email, first_name, last_name })?;
    }
    Ok(changed == 1)
}
