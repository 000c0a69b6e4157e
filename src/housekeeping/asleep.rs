//! Users who are not active for long: told, disabled and removed, in the tenants that ask for it.

use super::Parts;
use crate::error::Result;
use crate::store::{Scope, Tx};
use crate::{tenants, users};

/// How often each tenant with something due has a slice in one round; the rest has its turn soon.
const PASSES: usize = 20;
/// Tenants in a pass.
const TENANTS: i64 = 20;

/// Whether nothing is left that is due. One tenant that fails holds up no other.
pub(super) async fn look_at_all(house: &Parts) -> Result<bool> {
    let mut failed = None;
    for _ in 0..PASSES {
        let now = house.clock.now();
        let due = house.store.scan(Scope::HOUSE, move |tx| tenants::list_to_look_at(tx, now, TENANTS)).await?;
        if due.is_empty() {
            return Ok(true);
        }
        for tenant in due {
            let (random, clock) = (house.random.clone(), house.clock.clone());
            let verb = move |tx: &mut Tx<'_>| users::look_for_inactive(tx, tenant, &random, clock.now());
            if let Err(failure) = house.store.write(Scope::of(tenant), verb).await {
                failed = Some(failure);
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
    }
    Ok(false)
}
