//! One webhook: whether it sends, what was sent, and what its receiver said.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, crumbs, curl, foot, icon, id, refusal};
use super::shell::{Desk, Place, document};
use super::state::chip;
use super::webhooks::Sends;
use crate::clock::Timestamp;
use crate::language::Language;

/// The content of the page.
#[derive(Debug, Clone)]
pub struct Webhook<'a> {
    /// The id.
    pub id: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// Where events are sent.
    pub url_of_receiver: &'a str,
    /// Which events.
    pub events: &'a [String],
    /// Whether it gets an event for each user of an incident too.
    pub with_people: bool,
    /// Whether it sends.
    pub sends: Sends,
    /// When it was made, and by whom.
    pub created: (Timestamp, &'a str),
    /// Since when every attempt has failed.
    pub failing_since: Option<Timestamp>,
    /// Why it is off, or what came of the last attempt.
    pub trouble: Option<&'a str>,
    /// Deliveries that wait.
    pub waiting: u32,
    /// Until when the former secret signs too.
    pub old_secret_until: Option<Timestamp>,
    /// Whether a ping can be sent.
    pub may_test: bool,
    /// Whether an event can be sent once more.
    pub may_resend: bool,
    /// The state that was chosen, by its word in the API.
    pub state: &'a str,
    /// The deliveries of this page.
    pub deliveries: &'a [Delivery],
    /// The way on.
    pub pager: Pager<'a>,
    /// What came of the ping that was just sent.
    pub ping: Option<Ping>,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// What came of a ping.
#[derive(Debug, Clone)]
pub struct Ping {
    /// What the receiver answered; none where there was no answer.
    pub status: Option<u16>,
    /// The beginning of its answer, or why there was none.
    pub words: String,
    /// How long it took, in milliseconds.
    pub millis: i64,
}

/// An event on its way.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The id.
    pub id: String,
    /// The name of the event.
    pub event: String,
    /// What became of it.
    pub fate: Fate,
    /// Since when it is on its way.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// The last answer.
    pub status: Option<i64>,
    /// The beginning of that answer, or why there was none.
    pub words: String,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It waits for its next attempt.
    Waiting,
    /// The receiver has it.
    Delivered,
    /// Its tries are used up.
    Failed,
}

impl Fate {
    /// All of them, with their words in the API.
    const ALL: [(&'static str, Self); 3] =
        [("waiting", Self::Waiting), ("delivered", Self::Delivered), ("failed", Self::Failed)];

    fn told(self, words: Words) -> (&'static str, &'static str) {
        match self {
            Self::Waiting => ("wait", words.waiting()),
            Self::Delivered => ("good", words.delivered()),
            Self::Failed => ("bad", words.failed()),
        }
    }
}

/// The page of `GET /console/webhooks/{id}`.
pub fn page(desk: &Desk, webhook: &Webhook) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Webhooks.path(), words.webhooks())]))
            div class="title" { h1 { bdi { (webhook.name) } } (webhook.sends.chip(language)) }
            p { bdi { (webhook.url_of_receiver) } }
            @if webhook.may_test {
                div class="acts" {
                    form method="post" action=(path_of(webhook, "test")) { button class="button" type="submit" { (words.send_ping()) } }
                }
            }
        }
        (refusal(webhook.refused))
        @if let Some(ping) = &webhook.ping { (came(words, ping)) }
        section aria-labelledby="sent" {
            div class="part slim" { h2 #sent { (words.what_was_sent()) } }
            (filter(words, webhook))
            @if webhook.deliveries.is_empty() {
                div class="empty" { h3 { (words.nothing()) } p { (words.nothing_here()) } }
            } @else { (table(words, webhook)) }
        }
        (facts(language, words, webhook))
        (foot(language, words.foot(), true, webhook.pager))
        (curl(language, webhook.url))
    };
    document(desk, words.title(), &body)
}

fn path_of(webhook: &Webhook, rest: &str) -> String {
    format!("{}/{}/{rest}", Place::Webhooks.path(), webhook.id)
}

/// A receiver takes an event by an answer of the two hundreds.
fn came(words: Words, ping: &Ping) -> Markup {
    let is_taken = ping.status.is_some_and(|status| (200..300).contains(&status));
    let (tone, shape) = if is_taken { ("good", "tick") } else { ("bad", "cross") };
    html! {
        div class={ "notice " (tone) } role="status" {
            (icon(shape))
            div {
                p {
                    @match ping.status {
                        Some(status) => (words.ping_answered(status, ping.millis)),
                        None => (words.ping_unanswered()),
                    }
                }
                @if !ping.words.is_empty() { p { code { bdi { (ping.words) } } } }
            }
        }
    }
}

fn filter(words: Words, webhook: &Webhook) -> Markup {
    html! {
        form class="filters" method="get" action={ (Place::Webhooks.path()) "/" (webhook.id) } role="search" aria-label=(words.filter_this()) {
            label class="unseen" for="state" { (words.state()) }
            select #state class="short" name="state" {
                option value="" selected[webhook.state.is_empty()] { (words.any_state()) }
                @for (word, fate) in Fate::ALL { option value=(word) selected[webhook.state == word] { (fate.told(words).1) } }
            }
            button class="button" type="submit" { (words.filter()) }
        }
    }
}

fn table(words: Words, webhook: &Webhook) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.what_was_sent()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.event(), words.state(), words.queued(), words.attempts(), words.receiver_said(), words.again()] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" { @for sent in webhook.deliveries { (entry(words, webhook, sent)) } }
        }
    }
}

fn entry(words: Words, webhook: &Webhook, sent: &Delivery) -> Markup {
    let (tone, name) = sent.fate.told(words);
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="main" { bdi { (sent.event) } }
            td role="cell" class="state brief" { (chip(tone, name)) }
            td role="cell" class="quiet brief" data-label=(words.queued()) { (moment(sent.queued_at)) }
            td role="cell" class="brief" data-label=(words.attempts()) { (sent.attempts) }
            td role="cell" class="quiet" data-label=(words.receiver_said()) {
                @if let Some(status) = sent.status { (status) " " } bdi { (sent.words) }
            }
            td role="cell" class="brief" data-label=(words.again()) {
                @if webhook.may_resend && sent.fate != Fate::Waiting {
                    form method="post" action=(path_of(webhook, &format!("deliveries/{}/resend", sent.id))) {
                        button class="button tight" type="submit" { (words.resend()) }
                    }
                } @else { "–" }
            }
        }
    }
}

fn facts(language: Language, words: Words, webhook: &Webhook) -> Markup {
    let (at, by) = webhook.created;
    html! {
        section class="part" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            dl class="facts small" {
                div { dt { (words.events()) } dd { bdi { (webhook.events.join(", ")) } } }
                div { dt { (words.each_user()) } dd { (if webhook.with_people { words.yes() } else { words.no() }) } }
                div { dt { (words.waiting()) } dd { (webhook.waiting) } }
                @if let Some(since) = webhook.failing_since { div { dt { (words.failing_since()) } dd { (moment(since)) } } }
                @if let Some(trouble) = webhook.trouble { div { dt { (words.receiver_said()) } dd { bdi { (trouble) } } } }
                @if let Some(until) = webhook.old_secret_until { div { dt { (words.old_secret()) } dd { (moment(until)) } } }
                div { dt { (words.made()) } dd { (moment(at)) " · " bdi { (by) } } }
                div { dt { (words.the_id()) } dd { (id(language, webhook.id)) } }
            }
        }
    }
}
