//! `/prove`: the holder of a session proves again who they are, for what asks for a fresh proof (decision 0039).

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::account::to_the_sign_in;
use super::own_factor::PAGE as SECOND_FACTOR;
use super::password::{may_have_password, prove};
use super::{SignIn, SignedIn, api, code, signed_in, site};
use crate::act::Act;
use crate::audit::{self, Event, Outcome};
use crate::error::{Error, Result};
use crate::factors::{self, Factor, Judged, Owner};
use crate::http::{Answer, Call, is_in_console};
use crate::keys::Keys;
use crate::pages::prove::Prove;
use crate::pages::{self, told};
use crate::people::{self, User};
use crate::secret::Secret;
use crate::sessions;
use crate::store::Tx;
use crate::text;

/// Where a browser may go on to, beside the pages of the console. The address that a request names is one of these, or it does
/// not count.
const BACK: [&str; 2] = ["/account", SECOND_FACTOR];
const ACTION: &str = "session.prove";

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ProofAgain")]
pub(super) struct Ask {
    /// The password.
    #[schemars(example = &"a lantern over quiet harbour water")]
    password: Secret<String>,
    /// Where the account has a code app: six digits of it, or a recovery code.
    #[serde(default)]
    #[schemars(example = &"492039")]
    code: Option<Secret<String>>,
    /// The page to go on to.
    #[serde(default)]
    #[schemars(example = &"/account")]
    back: Option<String>,
}

fn back(asked: Option<&str>) -> &str {
    asked.filter(|page| BACK.contains(page) || is_in_console(page)).unwrap_or(BACK[0])
}

pub(super) async fn show(call: Call) -> Result<Answer> {
    let asked = call.query("back").unwrap_or_default();
    text::check("back", &asked)?;
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(true, refusal);
    }
    page(&call, back(Some(asked.as_str())), &[]).map(Answer::page)
}

fn page(call: &Call, back: &str, problems: &[String]) -> Result<maud::Markup> {
    let (user, factor) = own(call, &signed_in(call)?)?;
    let shown = Prove { email: &user.email, asks_code: factor.is_some_and(|factor| factor.is_on()), back, problems };
    Ok(pages::prove::page(&site(call.tenant()?, call.language()), &shown))
}

fn own(call: &Call, own: &SignedIn) -> Result<(User, Option<Factor>)> {
    let tenant = call.tenant()?.id;
    call.store.read(call.scope()?, |tx| {
        let user = people::find_by_id(tx, tenant, own.user)?.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
        Ok((user, factors::find(tx, tenant, own.user)?))
    })
}

pub(super) async fn carry_out(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.is_form, refusal);
    }
    let back = back(ask.back.as_deref()).to_owned();
    match prove_again(&parts, &call, ask).await {
        Ok(()) => {
            if call.is_form {
                Answer::see_at(&back)
            } else {
                Ok(Answer::done())
            }
        }
        Err(refusal) if call.is_form && refusal.told.is_some() => {
            let problem = told::problem(&refusal, call.language());
            let answer = Answer::refused_page(page(&call, &back, &[problem])?, refusal.kind);
            Ok(api::with_wait(answer, refusal.kind))
        }
        Err(refusal) => Err(refusal),
    }
}

async fn prove_again(parts: &SignIn, call: &Call, ask: Ask) -> Result<()> {
    let (signed, act) = (signed_in(call)?, Act::of(call)?);
    let (user, _) = own(call, &signed)?;
    may_have_password(&user)?;
    prove(parts, call, &user, ask.password, ACTION).await?;
    let (keys, code) = (parts.keys.clone(), ask.code.filter(|code| !code.expose().trim().is_empty()));
    let verb = move |tx: &mut Tx<'_>| by_code(tx, &keys, (&signed, &user), code.as_ref(), &act);
    call.store.write(call.scope()?, verb).await??;
    Ok(())
}

/// The second half; the inner error is a refusal whose count and record stay.
fn by_code(
    tx: &mut Tx<'_>,
    keys: &Keys,
    (own, user): (&SignedIn, &User),
    code: Option<&Secret<String>>,
    act: &Act,
) -> Result<Result<()>> {
    let (tenant, at, actor) = (act.tenant.id, act.now, &act.actor);
    let has_factor = factors::find(tx, tenant, own.user)?.is_some_and(|factor| factor.is_on());
    if has_factor {
        let refuse = |tx: &mut Tx<'_>, reason: &str| {
            let (outcome, subject, facts) = (Outcome::Refused, &user.email, json!({ "reason": reason }));
            audit::record(tx, &Event { tenant, at, action: ACTION, outcome, actor, subject, facts })
        };
        // Who is here knows the password.
        let Some(code) = code else { return refuse(tx, "no code").map(|()| Err(code::missing())) };
        let owner = Owner { tenant, user: own.user };
        let judged = factors::prove(tx, keys, owner, code.expose(), at)?;
        if !matches!(judged, Judged::Right(_)) {
            return refuse(tx, &judged.reason()).map(|()| judged.refused());
        }
    }
    if !sessions::prove(tx, tenant, &own.session, at)? {
        return Err(Error::unauthenticated("Sign in first."));
    }
    act.record(tx, ACTION, &user.email, json!({ "second_factor": has_factor })).map(Ok)
}
