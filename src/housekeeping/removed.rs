//! Deletes tenants whose removal can be taken back no more.

use std::net::Ipv4Addr;

use serde_json::json;

use super::{LEEWAY_SECONDS, Parts};
use crate::audit;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Actor, TenantId};
use crate::store::{Scope, erase};
use crate::tenants;

/// Rows that one transaction deletes at most.
const SLICE: i64 = 500;

/// Deletes each of them as a whole. What a process leaves unfinished the next one finishes.
pub(super) async fn delete_all(house: &Parts) -> Result<()> {
    // A clock that jumped ahead deletes nothing.
    let before = house.clock.now().plus_seconds(-LEEWAY_SECONDS);
    for due in house.store.scan(Scope::HOUSE, move |tx| tenants::list_due(tx, before)).await? {
        if !due.is_begun {
            begin(house, due.tenant, before).await?;
        }
        while !delete_slice(house, due.tenant).await? {}
    }
    Ok(())
}

/// The end of the tenant's chain is kept: it shows of a copy of its records, wherever one is, whether it is whole.
async fn begin(house: &Parts, tenant: TenantId, before: Timestamp) -> Result<()> {
    let (key, now) = (house.audit_key.clone(), house.clock.now());
    let actor = actor(house, now);
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        let (anchor, is_signed) = audit::end_of(tx, &key, tenant)?;
        tenants::begin_removal(tx, tenant, json!({ "anchor": anchor, "signed": is_signed }), &actor, (before, now))
    };
    house.store.write(Scope::operating(tenant), verb).await
}

/// Whether nothing is left, not even the tenant.
async fn delete_slice(house: &Parts, tenant: TenantId) -> Result<bool> {
    let now = house.clock.now();
    let actor = actor(house, now);
    let verb = move |tx: &mut crate::store::Tx<'_>| {
        let is_empty = erase(tx, tenant, SLICE)? == 0;
        if is_empty {
            tenants::end_removal(tx, tenant, &actor, now)?;
        }
        Ok(is_empty)
    };
    house.store.write(Scope::operating(tenant), verb).await
}

fn actor(house: &Parts, now: Timestamp) -> Actor {
    let (name, address, request_id) = ("housekeeping".into(), Ipv4Addr::UNSPECIFIED.into(), house.random.uuid(now));
    Actor { user: None, name, credential: None, address, request_id }
}
