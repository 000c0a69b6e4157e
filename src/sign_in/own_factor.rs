//! `/account/second-factor`: the code app of one who is signed in.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::account::to_the_sign_in;
use super::code::{self, step_over};
use super::enrol::{first_code, set_up_page, shown_codes};
use super::steps::{self, Purpose, Step};
use super::{SignIn, signed_in, site};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::factors::{self, App, Factor, Letter, NewNotice, Owner};
use crate::http::{Answer, Call, IntoAnswer, Json, Nothing};
use crate::pages::second_factor::{self, Own};
use crate::pages::told;
use crate::people::{self, User};
use crate::store::Tx;

/// The page.
pub(super) const PAGE: &str = "/account/second-factor";

/// The second factor of an account, as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SecondFactor")]
pub(super) struct Read {
    /// Since when there is a code app; null where there is none.
    since: Option<Timestamp>,
    /// The recovery codes that can still be used.
    #[schemars(example = 10)]
    recovery_codes_left: u32,
    /// Whether the tenant requires a code app.
    required: bool,
    /// Whether another app needs the link that was mailed, since an administrator took the last one away.
    needs_link: bool,
}

/// What a code app is given.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewCodeApp")]
pub(super) struct Begun {
    /// The secret, in base32 (RFC 4648).
    #[schemars(example = &"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same as an address that apps read from a picture.
    #[schemars(example = &"otpauth://totp/Example:jane%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example")]
    address: String,
}

/// The caller, and their factor.
fn own(call: &Call) -> Result<(User, Option<Factor>)> {
    let (own, tenant) = (signed_in(call)?, call.tenant()?.id);
    call.store.read(call.scope()?, |tx| {
        let user = people::find_by_id(tx, tenant, own.user)?.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
        Ok((user, factors::find(tx, tenant, own.user)?))
    })
}

/// The app that this browser is setting up for this user.
fn setting_up(parts: &SignIn, call: &Call, user: &User) -> Result<Option<Step>> {
    Ok(steps::presented(parts, call)?.filter(|step| step.purpose == Purpose::Own && step.user.id == user.id))
}

pub(super) async fn show(parts: SignIn, call: Call) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.wants_page(), refusal);
    }
    if call.wants_page() {
        return page(&parts, &call, &[]).map(Answer::page);
    }
    let (_, factor) = own(&call)?;
    let required = call.tenant()?.settings.sign_in.second_factor_required;
    Json(Read {
        since: factor.as_ref().and_then(|factor| factor.confirmed_at),
        recovery_codes_left: factor.as_ref().map_or(0, Factor::codes_left),
        required,
        needs_link: factor.is_some_and(|factor| factor.taken_away_at.is_some()),
    })
    .into_answer()
}

fn page(parts: &SignIn, call: &Call, problems: &[String]) -> Result<maud::Markup> {
    let (tenant, site) = (call.tenant()?, site(call.tenant()?, call.language()));
    let (user, factor) = own(call)?;
    if let Some(step) = setting_up(parts, call, &user)?
        && let Some(seed) = &step.seed
    {
        let app = App::new(&parts.keys, Owner { tenant: tenant.id, user: user.id }, seed);
        return Ok(set_up_page(&site, &app, (&user.email, "/account/second-factor/confirm"), problems));
    }
    if factor.as_ref().is_some_and(|factor| factor.taken_away_at.is_some()) {
        return Ok(second_factor::held(&site, Some("/account"), problems));
    }
    let shown = Own {
        since: factor.as_ref().and_then(|factor| factor.confirmed_at),
        codes_left: factor.as_ref().map_or(0, Factor::codes_left),
        is_required: tenant.settings.sign_in.second_factor_required,
        problems,
    };
    Ok(second_factor::own(&site, &shown))
}

/// Begins to set up an app; one that is there counts until the first code of the new one.
pub(super) async fn begin(parts: SignIn, call: Call, _: Nothing) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.is_form, refusal);
    }
    let (act, (user, _)) = (Act::of(&call)?, own(&call)?);
    let tenant = act.tenant.id;
    let (cookie, step) = steps::draw(&call, tenant);
    let app = App::new(&parts.keys, Owner { tenant, user: user.id }, &step.seed.unwrap_or_default());
    let shown = Begun {
        secret: app.secret().expose().clone(),
        address: app.address(site(&act.tenant, call.language()).tenant, &user.email).expose().clone(),
    };
    let verb = move |tx: &mut Tx<'_>| {
        let user = present(tx, &act)?;
        if factors::find(tx, tenant, user.id)?.is_some_and(|factor| factor.taken_away_at.is_some()) {
            return Err(told::error(Kind::Conflict, Told::FactorLinkFirst));
        }
        steps::insert(tx, tenant, &user, Purpose::Own, &step, act.now)?;
        act.record(tx, "second_factor.begin", &user.email, json!({}))
    };
    let answer = match call.store.write(call.scope()?, verb).await {
        Ok(()) if call.is_form => Answer::see(PAGE),
        Ok(()) => Json(shown).into_answer()?,
        Err(refusal) => return refused(&parts, &call, refusal),
    };
    Ok(answer.with(http::header::SET_COOKIE, steps::set(&parts, Purpose::Own, &cookie)?))
}

