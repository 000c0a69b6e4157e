//! The audit chains of all tenants, walked in the store itself.

use serde_json::json;

use super::arguments::Open;
use super::opened::Opened;
use super::output::Output;
use crate::audit::{AuditKey, Verified, sentence, verify};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::store::{Scope, Tx};
use crate::tenants;

/// `tenantry audit verify --offline`.
///
/// # Errors
/// When a chain is not whole, or cannot be read.
pub fn run(open: &Open, output: Output) -> Result<()> {
    let opened = Opened::existing(open)?;
    let walked = walk(&opened);
    opened.store.close();
    let walked = walked?;
    let items: Vec<_> = walked.iter().map(|(tenant, found)| json!({ "tenant": tenant, "verified": found })).collect();
    let rows: Vec<_> = walked.iter().map(|(tenant, found)| vec![tenant.clone(), sentence(found)]).collect();
    output.table(&json!({ "items": items }), &["TENANT", "FINDING"], &rows, "No tenants.")?;
    match walked.iter().filter(|(_, found)| found.fault.is_some()).count() {
        0 => Ok(()),
        count => Err(Error::conflict(format!("The audit records of {count} tenants are not whole."))),
    }
}

/// What a walk along each tenant's chain finds, by the name of the tenant.
///
/// # Errors
/// `NotFound` when the key file is missing: a new one would call every chain forged.
pub fn walk(opened: &Opened) -> Result<Vec<(String, Verified)>> {
    let path = &opened.config.links.key_file;
    if !path.exists() {
        return Err(Error::not_found(format!(
            "The key file {} is missing, and without it no chain can be proven. Restore it from where you keep it.",
            path.display()
        )));
    }
    let key = AuditKey::new(Keys::open(path, false, &opened.random)?.lasting("audit chain"));
    let all = |tx: &mut Tx<'_>| {
        let walked = tenants::list(tx)?.into_iter().map(|tenant| Ok((tenant.name, verify(tx, &key, tenant.id, None)?)));
        walked.collect()
    };
    opened.store.read(Scope::HOUSE, all)
}
