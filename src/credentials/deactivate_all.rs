//! Switches every credential of a tenant off.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Switches every credential of a tenant off; an administrator may activate each again. Returns those that were valid:
/// name, and address of the user.
///
/// # Errors
/// Those of the store.
pub fn deactivate_all(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Vec<(String, String)>> {
    let counted = tx.all(
        "SELECT c.name, u.email FROM credentials c JOIN users u ON u.tenant = c.tenant AND u.id = c.user_id
         WHERE c.tenant = $1 AND c.inactive_at IS NULL AND c.expires_at > $2 ORDER BY c.name",
        &params![tenant, now],
    )?;
    tx.run("UPDATE credentials SET inactive_at = $2 WHERE tenant = $1 AND inactive_at IS NULL", &params![tenant, now])?;
    counted.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
