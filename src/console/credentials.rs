//! API tokens: their list, one of them, a new one that is shown once, and their end.

mod forms;

use maud::Markup;

use super::desk::Around;
use super::leaf::Leaf;
use super::{Console, NOT_YET, may};
use crate::access::{ApiGroup, may_touch};
use crate::credentials::{Credential, CredentialKind, find_visible, list_for};
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, Success, bind, bind_body};
use crate::pages::console::Place;
use crate::pages::console::credentials::{Credentials, One, Row, State, one, page, renew, revoke};
use crate::people;
use crate::store::Tx;

const LIST: &str = "ves.io.schema.api_credential.CustomAPI.List";
const CREATE: &str = "ves.io.schema.api_credential.CustomAPI.Create";
const GET: &str = "ves.io.schema.api_credential.CustomAPI.Get";
const RENEW: &str = "ves.io.schema.api_credential.CustomAPI.Renew";
const REVOKE: &str = "ves.io.schema.api_credential.CustomAPI.Revoke";
const ACTIVATE: &str = "ves.io.schema.api_credential.CustomAPI.Activate";
/// The tokens that the pages are about.
const KIND: CredentialKind = CredentialKind::Token;
/// A token that ends within so many seconds is told.
const SOON_SECONDS: i64 = 14 * 24 * 3600;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let list = Operation::get("/console/credentials", NOT_YET, bind(console, list))
        .id("tenantry.console.credentials")
        .console(LIST)
        .answers(&[Success::page()])
        .summary("The page with the list of API tokens.")
        .query::<String>("q", "How the name or the address of the owner begins.")
        .query::<String>("cursor", "The name behind which the page begins.");
    let mut rows = vec![
        list,
        Operation::get("/console/credentials/{name}", NOT_YET, bind(console, show))
            .id("tenantry.console.credential")
            .console(GET)
            .answers(&[Success::page()])
            .summary("The page of one API token."),
        Operation::post("/console/credentials/{name}/activate", NOT_YET, bind_body(console, forms::activate_one))
            .id("tenantry.console.activate_credential")
            .console(ACTIVATE)
            .answers(&[Success::see(), Success::page()])
            .summary("Switches an API token off or on, from its page."),
    ];
    rows.extend(making(console));
    rows.extend(ending(console));
    rows
}

fn making(console: &Console) -> [Operation; 2] {
    [
        Operation::get("/console/credentials/new", NOT_YET, bind(console, forms::ask_new))
            .id("tenantry.console.ask_credential")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("The form for a new API token."),
        Operation::post("/console/credentials/new", NOT_YET, bind_body(console, forms::make))
            .id("tenantry.console.create_credential")
            .console(CREATE)
            .answers(&[Success::page()])
            .summary("Makes an API token and shows it once."),
    ]
}

fn ending(console: &Console) -> [Operation; 4] {
    [
        Operation::get("/console/credentials/{name}/renew", NOT_YET, bind(console, ask_renew))
            .id("tenantry.console.ask_renewal")
            .console(RENEW)
            .answers(&[Success::page(), Success::see()])
            .summary("The form for a new life of an API token."),
        Operation::post("/console/credentials/{name}/renew", NOT_YET, bind_body(console, forms::renew_one))
            .id("tenantry.console.renew_credential")
            .console(RENEW)
            .answers(&[Success::see(), Success::page()])
            .summary("Gives an API token a new life."),
        Operation::get("/console/credentials/{name}/revoke", NOT_YET, bind(console, ask_revoke))
            .id("tenantry.console.ask_revocation")
            .console(REVOKE)
            .answers(&[Success::page(), Success::see()])
            .summary("The page that says what happens when an API token is revoked."),
        Operation::post("/console/credentials/{name}/revoke", NOT_YET, bind_body(console, forms::revoke_one))
            .id("tenantry.console.revoke_credential")
            .console(REVOKE)
            .answers(&[Success::see(), Success::page()])
            .summary("Revokes an API token, from that page."),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, q) = (Around::of(&console, &call)?, call.text("q").unwrap_or_default());
    let (typed, now) = (q.trim().to_lowercase(), call.now());
    let (tenant, caller) = (call.tenant()?.id, call.caller()?.clone());
    let mut found = call.store.scan(call.scope()?, move |tx| list_for(tx, tenant, KIND, &caller)).await?;
    found.retain(|one| one.name.starts_with(&typed) || one.user_email.to_lowercase().starts_with(&typed));
    let leaf = Leaf::of(&call, found, |one| &one.name);
    let rows: Vec<_> = leaf
        .rows
        .iter()
        .map(|one| Row {
            name: one.name.clone(),
            owner: one.user_email.clone(),
            state: state(one, now),
            made_at: one.created_at,
            ends_at: one.expires_at,
            is_narrowed: one.narrowed_to.is_some(),
        })
        .collect();
    let list = Credentials {
        q: &q,
        sees_all: may(&call, ApiGroup::UamAdminRead),
        may_make: may(&call, ApiGroup::GeneralWrite),
        rows: &rows,
        pager: leaf.pager(),
        url: &around.url_of("/api/web/namespaces/system/api_credentials"),
    };
    Ok(Answer::page(page(&around.desk(Place::Credentials), &list)))
}

