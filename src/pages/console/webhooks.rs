//! The list of webhooks: whether each sends, and what its receiver said.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::parts::{Pager, curl, foot};
use super::shell::{Desk, Place, document};
use super::state::chip;
use crate::language::Language;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Webhooks<'a> {
    /// All webhooks of the tenant.
    pub rows: &'a [Row],
    /// The call behind the page.
    pub url: &'a str,
}

/// A webhook in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where events are sent.
    pub url: String,
    /// Which events.
    pub events: Vec<String>,
    /// Whether it sends.
    pub sends: Sends,
    /// Deliveries that wait.
    pub waiting: u32,
    /// Why it is off, or what came of the last attempt.
    pub trouble: Option<String>,
}

/// Whether a webhook sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// It does.
    On,
    /// It does, and every attempt fails.
    Failing,
    /// It does not.
    Off,
}

impl Sends {
    pub(super) fn chip(self, language: Language) -> Markup {
        let words = Words(language);
        let (tone, name) = match self {
            Self::On => ("good", words.on()),
            Self::Failing => ("bad", words.failing()),
            Self::Off => ("off", words.off()),
        };
        chip(tone, name)
    }
}

/// The page of `GET /console/webhooks`.
pub fn page(desk: &Desk, webhooks: &Webhooks) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" { div class="title" { h1 { (words.title()) } } p { (words.lead()) } }
        @if webhooks.rows.is_empty() {
            div class="empty" { h2 { (words.nothing()) } p { (words.nothing_yet()) } }
        } @else { (table(language, words, webhooks.rows)) }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, webhooks.url))
    };
    document(desk, words.title(), &body)
}

fn table(language: Language, words: Words, rows: &[Row]) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.name(), words.state(), words.address(), words.events(), words.waiting(), words.receiver_said()] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        th role="rowheader" scope="row" class="main" {
                            a href={ (Place::Webhooks.path()) "/" (row.id) } { bdi { (row.name) } }
                        }
                        td role="cell" class="state brief" { (row.sends.chip(language)) }
                        td role="cell" data-label=(words.address()) { bdi { (row.url) } }
                        td role="cell" data-label=(words.events()) { bdi { (row.events.join(", ")) } }
                        td role="cell" class="brief" data-label=(words.waiting()) { (row.waiting) }
                        td role="cell" class="quiet" data-label=(words.receiver_said()) { bdi { (row.trouble.as_deref().unwrap_or("–")) } }
                    }
                }
            }
        }
    }
}
