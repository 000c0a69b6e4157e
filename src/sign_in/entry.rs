//! The one place that begins a session: every proof has been asked for and is there.

use serde_json::json;
use uuid::Uuid;

use super::attempt::{ACTION, refuse};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::factors::{self, By, Letter, NewNotice};
use crate::identity::{Actor, TenantId};
use crate::people::{self, User};
use crate::sessions::{self, NewSession};
use crate::store::Tx;

/// A sign-in whose every proof is there.
pub(super) struct Entry<'a> {
    pub(super) user: &'a User,
    /// The hash to keep.
    pub(super) hash: Option<&'a str>,
    pub(super) session: &'a NewSession,
    pub(super) replaced: Option<&'a [u8; 32]>,
    /// The second factor, if one was asked for.
    pub(super) by: Option<By>,
    /// Whether it was set up by this very sign-in.
    pub(super) enrolled: bool,
    pub(super) mail: Uuid,
}

/// Begins the session; whether the user may still sign in with the password that was checked.
pub(super) fn begin_session(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    entry: &Entry<'_>,
    actor: &Actor,
    now: Timestamp,
) -> Result<bool> {
    let user = entry.user;
    if !people::note_sign_in(tx, tenant, user, entry.hash, now)? {
        refuse(tx, tenant, &user.email, "changed meanwhile", actor, now)?;
        return Ok(false);
    }
    if let Some(replaced) = entry.replaced {
        sessions::end_by_hash(tx, tenant, replaced)?;
    }
    let method = method(entry.by);
    sessions::insert(tx, tenant, &NewSession { method, ..entry.session.clone() }, now)?;
    if let Some(By::RecoveryCode(left)) = entry.by {
        let notice = NewNotice { id: entry.mail, user: user.id, letter: Letter::CodeUsed, left: Some(left) };
        factors::tell(tx, tenant, &notice, actor, now)?;
    }
    let actor = Actor { user: Some(user.id), name: user.email.clone(), credential: None, ..actor.clone() };
    let facts = json!({ "session": entry.session.uid.to_string(), "method": method, "factor_set_up": entry.enrolled });
    let (outcome, subject) = (Outcome::Accepted, user.email.as_str());
    audit::record(tx, &Event { tenant, at: now, action: ACTION, outcome, actor: &actor, subject, facts })?;
    Ok(true)
}

/// In the words of login events.
fn method(by: Option<By>) -> &'static str {
    match by {
        None => "PASSWORD",
        Some(By::Code) => "OTP",
        Some(By::RecoveryCode(_)) => "RECOVERY_CODE",
    }
}
