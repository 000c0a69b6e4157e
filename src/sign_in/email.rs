//! `POST /account/email`: the steps around the change of one's own address, which is in the room `addresses`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::account::{self, Refused};
use super::password::{may_have_password, prove};
use super::{SignIn, signed_in};
use crate::act::Act;
use crate::addresses::{self, NewChange};
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, Nothing};
use crate::mail::address::Email;
use crate::people;
use crate::secret::Secret;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddressChange")]
pub(super) struct Ask {
    /// The new address.
    #[schemars(example = &"jane.roe@example.com")]
    email: String,
    /// The present password.
    #[schemars(example = &"a lantern over quiet harbour water")]
    current_password: Secret<String>,
}

pub(super) async fn change(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return account::to_the_sign_in(call.is_form, refusal);
    }
    match request(&parts, &call, ask).await {
        Ok(()) => Ok(if call.is_form { Answer::see("/account") } else { Answer::done() }),
        Err(refusal) if call.is_form => account::refused_page(&call, Refused::Address, refusal),
        Err(refusal) => Err(refusal),
    }
}

async fn request(parts: &SignIn, call: &Call, ask: Ask) -> Result<()> {
    let (own, tenant) = (signed_in(call)?, call.tenant()?.id);
    let email = Email::parse(&ask.email).map_err(|refusal| refusal.told(Told::NoAddress))?;
    let user = call.store.read(call.scope()?, |tx| people::find_by_id(tx, tenant, own.user))?;
    let user = user.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
    may_have_password(&user)?;
    prove(parts, call, &user, ask.current_password, "address.request").await?;
    let act = Act::of(call)?;
    let new = NewChange::draw(email, &parts.keys, &call.random, &act);
    call.store.write(call.scope()?, move |tx| addresses::change_own(tx, &user, &new, &act)).await
}

pub(super) async fn cancel(call: Call, _: Nothing) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return account::to_the_sign_in(call.is_form, refusal);
    }
    let act = Act::of(&call)?;
    match call.store.write(call.scope()?, move |tx| addresses::cancel_own(tx, &act)).await {
        Ok(()) if !call.is_form => Ok(Answer::done()),
        Ok(()) => Ok(Answer::see("/account")),
        // The form was sent twice, or the link was used a moment ago: the page says how it stands.
        Err(gone) if call.is_form && gone.kind == Kind::NotFound => Ok(Answer::see("/account")),
        Err(failure) => Err(failure),
    }
}
