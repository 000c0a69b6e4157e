//! The calls about all that is kept of one person.

use std::sync::Arc;

use http::header::{self, HeaderValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::erase::{self, Ask};
use super::export::{self, After, PersonExport};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::http::{Answer, Call, CursorKey, IntoAnswer, Json, Nothing, Operation, Permission, Success, bind_body};
use crate::identity::Tenant;
use crate::mail::address::Email;
use crate::people::{self, ErasedKey, User};
use crate::sign_in::{signed_in, to_the_sign_in};
use crate::store::Tx;

/// The largest document that a person is given as a whole: this many pages, each of many entries.
const OWN_PAGES_MAX: usize = 50;
/// The action of the record that a document leaves.
const EXPORTED: &str = "person.export";
/// How a browser is told to keep the answer as a file.
const AS_FILE: &str = "attachment; filename=\"account.json\"";

/// The operations of this room; the key keeps the addresses of people who were erased.
pub fn operations(key: &ErasedKey, cursors: &CursorKey) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post("/api/tenantry/v1/people/export", read, bind_body(cursors, export_one))
            .id("tenantry.people.export")
            .summary("Write out all that is kept of a person, page by page, but for what opens the account."),
        Operation::post("/api/tenantry/v1/people/erase", write, bind_body(key, erase_one))
            .fresh("/account")
            .id("tenantry.people.erase")
            .summary(
                "Erase a person: the account at once, and then what names them anywhere, records included, for good.",
            ),
        Operation::post("/account/export", Permission::Open, export_own)
            .page()
            .id("tenantry.account.export")
            .answers(&[Success::json::<PersonExport>(), Success::see()])
            .summary("Writes out all that is kept of oneself, but for what opens the account."),
    ]
}

/// Which person is meant.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PersonAsk", extend("required" = ["email"]))]
struct PersonAsk {
    /// The address of the person.
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
}

/// Which person is meant, and from where on.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "PersonExportAsk", extend("required" = ["email"]))]
struct ExportAsk {
    /// The address of the person.
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
    /// The `next` of the answer before, unchanged; nothing for the first page.
    after: Option<String>,
}

fn address(email: Option<&str>) -> Result<Email> {
    Email::parse(email.ok_or_else(|| Error::invalid("Field email is missing."))?)
}

async fn export_one(cursors: CursorKey, call: Call, ask: ExportAsk) -> Result<Json<PersonExport>> {
    let (act, email) = (Act::of(&call)?, address(ask.email.as_deref())?);
    let bound = email.key().into_bytes();
    let after = ask.after.map(|cursor| cursors.read_place_given(&call, ("after", &cursor), &bound)).transpose()?;
    let after = after.map(|place| After::read(&place)).transpose()?;
    let is_first = after.is_none();
    let verb = move |tx: &mut Tx<'_>| {
        let user = people::get_by_email(tx, act.tenant.id, &email)?;
        act.outrank(tx, &user)?;
        // One record for a document, however many pages it has.
        if is_first {
            act.record(tx, EXPORTED, &user.email, json!({}))?;
        }
        Ok(user)
    };
    let user = call.store.write(call.scope()?, verb).await?;
    let (mut page, next) = read(&call, user, after).await?;
    page.next = next.map(|place| cursors.behind_place(&call, &bound, &place)).transpose()?;
    Ok(Json(page))
}

async fn read(call: &Call, user: User, after: Option<After>) -> Result<(PersonExport, Option<Vec<u8>>)> {
    let (tenant, now): (Arc<Tenant>, _) = (Arc::clone(call.tenant()?), call.now());
    call.store.scan(call.scope()?, move |tx| export::page(tx, &tenant, &user, after, now)).await
}

/// The whole document, as a file where a browser asks.
async fn export_own(call: Call, _: Nothing) -> Result<Answer> {
    let own = match signed_in(&call) {
        Ok(own) => own,
        Err(refusal) => return to_the_sign_in(call.is_form, refusal),
    };
    let act = Act::of(&call)?;
    let verb = move |tx: &mut Tx<'_>| {
        let user = people::find_by_id(tx, act.tenant.id, own.user)?;
        let user = user.ok_or_else(|| Error::unauthenticated("Sign in first."))?;
        act.record(tx, EXPORTED, &user.email, json!({}))?;
        Ok(user)
    };
    let user = call.store.write(call.scope()?, verb).await?;
    let (mut whole, mut next) = read(&call, user.clone(), None).await?;
    for _ in 1..OWN_PAGES_MAX {
        let Some(place) = next else { break };
        let page = read(&call, user.clone(), Some(After::read(&place)?)).await?;
        whole.append(page.0);
        next = page.1;
    }
    let answer = Json(whole).into_answer()?;
    Ok(answer.with(header::CONTENT_DISPOSITION, HeaderValue::from_static(AS_FILE)))
}

/// A person who was erased.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PersonErased")]
struct Erased {
    /// What stands for the person in records from now on. Rewriting them takes a minute or more; a record of `person.erase` about
    /// this name, with the step `ended`, says that it is over.
    #[schemars(example = &"person:9f2c41d07ab35e18")]
    pseudonym: String,
}

async fn erase_one(key: ErasedKey, call: Call, ask: PersonAsk) -> Result<Json<Erased>> {
    let (act, email) = (Act::of(&call)?, address(ask.email.as_deref())?);
    let code = key.code(act.tenant.id, &email);
    let pseudonym = erase::pseudonym(&call.random);
    let ask = Ask { email, code, id: call.random.uuid(act.now), pseudonym: pseudonym.clone() };
    call.store.write(call.scope()?, move |tx| erase::erase(tx, &ask, &act)).await?;
    Ok(Json(Erased { pseudonym }))
}
