//! The operations that reset passwords and show resets.

use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::answers::{InFull, Page, Shown};
use super::ask::{Accepted, Ask};
use super::history::{self, Filter};
use super::keys;
use super::parts::Resets;
use super::recent::Acknowledged;
use super::rows::{self, Kind};
use super::rules::rules;
use super::state::State;
use super::wish::{Forgotten, read_email, send_fresh_link};
use crate::access::ApiGroup::{UamAdminRead, UamAdminWrite};
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, Empty, Json, Nothing, Operation, PageSize, Permission, bind, bind_body};
use crate::mail::address::Email;

const KEY: &str = "Names this call for 24 hours: sent again under its key, it is answered and not done again.";
const RESET_ID: &str = "The reset, for looking at it later.";

/// The rows for programs.
pub(super) fn operations(resets: &Resets) -> Vec<Operation> {
    vec![
        Operation::post(
            "/api/web/custom/password/admin_reset",
            Permission::Group(UamAdminWrite),
            bind_body(resets, admin_reset),
        )
        .id("ves.io.schema.user.CustomAPI.ResetPasswordByAdmin")
        .confirms()
        .summary("Reset a user's password: the old one and all sessions are dead, a one-time link is mailed.")
        .header::<String>("Idempotency-Key", KEY)
        .answer_header::<String>("Tenantry-Reset-Id", RESET_ID),
        Operation::post(
            "/api/web/custom/namespaces/{namespace}/send_password_email",
            Permission::Group(UamAdminWrite),
            bind_body(resets, send_password_email),
        )
        .id("ves.io.schema.user.CustomAPI.SendPasswordEmail")
        .in_system()
        .confirms()
        .summary("Mail a user a link to choose a password; the old one works until then.")
        .header::<String>("Idempotency-Key", KEY)
        .answer_header::<String>("Tenantry-Reset-Id", RESET_ID),
        Operation::post("/api/web/custom/password/reset", Permission::SignedIn, bind_body(resets, reset))
            .id("ves.io.schema.user.CustomAPI.ResetPassword")
            .summary("Mail yourself a link to choose a new password."),
        Operation::post("/no_auth/send_password_email", Permission::Open, bind_body(resets, forgotten))
            .per_address(&resets.by_address)
            .id("ves.io.schema.signup.CustomAPI.SendPasswordEmail")
            .summary("Mail a link to a user who forgot their password; the answer does not reveal which addresses are known."),
        Operation::post("/api/tenantry/v1/resets", Permission::Group(UamAdminWrite), bind_body(resets, create))
            .id("tenantry.resets.create")
            .confirms()
            .summary("Reset a user's password, and say what else is to end with it."),
        Operation::get("/api/tenantry/v1/resets", Permission::Group(UamAdminRead), bind(resets, list))
            .id("tenantry.resets.list")
            .summary("The resets of this tenant, the newest first.")
            .query::<State>("state", "Only resets in this state.")
            .query::<String>("email", "Only resets of the user of this address.")
            .query::<Timestamp>("since", "Not requested before this moment.")
            .query::<Timestamp>("until", "Requested before this moment.")
            .query::<String>("cursor", "The `next` of the page before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::get("/api/tenantry/v1/resets/{id}", Permission::Group(UamAdminRead), get)
            .id("tenantry.resets.get")
            .summary("One reset with its timeline."),
        Operation::post("/api/tenantry/v1/resets/{id}/cancel", Permission::Group(UamAdminWrite), cancel)
            .id("tenantry.resets.cancel")
            .summary("End an open reset: its link is dead."),
        Operation::post("/api/tenantry/v1/resets/{id}/resend", Permission::Group(UamAdminWrite), resend)
            .id("tenantry.resets.resend")
            .summary("Mail the same link once more."),
    ]
}

/// A user, by address. Unknown members are refused: the call touches passwords.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserAddress", extend("required" = ["email"]))]
struct OfUser {
    #[serde(default)]
    #[schemars(example = &"jane@example.com")]
    email: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "UserAddressIn", extend("required" = ["email"]))]
struct OfUserIn {
    #[serde(default)]
    #[schemars(example = &"jane@example.com")]
    email: String,
    #[serde(default)]
    #[allow(dead_code, reason = "sent by clients of the contract; the path decides")]
    namespace: Option<String>,
}

/// A user whose password is to be reset, and what else is to end.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["email"]))]
struct NewReset {
    #[serde(default)]
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// Whether the user's API credentials end too; if absent, the tenant's setting decides.
    #[serde(default)]
    #[schemars(example = true)]
    revoke_credentials: Option<bool>,
}

const ADMIN_RESET: &str = "admin_reset";
const SEND_PASSWORD_EMAIL: &str = "send_password_email";
const NEW_RESET: &str = "resets";

async fn admin_reset(resets: Resets, call: Call, asked: OfUser) -> Result<Empty> {
    let ask = ask(&resets, &call, read_email(&asked.email)?, Kind::Administrator)?;
    by_administrator(&resets, &call, ask, ADMIN_RESET).await
}

