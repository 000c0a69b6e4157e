//! The webhooks of the tenant, one of them with what was sent to it, and what can be done with it.

use maud::Markup;

use super::desk::{Around, counted};
use super::resets::is_for_the_page;
use super::users::{beginning, behind};
use super::{Console, NOT_YET, may};
use crate::access::ApiGroup;
use crate::error::Result;
use crate::http::{Answer, Call, Nothing, Operation, PageSize, Success, bind, bind_body};
use crate::pages::console::webhook::{Delivery, Fate, Ping, Webhook, page as page_of_one};
use crate::pages::console::webhooks::{Row, Sends, Webhooks, page};
use crate::pages::console::{Pager, Place};
use crate::pages::told;
use crate::webhooks::{self, DeliveryShown, Shown, Standing, State, Tested};

pub(super) fn operations(console: &Console) -> Vec<Operation> {
    let list = Operation::get("/console/webhooks", NOT_YET, bind(console, list))
        .id("tenantry.console.webhooks")
        .console("tenantry.webhooks.list")
        .answers(&[Success::page()])
        .summary("The page with the list of webhooks.");
    let of_one = [
        Operation::get("/console/webhooks/{id}", NOT_YET, bind(console, show))
            .id("tenantry.console.webhook")
            .console("tenantry.webhooks.deliveries")
            .answers(&[Success::page()])
            .summary("The page of one webhook."),
        Operation::post("/console/webhooks/{id}/test", NOT_YET, bind_body(console, test))
            .id("tenantry.console.test_webhook")
            .console("tenantry.webhooks.test")
            .answers(&[Success::page()])
            .summary("Sends a ping to a webhook, and shows what came of it."),
        Operation::post("/console/webhooks/{id}/deliveries/{delivery}/resend", NOT_YET, bind_body(console, resend))
            .id("tenantry.console.resend_delivery")
            .console("tenantry.webhooks.resend")
            .answers(&[Success::see(), Success::page()])
            .summary("Sends an event to a webhook once more, from its page."),
    ];
    std::iter::once(list).chain(of_one.map(filtered)).collect()
}

/// The answers of all three show the deliveries of the webhook.
fn filtered(row: Operation) -> Operation {
    row.query::<State>("state", "Only deliveries in this state.")
        .query::<String>("cursor", "Where the page begins.")
        .query::<PageSize>("limit", "How many at most.")
}

async fn list(console: Console, call: Call) -> Result<Answer> {
    let (around, found) = (Around::of(&console, &call)?, webhooks::listed(&call).await?);
    let rows: Vec<_> = found.items.into_iter().map(row).collect();
    let shown = Webhooks { rows: &rows, url: &around.url_of("/api/tenantry/v1/webhooks") };
    Ok(Answer::page(page(&around.desk(Place::Webhooks), &shown)))
}

fn row(webhook: Shown) -> Row {
    Row {
        sends: sends(webhook.state),
        id: webhook.id,
        name: webhook.name,
        url: webhook.url,
        events: webhook.events,
        waiting: counted(webhook.waiting),
        trouble: webhook.off_why.or(webhook.last_error),
    }
}

fn sends(standing: Standing) -> Sends {
    match standing {
        Standing::On => Sends::On,
        Standing::Failing => Sends::Failing,
        Standing::Off => Sends::Off,
    }
}

async fn show(console: Console, call: Call) -> Result<Answer> {
    rendered(&console, &call, None, None).await.map(Answer::page)
}

/// The page, with what came of a ping or the sentence of a refusal.
async fn rendered(console: &Console, call: &Call, ping: Option<Tested>, refused: Option<&str>) -> Result<Markup> {
    let (around, webhook) = (Around::of(console, call)?, webhooks::shown(call)?);
    let found = webhooks::delivered(&console.webhooks, call).await?;
    let (may_change, standing) = (may(call, ApiGroup::UamAdminWrite), sends(webhook.state));
    let deliveries: Vec<_> = found.items.into_iter().map(delivery).collect();
    let (first, next) = (beginning(call), found.next.as_deref().map(|cursor| behind(call, cursor)));
    let shown = Webhook {
        id: &webhook.id,
        name: &webhook.name,
        url_of_receiver: &webhook.url,
        events: &webhook.events,
        with_people: webhook.people,
        sends: standing,
        created: (webhook.created_at, &webhook.created_by),
        failing_since: webhook.failing_since,
        trouble: webhook.off_why.as_deref().or(webhook.last_error.as_deref()),
        waiting: counted(webhook.waiting),
        old_secret_until: webhook.old_secret_until,
        may_test: may_change,
        may_resend: may_change && standing != Sends::Off,
        state: &call.text("state").unwrap_or_default(),
        deliveries: &deliveries,
        pager: Pager { first: first.as_deref(), next: next.as_deref() },
        ping: ping.map(|came| Ping { status: came.status, words: came.words, millis: came.millis }),
        refused,
        url: &around.url_with_query(call, &format!("/api/tenantry/v1/webhooks/{}/deliveries", webhook.id)),
    };
    Ok(page_of_one(&around.desk(Place::Webhooks), &shown))
}

fn delivery(sent: DeliveryShown) -> Delivery {
    let last = sent.attempts.last();
    Delivery {
        fate: match sent.state {
            State::Waiting => Fate::Waiting,
            State::Delivered => Fate::Delivered,
            State::Failed => Fate::Failed,
        },
        queued_at: sent.queued_at,
        attempts: u32::try_from(sent.attempts.len()).unwrap_or(u32::MAX),
        status: last.and_then(|attempt| attempt.status),
        words: last.map(|attempt| attempt.words.clone()).unwrap_or_default(),
        id: sent.id,
        event: sent.r#type,
    }
}

async fn test(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    match webhooks::tested(&console.webhooks, &call).await {
        Ok(came) => rendered(&console, &call, Some(came), None).await.map(Answer::page),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(rendered(&console, &call, None, Some(&sentence)).await?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}

async fn resend(console: Console, call: Call, _: Nothing) -> Result<Answer> {
    match webhooks::sent_again(&call).await {
        Ok(_) => Answer::see_at(&format!("{}/{}", Place::Webhooks.path(), call.param("id"))),
        Err(refusal) if is_for_the_page(&refusal) => {
            let sentence = told::problem(&refusal, call.language());
            Ok(Answer::refused_page(rendered(&console, &call, None, Some(&sentence)).await?, refusal.kind))
        }
        Err(failure) => Err(failure),
    }
}