/// The caller as they are in this transaction, who has a password here.
fn present(tx: &mut Tx<'_>, act: &Act) -> Result<User> {
    let user = people::find_by_id(tx, act.tenant.id, act.caller.user)?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
    super::password::may_have_password(&user)?;
    Ok(user)
}

/// The first code of the new app: it counts from now on, in the place of any other.
pub(super) async fn confirm(parts: SignIn, call: Call, ask: code::Ask) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.is_form, refusal);
    }
    match carry_out(&parts, &call, ask).await {
        Ok(codes) => Ok(shown_codes(&call, codes, PAGE)?.with(http::header::SET_COOKIE, steps::unset(&parts)?)),
        Err(refusal) => refused(&parts, &call, refusal),
    }
}

async fn carry_out(parts: &SignIn, call: &Call, ask: code::Ask) -> Result<Vec<String>> {
    let (act, (user, _)) = (Act::of(call)?, own(call)?);
    let step = setting_up(parts, call, &user)?.ok_or_else(step_over)?;
    let code = ask.code.ok_or_else(|| told::error(Kind::Unauthenticated, Told::WrongCode))?;
    let new = first_code(&parts.keys, call, &step, code.expose())?;
    let (owner, mail) = (Owner { tenant: act.tenant.id, user: user.id }, call.random.uuid(act.now));
    let verb = move |tx: &mut Tx<'_>| {
        let tenant = act.tenant.id;
        let step = steps::waiting(tx, tenant, &step.secret_hash, act.now)?.ok_or_else(step_over)?;
        let had = factors::find(tx, tenant, step.user.id)?;
        let is_held = had.as_ref().is_some_and(|had| had.taken_away_at.is_some());
        let is_taken = !is_held && steps::take(tx, tenant, &step)?;
        if !is_taken || !factors::install(tx, owner, had.as_ref(), &new, act.now)? {
            return Err(step_over());
        }
        tell(tx, &act, mail, Letter::SetUp)?;
        let facts = json!({ "replaced_another": had.is_some_and(|had| had.is_on()) });
        act.record(tx, "second_factor.set_up", &step.user.email, facts)
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(factors::recovery_codes(&parts.keys, owner, &new.recovery_seed))
}

fn tell(tx: &mut Tx<'_>, act: &Act, id: Uuid, letter: Letter) -> Result<()> {
    let notice = NewNotice { id, user: act.caller.user, letter, left: None };
    factors::tell(tx, act.tenant.id, &notice, &act.actor, act.now)
}

/// Makes ten new recovery codes; the former ones end.
pub(super) async fn renew(parts: SignIn, call: Call, _: Nothing) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.is_form, refusal);
    }
    let (act, seed) = (Act::of(&call)?, Uuid::from_bytes(call.random.bytes()));
    let (owner, mail) = (Owner { tenant: act.tenant.id, user: act.caller.user }, call.random.uuid(act.now));
    let verb = move |tx: &mut Tx<'_>| {
        let user = present(tx, &act)?;
        if !factors::renew_codes(tx, owner, &seed)? {
            return Err(told::error(Kind::Conflict, Told::NoFactor));
        }
        tell(tx, &act, mail, Letter::CodesMade)?;
        act.record(tx, "second_factor.recovery_codes", &user.email, json!({}))
    };
    match call.store.write(call.scope()?, verb).await {
        Ok(()) => shown_codes(&call, factors::recovery_codes(&parts.keys, owner, &seed), PAGE),
        Err(refusal) => refused(&parts, &call, refusal),
    }
}

/// Switches the app off.
pub(super) async fn remove(parts: SignIn, call: Call, _: Nothing) -> Result<Answer> {
    if let Err(refusal) = signed_in(&call) {
        return to_the_sign_in(call.is_form, refusal);
    }
    let (act, mail) = (Act::of(&call)?, call.random.uuid(call.now()));
    let verb = move |tx: &mut Tx<'_>| {
        factors::switch_off(tx, &act, mail)?;
        act.record(tx, "second_factor.switch_off", &act.caller.email, json!({}))
    };
    match call.store.write(call.scope()?, verb).await {
        Ok(()) => Ok(if call.is_form { Answer::see(PAGE) } else { Answer::done() }),
        Err(refusal) => refused(&parts, &call, refusal),
    }
}

fn refused(parts: &SignIn, call: &Call, refusal: Error) -> Result<Answer> {
    if !call.is_form || refusal.told.is_none() {
        return Err(refusal);
    }
    let problem = told::problem(&refusal, call.language());
    Ok(Answer::refused_page(page(parts, call, &[problem])?, refusal.kind))
}
