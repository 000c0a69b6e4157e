//! `/signin/code`: the second half of a sign-in, where the account has a code app.

use http::header::HeaderValue;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::api::{self, anonymous};
use super::attempt::{self, Arrived, House};
use super::entry::{Entry, begin_session};
use super::steps::{self, Purpose, Step};
use super::{SignIn, going_on, signed_in, site};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result, Told};
use crate::factors::{self, Judged, Owner};
use crate::http::{Answer, Call};
use crate::identity::Actor;
use crate::pages::{self, told};
use crate::secret::Secret;
use crate::sessions::NewSession;
use crate::store::Tx;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SecondFactorCode")]
pub(super) struct Ask {
    /// Six digits of the code app, or a recovery code.
    #[serde(default)]
    #[schemars(example = &"492039")]
    pub(super) code: Option<Secret<String>>,
}

pub(super) async fn show(parts: SignIn, call: Call) -> Result<Answer> {
    if signed_in(&call).is_ok() {
        return Ok(Answer::see("/account"));
    }
    Ok(match steps::presented(&parts, &call)?.map(|step| step.purpose) {
        Some(Purpose::Code) => Answer::page(pages::code::page(&site(call.tenant()?, call.language()), None)),
        Some(Purpose::Enrol) => Answer::see("/signin/enrol"),
        _ => Answer::see("/signin"),
    })
}

pub(super) async fn enter(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    match carry_out(&parts, &call, ask.code).await {
        Ok(cookies) => {
            let answer = if call.is_form { going_on::go_on(&parts, &call)? } else { Answer::done() };
            Ok(api::with_cookies(answer, cookies))
        }
        Err(refusal) if call.is_form => refused_page(&call, refusal),
        Err(refusal) => Err(refusal),
    }
}

async fn carry_out(parts: &SignIn, call: &Call, code: Option<Secret<String>>) -> Result<Vec<HeaderValue>> {
    let step = of_purpose(parts, call, Purpose::Code)?;
    let code = code.filter(|code| !code.expose().trim().is_empty()).ok_or_else(missing)?;
    let arriving = Arriving::new(parts, call, step, code)?;
    let (actor, now) = (anonymous(call), call.now());
    let (cookies, house) = (arriving.cookies(parts, call)?, arriving.house.clone());
    match call.store.write(call.scope()?, move |tx| by_code(tx, &house, &arriving, &actor, now)).await? {
        Arrived::In => Ok(cookies),
        Arrived::Refused(judged) => Err(judged.refused().err().unwrap_or_else(step_over)),
        Arrived::ChangedMeanwhile | Arrived::Waits(_) => Err(step_over()),
    }
}

/// The step of this browser, which must wait for this.
pub(super) fn of_purpose(parts: &SignIn, call: &Call, purpose: Purpose) -> Result<Step> {
    steps::presented(parts, call)?.filter(|step| step.purpose == purpose).ok_or_else(step_over)
}

/// The error for a step that waits no more.
pub(super) fn step_over() -> Error {
    told::error(Kind::Unauthenticated, Told::StepOver)
}

/// The error of a right password without the code that it needs.
pub(super) fn missing() -> Error {
    told::error(Kind::Unauthenticated, Told::CodeMissing).with_details(vec!["SECOND_FACTOR_REQUIRED".into()])
}

/// A browser that comes with a step and a code.
#[derive(Clone)]
pub(super) struct Arriving {
    pub(super) house: House,
    pub(super) step: Step,
    pub(super) code: Secret<String>,
    pub(super) session: NewSession,
    pub(super) replaced: Option<[u8; 32]>,
    pub(super) mail: Uuid,
    cookie: String,
}

impl Arriving {
    pub(super) fn new(parts: &SignIn, call: &Call, step: Step, code: Secret<String>) -> Result<Self> {
        let tenant = call.tenant()?;
        let (cookie, session) = api::new_session(call, tenant, &step.user);
        Ok(Self {
            house: House { tenant: tenant.clone(), keys: parts.keys.clone() },
            step,
            code,
            session,
            replaced: api::presented(call, parts.is_https, tenant.id),
            mail: call.random.uuid(call.now()),
            cookie: cookie.set(parts.is_https),
        })
    }

    /// What its browser is told once it is in.
    pub(super) fn cookies(&self, parts: &SignIn, call: &Call) -> Result<Vec<HeaderValue>> {
        let device = api::known_device(parts, call, &self.step.user)?;
        Ok(vec![api::header_value(&self.cookie)?, device, steps::unset(parts)?])
    }
}

/// Uses up the code and the step, and begins the session.
fn by_code(tx: &mut Tx<'_>, house: &House, arriving: &Arriving, actor: &Actor, now: Timestamp) -> Result<Arrived> {
    let tenant = house.tenant.id;
    let Some(step) = steps::waiting(tx, tenant, &arriving.step.secret_hash, now)? else {
        return Ok(Arrived::ChangedMeanwhile);
    };
    let owner = Owner { tenant, user: step.user.id };
    let by = match factors::prove(tx, &house.keys, owner, arriving.code.expose(), now)? {
        Judged::Right(by) => by,
        // It was switched off meanwhile, in another browser.
        Judged::None => return Ok(Arrived::ChangedMeanwhile),
        refused => {
            attempt::refuse(tx, tenant, &step.user.email, &refused.reason(), actor, now)?;
            return Ok(Arrived::Refused(refused));
        }
    };
    if !steps::take(tx, tenant, &step)? {
        return Err(step_over());
    }
    let entry = Entry {
        user: &step.user,
        hash: step.user.password_hash.as_deref(),
        session: &arriving.session,
        replaced: arriving.replaced.as_ref(),
        by: Some(by),
        enrolled: false,
        mail: arriving.mail,
    };
    Ok(if begin_session(tx, tenant, &entry, actor, now)? { Arrived::In } else { Arrived::ChangedMeanwhile })
}

fn refused_page(call: &Call, refusal: Error) -> Result<Answer> {
    let site = site(call.tenant()?, call.language());
    let problem = told::problem(&refusal, call.language());
    let page = match refusal.told {
        Some(Told::StepOver) => pages::signin::page(&site, "", &[problem]),
        Some(Told::CodeMissing | Told::WrongCode | Told::TooManyCodes | Told::CodesLocked) => {
            pages::code::page(&site, Some(&problem))
        }
        _ => return Err(refusal),
    };
    Ok(api::with_wait(Answer::refused_page(page, refusal.kind), refusal.kind))
}
