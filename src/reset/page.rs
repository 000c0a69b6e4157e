//! The page of the link, and its form. GET changes nothing; only a POST with an acceptable new password uses a link up.

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::behind::{self, DONE, SENT};
use super::link::{self, Claim};
use super::open::{self, Opening};
use super::parts::Resets;
use super::redeem::{self, Redeem, Redemption};
use super::rows;
use super::wish::{Forgotten, send_fresh_link};
use crate::address::shown;
use crate::clock::Timestamp;
use crate::devices;
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, EmptyObject, IntoAnswer, Json, Operation, Permission, Success, bind_body};
use crate::identity::Tenant;
use crate::language::Language;
use crate::pages::reset::Choose;
use crate::pages::{Rule, Site, dead, forgot, reset, told};
use crate::passwords::{self, NewPassword, Reason};
use crate::people::{self, User};
use crate::secret::Secret;
use crate::store::{Scope, Tx};
use crate::tenants;

pub(super) fn operations(resets: &Resets) -> Vec<Operation> {
    vec![
        Operation::get("/reset", Permission::Open, show)
            .page()
            .torn_too()
            .id("tenantry.reset.page")
            .answers(&[Success::page()])
            .summary("The page of the link."),
        Operation::post("/reset", Permission::Open, bind_body(resets, choose))
            .page()
            .hashes()
            .per_address(&resets.by_address)
            .without_cookie()
            .id("tenantry.reset.redeem")
            .answers(&[Success::done(), Success::see()])
            .summary("Choose a new password by the link; it works once."),
        Operation::get(DONE, Permission::Open, behind::done)
            .page()
            .query::<String>("reset", "The reset whose link was used.")
            .query::<String>("again", "Whether its form was sent a second time.")
            .id("tenantry.reset.done")
            .answers(&[Success::page(), Success::see()])
            .summary("The page after a redemption; it may be reloaded."),
        Operation::post("/reset/open", Permission::Open, bind_body(resets, open))
            .page()
            .per_address(&resets.by_address)
            .without_cookie()
            .id("tenantry.reset.open")
            .summary("Whether a link is alive, and what a password must be."),
        Operation::post("/reset/fresh", Permission::Open, bind_body(resets, fresh))
            .page()
            .per_address(&resets.by_address)
            .without_cookie()
            .id("tenantry.reset.fresh")
            .answers(&[Success::json::<EmptyObject>(), Success::see()])
            .summary("Ask for a fresh link; the answer does not reveal which addresses are known."),
        Operation::get("/forgot", Permission::Open, show_forgot)
            .page()
            .id("tenantry.forgot.page")
            .answers(&[Success::page()])
            .summary("The page to ask for a link after forgetting a password."),
        Operation::post("/forgot", Permission::Open, bind_body(resets, forgotten))
            .page()
            .per_address(&resets.by_address)
            .id("tenantry.forgot.send")
            .answers(&[Success::json::<EmptyObject>(), Success::see()])
            .summary("Ask for a link to choose a new password; the answer does not reveal which addresses are known."),
        Operation::get(SENT, Permission::Open, behind::sent)
            .page()
            .id("tenantry.forgot.sent")
            .answers(&[Success::page()])
            .summary("The page after a request for a link; it may be reloaded."),
    ]
}

/// The form of the link's page. Unknown members are refused, so that nothing but the token can seem to name the user;
/// the name is there for password managers only.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "NewPassword")]
struct Chosen {
    #[schemars(example = &"J4hXq0ZrT2mWc8LpVn5sKd1YbEuGf7RaQ3oNi9xMtBwHzCkS")]
    token: String,
    #[schemars(example = &"a lantern over quiet harbour water")]
    password: Secret<String>,
    #[serde(default)]
    #[allow(dead_code, reason = "for password managers; the token alone says who it is")]
    username: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "LinkToken")]
struct Opened {
    #[schemars(example = &"J4hXq0ZrT2mWc8LpVn5sKd1YbEuGf7RaQ3oNi9xMtBwHzCkS")]
    token: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "LivingLink")]
