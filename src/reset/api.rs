//! The calls that reset passwords and show what became of them.

use std::net::IpAddr;
use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::answers::{Page, Shown};
use super::cancel::{self, Touch};
use super::history::{self, Filter};
use super::invite::{self, Invitation};
use super::page;
use super::request::{self, Accepted, Ask, Rules};
use super::rows::{self, Kind, State};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Bucket, Call, Empty, Json, Operation, Permission, bind_body};
use crate::identity::{Actor, Tenant};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::passwords::Hasher;
use crate::rights::ApiGroup::{UamAdminRead, UamAdminWrite};
use crate::store::{Group, Scope, Store, Tx};
use crate::users::{Invite, NewUser};
use crate::whole::parse_whole;

/// The parts of this room: its queue, its keys, and what hashes a new password.
#[derive(Clone)]
pub struct Resets {
    pub(super) group: Group<Ask, Result<Accepted>>,
    pub(super) keys: Keys,
    pub(super) hasher: Hasher,
    pub(super) by_address: Arc<Bucket<IpAddr>>,
    pub(super) is_https: bool,
}

impl Resets {
    /// The room over a store; `is_https` tells whether browsers come by https.
    pub fn new(store: &Store, keys: Keys, hasher: Hasher, is_https: bool) -> Self {
        // A person needs a few; a whole office behind one address some more.
        let by_address = Arc::new(Bucket::new(60, 600));
        Self { group: store.group(request::key, request::request), keys, hasher, by_address, is_https }
    }
}

/// The rows of this room.
pub fn operations(resets: &Resets) -> Vec<Operation> {
    let mut operations = vec![
        Operation::post(
            "/api/web/custom/password/admin_reset",
            Permission::Group(UamAdminWrite),
            bind_body(resets, admin_reset),
        )
        .id("ves.io.schema.user.CustomAPI.ResetPasswordByAdmin")
        .confirms()
        .summary("Reset a user's password: the old one and all sessions are dead, a one-time link is mailed."),
        Operation::post(
            "/api/web/custom/namespaces/{namespace}/send_password_email",
            Permission::Group(UamAdminWrite),
            bind_body(resets, send_password_email),
        )
        .id("ves.io.schema.user.CustomAPI.SendPasswordEmail")
        .confirms()
        .summary("Mail a user a link to choose a password; the old one works until then."),
        Operation::post("/api/web/custom/password/reset", Permission::SignedIn, bind_body(resets, reset))
            .id("ves.io.schema.user.CustomAPI.ResetPassword")
            .summary("Mail yourself a link to choose a new password."),
        Operation::post("/no_auth/send_password_email", Permission::Open, bind_body(resets, forgotten))
            .per_address(&resets.by_address)
            .id("ves.io.schema.signup.CustomAPI.SendPasswordEmail")
            .summary("Mail a link to whoever forgot their password; says nothing about who is known."),
        Operation::get("/api/tenantry/v1/resets", Permission::Group(UamAdminRead), list)
            .id("tenantry.resets.list")
            .summary("The resets of this tenant, the newest first."),
        Operation::get("/api/tenantry/v1/resets/{id}", Permission::Group(UamAdminRead), get)
            .id("tenantry.resets.get")
            .summary("One reset with its timeline."),
        Operation::post("/api/tenantry/v1/resets/{id}/cancel", Permission::Group(UamAdminWrite), cancel)
            .id("tenantry.resets.cancel")
            .summary("End an open reset: its link is dead."),
        Operation::post("/api/tenantry/v1/resets/{id}/resend", Permission::Group(UamAdminWrite), resend)
            .id("tenantry.resets.resend")
            .summary("Mail the same link once more."),
    ];
    operations.extend(page::operations(resets));
    operations
}

/// A user, by address. Unknown members are refused: the call touches passwords.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfUser {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfUserIn {
    #[serde(default)]
    email: String,
    #[serde(default)]
    #[allow(dead_code, reason = "sent by clients of the contract; the path decides")]
    namespace: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgotten {
    #[serde(default)]
    pub(super) email: String,
    #[serde(default)]
    #[allow(dead_code, reason = "sent by clients of the contract; the host decides")]
    cname: Option<String>,
}

/// A body that holds nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn admin_reset(resets: Resets, call: Call, asked: OfUser) -> Result<Empty> {
    let email = read_email(&asked.email)?;
    by_administrator(&resets, &call, email, Kind::Administrator).await
}

