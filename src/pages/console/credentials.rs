//! API tokens: their list, one of them, a new one that is shown once, and their end.

mod one;
mod words;

use maud::{Markup, html};

pub use self::one::{New, Once, One, made, new, one, renew, revoke};
pub use self::words::Words;
use super::moments::day;
use super::parts::{Pager, curl, encoded, foot, icon};
use super::shell::{Desk, Place, document};
use super::state::chip;
use crate::address::shown;
use crate::clock::Timestamp;

/// Where a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is accepted.
    Works,
    /// It is accepted, and ends within two weeks.
    EndsSoon,
    /// Its time is over.
    Ended,
    /// It was switched off.
    Off,
}

impl State {
    fn chip(self, words: Words) -> Markup {
        match self {
            Self::Works => chip("good", words.works()),
            Self::EndsSoon => chip("wait", words.ends_soon()),
            Self::Ended => chip("bad", words.has_ended()),
            Self::Off => chip("off", words.is_off()),
        }
    }
}

/// A token in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The name.
    pub name: String,
    /// The address of its user.
    pub owner: String,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Whether it may do less than its user.
    pub is_narrowed: bool,
}

/// The content of the list.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// What was typed.
    pub q: &'a str,
    /// Whether the tokens of everyone are listed.
    pub sees_all: bool,
    /// Whether the reader may make one.
    pub may_make: bool,
    /// The tokens of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/credentials`.
pub fn page(desk: &Desk, list: &Credentials) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            p { @if list.sees_all { (words.of_everyone()) } @else { (words.of_yourself()) } }
            @if list.may_make { div class="acts" { (make(words)) } }
        }
        form class="filters" method="get" action=(Place::Credentials.path()) role="search" aria-label=(words.filter_this()) {
            div class="find" {
                (icon("search"))
                label class="unseen" for="q" { (words.q_label()) }
                input #q type="search" name="q" value=(list.q) placeholder=(words.q_label()) autocomplete="off"
                    autocapitalize="none" spellcheck="false" maxlength="320" data-key="f";
            }
            button class="button" type="submit" { (words.search()) }
        }
        @if list.rows.is_empty() { (empty(words, list)) } @else { (table(words, list.rows)) }
        (foot(language, words.foot(), true, list.pager))
        (curl(language, list.url))
    };
    document(desk, words.title(), &body)
}

fn make(words: Words) -> Markup {
    html! { a class="primary" href={ (Place::Credentials.path()) "/new" } { (words.make()) } }
}

fn empty(words: Words, list: &Credentials) -> Markup {
    html! {
        div class="empty" {
            h2 { @if list.q.is_empty() { (words.none_yet()) } @else { (words.none_so()) } }
            p { (words.what_it_is()) }
            div class="row" {
                @if !list.q.is_empty() { a class="button" href=(Place::Credentials.path()) { (words.show_all()) } }
                @else if list.may_make { (make(words)) }
            }
        }
    }
}

fn table(words: Words, rows: &[Row]) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.name(), words.state(), words.owner(), words.may_do(), words.made_at(), words.ends()] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" { @for row in rows { (entry(words, row)) } }
        }
    }
}

fn entry(words: Words, row: &Row) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="main" { a href={ (Place::Credentials.path()) "/" (encoded(&row.name)) } { bdi { (row.name) } } }
            td role="cell" class="state brief" { (row.state.chip(words)) }
            td role="cell" data-label=(words.owner()) { bdi { (shown(&row.owner)) } }
            td role="cell" data-label=(words.may_do()) { @if row.is_narrowed { (words.is_narrowed()) } @else { (words.all_of_its_user()) } }
            td role="cell" class="quiet brief" data-label=(words.made_at()) { (day(row.made_at)) }
            td role="cell" class="brief" data-label=(words.ends()) { (day(row.ends_at)) }
        }
    }
}
