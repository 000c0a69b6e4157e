//! The list of resets, one reset, and what can be done with it.

use uuid::Uuid;

use super::desk::Around;
use super::users::{beginning, behind};
use super::{Console, NOT_YET, may};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::http::{Answer, Call, Nothing, Operation, PageSize, Success, bind, bind_body};
use crate::mail::address::Email;
use crate::pages::console::reset::{Reset as Shown, page as page_of_one};
use crate::pages::console::resets::{Resets, Row, page};
use crate::pages::console::{Pager, Place, Stage};
use crate::pages::told;
use crate::people;
use crate::reset::{self, Filter, Reset, State};
use crate::store::Tx;

const PAGE: i64 = 50;

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    vec![
        Operation::get("/console/resets", NOT_YET, bind(console, list))
            .id("tenantry.console.resets")
            .console("tenantry.resets.list")
            .answers(&[Success::page()])
            .summary("The page with the list of resets.")
            .query::<State>("state", "Only resets in this state.")
            .query::<String>("email", "Only resets of the user of this address.")
            .query::<String>("cursor", "Where the page begins.")
            .query::<PageSize>("limit", "How many at most."),
        Operation::get("/console/resets/{id}", NOT_YET, bind(console, show))
            .id("tenantry.console.reset")
            .console("tenantry.resets.get")
            .answers(&[Success::page()])
            .summary("The page of one reset."),
        Operation::post("/console/resets/{id}/cancel", NOT_YET, bind_body(console, cancel))
            .id("tenantry.console.cancel_reset")
            .console("tenantry.resets.cancel")
            .answers(&[Success::see(), Success::page()])
            .summary("Ends an open reset, from its page."),
        Operation::post("/console/resets/{id}/resend", NOT_YET, bind_body(console, resend))
            .id("tenantry.console.resend_reset")
            .console("tenantry.resets.resend")
            .answers(&[Success::see(), Success::page()])
            .summary("Mails the same link once more, from its page."),
    ]
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, tenant, now) = (Around::of(&console, &call)?, call.tenant()?.id, call.now());
    let typed = call.text("email").unwrap_or_default();
    let filter = Filter {
        state: call.one_of("state")?,
        email: Some(typed.trim()).filter(|typed| !typed.is_empty()).map(Email::parse).transpose()?,
        since: None,
        until: None,
        before: console.cursors.read(&call)?.unwrap_or(Uuid::max()),
        limit: PAGE,
        now,
    };
    let found = call.store.scan(call.scope()?, move |tx| reset::list(tx, tenant, &filter)).await?;
    let next = console.cursors.behind(&call, found.last().map(|last| last.id), found.len(), PAGE)?;
    let rows: Vec<_> = found.into_iter().map(|reset| row(reset, now)).collect();
    let (first, next) = (beginning(&call), next.as_deref().map(|cursor| behind(&call, cursor)));
    let resets = Resets {
        email: &typed,
        state: &call.text("state").unwrap_or_default(),
        rows: &rows,
        pager: Pager { first: first.as_deref(), next: next.as_deref() },
        url: &around.url_with_query(&call, "/api/tenantry/v1/resets"),
    };
    Ok(Answer::page(page(&around.desk(Place::Resets), &resets)))
}

fn row(reset: Reset, now: Timestamp) -> Row {
    Row {
        id: reset.id.to_string(),
        stage: stage(&reset, now),
        email: reset.email,
        by: reset.requested_by,
        at: reset.requested_at,
        relay_words: reset.relay_words,
    }
}

/// How far a reset has come, as pages show it.
pub(super) fn stage(reset: &Reset, now: Timestamp) -> Stage {
    match State::of(reset, now) {
        State::Requested if reset.is_held() => Stage::Held,
        State::Requested => Stage::Requested,
        State::Mailed => Stage::Mailed,
        State::Opened => Stage::Opened,
        State::Redeemed => Stage::Redeemed,
        State::Superseded => Stage::Superseded,
        State::Expired => Stage::Expired,
        State::Undeliverable => Stage::Undeliverable,
        State::Cancelled => Stage::Cancelled,
    }
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    rendered(&console, &call, None).map(Answer::page)
}

/// The page, with the sentence of a refusal.
fn rendered(console: &Console, call: &Call, refused: Option<&str>) -> Result<maud::Markup> {
    let (around, tenant, now, asked) = (Around::of(console, call)?, call.tenant()?.id, call.now(), read_id(call)?);
    let (reset, user) = call.store.read(call.scope()?, |tx| {
        let reset = reset::find(tx, tenant, &asked)?.ok_or_else(reset::not_found)?;
        let user = people::find_by_id(tx, tenant, reset.user)?;
        Ok((reset, user))
    })?;
    let (id, uid) = (reset.id.to_string(), user.map(|user| user.uid.to_string()));
    let (may_change, stage) = (may(call, ApiGroup::UamAdminWrite), stage(&reset, now));
    let shown = Shown {
        id: &id,
        email: &reset.email,
        uid: uid.as_deref(),
        stage,
        ended_password: reset.kills_password,
        requested_at: reset.requested_at,
        requested_by: (&reset.requested_by, &reset.address),
        mailed_at: reset.mailed_at,
        undeliverable_at: reset.undeliverable_at,
        relay_words: reset.relay_words.as_deref(),
        opened_at: reset.opened_at,
        redeemed_at: reset.redeemed_at,
        expires_at: reset.expires_at,
        may_resend: may_change && matches!(stage, Stage::Mailed | Stage::Opened | Stage::Undeliverable),
        may_cancel: may_change && matches!(stage, Stage::Requested | Stage::Mailed | Stage::Opened),
        of_incident: reset.incident.is_some(),
        refused,
        url: &around.url_of(&format!("/api/tenantry/v1/resets/{id}")),
    };
    Ok(page_of_one(&around.desk(Place::Resets), &shown))
}

fn read_id(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| reset::not_found())
}

async fn cancel(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let (id, act) = (read_id(&call)?, Act::of(&call)?);
    let done = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| reset::cancel(tx, &id, &act)).await;
    back(&console, &call, done)
}

async fn resend(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    let (id, act, mail) = (read_id(&call)?, Act::of(&call)?, call.random.uuid(call.now()));
    let done = call.store.write(call.scope()?, move |tx: &mut Tx<'_>| reset::resend(tx, &id, &mail, &act)).await;
    back(&console, &call, done)
}

/// To the page of the reset; where it was refused, that page with the reason.
fn back(console: &Console, call: &Call, done: Result<Reset>) -> Result<Answer> {
    match done {
        Ok(reset) => Answer::see_at(&format!("{}/{}", Place::Resets.path(), reset.id)),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(rendered(console, call, Some(&sentence))?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

/// Whether a refusal is told on the page from which the act was asked for. One of rank is recorded on its way out.
pub(super) fn is_for_the_page(refusal: &Error) -> bool {
    matches!(refusal.kind, Kind::Conflict | Kind::Duplicate | Kind::TooMany { .. } | Kind::Refused | Kind::Invalid)
}
