//! The sessions of a user, as they are shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::list;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Tenant, UserId};
use crate::store::Tx;

/// A session of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct UserSession {
    /// From where it was begun.
    #[schemars(example = &"203.0.113.7")]
    pub ip_address: String,
    /// When.
    pub start: Timestamp,
    /// When last used.
    pub last_access: Timestamp,
}

/// The live sessions of a user. One that nobody used for the tenant's idle time has ended.
///
/// # Errors
/// Those of the store.
pub fn live_of(tx: &mut Tx<'_>, tenant: &Tenant, user: UserId, now: Timestamp) -> Result<Vec<UserSession>> {
    let seen_after = now.plus_seconds(-60 * tenant.settings.session.idle_minutes);
    let shown = list(tx, tenant.id, user, seen_after, now)?.into_iter().map(|session| UserSession {
        ip_address: session.address,
        start: session.started_at,
        last_access: session.last_seen_at,
    });
    Ok(shown.collect())
}
