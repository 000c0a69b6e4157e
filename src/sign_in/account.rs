//! The account page and its list of sessions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::api::with_wait;
use super::{SignIn, SignedIn, signed_in, site};
use crate::access::{ApiGroup, Grant, SYSTEM};
use crate::addresses::{self, Change};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::factors;
use crate::http::{Answer, Call, IntoAnswer, Json};
use crate::identity::{Actor, TenantId};
use crate::pages::account::{Account, Address, Roles, Session, page};
use crate::pages::{Rule, told};
use crate::passwords;
use crate::people::{self, User};
use crate::sessions;
use crate::store::Tx;

/// For how long the page reports a change of the password.
pub(super) const NEWS_SECONDS: i64 = 60;

/// An account, as JSON.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Account")]
pub(super) struct Read {
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[schemars(example = &"Jane Roe")]
    name: String,
    /// The new address that is not confirmed yet.
    #[schemars(example = &"jane.roe@example.com")]
    pending_email: Option<String>,
    /// Where mail to this account goes: for some hours after a change to the former address.
    #[schemars(example = &"jane@example.com")]
    mail_goes_to: String,
    roles: Vec<Grant>,
    last_sign_in: Option<Timestamp>,
    /// Whether a code is asked for at sign-in.
    has_second_factor: bool,
    sessions: Vec<ReadSession>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AccountSession")]
struct ReadSession {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    #[schemars(example = &"203.0.113.7")]
    address: String,
    started_at: Timestamp,
    last_seen_at: Timestamp,
    this_one: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SessionEnd")]
pub(super) struct End {
    /// The id of a session, or `others`.
    #[schemars(example = &"others")]
    session: String,
}

pub(super) async fn show(_: SignIn, call: Call) -> Result<Answer> {
    let own = match signed_in(&call) {
        Ok(own) => own,
        Err(refusal) => return to_the_sign_in(call.wants_page(), refusal),
    };
    if call.wants_page() {
        return Ok(Answer::page(rendered(&call, &own, Refused::Password, &[])?));
    }
    let Gathered { user, change, grants, sessions, has_factor } = gather(&call, &own)?;
    Json(Read {
        name: user.full_name(),
        pending_email: change.map(|change| change.email),
        mail_goes_to: user.mail_goes_to(&call.tenant()?.settings, call.now()).into(),
        email: user.email,
        roles: grants,
        last_sign_in: user.last_login_at,
        has_second_factor: has_factor,
        sessions: sessions.into_iter().map(ReadSession::from).collect(),
    })
    .into_answer()
}

pub(super) async fn end(call: Call, ask: End) -> Result<Answer> {
    let own = match signed_in(&call) {
        Ok(own) => own,
        Err(refusal) => return to_the_sign_in(call.is_form, refusal),
    };
    let (tenant, actor, now) = (call.tenant()?.id, call.actor(), call.now());
    let verb = move |tx: &mut Tx<'_>| end_sessions(tx, tenant, &own, &ask.session, &actor, now);
    match call.store.write(call.scope()?, verb).await {
        Ok(()) if !call.is_form => Ok(Answer::done()),
        Ok(()) => Ok(Answer::see("/account")),
        // The session ended a moment ago: the form was sent twice, or the session ended itself.
        Err(gone) if call.is_form && gone.kind == Kind::NotFound => Ok(Answer::see("/account")),
        Err(failure) => Err(failure),
    }
}

/// The address that password managers know. Without a session it leads on to the sign-in.
pub(super) async fn to_the_change(_: Call) -> Result<Answer> {
    Ok(Answer::see("/account#password-card"))
}

/// The answer without a valid session: browsers go to the sign-in page, programs get the error.
///
/// # Errors
/// The refusal, for programs.
pub fn to_the_sign_in(is_page: bool, refusal: Error) -> Result<Answer> {
    if is_page { Ok(Answer::see("/signin")) } else { Err(refusal) }
}

/// Ends the session with the id `which`, or, with `others`, all but the caller's own.
///
/// # Errors
/// `NotFound` when the user has no such session.
pub(super) fn end_sessions(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    own: &SignedIn,
    which: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let ended = match which {
        "others" => sessions::end_others(tx, tenant, own.user, &own.session)?,
        id => match Uuid::try_parse(id) {
            Ok(uid) if sessions::end(tx, tenant, own.user, &uid)? => 1,
            _ => return Err(Error::not_found("You have no such session. It may have ended by itself.")),
        },
    };
    let facts = json!({ "session": which, "ended": ended });
    let (outcome, subject) = (Outcome::Accepted, actor.name.as_str());
    audit::record(tx, &Event { tenant, at: now, action: "session.end", outcome, actor, subject, facts })
}

/// Which form of the page was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// That of a new password.
    Password,
    /// That of a new address.
    Address,
}

/// The page again with the reasons, where they are for its reader; otherwise the error itself.
pub(super) fn refused_page(call: &Call, which: Refused, refusal: Error) -> Result<Answer> {
    let is_theirs = match refusal.kind {
        Kind::Unauthenticated | Kind::Refused | Kind::Conflict | Kind::TooMany { .. } => true,
        // An address is typed by people, so what is wrong with it is for them too.
        Kind::Invalid => refusal.told.is_some(),
        _ => false,
    };
    if !is_theirs {
        return Err(refusal);
    }
    let problems = match refusal.details.is_empty() {
        true => vec![told::problem(&refusal, call.language())],
        false => refusal.details,
    };
    let page = rendered(call, &signed_in(call)?, which, &problems)?;
    Ok(with_wait(Answer::refused_page(page, refusal.kind), refusal.kind))
}

/// The page, with the problems of one of its forms.
fn rendered(call: &Call, own: &SignedIn, which: Refused, problems: &[String]) -> Result<maud::Markup> {
    let (tenant, now) = (call.tenant()?, call.now());
    let Gathered { user, change, grants, sessions, has_factor } = gather(call, own)?;
    let of = |form: Refused| if form == which { problems } else { &[] };
    let rules: Vec<Rule> =
        passwords::rules(&tenant.settings.password, call.language()).into_iter().map(Rule::from).collect();
    let since_change = user.password_changed_at.map(|at| now.seconds_since(at));
    let account = Account {
        email: &user.email,
        name: &user.full_name(),
        roles: &by_namespace(grants),
        last_sign_in: user.last_login_at,
        sessions: &sessions,
        rules: &rules,
        problems: of(Refused::Password),
        address: Address {
            pending: change.as_ref().map(|change| (change.email.as_str(), change.expires_at)),
            former: user.former_address(&tenant.settings, now),
            problems: of(Refused::Address),
        },
        has_factor,
        has_console: call.caller()?.rights.allow(ApiGroup::UamAdminRead, SYSTEM),
        // Without this a link from elsewhere could make the page report a change that did not happen.
        changed: call.query("changed").is_some() && since_change.is_some_and(|seconds| seconds < NEWS_SECONDS),
    };
    Ok(page(&site(tenant, call.language()), &account))
}

/// What the page shows.
struct Gathered {
    user: User,
    change: Option<Change>,
    grants: Vec<Grant>,
    sessions: Vec<Session>,
    has_factor: bool,
}

fn gather(call: &Call, own: &SignedIn) -> Result<Gathered> {
    let (tenant, now) = (call.tenant()?, call.now());
    let seen_after = now.plus_seconds(-tenant.settings.session.idle_minutes * 60);
    call.store.read(call.scope()?, |tx| {
        let found =
            people::find_by_id(tx, tenant.id, own.user)?.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
        let change = addresses::pending_of(tx, tenant.id, &found, now)?;
        let grants = people::grants_of(tx, tenant.id, own.user)?;
        let open = sessions::list(tx, tenant.id, own.user, seen_after, now)?;
        let sessions = open.into_iter().map(|open| shown(open, &own.session)).collect();
        let has_factor = factors::find(tx, tenant.id, own.user)?.is_some_and(|factor| factor.is_on());
        Ok(Gathered { user: found, change, grants, sessions, has_factor })
    })
}

fn shown(open: sessions::Session, this: &[u8]) -> Session {
    Session {
        id: open.uid.to_string(),
        address: open.address,
        started: open.started_at,
        last_seen: open.last_seen_at,
        this_one: open.secret_hash == this,
    }
}

impl From<Session> for ReadSession {
    fn from(session: Session) -> Self {
        let Session { id, address, started, last_seen, this_one } = session;
        Self { id, address, started_at: started, last_seen_at: last_seen, this_one }
    }
}

/// `grants` must be sorted by namespace.
fn by_namespace(grants: Vec<Grant>) -> Vec<Roles> {
    let chunks = grants.chunk_by(|one, next| one.namespace == next.namespace);
    chunks
        .map(|here| Roles {
            namespace: here[0].namespace.clone(),
            roles: here.iter().map(|grant| grant.role.clone()).collect(),
        })
        .collect()
}

#[cfg(test)]
#[path = "account_tests.rs"]
mod tests;
