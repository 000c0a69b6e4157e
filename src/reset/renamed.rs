//! What is kept under the name of the one who resets goes along when that name changes.

use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Moves the budget and the `Idempotency-Key`s of a person to another name: a repeat stays a repeat, and nobody gets a second
/// budget by a new address. What stands under that name is of someone who had it before.
///
/// # Errors
/// Those of the store.
pub fn follow_name(tx: &mut Tx<'_>, tenant: TenantId, former: &str, name: &str) -> Result<()> {
    tx.run("DELETE FROM reset_keys WHERE tenant = $1 AND actor = $2", &params![tenant, name])?;
    tx.run("DELETE FROM reset_budgets WHERE tenant = $1 AND actor = $2", &params![tenant, name])?;
    let names = params![tenant, former, name];
    tx.run("UPDATE reset_keys SET actor = $3 WHERE tenant = $1 AND actor = $2", &names)?;
    tx.run("UPDATE reset_budgets SET actor = $3 WHERE tenant = $1 AND actor = $2", &names).map(drop)
}
