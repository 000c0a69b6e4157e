//! The public halves, for anyone.

use super::known::list_known;
use super::signer::Signer;
use crate::error::Result;
use crate::http::{Answer, Call, Operation, Permission, Success, bind};
use crate::identity::TenantId;
use crate::store::Scope;

/// The rows.
pub fn operations(signer: &Signer) -> Vec<Operation> {
    vec![
        Operation::get("/.well-known/tenantry-keys", Permission::Public, bind(signer, keys))
            .id("tenantry.keys")
            .answers(&[Success::file("text/plain", "A key a line, as signed notes name them, the newest first.")])
            .summary("The public keys of all that this installation has signed."),
    ]
}

async fn keys(signer: Signer, call: Call) -> Result<Answer> {
    let known = call.store.read(Scope::of(TenantId::SYSTEM), |tx| list_known(tx, &signer))?;
    let lines: String = known.iter().map(|key| format!("{key}\n")).collect();
    Ok(Answer::new("text/plain; charset=utf-8", lines))
}