async fn send_password_email(resets: Resets, call: Call, asked: OfUserIn) -> Result<Empty> {
    let ask = ask(&resets, &call, read_email(&asked.email)?, Kind::Remail)?;
    by_administrator(&resets, &call, ask, SEND_PASSWORD_EMAIL).await
}

async fn create(resets: Resets, call: Call, asked: NewReset) -> Result<Empty> {
    let mut ask = ask(&resets, &call, read_email(&asked.email)?, Kind::Administrator)?;
    if let Some(revokes) = asked.revoke_credentials {
        ask.rules.revokes_credentials = revokes;
    }
    let meaning = format!("{NEW_RESET} {:?}", asked.revoke_credentials);
    by_administrator(&resets, &call, ask, &meaning).await
}

/// Resets the password of a user as the main call does, for the holder of a session. The reset.
///
/// # Errors
/// Those of the main call.
pub async fn reset_by_administrator(resets: &Resets, call: &Call, email: Email) -> Result<Uuid> {
    let ask = ask(resets, call, email, Kind::Administrator)?;
    Ok(accepted(resets, call, ask, ADMIN_RESET).await?.id)
}

/// `meaning` is what the call asks for apart from its user, to be compared under the same `Idempotency-Key`.
async fn accepted(resets: &Resets, call: &Call, mut ask: Ask, meaning: &str) -> Result<Accepted> {
    ask.rights = Some(Arc::clone(&call.caller()?.rights));
    ask.idempotency = keys::of(call, meaning, &ask.email)?;
    let (tenant, at, email) = (ask.tenant, ask.now, ask.email.as_str().to_owned());
    let accepted = resets.group.call(call.scope()?, ask).await??;
    resets.recent.remember(tenant, Acknowledged { id: accepted.id, email, at });
    Ok(accepted)
}

async fn by_administrator(resets: &Resets, call: &Call, ask: Ask, meaning: &str) -> Result<Empty> {
    let accepted = accepted(resets, call, ask, meaning).await?;
    let id = HeaderValue::from_str(&accepted.id.to_string()).map_err(Error::internal)?;
    let answer = Empty::with(HeaderName::from_static("tenantry-reset-id"), id);
    Ok(match accepted.is_replay {
        true => answer.and(HeaderName::from_static("idempotent-replayed"), HeaderValue::from_static("true")),
        false => answer,
    })
}

async fn reset(resets: Resets, call: Call, _: Nothing) -> Result<Empty> {
    let email = Email::parse(&call.caller()?.email)?;
    let ask = ask(&resets, &call, email, Kind::Own)?;
    resets.group.call(call.scope()?, ask).await??;
    Ok(Empty::default())
}

async fn forgotten(resets: Resets, call: Call, asked: Forgotten) -> Result<Empty> {
    send_fresh_link(&resets, &call, &asked).await?;
    Ok(Empty::default())
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

const PAGE_USUAL: i64 = 100;

async fn list(resets: Resets, call: Call) -> Result<Json<Page>> {
    let filter = read_filter(&resets, &call)?;
    let (tenant, limit) = (call.tenant()?.id, filter.limit);
    let found = call.store.scan(call.scope()?, move |tx| history::list(tx, tenant, &filter)).await?;
    let next = resets.cursors.behind(&call, found.last().map(|last| last.id), found.len(), limit)?;
    Ok(Json(Page { items: found.into_iter().map(|reset| Shown::of(reset, call.now())).collect(), next }))
}

fn read_filter(resets: &Resets, call: &Call) -> Result<Filter> {
    Ok(Filter {
        state: call.one_of("state")?,
        email: call.text("email").map(|email| Email::parse(&email)).transpose()?,
        since: call.moment("since")?,
        until: call.moment("until")?,
        before: resets.cursors.read(call)?.unwrap_or(Uuid::max()),
        limit: call.limit(PAGE_USUAL, PageSize::MAX)?,
        now: call.now(),
    })
}

async fn get(call: Call) -> Result<Json<InFull>> {
    let (tenant, id, now) = (call.tenant()?.id, read_id(&call)?, call.now());
    let found = call.store.read(call.scope()?, |tx| match rows::find(tx, tenant, &id)? {
        Some(reset) => Ok(Some(InFull::of(tx, tenant, reset, now)?)),
        None => Ok(None),
    })?;
    Ok(Json(found.ok_or_else(rows::not_found)?))
}

fn read_id(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| rows::not_found())
}

async fn cancel(call: Call, _: Nothing) -> Result<Json<Shown>> {
    let (id, act) = (read_id(&call)?, Act::of(&call)?);
    let reset = call.store.write(call.scope()?, move |tx| super::cancel::cancel(tx, &id, &act)).await?;
    Ok(Json(Shown::of(reset, call.now())))
}

async fn resend(call: Call, _: Nothing) -> Result<Json<Shown>> {
    let (id, act, mail) = (read_id(&call)?, Act::of(&call)?, call.random.uuid(call.now()));
    let reset = call.store.write(call.scope()?, move |tx| super::cancel::resend(tx, &id, &mail, &act)).await?;
    Ok(Json(Shown::of(reset, call.now())))
}
