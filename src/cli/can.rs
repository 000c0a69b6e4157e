//! `tenantry can`: may this user do that, and why.

use serde_json::Value;

use super::arguments::Can;
use super::client::Client;
use super::output::Output;
use crate::error::{Error, Result};

/// Prints each rule that allows the call. Where none does, the failure says what stands in the way.
///
/// # Errors
/// `Forbidden` when the user may not; the server's refusal, or that it could not be reached.
pub fn run(can: &Can, output: Output) -> Result<()> {
    let query = [
        ("user", Some(can.who.clone())),
        ("operation", Some(can.call.clone())),
        ("namespace", can.namespace.clone()),
        ("target", can.target.clone()),
        ("credential", can.credential.clone()),
    ];
    let answer = Client::of(&can.api)?.get("/api/tenantry/v1/can", &query)?.json();
    let because: Vec<&str> = answer["because"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if answer["allowed"] == true {
        return output.object(&answer, &format!("Yes.\n{}", because.join("\n")));
    }
    Err(Error::forbidden(format!("No. {}", because.join(" "))))
}
