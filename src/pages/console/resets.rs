//! The list of resets, the newest first.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, curl, foot, icon};
use super::shell::{Desk, Place, document};
use super::state::Stage;
use crate::address::shown;
use crate::clock::Timestamp;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Resets<'a> {
    /// The address that was typed.
    pub email: &'a str,
    /// The state that was chosen, by its word in the API.
    pub state: &'a str,
    /// The resets of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// A reset in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id.
    pub id: String,
    /// The address of the user at that time.
    pub email: String,
    /// How far it has come.
    pub stage: Stage,
    /// Who has asked for it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// The relay's last words.
    pub relay_words: Option<String>,
}

/// The states by which the list can be narrowed, by their words in the API.
const STATES: [(&str, Stage); 8] = [
    ("requested", Stage::Requested),
    ("mailed", Stage::Mailed),
    ("opened", Stage::Opened),
    ("redeemed", Stage::Redeemed),
    ("undeliverable", Stage::Undeliverable),
    ("expired", Stage::Expired),
    ("superseded", Stage::Superseded),
    ("cancelled", Stage::Cancelled),
];

/// The page of `GET /console/resets`.
pub fn page(desk: &Desk, resets: &Resets) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" { div class="title" { h1 { (words.title()) } } p { (words.lead()) } }
        form class="filters" method="get" action=(Place::Resets.path()) role="search" aria-label=(words.filter_this()) {
            div class="find" {
                (icon("search"))
                label class="unseen" for="email" { (words.email_label()) }
                input #email type="search" name="email" value=(resets.email) placeholder=(words.email_label()) autocomplete="off"
                    autocapitalize="none" spellcheck="false" maxlength="320" data-key="f";
            }
            label class="unseen" for="state" { (words.state()) }
            select #state class="short" name="state" {
                option value="" selected[resets.state.is_empty()] { (words.any_state()) }
                @for (word, stage) in STATES {
                    option value=(word) selected[resets.state == word] { (stage.name(language)) }
                }
            }
            button class="button" type="submit" { (words.search()) }
        }
        @if resets.rows.is_empty() { (empty(words, resets)) } @else { (table(desk, words, resets.rows)) }
        (foot(language, words.foot(), true, resets.pager))
        (curl(language, resets.url))
    };
    document(desk, words.title(), &body)
}

fn empty(words: Words, resets: &Resets) -> Markup {
    let is_filtered = !(resets.email.is_empty() && resets.state.is_empty());
    html! {
        div class="empty" {
            h2 { (words.nothing()) }
            p { @if is_filtered { (words.nothing_passes()) } @else { (words.nothing_yet()) } }
            div class="row" {
                @if is_filtered { a class="button" href=(Place::Resets.path()) { (words.show_all()) } }
                @else { a class="primary" href=(Place::Users.path()) { (words.to_users()) } }
            }
        }
    }
}

fn table(desk: &Desk, words: Words, rows: &[Row]) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.email(), words.state(), words.requested_by(), words.requested(), words.relay()] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" {
                @for row in rows {
                    tr role="row" {
                        th role="rowheader" scope="row" class="main" {
                            a href={ (Place::Resets.path()) "/" (row.id) } { bdi { (shown(&row.email)) } }
                        }
                        td role="cell" class="state brief" { (row.stage.shown(desk.site.language)) }
                        td role="cell" data-label=(words.requested_by()) { bdi { (row.by) } }
                        td role="cell" class="quiet brief" data-label=(words.requested()) { (moment(row.at)) }
                        td role="cell" class="quiet" data-label=(words.relay()) { (row.relay_words.as_deref().unwrap_or("–")) }
                    }
                }
            }
        }
    }
}
