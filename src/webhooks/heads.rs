//! Deliveries of heads of the audit log: they are made directly, and no record stands behind them.

use serde_json::Value;
use uuid::Uuid;

use super::deliveries;
use super::events;
use super::rows;
use super::send::own_body;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::ids;
use crate::store::Tx;

/// Tells a head to each webhook that is on and asks for it. Their ids follow from `of`.
///
/// # Errors
/// Those of the store.
pub fn tell_head(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (number, of): (i64, Uuid),
    data: &Value,
    now: Timestamp,
) -> Result<()> {
    let body = own_body(events::HEAD, now, data)?;
    let asked = rows::list(tx, tenant)?.into_iter().filter(|one| one.off_at.is_none() && one.events.has(events::HEAD));
    for webhook in asked {
        let id = ids::derived(&of, &webhook.id.simple().to_string(), 0);
        deliveries::queue_own(tx, (tenant, webhook.id), (id, events::HEAD, number), &body, now)?;
    }
    Ok(())
}
