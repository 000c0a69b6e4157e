//! Whether an invitation is still open, asked by a program that holds the link of its mail. The token in the link is the
//! secret, and nobody can make one: a client without one learns nothing of any address.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Resets;
use super::page::find_live;
use crate::error::{Error, Kind, Result};
use crate::http::{Call, Json, Operation, Permission, bind_body};
use crate::mail::address::Email;
use crate::people::User;
use crate::terms::RegistrationVerdict;

pub(super) fn operations(resets: &Resets) -> Vec<Operation> {
    vec![
        Operation::post("/no_auth/login/validate_registration", Permission::Open, bind_body(resets, validate))
            .per_address(&resets.by_address)
            .without_cookie()
            .id("ves.io.schema.signup.CustomAPI.ValidateRegistration")
            .summary("Whether the token of a mailed link still lets this address choose its first password."),
    ]
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(extend("required" = ["email", "token"]))]
struct Registration {
    /// The address to which the link was mailed.
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
    /// The link, or the code in it.
    #[schemars(example = &"J4hXq0ZrT2mWc8LpVn5sKd1YbEuGf7RaQ3oNi9xMtBwHzCkS")]
    token: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Validated {
    #[schemars(example = true)]
    valid_registration: bool,
    #[schemars(with = "RegistrationVerdict")]
    err: &'static str,
}

/// The same answer for every token that does not do, whatever the reason.
async fn validate(resets: Resets, call: Call, ask: Registration) -> Result<Json<Validated>> {
    let email = Email::parse(&required("email", ask.email)?)?;
    let token = required("token", ask.token)?;
    let is_valid = match find_live(&resets, &call, &token) {
        Ok(live) => is_first_for(&live.user, &email)?,
        Err(dead) if dead.kind == Kind::Invalid => false,
        Err(failure) => return Err(failure),
    };
    let err = if is_valid { "ETOKEN_OK" } else { "ETOKEN_FAILED" };
    Ok(Json(Validated { valid_registration: is_valid, err }))
}

/// Whether the user of the link has this address and no password yet.
fn is_first_for(user: &User, email: &Email) -> Result<bool> {
    Ok(user.password_hash.is_none() && Email::parse(&user.email)?.key() == email.key())
}

fn required(field: &str, text: Option<String>) -> Result<String> {
    let text = text.filter(|text| !text.is_empty());
    text.ok_or_else(|| Error::invalid(format!("Field {field} should be not empty in request.")))
}
