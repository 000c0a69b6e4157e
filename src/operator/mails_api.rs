//! The operator's calls about mail that was not sent, and about addresses that the relay has refused.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::deed::{Deed, named};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Call, CursorKey, Empty, Json, Nothing, Operation, PageSize, Permission, bind};
use crate::mail::address::Email;
use crate::mails::{self, DROPPED, RefusedAddress, Unsent};
use crate::reset;
use crate::store::{Scope, Tx};

const LIMIT_USUAL: i64 = 100;

/// The rows.
pub(super) fn operations(cursors: &CursorKey) -> Vec<Operation> {
    let own = Permission::Operator;
    vec![
        Operation::get("/api/tenantry/v1/system/mails", own, bind(cursors, list))
            .id("tenantry.system.mails.list")
            .summary("List mail that waits or was given up, the oldest first, with the relay's own words.")
            .query::<String>("tenant", "Only mail of the tenant of this name.")
            .query::<String>("cursor", "The `next` of the page before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/mails/{id}/retry", own, retry)
            .id("tenantry.system.mails.retry")
            .summary("Try a mail at once, also one that was given up."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/mails/{id}/drop", own, drop_one)
            .id("tenantry.system.mails.drop")
            .summary("Give up a mail that waits."),
        Operation::get("/api/tenantry/v1/system/tenants/{tenant}/refused_addresses", own, list_refused)
            .id("tenantry.system.refused_addresses.list")
            .summary("List addresses to which mail is held back for a day, since the relay said that there is no such mailbox.")
            .query::<String>("cursor", "The `next` of the page before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::post("/api/tenantry/v1/system/tenants/{tenant}/refused_addresses/allow", own, allow)
            .id("tenantry.system.refused_addresses.allow")
            .summary("Let mail go to an address again that the relay has refused."),
    ]
}

/// A mail that was not sent.
#[derive(Serialize, JsonSchema)]
struct UnsentMail {
    #[schemars(example = &"019cb821-7798-7f10-8a2b-5c3d9e0f1a2b")]
    id: String,
    #[schemars(example = &"example-corp")]
    tenant: String,
    #[schemars(example = &"reset.administrator")]
    kind: String,
    /// The address of the user whose it is; null if the user is gone.
    #[schemars(example = &"jane@example.com")]
    to: Option<String>,
    queued_at: Timestamp,
    attempts: i64,
    /// Null for a mail that was given up.
    next_at: Option<Timestamp>,
    given_up_at: Option<Timestamp>,
    #[schemars(example = &"451 4.7.1 Try again later")]
    relay_words: Option<String>,
}

/// A page of mails.
#[derive(Serialize, JsonSchema)]
struct UnsentMails {
    items: Vec<UnsentMail>,
    next: Option<String>,
}

/// An address that the relay has refused.
#[derive(Serialize, JsonSchema)]
struct ShownAddress {
    #[schemars(example = &"jane@example.com")]
    email: String,
    /// When it was refused last.
    refused_at: Timestamp,
    /// Until when mail is held back.
    until: Timestamp,
    #[schemars(example = &"550 5.1.1 No such user here")]
    relay_words: String,
}

/// A page of refused addresses.
#[derive(Serialize, JsonSchema)]
struct RefusedAddresses {
    items: Vec<ShownAddress>,
    next: Option<String>,
}

/// An address that was refused.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["email"]))]
struct AllowAsk {
    #[serde(default)]
    #[schemars(example = &"jane@example.com")]
    email: String,
}

impl ShownAddress {
    fn of(RefusedAddress { email, refused_at, until, relay_words, .. }: RefusedAddress) -> Self {
        Self { email, refused_at, until, relay_words }
    }
}

impl UnsentMail {
    fn of(mail: Unsent) -> Self {
        Self {
            id: mail.id.to_string(),
            tenant: mail.tenant,
            kind: mail.kind,
            to: mail.to,
            queued_at: mail.queued_at,
            attempts: mail.attempts,
            next_at: mail.given_up_at.is_none().then_some(mail.due_at),
            given_up_at: mail.given_up_at,
            relay_words: mail.relay_words,
        }
    }
}

async fn list(cursors: CursorKey, call: Call) -> Result<Json<UnsentMails>> {
    let (tenant, after) = (call.text("tenant").unwrap_or_default(), cursors.read(&call)?);
    let limit = call.limit(LIMIT_USUAL, PageSize::MAX)?;
    let found = call.store.scan(Scope::HOUSE, move |tx| mails::list_unsent(tx, &tenant, after, limit)).await?;
    let next = cursors.behind(&call, found.last().map(|last| last.id), found.len(), limit)?;
    Ok(Json(UnsentMails { items: found.into_iter().map(UnsentMail::of).collect(), next }))
}

async fn retry(call: Call, _: Nothing) -> Result<Empty> {
    let (deed, id) = (Deed::of(&call)?, mail(&call)?);
    let verb = move |tx: &mut Tx<'_>| mails::retry(tx, deed.tenant, &id, &deed.actor, deed.now);
    call.store.write(deed.scope, verb).await?;
    Ok(Empty::default())
}

async fn drop_one(call: Call, _: Nothing) -> Result<Empty> {
    let (deed, id) = (Deed::of(&call)?, mail(&call)?);
    let verb = move |tx: &mut Tx<'_>| {
        let reset = mails::drop_one(tx, deed.tenant, &id, &deed.actor, deed.now)?;
        reset.map_or(Ok(()), |reset| reset::note_undeliverable(tx, deed.tenant, &reset, DROPPED, deed.now))
    };
    call.store.write(deed.scope, verb).await?;
    Ok(Empty::default())
}

async fn list_refused(call: Call) -> Result<Json<RefusedAddresses>> {
    let (tenant, now) = (named(&call)?.tenant.id, call.now());
    let (after, limit) = (call.text("cursor").unwrap_or_default(), call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let verb = move |tx: &mut Tx<'_>| mails::list_refused(tx, tenant, &after, limit, now);
    let found = call.store.scan(Scope::of(tenant), verb).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|count| count >= limit);
    let next = found.last().filter(|_| is_full).map(|last| last.key.clone());
    Ok(Json(RefusedAddresses { items: found.into_iter().map(ShownAddress::of).collect(), next }))
}

async fn allow(call: Call, ask: AllowAsk) -> Result<Empty> {
    let (email, deed) = (Email::parse(&ask.email)?, Deed::of(&call)?);
    let verb = move |tx: &mut Tx<'_>| mails::allow_address(tx, deed.tenant, &email, &deed.actor, deed.now);
    call.store.write(deed.scope, verb).await?;
    Ok(Empty::default())
}

/// The id of the mail that the path names.
fn mail(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| Error::not_found("No mail has this id."))
}
