//! The records, the newest first.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, curl, foot, icon};
use super::shell::{Desk, Place, document};
use crate::clock::Timestamp;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a> {
    /// What was asked for, as it was typed.
    pub asked: Asked<'a>,
    /// The records of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The action.
    pub action: &'a str,
    /// The actor.
    pub actor: &'a str,
    /// The subject.
    pub subject: &'a str,
    /// How it ended, by its word in the API.
    pub outcome: &'a str,
}

impl Asked<'_> {
    fn is_nothing(&self) -> bool {
        [self.action, self.actor, self.subject, self.outcome].iter().all(|text| text.is_empty())
    }
}

/// A record.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id of the request.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// What was done, as in the API.
    pub action: String,
    /// Whether it was refused.
    pub is_refused: bool,
    /// Who did it.
    pub actor: String,
    /// By which credential.
    pub credential: Option<String>,
    /// To whom or what.
    pub subject: String,
    /// From which address.
    pub address: String,
    /// Further facts, by name.
    pub facts: Vec<(String, String)>,
}

/// The page of `GET /console/audit`.
pub fn page(desk: &Desk, audit: &Audit) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" { div class="title" { h1 { (words.title()) } } p { (words.lead()) } }
        (filters(words, &audit.asked))
        h2 class="unseen" { (words.records()) }
        @if audit.rows.is_empty() { (empty(words, &audit.asked)) } @else {
            ol class="log" { @for row in audit.rows { (entry(words, row)) } }
        }
        (foot(language, words.foot(), true, audit.pager))
        (curl(language, audit.url))
    };
    document(desk, words.title(), &body)
}

fn filters(words: Words, asked: &Asked) -> Markup {
    let field = |name: &str, label: &str, value: &str, key: Option<&str>| {
        html! {
            label class="unseen" for=(name) { (label) }
            input class="short" id=(name) type="search" name=(name) value=(value) placeholder=(label) autocomplete="off" autocapitalize="none"
                spellcheck="false" maxlength="320" data-key=[key];
        }
    };
    html! {
        form class="filters" method="get" action=(Place::Audit.path()) role="search" aria-label=(words.filter_this()) {
            (field("action", words.action(), asked.action, Some("f")))
            (field("actor", words.actor(), asked.actor, None))
            (field("subject", words.subject(), asked.subject, None))
            label class="unseen" for="outcome" { (words.outcome()) }
            select #outcome class="short" name="outcome" {
                option value="" selected[asked.outcome.is_empty()] { (words.any_outcome()) }
                option value="accepted" selected[asked.outcome == "accepted"] { (words.accepted()) }
                option value="refused" selected[asked.outcome == "refused"] { (words.refused()) }
            }
            button class="button" type="submit" { (words.search()) }
        }
    }
}

fn empty(words: Words, asked: &Asked) -> Markup {
    html! {
        div class="empty" {
            h2 { (words.nothing()) }
            p { @if asked.is_nothing() { (words.nothing_yet()) } @else { (words.nothing_passes()) } }
            @if !asked.is_nothing() { div class="row" { a class="button" href=(Place::Audit.path()) { (words.show_all()) } } }
        }
    }
}

fn entry(words: Words, row: &Row) -> Markup {
    html! {
        li {
            span class="chain" {}
            details {
                summary {
                    (moment(row.at))
                    span class="what" {
                        @if row.is_refused { b { (words.refused()) } " · " }
                        code { (row.action) } " " b { bdi { (row.subject) } }
                    }
                    span class="small quiet" { bdi { (row.actor) } }
                    code class="small quiet" { (row.address) }
                    (icon("down"))
                }
                div class="inside" {
                    dl class="facts small" {
                        @for (name, value) in &row.facts { div { dt { code { (name) } } dd { bdi { (value) } } } }
                        @if let Some(credential) = &row.credential { div { dt { (words.credential()) } dd { bdi { (credential) } } } }
                        div { dt { (words.request()) } dd { code { (row.id) } } }
                    }
                }
            }
        }
    }
}
