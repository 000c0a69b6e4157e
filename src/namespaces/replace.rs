//! What is said of a namespace, said anew. Its name stays.

use serde_json::json;

use super::not_found;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::objects::KeptMetadata;
use crate::params;
use crate::store::Tx;

/// Sets the whole of a namespace's description.
///
/// # Errors
/// `NotFound`: a replacement never creates.
pub fn replace(tx: &mut Tx<'_>, name: &str, metadata: &KeptMetadata, act: &Act) -> Result<()> {
    describe(tx, act.tenant.id, name, metadata, act.now)?;
    act.record(tx, "namespace.replace", name, json!({ "metadata": metadata }))
}

/// As [`replace`], without a record: for a verb whose own record tells of it.
///
/// # Errors
/// `NotFound`.
pub fn describe(tx: &mut Tx<'_>, tenant: TenantId, name: &str, metadata: &KeptMetadata, now: Timestamp) -> Result<()> {
    let text = serde_json::to_string(metadata).map_err(Error::internal)?;
    let changed = tx.run(
        "UPDATE namespaces SET metadata = $3, modified_at = $4 WHERE tenant = $1 AND name = $2",
        &params![tenant, name, &text, now],
    )?;
    if changed == 0 { Err(not_found(name)) } else { Ok(()) }
}
