//! One user in full, for an administrator who must understand what is going on.

use uuid::Uuid;

use super::{PasswordState, Sleep, UserState};
use crate::access::Grant;
use crate::addresses::{self, Change};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::factors::{self, Factor};
use crate::identity::Tenant;
use crate::mail::address::Email;
use crate::params;
use crate::people::{self, User, get_by_email, grants_of, user_groups};
use crate::sessions::{self, UserSession};
use crate::store::Tx;

/// All that is known of a user.
#[derive(Debug)]
pub struct ShownUser {
    /// What is kept of them.
    pub user: User,
    /// Their roles in namespaces, sorted.
    pub grants: Vec<Grant>,
    /// The user groups that they are in, by name.
    pub groups: Vec<String>,
    /// Who locked them out.
    pub disabled_by: Option<String>,
    /// The open reset; none when its link is dead of age.
    pub open_reset: Option<OpenReset>,
    /// The latest reset, whatever became of it.
    pub last_reset: Option<Uuid>,
    /// The change of the address that waits for its link.
    pub address_change: Option<Change>,
    /// Where mail goes, and until when if that is the former address.
    pub mail_goes_to: (String, Option<Timestamp>),
    /// Live sessions; a user who is locked out has none.
    pub sessions: Vec<UserSession>,
    /// When they were active last: a sign-in, the use of a session, or of a credential (to a day).
    pub last_active_at: Option<Timestamp>,
    /// What is known of them as of one who is inactive; nothing of most.
    pub sleep: Sleep,
    /// Their code app, or the trace of one that was taken away.
    pub factor: Option<Factor>,
}

/// A reset that can be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenReset {
    /// Its id.
    pub id: Uuid,
    /// Until when it can be redeemed.
    pub expires_at: Timestamp,
}

impl ShownUser {
    /// Where they stand.
    pub fn state(&self) -> UserState {
        let User { disabled_at, password_hash, .. } = &self.user;
        UserState::of(disabled_at.is_some(), self.user.has_local_password(), password_hash.is_some())
    }

    /// Whether their password counts.
    pub fn password(&self) -> PasswordState {
        PasswordState::of(&self.user)
    }
}

/// Shows one user.
///
/// # Errors
/// `NotFound`.
pub fn show(tx: &mut Tx<'_>, tenant: &Tenant, email: &Email, now: Timestamp) -> Result<ShownUser> {
    let user = get_by_email(tx, tenant.id, email)?;
    let more = tx.one(
        "SELECT disabled_by, open_reset_expires_at, last_reset, group_roles FROM users WHERE tenant = $1 AND id = $2",
        &params![tenant.id, user.id],
    )?;
    let open_reset = user.open_reset.zip(more.get(1)?).map(|(id, expires_at)| OpenReset { id, expires_at });
    let grants = grants_of(tx, tenant.id, user.id)?;
    let sessions = if user.disabled_at.is_some() { Vec::new() } else { sessions::live_of(tx, tenant, user.id, now)? };
    let factor = factors::find(tx, tenant.id, user.id)?;
    let active = people::activity_of_each(tx, tenant.id, &[user.id])?.into_iter().next().flatten();
    let sleeper = people::sleepers(tx, tenant.id, &[user.id])?.into_iter().next().flatten();
    let mail_goes_to = match user.former_address(&tenant.settings, now) {
        Some((former, until)) => (former.into(), Some(until)),
        None => (user.email.clone(), None),
    };
    Ok(ShownUser {
        address_change: addresses::pending_of(tx, tenant.id, &user, now)?,
        mail_goes_to,
        user,
        grants,
        groups: user_groups(more.get::<Option<String>>(3)?.as_deref())?,
        disabled_by: more.get(0)?,
        last_active_at: active.and_then(|active| active.done_at),
        sleep: Sleep::of(sleeper.as_ref()),
        open_reset: open_reset.filter(|open| open.expires_at > now),
        last_reset: more.get(2)?,
        factor,
        sessions,
    })
}