async fn send_password_email(resets: Resets, call: Call, asked: OfUserIn) -> Result<Empty> {
    let email = read_email(&asked.email)?;
    by_administrator(&resets, &call, email, Kind::Remail).await
}

async fn by_administrator(resets: &Resets, call: &Call, email: Email, kind: Kind) -> Result<Empty> {
    let mut ask = ask(resets, call, email, kind)?;
    ask.rights = Some(Arc::clone(&call.caller()?.rights));
    ask.idempotency = idempotency(call)?;
    let accepted = resets.group.call(call.scope()?, ask).await??;
    let id = HeaderValue::from_str(&accepted.id.to_string()).map_err(Error::internal)?;
    Ok(Empty::with(HeaderName::from_static("tenantry-reset-id"), id))
}

async fn reset(resets: Resets, call: Call, _: Nothing) -> Result<Empty> {
    let email = Email::parse(&call.caller()?.email)?;
    let ask = ask(&resets, &call, email, Kind::Own)?;
    resets.group.call(call.scope()?, ask).await??;
    Ok(Empty::default())
}

async fn forgotten(resets: Resets, call: Call, asked: Forgotten) -> Result<Empty> {
    send_fresh_link(&resets, &call, &asked.email)?;
    Ok(Empty::default())
}

/// Takes the wish and answers before it is carried out, so that neither words nor time tell whether
/// the address is known.
///
/// # Errors
/// `Invalid` for what is no address at all.
pub(super) fn send_fresh_link(resets: &Resets, call: &Call, email: &str) -> Result<()> {
    let email = read_email(email)?;
    let ask = ask(resets, call, email, Kind::Forgotten)?;
    // Asked before the answer leaves: a server that ends now carries it out all the same.
    let asked = resets.group.call(Scope::of(ask.tenant), ask);
    tokio::spawn(async move {
        if let Err(failure) = asked.await {
            tracing::warn!(%failure, "a wish for a fresh link was not carried out");
        }
    });
    Ok(())
}

pub(super) fn read_email(text: &str) -> Result<Email> {
    if text.is_empty() {
        return Err(Error::invalid("Field email should be not empty in request."));
    }
    Email::parse(text)
}

fn ask(resets: &Resets, call: &Call, email: Email, kind: Kind) -> Result<Ask> {
    let (tenant, now) = (call.tenant()?, call.now());
    Ok(Ask {
        tenant: tenant.id,
        email,
        kind,
        actor: call.actor(),
        presumed: call.admitted.presumed.clone(),
        rights: None,
        id: call.random.uuid(now),
        mail: call.random.uuid(now),
        key: resets.keys.current(),
        idempotency: None,
        rules: rules(tenant, kind),
        now,
    })
}

/// Mails of a user's hour that wishes of anyone leave alone.
const KEPT_FOR_ADMINISTRATORS: i64 = 2;

/// What the tenant chose, for a reset of this kind.
fn rules(tenant: &Tenant, kind: Kind) -> Rules {
    let settings = &tenant.settings;
    Rules {
        lifetime_minutes: settings.link_lifetime_minutes,
        kills_password: kind == Kind::Administrator && !settings.keep_password_until_redeemed,
        repeat_seconds: settings.reset_repeat_seconds,
        mails_per_hour: match kind {
            // Whoever knows an address may ask: that must not use up what an administrator needs.
            Kind::Forgotten => (settings.reset_mails_per_hour - KEPT_FOR_ADMINISTRATORS).max(1),
            _ => settings.reset_mails_per_hour,
        },
        budget_per_hour: settings.reset_budget_per_hour,
    }
}

/// The caller's key, with the digest of the whole wish: the same key for another wish is a mistake.
fn idempotency(call: &Call) -> Result<Option<(String, Vec<u8>)>> {
    let Some(key) = call.head.header("idempotency-key") else { return Ok(None) };
    let key = key.trim().trim_matches('"');
    if key.is_empty() || key.len() > 255 {
        return Err(Error::invalid("The header Idempotency-Key is a text of 1 to 255 characters."));
    }
    let digest =
        Sha256::new().chain_update(call.head.path.as_bytes()).chain_update([0]).chain_update(&call.body).finalize();
    Ok(Some((key.to_string(), digest.to_vec())))
}

