//! Signing in and signing out.

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::attempt::{self, Arrival, Claim, Guess};
use super::{SignIn, SignedIn, lockout, signed_in, site};
use crate::audit::{self, Event, Outcome};
use crate::devices;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, Nothing};
use crate::identity::{Actor, Tenant, TenantId};
use crate::pages::{self, told};
use crate::passwords::{self, Verdict};
use crate::people::User;
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
}

pub(super) const SIGNED_OUT: &str = "/signed-out";

pub(super) async fn show(call: Call) -> Result<Answer> {
    if signed_in(&call).is_ok() {
        return Ok(Answer::see("/account"));
    }
    Ok(Answer::page(pages::signin::page(&site(call.tenant()?, call.language()), "", None)))
}

pub(super) async fn sign_in(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    let typed = ask.email.clone();
    match enter(&parts, &call, ask).await {
        Ok(cookies) => {
            let answer = if call.is_form { Answer::see("/account") } else { Answer::done() };
            Ok(cookies.into_iter().fold(answer, |answer, cookie| answer.with(header::SET_COOKIE, cookie)))
        }
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

/// Signs a user in; returns the cookies to set.
async fn enter(parts: &SignIn, call: &Call, ask: Ask) -> Result<Vec<HeaderValue>> {
    let tenant = call.tenant()?;
    let mut cookies = call.head.cookies(devices::name(parts.is_https));
    let known = cookies.find_map(|value| devices::read(&parts.device_key, tenant.id, value));
    let claim = Claim::new(&ask.email, known);
    let guess = begin(call, tenant, &claim).await?;
    let hasher = parts.hasher.in_turn_of(tenant.id.0);
    let verdict = hasher.verify(ask.password.clone(), guess.stored_hash(), call.head.deadline).await?;
    let (Some(user), false) = (guess.user.clone(), verdict == Verdict::Wrong) else {
        return Err(turn_away(call, claim, guess).await?);
    };
    if passwords::is_outlived(&tenant.settings.password, user.password_changed_at, call.now()) {
        return Err(turn_to_the_link(call, user, guess.subject).await?);
    }
    let rehashed = match verdict {
        // A sign-in need not fail because there is no room for a second hash now.
        Verdict::RightButOld => hasher.hash(ask.password, call.head.deadline).await.ok(),
        _ => None,
    };
    welcome(parts, call, user, guess.subject, rehashed).await
}

/// Begins the session; returns the cookies to set.
async fn welcome(
    parts: &SignIn,
    call: &Call,
    user: User,
    subject: [u8; 32],
    rehashed: Option<String>,
) -> Result<Vec<HeaderValue>> {
    let (tenant, actor, now) = (call.tenant()?, anonymous(call), call.now());
    let cookie = Cookie::draw(tenant.id, &call.random);
    let device = devices::set(&parts.device_key, tenant.id, user.uid, parts.is_https);
    let session = new_session(call, tenant, &user, &cookie);
    let replaced = presented(call, parts.is_https, tenant.id);
    let (id, arrival) = (tenant.id, Arrival { user, subject, session, replaced, rehashed });
    if !call.store.write(call.scope()?, move |tx| attempt::accept(tx, id, &arrival, &actor, now)).await? {
        return Err(refused(call));
    }
    Ok(vec![header_value(&cookie.set(parts.is_https))?, header_value(&device)?])
}

async fn begin(call: &Call, tenant: &Tenant, claim: &Claim) -> Result<Guess> {
    let (id, free, claim, now) = (tenant.id, tenant.settings.sign_in.failures_max, claim.clone(), call.now());
    call.store.write(call.scope()?, move |tx| attempt::begin(tx, id, &claim, free, now)).await
}

/// Records the refusal; returns the error.
async fn turn_away(call: &Call, claim: Claim, guess: Guess) -> Result<Error> {
    let (tenant, actor, now) = (call.tenant()?.id, anonymous(call), call.now());
    let verb = move |tx: &mut Tx<'_>| attempt::refuse_guess(tx, tenant, &claim, &guess, &actor, now);
    call.store.write(call.scope()?, verb).await?;
    Ok(refused(call))
}

/// The one error for every refused sign-in.
fn refused(call: &Call) -> Error {
    Error::unauthenticated(pages::signin::Words(call.language()).refused()).told(Told::SignInRefused)
}

/// Records that a right password is too old. The error says so only to a client that knows the password.
async fn turn_to_the_link(call: &Call, user: User, subject: [u8; 32]) -> Result<Error> {
    let (tenant, actor, now) = (call.tenant()?.id, anonymous(call), call.now());
    let verb = move |tx: &mut Tx<'_>| {
        lockout::clear(tx, tenant, &subject)?;
        attempt::refuse(tx, tenant, &user.email, "password expired", &actor, now)
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(told::error(Kind::Forbidden, Told::PasswordTooOld))
}

/// The session whose cookie the browser sent. An attacker may have set it.
fn presented(call: &Call, is_https: bool, tenant: TenantId) -> Option<[u8; 32]> {
    let mut cookies = call.head.cookies(Cookie::name(is_https)).filter_map(Cookie::parse);
    cookies.find(|cookie| cookie.tenant == tenant).map(|cookie| cookie.hash())
}

fn new_session(call: &Call, tenant: &Tenant, user: &User, cookie: &Cookie) -> NewSession {
    NewSession {
        uid: call.random.uuid(call.now()),
        secret_hash: cookie.hash(),
        user: user.id,
        epoch: user.session_epoch,
        ends_at: call.now().plus_seconds(tenant.settings.session.absolute_minutes * 60),
        address: call.head.address.to_string(),
    }
}

/// The actor before sign-in is anonymous, even if the browser holds another user's session.
fn anonymous(call: &Call) -> Actor {
    Actor { user: None, name: "anonymous".into(), credential: None, ..call.actor() }
}

fn refused_page(call: &Call, typed: &str, refusal: Error) -> Result<Answer> {
    let is_theirs = matches!(refusal.kind, Kind::Unauthenticated | Kind::TooMany { .. } | Kind::Forbidden);
    if !is_theirs {
        return Err(refusal);
    }
    let problem = told::problem(&refusal, call.language());
    let page = pages::signin::page(&site(call.tenant()?, call.language()), typed, Some(&problem));
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

fn header_value(cookie: &str) -> Result<HeaderValue> {
    HeaderValue::from_str(cookie).map_err(Error::internal)
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
