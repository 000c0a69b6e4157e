//! The page of the link that a new address gets, and its form. GET changes nothing.

use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::Parts;
use super::confirm::{self, Confirm, Confirmed};
use super::rows::{self, Change};
use crate::error::{Error, Kind, Result, Told};
use crate::http::{Answer, Call, Operation, Permission, Success, bind_body};
use crate::identity::Tenant;
use crate::language::Language;
use crate::pages::{self, Site, email, told};
use crate::reset::link::{self, Purpose};
use crate::store::{Scope, Tx};
use crate::tenants;

/// The page after an address was confirmed.
const DONE: &str = "/email/done";
/// For this long after a confirmation its page says so, and the same form is taken as sent twice.
const AGAIN_SECONDS: i64 = 10 * 60;

pub(super) fn operations(parts: &Parts) -> Vec<Operation> {
    vec![
        Operation::get("/email", Permission::Open, show)
            .page()
            .torn_too()
            .id("tenantry.email.page")
            .answers(&[Success::page()])
            .summary("The page of the link that a new address gets."),
        Operation::post("/email", Permission::Open, bind_body(parts, confirm))
            .page()
            .per_address(&parts.by_address)
            .without_cookie()
            .id("tenantry.email.confirm")
            .answers(&[Success::done(), Success::see()])
            .summary("Confirm a new address by the link; it works once."),
        Operation::get(DONE, Permission::Open, done)
            .page()
            .query::<String>("change", "The change whose link was used.")
            .id("tenantry.email.done")
            .answers(&[Success::page(), Success::see()])
            .summary("The page after an address was confirmed; it may be reloaded."),
    ]
}

/// The form of the page. Only a person ticks its box: a mail scanner that presses the button confirms nothing.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AddressConfirmation")]
struct Confirmation {
    #[schemars(example = &"J4hXq0ZrT2mWc8LpVn5sKd1YbEuGf7RaQ3oNi9xMtBwHzCkS")]
    token: String,
    /// That the address and the account are one's own.
    #[serde(default)]
    #[schemars(example = Agreed::Yes)]
    agreed: Option<Agreed>,
}

#[derive(Clone, Copy, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Agreed {
    Yes,
}

/// What a genuine link is about.
struct Found {
    tenant: Tenant,
    change: Change,
}

fn dead_link() -> Error {
    Error::invalid("This link no longer works. Ask for the change once more.")
}

/// The change of a token, or the one error for every token that proves none.
fn find(parts: &Parts, call: &Call, token: &str) -> Result<Found> {
    let (claim, key) = link::verify_for(&parts.keys, Purpose::Address, token).ok_or_else(dead_link)?;
    if call.admitted.tenant.as_ref().is_some_and(|tenant| tenant.id != claim.tenant) {
        return Err(dead_link());
    }
    let read = |tx: &mut Tx<'_>| {
        let Some(tenant) = tenants::find_even_suspended(tx, claim.tenant)? else { return Ok(None) };
        let change = rows::find(tx, claim.tenant, &claim.reset)?.filter(|change| change.key == key);
        Ok(change.map(|change| Found { tenant, change }))
    };
    call.store.read(Scope::of(claim.tenant), read)?.ok_or_else(dead_link)
}

async fn show(call: Call) -> Result<Answer> {
    Ok(Answer::page(email::page(&site(&call), "", &[])).unreferred())
}

fn site(call: &Call) -> Site<'_> {
    Site::of(call.language(), call.admitted.tenant.as_deref())
}

async fn confirm(parts: Parts, call: Call, asked: Confirmation) -> Result<Answer> {
    match carry_out(&parts, &call, &asked).await {
        Ok(change) if call.is_form => Answer::see_at(&format!("{DONE}?change={change}")),
        Ok(_) => Ok(Answer::done()),
        Err(refusal) if call.is_form => refused_page(&call, &asked, refusal),
        Err(refusal) => Err(refusal),
    }
}

/// Makes the address count. A form that was sent twice is done once.
async fn carry_out(parts: &Parts, call: &Call, asked: &Confirmation) -> Result<Uuid> {
    let Found { tenant, change } = find(parts, call, &asked.token)?;
    let now = call.now();
    if call.is_form && change.confirmed_at.is_some_and(|at| at.lasts(AGAIN_SECONDS, now)) {
        return Ok(change.id);
    }
    if asked.agreed.is_none() {
        let sentence = email::Words(Language::English).not_agreed();
        return Err(Error::new(Kind::Refused, sentence));
    }
    let (id, scope) = (change.id, Scope::of(tenant.id).until(call.head.deadline));
    let mails = [call.random.uuid(now), call.random.uuid(now)];
    let ask = Confirm { tenant, change: id, mails, actor: call.actor(), now };
    match call.store.write(scope, move |tx| confirm::confirm(tx, &ask)).await? {
        Confirmed::Done => Ok(id),
        Confirmed::DeadLink => Err(dead_link()),
        Confirmed::Taken => Err(told::error(Kind::Duplicate, Told::AddressTaken)),
    }
}

fn refused_page(call: &Call, asked: &Confirmation, refusal: Error) -> Result<Answer> {
    let (site, language) = (site(call), call.language());
    let problem = match refusal.kind {
        Kind::Refused => email::Words(language).not_agreed().to_owned(),
        Kind::Duplicate => told::problem(&refusal, language),
        Kind::Invalid if !link::is_whole(&asked.token) => pages::reset::Words(language).torn().to_owned(),
        Kind::Invalid => return Ok(Answer::refused_page(email::dead(&site), refusal.kind)),
        _ => return Err(refusal),
    };
    Ok(Answer::refused_page(email::page(&site, &asked.token, &[problem]), refusal.kind).unreferred())
}

/// Reports a change only where there was one: otherwise a link from elsewhere could make the page say so.
async fn done(call: Call) -> Result<Answer> {
    let page = || Answer::page(pages::done::address_changed(&site(&call)));
    let Some(tenant) = &call.admitted.tenant else { return Ok(page()) };
    let id = call.query("change").and_then(|id| Uuid::parse_str(&id).ok()).unwrap_or_default();
    let change = call.store.read(Scope::of(tenant.id), |tx| rows::find(tx, tenant.id, &id))?;
    let is_news = change.and_then(|change| change.confirmed_at).is_some_and(|at| at.lasts(AGAIN_SECONDS, call.now()));
    Ok(if is_news { page() } else { Answer::see("/signin") })
}
