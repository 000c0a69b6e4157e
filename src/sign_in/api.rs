//! Signing in and signing out.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::attempt::{self, Arrival, Arrived, Claim, Guess, House};
use super::steps::{self, Purpose};
use super::{SignIn, SignedIn, code, going_on, lockout, signed_in, site};
use crate::audit::{self, Event, Outcome};
use crate::devices;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, Nothing};
use crate::identity::{Actor, Tenant, TenantId};
use crate::pages::{self, told};
use crate::passwords::{self, Verdict};
use crate::people::User;
use crate::reset;
use crate::secret::Secret;
use crate::sessions::{self, Cookie, NewSession};
use crate::store::Tx;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SignIn")]
pub(super) struct Ask {
    /// The address of the account.
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// The password.
    #[schemars(example = &"a lantern over quiet harbour water")]
    password: Secret<String>,
    /// Where the account has a code app: six digits of it, or a recovery code.
    #[serde(default)]
    #[schemars(example = &"492039")]
    code: Option<Secret<String>>,
}

pub(super) const SIGNED_OUT: &str = "/signed-out";

pub(super) async fn show(parts: SignIn, call: Call) -> Result<Answer> {
    let asked = going_on::asked(&call)?;
    if signed_in(&call).is_ok() {
        return Answer::see_at(asked.as_deref().unwrap_or(going_on::USUAL));
    }
    let page = Answer::page(pages::signin::page(&site(call.tenant()?, call.language()), "", &[]));
    match asked {
        Some(place) => going_on::keep(&parts, page, &place),
        None => Ok(page),
    }
}

pub(super) async fn sign_in(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    let typed = ask.email.clone();
    match enter(&parts, &call, ask).await {
        Ok(Entered::In(cookies)) => {
            let answer = if call.is_form { going_on::go_on(&parts, &call)? } else { Answer::done() };
            Ok(with_cookies(answer, cookies))
        }
        Ok(Entered::Step(cookie, page)) => Ok(Answer::see(page).with(header::SET_COOKIE, cookie)),
        Err(refusal) if call.is_form => refused_page(&call, &typed, refusal),
        Err(refusal) => Err(refusal),
    }
}

pub(super) async fn sign_out(parts: SignIn, call: Call, _: Nothing) -> Result<Answer> {
    let tenant = call.tenant()?.id;
    if let Ok(SignedIn { session, .. }) = signed_in(&call) {
        let (actor, now) = (call.actor(), call.now());
        let verb = move |tx: &mut Tx<'_>| {
            sessions::end_by_hash(tx, tenant, &session)?;
            let (outcome, subject, facts) = (Outcome::Accepted, actor.name.as_str(), json!({}));
            audit::record(tx, &Event { tenant, at: now, action: "sign_out", outcome, actor: &actor, subject, facts })
        };
        call.store.write(call.scope()?, verb).await?;
    }
    let answer = if call.is_form { Answer::see(SIGNED_OUT) } else { Answer::done() };
    Ok(answer.with(header::SET_COOKIE, header_value(&Cookie::unset(parts.is_https))?))
}

/// The page after a sign-out. It may be reloaded, and it says nothing untrue to a browser that comes by another way.
pub(super) async fn signed_out(call: Call) -> Result<Answer> {
    if signed_in(&call).is_ok() {
        return Ok(Answer::see("/account"));
    }
    Ok(Answer::page(pages::done::signed_out(&site(call.tenant()?, call.language()))))
}

/// The same answer, which sets these cookies.
pub(super) fn with_cookies(answer: Answer, cookies: Vec<HeaderValue>) -> Answer {
    cookies.into_iter().fold(answer, |answer, cookie| answer.with(header::SET_COOKIE, cookie))
}

