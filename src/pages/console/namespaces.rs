//! Namespaces: their list, one of them, a new one, and their end.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::fields::{Field, field};
use super::moments::moment;
use super::parts::{self, Pager, crumbs, curl, encoded, foot, refusal};
use super::shell::{Desk, Place, document};
use super::sure::{Sure, sure};
use crate::clock::Timestamp;

/// Where a new one is made. It is beside the list, in which any name may stand.
const NEW: &str = "/console/new/namespace";

/// A namespace in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The name.
    pub name: String,
    /// What its maker said of it.
    pub description: String,
    /// Who made it.
    pub made_by: String,
    /// Whether every tenant has it.
    pub is_built_in: bool,
}

/// The content of the list.
#[derive(Debug, Clone, Copy)]
pub struct Namespaces<'a> {
    /// Whether the reader may make one.
    pub may_make: bool,
    /// The namespaces of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/namespaces`.
pub fn page(desk: &Desk, list: &Namespaces) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            p { (words.what_it_is()) }
            @if list.may_make { div class="acts" { a class="primary" href=(NEW) { (words.make()) } } }
        }
        @if list.rows.is_empty() { div class="empty" { h2 { (words.none()) } p { (words.none_is_yours()) } } }
        @else {
            table class="rows" role="table" aria-label=(words.title()) {
                thead role="rowgroup" {
                    tr role="row" {
                        @for name in [words.name(), words.description(), words.made_by()] {
                            th role="columnheader" scope="col" { (name) }
                        }
                    }
                }
                tbody role="rowgroup" { @for row in list.rows { (entry(words, row)) } }
            }
        }
        (foot(language, words.foot(), true, list.pager))
        (curl(language, list.url))
    };
    document(desk, words.title(), &body)
}

fn entry(words: Words, row: &Row) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="main" { a href={ (Place::Namespaces.path()) "/" (encoded(&row.name)) } { bdi { (row.name) } } }
            td role="cell" data-label=(words.description()) { bdi { (row.description) } }
            td role="cell" class="quiet" data-label=(words.made_by()) {
                @if row.is_built_in { (words.of_every_tenant()) } @else { bdi { (row.made_by) } }
            }
        }
    }
}

/// The content of the page of one namespace.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// The name.
    pub name: &'a str,
    /// What its maker said of it.
    pub description: &'a str,
    /// When it was made, and by whom.
    pub made: (Timestamp, &'a str),
    /// Whether every tenant has it.
    pub is_built_in: bool,
    /// Whether the reader may remove it.
    pub may_remove: bool,
    /// Whether the reader may look at users.
    pub may_see_users: bool,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/namespaces/{name}`.
pub fn one(desk: &Desk, one: &One) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let path = format!("{}/{}", Place::Namespaces.path(), encoded(one.name));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Namespaces.path(), words.title())]))
            div class="title" { h1 { bdi { (one.name) } } }
            @if !one.description.is_empty() { p { bdi { (one.description) } } }
            div class="acts" {
                @if one.may_remove { a class="button warns" href={ (path) "/remove" } { (words.remove_it()) } }
                @if one.may_see_users {
                    a class="button" href={ (Place::Users.path()) "?namespace=" (encoded(one.name)) } { (words.who_has_a_role()) }
                }
            }
        }
        (refusal(one.refused))
        section class="part prose" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            dl class="facts" {
                div {
                    dt { (words.made_by()) }
                    dd { @if one.is_built_in { (words.of_every_tenant()) } @else { bdi { (one.made.1) } " · " (moment(one.made.0)) } }
                }
            }
        }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, one.url))
    };
    document(desk, one.name, &body)
}

/// What stands in the form for a new namespace.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The name that was typed.
    pub name: &'a str,
    /// The description that was typed.
    pub description: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/new/namespace`, and of its `POST` where that is refused.
pub fn new(desk: &Desk, new: &New) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Namespaces.path(), words.title())]))
            div class="title" { h1 { (words.make()) } }
            p { (words.what_it_is()) }
        }
        (refusal(new.refused))
        form class="part prose stack" method="post" action=(NEW) {
            (field(language, Field { hint: words.name_hint(), value: new.name, length_max: 63, ..Field::text("name", words.name()) }))
            (field(language, Field { value: new.description, is_optional: true, length_max: 1200, ..Field::text("description", words.description()) }))
            div class="row" {
                button class="primary" type="submit" { (words.make()) }
                a class="bare" href=(Place::Namespaces.path()) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.make(), &body)
}

/// The page of `GET /console/namespaces/{name}/remove`, and of its `POST` where that is refused.
pub fn remove(desk: &Desk, one: &One) -> Markup {
    let words = Words(desk.site.language);
    let path = format!("{}/{}", Place::Namespaces.path(), encoded(one.name));
    let content = Sure {
        title: words.remove_title(),
        subject: one.name,
        above: &[(Place::Namespaces.path(), words.title()), (&path, one.name)],
        at_once: words.removed_at_once(),
        stays: words.removed_stays(),
        action: &format!("{path}/remove"),
        fields: &[],
        button: words.remove(),
        refused: one.refused,
    };
    sure(desk, &content)
}
