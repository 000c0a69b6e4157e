//! `tenantry transfer`: what another Tenantry needs to send hashes of passwords here.

use serde_json::json;

use super::arguments::Transfer;
use super::client::Client;
use super::output::{Output, moment};
use crate::error::Result;

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn run(verb: &Transfer, output: Output) -> Result<()> {
    let Transfer::Key { api } = verb;
    let made = Client::of(api)?.post("/api/tenantry/v1/imports/key", &json!({}))?.json();
    output.note(&format!(
        "Give this key to who writes the other tenant out (tenantry tenant export --hashes --seal-with FILE). It counts until {} \
         (UTC), and it opens hashes: keep it as a password.",
        moment(&made["expires_at"])
    ));
    output.object(&made, made["key"].as_str().unwrap_or_default())
}
