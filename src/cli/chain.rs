//! Verifies the audit chains of all tenants in the store itself, whether a server runs or not.

use serde_json::json;

use super::arguments::Open;
use super::opened::look;
use super::output::Output;
use crate::audit::{AuditKey, Verified, sentence, verify};
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::random::Random;
use crate::store::{Scope, Store, Tx};
use crate::tenants;

/// `tenantry audit verify --offline`.
///
/// # Errors
/// If a chain is not whole, or cannot be read.
pub fn run(open: &Open, output: Output) -> Result<()> {
    let config = load(&open.sources(process_environment()))?.config;
    let keys = Keys::open(&config.links.key_file, false, &Random::system())?;
    let walked = walk(&look(&config)?, &keys)?;
    let items: Vec<_> = walked.iter().map(|(tenant, found)| json!({ "tenant": tenant, "verified": found })).collect();
    let row = |(tenant, found): &(String, Verified)| {
        vec![tenant.clone(), format!("{}:{}", found.anchor.number, found.anchor.hash), sentence(found)]
    };
    let rows: Vec<_> = walked.iter().map(row).collect();
    output.table(&json!({ "items": items }), &["TENANT", "ANCHOR", "FINDING"], &rows, "No tenants.")?;
    match walked.iter().filter(|(_, found)| found.fault.is_some()).count() {
        0 => Ok(()),
        count => Err(Error::conflict(format!("The audit records of {count} tenants are not whole."))),
    }
}

/// The verification of each tenant's chain, with the tenant's name.
///
/// # Errors
/// Those of the store.
pub fn walk(store: &Store, keys: &Keys) -> Result<Vec<(String, Verified)>> {
    let key = AuditKey::of(keys);
    let all = |tx: &mut Tx<'_>| {
        let walked =
            tenants::list_all(tx)?.into_iter().map(|tenant| Ok((tenant.name, verify(tx, &key, tenant.id, None)?)));
        walked.collect()
    };
    store.read(Scope::HOUSE, all)
}