struct Alive {
    #[schemars(example = &"jane@example.com")]
    email: String,
    lives_until: Timestamp,
    rules: Vec<ShownRule>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PasswordRule")]
struct ShownRule {
    #[schemars(extend("enum" = Reason::CODES))]
    code: &'static str,
    #[schemars(example = &"Use at least 12 characters.")]
    sentence: String,
}

/// A valid link: its user and its tenant.
pub(super) struct Live {
    claim: Claim,
    tenant: Tenant,
    pub(super) user: User,
    expires_at: Timestamp,
}

fn dead_link() -> Error {
    Error::invalid("This link no longer works. Ask for a fresh one.")
}

/// The user of a token, or the one error for every invalid token. Only the holder of a valid one is told that the tenant is
/// suspended.
pub(super) fn find_live(resets: &Resets, call: &Call, token: &str) -> Result<Live> {
    let (claim, key) = link::verify(&resets.keys, token).ok_or_else(dead_link)?;
    if call.admitted.tenant.as_ref().is_some_and(|tenant| tenant.id != claim.tenant) {
        return Err(dead_link());
    }
    let found = call.store.read(Scope::of(claim.tenant), |tx| read_live(tx, claim, key))?;
    let live = found.filter(|live| live.expires_at > call.now()).ok_or_else(dead_link)?;
    tenants::check_served(&live.tenant).map(|()| live)
}

/// The link must have been made with the key of its reset: a leaked old key opens no later reset.
fn read_live(tx: &mut Tx<'_>, claim: Claim, key: i64) -> Result<Option<Live>> {
    let Some(tenant) = tenants::find_even_suspended(tx, claim.tenant)? else { return Ok(None) };
    let reset = rows::find(tx, claim.tenant, &claim.reset)?;
    let Some(reset) = reset.filter(|reset| reset.is_open && reset.key == key) else { return Ok(None) };
    let user = people::find_by_id(tx, claim.tenant, reset.user)?;
    let user = user.filter(|user| user.disabled_at.is_none() && user.has_local_password());
    Ok(user.map(|user| Live { claim, tenant, user, expires_at: reset.expires_at }))
}

async fn show(call: Call) -> Result<Answer> {
    Ok(Answer::page(blank(&call, "", &[])).unreferred())
}

/// The page before the user is known.
fn blank(call: &Call, token: &str, problems: &[String]) -> maud::Markup {
    let (tenant, language) = (call.admitted.tenant.as_deref(), call.language());
    let rules = tenant.map(|tenant| rules(tenant, language)).unwrap_or_default();
    reset::choose(&Site::of(language, tenant), &Choose { token, rules: &rules, problems, ..Choose::default() })
}

fn rules(tenant: &Tenant, language: Language) -> Vec<Rule> {
    passwords::rules(&tenant.settings.password, language).into_iter().map(Rule::from).collect()
}

/// The page's script asks this when the page opens, so that a dead link is reported before a password is typed.
async fn open(resets: Resets, call: Call, asked: Opened) -> Result<Json<Alive>> {
    let live = find_live(&resets, &call, &asked.token)?;
    let opening = Opening { tenant: live.claim.tenant, reset: live.claim.reset, actor: call.actor(), now: call.now() };
    call.store.write(Scope::of(live.claim.tenant), move |tx| open::open(tx, &opening)).await?;
    let rules = passwords::rules(&live.tenant.settings.password, call.language());
    Ok(Json(Alive {
        email: shown(&live.user.email),
        lives_until: live.expires_at,
        rules: rules.into_iter().map(|(code, sentence)| ShownRule { code, sentence }).collect(),
    }))
}

async fn choose(resets: Resets, call: Call, asked: Chosen) -> Result<Answer> {
    let outcome = match find_live(&resets, &call, &asked.token) {
        Ok(live) => match set_password(&resets, &call, &live, &asked.password).await {
            Err(refusal) if call.is_form && refusal.kind == Kind::Refused => {
                return Ok(show_again(&call, &live, &asked.token, &refusal));
            }
            outcome => outcome.map(|()| live),
        },
        Err(dead) => Err(dead),
    };
    match outcome {
        Ok(live) => {
            let answer = match call.is_form {
                true => Answer::see_at(&format!("{DONE}?reset={}", live.claim.reset))?,
                false => Answer::done(),
            };
            Ok(answer.with(header::SET_COOKIE, known_device(&resets, &live)?))
        }
        Err(failure) if call.is_form && failure.kind == Kind::Invalid => {
            dead_form(&resets, &call, &asked.token, failure.kind)
        }
        Err(failure) => Err(failure),
    }
}

/// The page for a form with an invalid link: the code is incomplete, the form was sent twice, or the link is dead.
fn dead_form(resets: &Resets, call: &Call, token: &str, kind: Kind) -> Result<Answer> {
    if !link::is_whole(token) {
        let problems = [reset::Words(call.language()).torn().to_string()];
        return Ok(Answer::refused_page(blank(call, token, &problems), kind));
    }
    if let Some(reset) = behind::redeemed_just_now(resets, call, token)? {
        return Answer::see_at(&format!("{DONE}?reset={reset}&again"));
    }
    let site = Site::of(call.language(), call.admitted.tenant.as_deref());
    Ok(Answer::refused_page(dead::page(&site, "", &[]), kind))
}

/// The holder of the mailbox is not a stranger: the strangers' guesses must not keep them from signing in.
fn known_device(resets: &Resets, live: &Live) -> Result<HeaderValue> {
    let cookie = devices::set(&devices::key(&resets.keys), live.tenant.id, live.user.uid, resets.is_https);
    HeaderValue::from_str(&cookie).map_err(Error::internal)
}

/// The same page with the reasons; nothing was used up.
fn show_again(call: &Call, live: &Live, token: &str, refusal: &Error) -> Answer {
    let language = call.language();
    let page = Choose {
        token,
        email: Some(&live.user.email),
        lives_until: Some(live.expires_at),
        rules: &rules(&live.tenant, language),
        problems: &refusal.details,
    };
    Answer::refused_page(reset::choose(&Site::of(language, Some(&live.tenant)), &page), refusal.kind).unreferred()
}

async fn set_password(resets: &Resets, call: &Call, live: &Live, password: &Secret<String>) -> Result<()> {
    let (deadline, policy) = (call.head.deadline, &live.tenant.settings.password);
    let new = NewPassword::judged(policy, live.user.about(&live.tenant), password.clone(), call.language()).await?;
    let (tenant, user, keep) = (live.claim.tenant, live.user.id, policy.not_recently_used);
    let former = call.store.read(Scope::of(tenant), |tx| people::recent_hashes(tx, tenant, user, keep))?;
    let password_hash = new.hashed(&resets.hasher.in_turn_of(tenant.0), former, deadline).await?;
    let ask = Redeem {
        tenant,
        reset: live.claim.reset,
        password_hash,
        history: keep,
        mail: call.random.uuid(call.now()),
        actor: call.actor(),
        now: call.now(),
    };
    let scope = Scope::of(ask.tenant).until(deadline);
    match call.store.write(scope, move |tx| redeem::redeem(tx, &ask)).await? {
        Redemption::Done => Ok(()),
        Redemption::DeadLink => Err(dead_link()),
    }
}

async fn fresh(resets: Resets, call: Call, asked: Forgotten) -> Result<Answer> {
    let sent = send_fresh_link(&resets, &call, &asked).await;
    answer_wish(&call, &asked.email, sent, dead::page)
}

async fn forgotten(resets: Resets, call: Call, asked: Forgotten) -> Result<Answer> {
    let sent = send_fresh_link(&resets, &call, &asked).await;
    answer_wish(&call, &asked.email, sent, forgot::page)
}

async fn show_forgot(call: Call) -> Result<Answer> {
    Ok(Answer::page(forgot::page(&Site::of(call.language(), call.admitted.tenant.as_deref()), "", &[])))
}

/// The same answer whether the address is known or not. Only text that is no address is refused, since that reveals
/// nothing.
fn answer_wish(
    call: &Call,
    email: &str,
    sent: Result<()>,
    again: fn(&Site<'_>, &str, &[String]) -> maud::Markup,
) -> Result<Answer> {
    let site = Site::of(call.language(), call.admitted.tenant.as_deref());
    match sent {
        Ok(()) if call.is_form => Ok(Answer::see(SENT)),
        Ok(()) => crate::http::Empty::default().into_answer(),
        Err(failure) if call.is_form && failure.kind == Kind::Invalid => {
            let failure = if failure.told.is_none() { failure.told(Told::NoAddress) } else { failure };
            let problem = told::problem(&failure, call.language());
            Ok(Answer::refused_page(again(&site, email, &[problem]), failure.kind))
        }
        Err(failure) => Err(failure),
    }
}