fn state(one: &Credential, now: crate::clock::Timestamp) -> State {
    if one.inactive_at.is_some() {
        State::Off
    } else if one.expires_at <= now {
        State::Ended
    } else if one.expires_at <= now.plus_seconds(SOON_SECONDS) {
        State::EndsSoon
    } else {
        State::Works
    }
}

/// A token, its user, and whether the reader may change it.
struct Found {
    credential: Credential,
    owner_uid: Option<String>,
    may_change: bool,
}

/// The token that the path names.
///
/// # Errors
/// `NotFound`; those of the store.
fn found(tx: &mut Tx<'_>, call: &Call) -> Result<Found> {
    let (tenant, caller) = (call.tenant()?.id, call.caller()?);
    let credential = find_visible(tx, tenant, (KIND, call.param("name")), caller)?;
    let owner = people::find_by_id(tx, tenant, credential.user)?
        .ok_or_else(|| Error::not_found("The user of this token is no longer there."))?;
    let is_own = credential.user == caller.user;
    let theirs = people::rights_of(tx, tenant, owner.id)?;
    let outranks = may_touch(&caller.rights, &theirs, owner.owner_since.is_some()).is_ok();
    let may_change = is_own || outranks && may(call, ApiGroup::UamAdminWrite);
    let owner_uid = may(call, ApiGroup::UamAdminRead).then(|| owner.uid.to_string());
    Ok(Found { credential, owner_uid, may_change })
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    let found = call.store.read(call.scope()?, |tx| found(tx, &call))?;
    rendered(&console, &call, &found, one, ("", None)).map(Answer::page)
}

type Page = fn(&crate::pages::console::Desk, &One) -> Markup;

/// A page about a token, with what was typed and why it was refused.
fn rendered(
    console: &Console,
    call: &Call,
    found: &Found,
    page: Page,
    (days, refused): (&str, Option<&str>),
) -> Result<Markup> {
    let (around, credential) = (Around::of(console, call)?, &found.credential);
    let narrowed = credential.narrowed_to.clone().unwrap_or_default();
    let [groups, namespaces, networks] =
        [narrowed.api_groups, narrowed.namespaces, narrowed.networks].map(Option::unwrap_or_default);
    let one = One {
        name: &credential.name,
        state: state(credential, call.now()),
        owner: &credential.user_email,
        owner_uid: found.owner_uid.as_deref(),
        made: (credential.created_at, &credential.created_by),
        ends_at: credential.expires_at,
        narrowed: [&groups, &namespaces, &networks],
        may_change: found.may_change,
        days_max: call.tenant()?.settings.credential.days_max,
        days,
        refused,
        url: &around.url_of(&format!("/api/web/namespaces/system/api_credentials/{}", credential.name)),
    };
    Ok(page(&around.desk(Place::Credentials), &one))
}

async fn ask_renew(console: Console, call: Call) -> Result<Answer> {
    let days = forms::usual_days(&call)?;
    asked(&console, &call, renew, &days)
}

async fn ask_revoke(console: Console, call: Call) -> Result<Answer> {
    asked(&console, &call, revoke, "")
}

/// The page before a change; the page of the token where the reader may not change it.
fn asked(console: &Console, call: &Call, page: Page, days: &str) -> Result<Answer> {
    let found = call.store.read(call.scope()?, |tx| found(tx, call))?;
    if found.may_change {
        return rendered(console, call, &found, page, (days, None)).map(Answer::page);
    }
    Answer::see_at(&path_of(&found.credential.name))
}

fn path_of(name: &str) -> String {
    format!("{}/{name}", Place::Credentials.path())
}