/// How far a right password has led.
#[derive(Debug)]
enum Entered {
    /// Into a session, with the cookies to set.
    In(Vec<HeaderValue>),
    /// To the page of what is missing, with the cookie of the step.
    Step(HeaderValue, &'static str),
}

/// Signs a user in, or as far as the password leads.
async fn enter(parts: &SignIn, call: &Call, ask: Ask) -> Result<Entered> {
    let tenant = call.tenant()?;
    let mut cookies = call.head.cookies(devices::name(parts.is_https));
    let known = cookies.find_map(|value| devices::read(&parts.device_key, tenant.id, value));
    let claim = Claim::new(&ask.email, known);
    let guess = begin(call, tenant, &claim, parts.device_key).await?;
    let hasher = parts.hasher.in_turn_of(tenant.id.0);
    let verdict = hasher.verify(ask.password.clone(), guess.stored_hash(), call.head.deadline).await?;
    let Some(user) = guess.entrant(verdict).cloned() else {
        return Err(turn_away(call, claim, guess).await?);
    };
    if tenant.is_suspended {
        return Err(turn_elsewhere(call, user, guess.subject, ("tenant suspended", Told::Suspended)).await?);
    }
    if passwords::is_outlived(&tenant.settings.password, user.password_changed_at, call.now()) {
        return Err(turn_elsewhere(call, user, guess.subject, ("password expired", Told::PasswordTooOld)).await?);
    }
    if user.password_must_change_at.is_some() {
        let why = ("password must be changed", Told::PasswordMustChange);
        return Err(turn_elsewhere(call, user, guess.subject, why).await?);
    }
    let rehashed = match verdict {
        // A sign-in need not fail because there is no room for a second hash now.
        Verdict::RightButOld => hasher.hash(ask.password, call.head.deadline).await.ok(),
        _ => None,
    };
    let code = ask.code.filter(|code| !code.expose().trim().is_empty());
    let right = Right { user, subject: guess.subject, rehashed, code };
    welcome(parts, call, right).await
}

/// A password that was right.
struct Right {
    user: User,
    subject: [u8; 32],
    rehashed: Option<String>,
    code: Option<Secret<String>>,
}

/// Begins the session, or the step of a browser in which the rest is asked for.
async fn welcome(parts: &SignIn, call: &Call, right: Right) -> Result<Entered> {
    let (tenant, actor, now) = (call.tenant()?, anonymous(call), call.now());
    let (cookie, session) = new_session(call, tenant, &right.user);
    let device = known_device(parts, call, &right.user)?;
    let (of_step, step) = steps::draw(call, tenant.id);
    let house = House { tenant: Arc::clone(tenant), keys: parts.keys.clone() };
    let arrival = Arrival {
        user: right.user,
        subject: right.subject,
        session,
        replaced: presented(call, parts.is_https, tenant.id),
        rehashed: right.rehashed,
        code: right.code,
        step: call.is_form.then_some(step),
        mail: call.random.uuid(now),
    };
    match call.store.write(call.scope()?, move |tx| attempt::accept(tx, &house, &arrival, &actor, now)).await? {
        Arrived::In => Ok(Entered::In(vec![header_value(&cookie.set(parts.is_https))?, device])),
        Arrived::ChangedMeanwhile => Err(refused(call)?),
        Arrived::Refused(judged) => Err(judged.refused().err().map_or_else(|| refused(call), Ok)?),
        Arrived::Waits(purpose) if call.is_form => {
            let page = if purpose == Purpose::Code { "/signin/code" } else { "/signin/enrol" };
            Ok(Entered::Step(steps::set(parts, purpose, &of_step)?, page))
        }
        Arrived::Waits(Purpose::Code) => Err(code::missing()),
        Arrived::Waits(_) => Err(told::error(Kind::Unauthenticated, Told::FactorMissing)
            .with_details(vec!["SECOND_FACTOR_ENROLMENT_REQUIRED".into()])),
    }
}

/// The cookie by which this browser is known again as one of the user's.
pub(super) fn known_device(parts: &SignIn, call: &Call, user: &User) -> Result<HeaderValue> {
    header_value(&devices::set(&parts.device_key, call.tenant()?.id, user.uid, parts.is_https))
}

pub(super) async fn begin(call: &Call, tenant: &Tenant, claim: &Claim, key: [u8; 32]) -> Result<Guess> {
    let (id, free, claim, now) = (tenant.id, tenant.settings.sign_in.failures_max, claim.clone(), call.now());
    call.store.write(call.scope()?, move |tx| attempt::begin(tx, id, &claim, &key, free, now)).await
}

/// Records the refusal; returns the error.
pub(super) async fn turn_away(call: &Call, claim: Claim, guess: Guess) -> Result<Error> {
    let (tenant, actor, now) = (call.tenant()?.id, anonymous(call), call.now());
    let ended = guess.ended_for(&claim);
    let verb = move |tx: &mut Tx<'_>| attempt::refuse_guess(tx, tenant, &claim, &guess, &actor, now);
    call.store.write(call.scope()?, verb).await?;
    match ended {
        Some(open) => ended_by_incident(call, open)?.map_or_else(|| refused(call), Ok),
        None => refused(call),
    }
}

/// The error for a known device of a user whose password an incident has ended. Nobody else gets it, not even with the old
/// password, which would tell a thief which of many are right.
fn ended_by_incident(call: &Call, open: Uuid) -> Result<Option<Error>> {
    let (tenant, language) = (call.tenant()?.id, call.language());
    let notice = call.store.read(call.scope()?, |tx| reset::notice(tx, tenant, open, language))?;
    Ok(notice.map(|words| {
        let details = std::iter::once("PASSWORD_ENDED".to_owned()).chain(words).collect();
        told::error(Kind::Unauthenticated, Told::PasswordEnded).with_details(details)
    }))
}

/// The one error for every refused sign-in, with the words of an incident that speaks to everyone.
fn refused(call: &Call) -> Result<Error> {
    let (tenant, language) = (call.tenant()?.id, call.language());
    let refusal = Error::unauthenticated(pages::signin::Words(language).refused()).told(Told::SignInRefused);
    let said = call.store.read(call.scope()?, |tx| reset::notice_to_all(tx, tenant, language))?;
    Ok(match said {
        Some(words) => refusal.with_details(vec!["INCIDENT".into(), words]),
        None => refusal,
    })
}

/// Records why a right password does not do. The error says so only to a client that knows the password.
async fn turn_elsewhere(
    call: &Call,
    user: User,
    subject: [u8; 32],
    (reason, told): (&'static str, Told),
) -> Result<Error> {
    let (tenant, actor, now) = (call.tenant()?.id, anonymous(call), call.now());
    let verb = move |tx: &mut Tx<'_>| {
        lockout::clear(tx, tenant, &subject)?;
        attempt::refuse(tx, tenant, &user.email, reason, &actor, now)
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(told::error(Kind::Forbidden, told))
}

/// The session whose cookie the browser sent. An attacker may have set it.
pub(super) fn presented(call: &Call, is_https: bool, tenant: TenantId) -> Option<[u8; 32]> {
    let mut cookies = call.head.cookies(Cookie::name(is_https)).filter_map(Cookie::parse);
    cookies.find(|cookie| cookie.tenant == tenant).map(|cookie| cookie.hash())
}

/// A session of this user, with its cookie.
pub(super) fn new_session(call: &Call, tenant: &Tenant, user: &User) -> (Cookie, NewSession) {
    let cookie = Cookie::draw(tenant.id, &call.random);
    let session = NewSession {
        uid: call.random.uuid(call.now()),
        secret_hash: cookie.hash(),
        user: user.id,
        epoch: user.session_epoch,
        ends_at: call.now().plus_seconds(tenant.settings.session.absolute_minutes * 60),
        address: call.head.address.to_string(),
        method: "PASSWORD",
    };
    (cookie, session)
}

/// The actor before sign-in is anonymous, even if the browser holds another user's session.
pub(super) fn anonymous(call: &Call) -> Actor {
    Actor { user: None, name: "anonymous".into(), credential: None, ..call.actor() }
}

fn refused_page(call: &Call, typed: &str, refusal: Error) -> Result<Answer> {
    let is_theirs = matches!(refusal.kind, Kind::Unauthenticated | Kind::TooMany { .. } | Kind::Forbidden);
    if !is_theirs {
        return Err(refusal);
    }
    let mut problems = vec![told::problem(&refusal, call.language())];
    if matches!(refusal.told, Some(Told::PasswordEnded | Told::SignInRefused)) {
        // Behind the name of the reason stands what the incident says.
        problems.extend(refusal.details.iter().skip(1).cloned());
    }
    let page = pages::signin::page(&site(call.tenant()?, call.language()), typed, &problems);
    Ok(with_wait(Answer::refused_page(page, refusal.kind), refusal.kind))
}

/// Adds `Retry-After`, which programs read, to a page that asks to wait.
pub(super) fn with_wait(answer: Answer, kind: Kind) -> Answer {
    match kind {
        Kind::TooMany { retry_after_seconds } => {
            answer.with(header::RETRY_AFTER, HeaderValue::from(retry_after_seconds))
        }
        _ => answer,
    }
}

pub(super) fn header_value(cookie: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(cookie).map_err(Error::internal)
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
