//! When the users of a tenant are looked at next for those who have been inactive for long: found by an index, however many
//! tenants there are, and by nothing where a tenant does not ask for it.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, TenantSettings};
use crate::params;
use crate::store::Tx;

/// A tenant is looked at once a day at least.
const LOOK_SECONDS: i64 = 24 * 3600;

/// What stands in the row when settings are written: at once where they ask for it.
pub(super) fn look_at(settings: &TenantSettings) -> Option<Timestamp> {
    settings.inactive_users.is_on().then_some(Timestamp(0))
}

/// Up to `most` tenants that must be looked at by now, the longest overdue first. Suspended ones wait. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_to_look_at(tx: &mut Tx<'_>, now: Timestamp, most: i64) -> Result<Vec<TenantId>> {
    let statement =
        "SELECT id FROM tenants WHERE sleep_look_at <= $1 AND sleep_look_at IS NOT NULL AND disabled_at IS NULL
        ORDER BY sleep_look_at LIMIT $2";
    tx.all(statement, &params![now, most])?.iter().map(|row| row.get(0)).collect()
}

/// Looks at the tenant again at that moment, and within a day in any case; where it asks for nothing, never.
///
/// # Errors
/// Those of the store.
pub fn look_again(tx: &mut Tx<'_>, tenant: TenantId, at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    let at = at.map(|at| at.min(now.plus_seconds(LOOK_SECONDS)));
    tx.run("UPDATE tenants SET sleep_look_at = $2 WHERE id = $1", &params![tenant, at]).map(drop)
}

/// The moment before which nobody's inactivity counts, if there is one.
///
/// # Errors
/// Those of the store.
pub fn awake_since(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<Timestamp>> {
    tx.one("SELECT awake_since FROM tenants WHERE id = $1", &params![tenant])?.get(0)
}

/// From now on inactivity counts anew for all users of a tenant: nobody could sign in before, or what they did since is lost.
///
/// # Errors
/// Those of the store.
pub fn wake_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run("UPDATE tenants SET awake_since = $2 WHERE id = $1", &params![tenant, now]).map(drop)
}

/// Moves back to now what a clock that ran ahead has stamped, so that the tenant is looked at again.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE tenants SET awake_since = CASE WHEN awake_since > $3 THEN $2 ELSE awake_since END,
             sleep_look_at = CASE WHEN sleep_look_at > $4 THEN $2 ELSE sleep_look_at END
         WHERE id = $1 AND (awake_since > $3 OR sleep_look_at > $4)",
        &params![tenant, now, now.with_skew(), now.with_skew().plus_seconds(LOOK_SECONDS)],
    )
    .map(drop)
}
