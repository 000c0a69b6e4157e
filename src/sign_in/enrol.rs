//! `/signin/enrol`: the second half of a sign-in where the tenant requires a code app and the account has none. The session
//! begins with the first code of the new app.

use http::header::HeaderValue;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::api::{self, anonymous};
use super::code::{self, Arriving, of_purpose, step_over};
use super::entry::{Entry, begin_session};
use super::steps::{self, Purpose, Step};
use super::{SignIn, going_on, signed_in, site};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::factors::{self, App, By, Factor, Letter, NewFactor, NewNotice, Owner};
use crate::http::{Answer, Call, IntoAnswer, Json};
use crate::identity::{Actor, TenantId};
use crate::keys::Keys;
use crate::pages::second_factor::{self, SetUp};
use crate::pages::{self, told};
use crate::store::Tx;

/// The recovery codes of a new app, shown this once.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "RecoveryCodes")]
pub(super) struct Codes {
    /// Each opens the account once in the place of a code of the app.
    #[schemars(example = ["K7QX-3MZP-A2VD-N6WT"])]
    recovery_codes: Vec<String>,
}

pub(super) async fn show(parts: SignIn, call: Call) -> Result<Answer> {
    if signed_in(&call).is_ok() {
        return Ok(Answer::see("/account"));
    }
    match steps::presented(&parts, &call)? {
        Some(step) if step.purpose == Purpose::Enrol => page(&parts, &call, &step, &[]).map(Answer::page),
        Some(step) if step.purpose == Purpose::Code => Ok(Answer::see("/signin/code")),
        _ => Ok(Answer::see("/signin")),
    }
}

/// The page of this step: the new app, or that it needs a link first.
fn page(parts: &SignIn, call: &Call, step: &Step, problems: &[String]) -> Result<maud::Markup> {
    let (tenant, site) = (call.tenant()?, site(call.tenant()?, call.language()));
    let Some(seed) = &step.seed else { return Ok(second_factor::held(&site, None, problems)) };
    let app = App::new(&parts.keys, Owner { tenant: tenant.id, user: step.user.id }, seed);
    Ok(set_up_page(&site, &app, (&step.user.email, "/signin/enrol"), problems))
}

/// The page of a new app, whose first code is sent to `action`.
pub(super) fn set_up_page(
    site: &pages::Site<'_>,
    app: &App,
    (email, action): (&str, &str),
    problems: &[String],
) -> maud::Markup {
    let (secret, address) = (app.secret(), app.address(site.tenant, email));
    let set_up = SetUp { action, secret: secret.expose(), address: address.expose(), problems };
    second_factor::set_up(site, &set_up)
}

pub(super) async fn enter(parts: SignIn, call: Call, ask: code::Ask) -> Result<Answer> {
    match carry_out(&parts, &call, ask).await {
        Ok((cookies, codes)) => {
            let shown = shown_codes(&call, codes, &going_on::place(&parts, &call))?;
            Ok(api::with_cookies(going_on::forget(&parts, shown)?, cookies))
        }
        Err(refusal) if call.is_form => refused_page(&parts, &call, refusal),
        Err(refusal) => Err(refusal),
    }
}

/// The page or the object with the codes, which are shown this once.
pub(super) fn shown_codes(call: &Call, codes: Vec<String>, next: &str) -> Result<Answer> {
    if call.is_form {
        return Ok(Answer::page(second_factor::codes(&site(call.tenant()?, call.language()), &codes, next)));
    }
    Json(Codes { recovery_codes: codes }).into_answer()
}

async fn carry_out(parts: &SignIn, call: &Call, ask: code::Ask) -> Result<(Vec<HeaderValue>, Vec<String>)> {
    let step = of_purpose(parts, call, Purpose::Enrol)?;
    let code = ask.code.ok_or_else(code::missing)?;
    let new = first_code(&parts.keys, call, &step, code.expose())?;
    let arriving = Arriving::new(parts, call, step, code)?;
    let (actor, now, tenant) = (anonymous(call), call.now(), call.tenant()?.id);
    let cookies = arriving.cookies(parts, call)?;
    let owner = Owner { tenant, user: arriving.step.user.id };
    call.store.write(call.scope()?, move |tx| by_new_app(tx, tenant, (&arriving, &new), &actor, now)).await?;
    Ok((cookies, factors::recovery_codes(&parts.keys, owner, &new.recovery_seed)))
}

/// What is set up where this is the first code of the app of this step.
///
/// # Errors
/// `Unauthenticated` where it is not, or where the step needs a link first.
pub(super) fn first_code(keys: &Keys, call: &Call, step: &Step, code: &str) -> Result<NewFactor> {
    let seed = step.seed.ok_or_else(|| told::error(Kind::Conflict, Told::FactorLinkFirst))?;
    let owner = Owner { tenant: call.tenant()?.id, user: step.user.id };
    let found = App::new(keys, owner, &seed).step_of(code, call.now());
    let found = found.ok_or_else(|| told::error(Kind::Unauthenticated, Told::WrongCode))?;
    Ok(NewFactor { seed, step: found, recovery_seed: Uuid::from_bytes(call.random.bytes()) })
}

/// Uses up the step, and the link where one is needed; the app counts and the session begins.
fn by_new_app(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    (arriving, new): (&Arriving, &NewFactor),
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let step = steps::waiting(tx, tenant, &arriving.step.secret_hash, now)?.ok_or_else(step_over)?;
    let had = factors::find(tx, tenant, step.user.id)?;
    if had.as_ref().is_some_and(|had| !may_set_up(had, step.link, now)) || !steps::take(tx, tenant, &step)? {
        return Err(step_over());
    }
    let user = &step.user;
    if !factors::install(tx, Owner { tenant, user: user.id }, had.as_ref(), new, now)? {
        return Err(step_over());
    }
    let notice = NewNotice { id: arriving.mail, user: user.id, letter: Letter::SetUp, left: None };
    factors::tell(tx, tenant, &notice, actor, now)?;
    let entry = Entry {
        user,
        hash: user.password_hash.as_deref(),
        session: &arriving.session,
        replaced: arriving.replaced.as_ref(),
        by: Some(By::Code),
        enrolled: true,
        mail: arriving.mail,
    };
    if begin_session(tx, tenant, &entry, actor, now)? { Ok(()) } else { Err(step_over()) }
}

/// Whether one who is not signed in may set up an app in the place of this one.
fn may_set_up(had: &Factor, link: Option<Uuid>, now: Timestamp) -> bool {
    !had.is_on() && (had.taken_away_at.is_none() || had.takes_link(link, now))
}

fn refused_page(parts: &SignIn, call: &Call, refusal: Error) -> Result<Answer> {
    let problem = told::problem(&refusal, call.language());
    let page = match (refusal.told, steps::presented(parts, call)?) {
        (Some(Told::WrongCode | Told::CodeMissing | Told::FactorLinkFirst), Some(step)) => {
            page(parts, call, &step, &[problem])?
        }
        (Some(Told::StepOver), _) => pages::signin::page(&site(call.tenant()?, call.language()), "", &[problem]),
        _ => return Err(refusal),
    };
    Ok(Answer::refused_page(page, refusal.kind))
}
