//! When each user signed in last, in one map, as the public API has it.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::people::each_last_sign_in;
use crate::store::Tx;

/// The last sign-in of each user by address. A user who has never signed in is not in the map: in the public API its values
/// are times, and none may be null.
///
/// # Errors
/// Those of the store.
pub fn last_logins(tx: &mut Tx<'_>, tenant: TenantId) -> Result<BTreeMap<String, Timestamp>> {
    let mut map = BTreeMap::new();
    each_last_sign_in(tx, tenant, |last| map.extend(last.at.map(|at| (last.email, at))))?;
    Ok(map)
}