/// Sends new users their first link, in the transaction that makes them; their creation is what the
/// audit log tells of.
pub fn invite(keys: &Keys, random: &crate::random::Random) -> Invite {
    let (keys, random) = (keys.clone(), random.clone());
    Arc::new(move |tx: &mut Tx<'_>, user: &NewUser, tenant: &Tenant, actor: &Actor, now: Timestamp| {
        let (id, mail) = (random.uuid(now), random.uuid(now));
        invite::invite(tx, user, &Invitation { tenant, actor, id, mail, key: keys.current(), now })
    })
}

const PAGE_DEFAULT: usize = 100;
const PAGE_MAX: usize = 1_000;

async fn list(call: Call) -> Result<Json<Page>> {
    let filter = read_filter(&call)?;
    let (tenant, now) = (call.tenant()?.id, call.now());
    let (resets, next) = call.store.scan(call.scope()?, move |tx| history::list(tx, tenant, &filter)).await?;
    let items = resets.into_iter().map(|reset| Shown::of(reset, now)).collect();
    Ok(Json(Page { items, next: next.map(|id| id.to_string()) }))
}

fn read_filter(call: &Call) -> Result<Filter> {
    let state = call.query("state").filter(|state| !state.is_empty()).map(|state| read_state(&state)).transpose()?;
    let moment = |name: &str| {
        let text = call.query(name).filter(|text| !text.is_empty());
        let unreadable = || Error::invalid(format!("Field {name} is a time such as 2026-03-04T09:15:27Z."));
        text.map(|text| Timestamp::parse(&text).ok_or_else(unreadable)).transpose()
    };
    let before = call.query("cursor").filter(|cursor| !cursor.is_empty());
    let before = before.map_or(Ok(Uuid::max()), |cursor| {
        Uuid::parse_str(&cursor).map_err(|_| Error::invalid("Field cursor is the next of the page before, unchanged."))
    })?;
    let limit = call.query("limit").map_or(Ok(PAGE_DEFAULT), |text| {
        let limit = parse_whole(&text)
            .and_then(|limit| usize::try_from(limit).ok())
            .filter(|limit| (1..=PAGE_MAX).contains(limit));
        limit.ok_or_else(|| Error::invalid(format!("Field limit is a number from 1 to {PAGE_MAX}.")))
    })?;
    let email = call.query("email").filter(|email| !email.is_empty()).map(|email| Email::parse(&email)).transpose()?;
    Ok(Filter { state, email, since: moment("since")?, until: moment("until")?, before, limit, now: call.now() })
}

fn read_state(word: &str) -> Result<State> {
    Ok(match word {
        "requested" => State::Requested,
        "mailed" => State::Mailed,
        "opened" => State::Opened,
        "redeemed" => State::Redeemed,
        "superseded" => State::Superseded,
        "expired" => State::Expired,
        "undeliverable" => State::Undeliverable,
        "cancelled" => State::Cancelled,
        _ => {
            return Err(Error::invalid(
                "Field state is one of requested, mailed, opened, redeemed, superseded, expired, undeliverable, cancelled.",
            ));
        }
    })
}

async fn get(call: Call) -> Result<Json<Shown>> {
    let (tenant, id) = (call.tenant()?.id, read_id(&call)?);
    let reset = call.store.read(call.scope()?, |tx| rows::find(tx, tenant, &id))?;
    Ok(Json(Shown::of(reset.ok_or_else(cancel::not_found)?, call.now())))
}

fn read_id(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| cancel::not_found())
}

fn touch(call: &Call) -> Result<Touch> {
    Ok(Touch { tenant: call.tenant()?.id, reset: read_id(call)?, actor: call.actor(), now: call.now() })
}

async fn cancel(call: Call, _: Nothing) -> Result<Json<Shown>> {
    let (touch, rights, now) = (touch(&call)?, Arc::clone(&call.caller()?.rights), call.now());
    let reset = call.store.write(call.scope()?, move |tx| cancel::cancel(tx, &touch, &rights)).await?;
    Ok(Json(Shown::of(reset, now)))
}

async fn resend(call: Call, _: Nothing) -> Result<Json<Shown>> {
    let (touch, rights, now) = (touch(&call)?, Arc::clone(&call.caller()?.rights), call.now());
    let (mail, per_hour) = (call.random.uuid(now), call.tenant()?.settings.reset_mails_per_hour);
    let verb = move |tx: &mut Tx<'_>| cancel::resend(tx, &touch, &rights, &mail, per_hour);
    let reset = call.store.write(call.scope()?, verb).await?;
    Ok(Json(Shown::of(reset, now)))
}
