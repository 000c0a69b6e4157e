//! Who suspended a tenant, asked to delete it or had it removed stands in its row, and is taken out when that person is erased.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Tx, Value};

const READ: &str = "SELECT suspension, deletion_request, removal FROM tenants WHERE id = $1";
const KEEP: &str = "UPDATE tenants SET suspension = $2, deletion_request = $3, removal = $4 WHERE id = $1";

/// Where `reword` answers another text for what stands in the row, that one is kept.
///
/// # Errors
/// Those of the store.
pub fn reword(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    reword: &mut impl FnMut(&str, Timestamp) -> Option<String>,
) -> Result<()> {
    let Some(row) = tx.maybe(READ, &params![tenant])? else { return Ok(()) };
    let change = |value: &Value| if let Value::Text(text) = value { reword(text, Timestamp(0)) } else { None };
    let reworded: Vec<Option<String>> = row.0.iter().map(change).collect();
    if reworded.iter().all(Option::is_none) {
        return Ok(());
    }
    let now: Vec<Option<String>> =
        reworded.into_iter().enumerate().map(|(nth, text)| Ok(text.or(row.get(nth)?))).collect::<Result<_>>()?;
    let [suspension, deletion, removal] = [0, 1, 2].map(|nth| now[nth].as_deref());
    tx.run(KEEP, &params![tenant, suspension, deletion, removal]).map(drop)
}
