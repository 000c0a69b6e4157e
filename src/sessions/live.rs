//! The sessions of a user, as they are shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::list;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Tenant, UserId};
use crate::params;
use crate::store::{Batch, Tx};

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

/// How many live sessions each of these users has, who have these epochs.
///
/// # Errors
/// Those of the store.
pub fn count_live_of_each(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    users: &[(UserId, i64)],
    now: Timestamp,
) -> Result<Vec<i64>> {
    const COUNT: Batch = Batch::new(
        "SELECT COUNT(*) FROM sessions WHERE tenant = $1 AND user_id = $2 AND epoch = $3 AND last_seen_at > $4
            AND ends_at > $5",
    );
    let seen_after = now.plus_seconds(-60 * tenant.settings.session.idle_minutes);
    let rows: Vec<_> = users.iter().map(|(user, epoch)| params![tenant.id, *user, *epoch, seen_after, now]).collect();
    let counts = tx.each(COUNT, &rows)?;
    counts.iter().map(|answer| answer.rows.first().map_or(Ok(0), |row| row.get(0))).collect()
}
