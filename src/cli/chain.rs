//! Verifies the audit chains of all tenants in the store itself, whether a server runs or not.

use serde_json::json;

use super::arguments::{AuditVerify, Open};
use super::audit::given;
use super::heads::{self, Given};
use super::opened::look;
use super::output::Output;
use crate::audit::{AuditKey, Verified, sentence, verify};
use crate::config::{load, process_environment};
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::random::Random;
use crate::signing::{Signer, list_known};
use crate::store::{Scope, Store, Tx};
use crate::tenants;

/// `tenantry audit verify --offline`.
///
/// # Errors
/// If a chain is not whole, or cannot be read.
pub fn run(open: &Open, ask: &AuditVerify, output: Output) -> Result<()> {
    let config = load(&open.sources(process_environment()))?.config;
    let keys = Keys::open(&config.links.key_file, false, &Random::system())?;
    let store = look(&config)?;
    let known = || store.read(Scope::HOUSE, |tx| list_known(tx, &Signer::new(&keys, config.installation())));
    let given = given(ask, known)?;
    let walked = walk(&store, &keys, &given)?;
    require_all_compared(&walked, &given)?;
    let items: Vec<_> = walked.iter().map(|(tenant, found)| json!({ "tenant": tenant, "verified": found })).collect();
    let row = |(tenant, found): &(String, Verified)| {
        vec![tenant.clone(), format!("{}:{}", found.anchor.number, found.anchor.hash), sentence(found)]
    };
    let rows: Vec<_> = walked.iter().map(row).collect();
    output.table(&json!({ "items": items }), &["TENANT", "ANCHOR", "FINDING"], &rows, "No tenants.")?;
    for (tenant, found) in walked.iter().filter(|(_, found)| found.fault.is_some()) {
        let fault = serde_json::to_value(&found.fault).map_err(Error::internal)?;
        if let Some(differs) = heads::differing(&of_tenant(&given, tenant), &fault) {
            return Err(Error::conflict(format!("{tenant}: {differs}")));
        }
    }
    match walked.iter().filter(|(_, found)| found.fault.is_some()).count() {
        0 => heads::agreeing(&given).map_or(Ok(()), |agree| output.line(&agree)),
        count => Err(Error::conflict(format!("The audit records of {count} tenants are not whole."))),
    }
}

/// The verification of each tenant's chain, with the tenant's name; heads are compared with the chain of the tenant that they name.
///
/// # Errors
/// Those of the store.
pub fn walk(store: &Store, keys: &Keys, given: &[Given]) -> Result<Vec<(String, Verified)>> {
    let key = AuditKey::of(keys);
    let all = |tx: &mut Tx<'_>| {
        let walked = tenants::list_all(tx)?.into_iter().map(|tenant| {
            let kept: Vec<_> = of_tenant(given, &tenant.name).iter().map(Given::anchor).collect();
            Ok((tenant.name, verify(tx, &key, tenant.id, &kept)?))
        });
        walked.collect()
    };
    store.read(Scope::HOUSE, all)
}

fn of_tenant(given: &[Given], tenant: &str) -> Vec<Given> {
    given.iter().filter(|one| one.tenant == tenant).cloned().collect()
}

/// A head that is compared with nothing must not pass for one that agrees.
fn require_all_compared(walked: &[(String, Verified)], given: &[Given]) -> Result<()> {
    match given.iter().find(|one| walked.iter().all(|(tenant, _)| one.tenant != *tenant)) {
        Some(other) => Err(Error::not_found(format!(
            "There is no tenant {} here, of which head {} tells. Where it was renamed, ask the running server as that tenant.",
            other.tenant, other.head.number
        ))),
        None => Ok(()),
    }
}
