//! `/second-factor`: the link without which no code app is set up in the place of one that an administrator took away. Who has
//! it and knows the password goes on as at a first sign-in where the tenant requires an app.

use http::header;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::api::{self, anonymous};
use super::attempt::{Claim, STEP};
use super::code::step_over;
use super::steps::{self, NewStep, Purpose};
use super::{SignIn, lockout, signed_in, site};
use crate::audit::{self, Event, Outcome};
use crate::devices;
use crate::error::{Error, Kind, Result, Told};
use crate::factors::{self, NewLink};
use crate::http::{Answer, Call, Nothing};
use crate::pages::{self, second_factor, told};
use crate::people::{self, User};
use crate::reset::link::{self, Purpose as Page};
use crate::secret::Secret;
use crate::store::Tx;
use crate::tenants;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SecondFactorLink")]
pub(super) struct Ask {
    #[schemars(example = &"J4hXq0ZrT2mWc8LpVn5sKd1YbEuGf7RaQ3oNi9xMtBwHzCkS")]
    token: String,
    /// The password of the account.
    #[schemars(example = &"a lantern over quiet harbour water")]
    password: Secret<String>,
}

pub(super) async fn show(call: Call) -> Result<Answer> {
    Ok(Answer::page(second_factor::link(&site(call.tenant()?, call.language()), "", &[])).unreferred())
}

fn dead_link() -> Error {
    told::error(Kind::Invalid, Told::FactorLinkDead)
}

pub(super) async fn carry_out(parts: SignIn, call: Call, ask: Ask) -> Result<Answer> {
    let token = ask.token.clone();
    match open(&parts, &call, ask).await {
        Ok(cookie) => {
            let answer = if call.is_form { Answer::see("/signin/enrol") } else { Answer::done() };
            Ok(answer.with(header::SET_COOKIE, cookie))
        }
        Err(refusal) if call.is_form && refusal.told.is_some() => {
            let site = site(call.tenant()?, call.language());
            let problem = match link::is_whole(&token) {
                true => told::problem(&refusal, call.language()),
                false => pages::reset::Words(call.language()).torn().to_owned(),
            };
            let page = second_factor::link(&site, &token, &[problem]);
            Ok(api::with_wait(Answer::refused_page(page, refusal.kind), refusal.kind).unreferred())
        }
        Err(refusal) => Err(refusal),
    }
}

/// Checks link and password; returns the cookie of the step in which the app is set up. The link is used up by its first code.
async fn open(parts: &SignIn, call: &Call, ask: Ask) -> Result<header::HeaderValue> {
    let (tenant, now) = (call.tenant()?, call.now());
    let (link, user) = find(parts, call, &ask.token)?;
    let mut cookies = call.head.cookies(devices::name(parts.is_https));
    let claim = Claim::new(&user.email, cookies.find_map(|value| devices::read(&parts.device_key, tenant.id, value)));
    let guess = api::begin(call, tenant, &claim, parts.device_key).await?;
    let hasher = parts.hasher.in_turn_of(tenant.id.0);
    let verdict = hasher.verify(ask.password, guess.stored_hash(), call.head.deadline).await?;
    if guess.entrant(verdict).is_none() {
        api::turn_away(call, claim, guess).await?;
        return Err(told::error(Kind::Unauthenticated, Told::WrongPassword));
    }
    let (cookie, step) = steps::draw(call, tenant.id);
    let step = NewStep { link: Some(link), ..step };
    let (id, actor, subject) = (tenant.id, anonymous(call), guess.subject);
    let verb = move |tx: &mut Tx<'_>| {
        let waits = factors::find(tx, id, user.id)?.is_some_and(|factor| factor.takes_link(Some(link), now));
        let present = people::find_by_id(tx, id, user.id)?.filter(|present| is_as_checked(present, &user));
        let (true, Some(user)) = (waits, present) else { return Err(dead_link()) };
        lockout::clear(tx, id, &subject)?;
        steps::insert(tx, id, &user, Purpose::Enrol, &step, now)?;
        let (outcome, subject) = (Outcome::Accepted, user.email.as_str());
        let facts = json!({ "waits_for": Purpose::Enrol.word(), "link": link });
        audit::record(tx, &Event { tenant: id, at: now, action: STEP, outcome, actor: &actor, subject, facts })
    };
    call.store.write(call.scope()?, verb).await?;
    steps::set(parts, Purpose::Enrol, &cookie)
}

fn is_as_checked(present: &User, checked: &User) -> bool {
    present.session_epoch == checked.session_epoch && present.password_changed_at == checked.password_changed_at
}

/// What the link is known by and whose it is, or the one error for every token that opens nothing.
fn find(parts: &SignIn, call: &Call, token: &str) -> Result<(uuid::Uuid, User)> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let (claim, key) = link::verify_for(&parts.keys, Page::Factor, token).ok_or_else(dead_link)?;
    if claim.tenant != tenant {
        return Err(dead_link());
    }
    let user = call.store.read(call.scope()?, |tx| {
        let factor = factors::find_by_link(tx, tenant, &claim.reset)?;
        let factor = factor.filter(|one| one.link_key == Some(key) && one.takes_link(Some(claim.reset), now));
        factor.map_or(Ok(None), |factor| people::find_by_id(tx, tenant, factor.user))
    })?;
    let found = user.map(|user| (claim.reset, user)).ok_or_else(dead_link)?;
    tenants::check_served(call.tenant()?).map(|()| found)
}

/// Mails a fresh link to the user who waits for one: by the step after a right password, or by a session.
pub(super) async fn mail(parts: SignIn, call: Call, _: Nothing) -> Result<Answer> {
    let (tenant, actor, now) = (call.tenant()?.clone(), call.actor(), call.now());
    let (user, page) = match signed_in(&call) {
        Ok(own) => {
            let user = call.store.read(call.scope()?, |tx| people::find_by_id(tx, tenant.id, own.user))?;
            (user.ok_or_else(|| Error::unauthenticated("Sign in first."))?, super::own_factor::PAGE)
        }
        Err(_) => match steps::presented(&parts, &call)?.filter(|step| step.purpose == Purpose::Enrol) {
            Some(step) => (step.user, "/signin/enrol"),
            None if call.is_form => return Ok(Answer::see("/signin")),
            None => return Err(step_over()),
        },
    };
    let new = NewLink::draw(&parts.keys, &call.random, now);
    match call.store.write(call.scope()?, move |tx| factors::mail_link(tx, &tenant, &user, &new, &actor, now)).await {
        Ok(()) => Ok(if call.is_form { Answer::see(page) } else { Answer::done() }),
        Err(refusal) if call.is_form && matches!(refusal.kind, Kind::TooMany { .. } | Kind::Conflict) => {
            let problem = told::problem(&refusal, call.language());
            let back = (page == super::own_factor::PAGE).then_some("/account");
            let page = second_factor::held(&site(call.tenant()?, call.language()), back, &[problem]);
            Ok(api::with_wait(Answer::refused_page(page, refusal.kind), refusal.kind))
        }
        Err(refusal) => Err(refusal),
    }
}
