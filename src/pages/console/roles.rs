//! Roles: their list, one of them, a new one, and their end.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::fields::{Field, field, ticks};
use super::moments::moment;
use super::parts::{self, Pager, crumbs, curl, encoded, foot, refusal};
use super::shell::{Desk, Place, document};
use super::sure::{Sure, sure};
use crate::clock::Timestamp;

/// Where a new one is made. It is beside the list, in which any name may stand.
const NEW: &str = "/console/new/role";

/// A role in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The name.
    pub name: String,
    /// Whether every tenant has it.
    pub is_built_in: bool,
    /// Its API groups.
    pub groups: Vec<String>,
}

/// The content of the list.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    /// Whether the reader may make one.
    pub may_make: bool,
    /// Whether the reader may look at users.
    pub may_see_users: bool,
    /// The roles of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/roles`.
pub fn page(desk: &Desk, list: &Roles) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            p { (words.what_it_is()) }
            div class="acts" {
                a class="button" href={ (Place::Roles.path()) "/rank" } { (words.who_may_reset_whom()) }
                @if list.may_make { a class="primary" href=(NEW) { (words.make()) } }
            }
        }
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.name(), words.kind(), words.api_groups()] { th role="columnheader" scope="col" { (name) } }
                    @if list.may_see_users { th role="columnheader" scope="col" { (words.held_by()) } }
                }
            }
            tbody role="rowgroup" { @for row in list.rows { (entry(words, row, list.may_see_users)) } }
        }
        (foot(language, words.foot(), true, list.pager))
        (curl(language, list.url))
    };
    document(desk, words.title(), &body)
}

fn entry(words: Words, row: &Row, may_see_users: bool) -> Markup {
    let groups: Vec<_> = row.groups.iter().map(|name| name.trim_start_matches("ves-io-")).collect();
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="main" { a href={ (Place::Roles.path()) "/" (encoded(&row.name)) } { bdi { (row.name) } } }
            td role="cell" class="brief" data-label=(words.kind()) { (kind(words, row.is_built_in)) }
            td role="cell" data-label=(words.api_groups()) { bdi { (groups.join(", ")) } }
            @if may_see_users { td role="cell" class="brief" data-label=(words.held_by()) { (holders(words, &row.name)) } }
        }
    }
}

fn kind(words: Words, is_built_in: bool) -> &'static str {
    if is_built_in { words.of_every_tenant() } else { words.your_own() }
}

fn holders(words: Words, name: &str) -> Markup {
    html! { a href={ (Place::Users.path()) "?role=" (encoded(name)) } { (words.its_users()) } }
}

/// The content of the page of one role.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// The name.
    pub name: &'a str,
    /// What its maker said of it.
    pub description: &'a str,
    /// Whether every tenant has it.
    pub is_built_in: bool,
    /// When it was made, and by whom.
    pub made: (Timestamp, &'a str),
    /// Its API groups as they are.
    pub has: &'a [String],
    /// All API groups, and which of them are ticked.
    pub groups: &'a [(String, bool)],
    /// Whether the reader may change it.
    pub may_change: bool,
    /// Whether the reader may look at users.
    pub may_see_users: bool,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/roles/{name}`.
pub fn one(desk: &Desk, one: &One) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let path = format!("{}/{}", Place::Roles.path(), encoded(one.name));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Roles.path(), words.title())]))
            div class="title" { h1 { bdi { (one.name) } } }
            @if !one.description.is_empty() { p { bdi { (one.description) } } }
            div class="acts" {
                @if one.may_change { a class="button warns" href={ (path) "/remove" } { (words.remove_it()) } }
                @if one.may_see_users { a class="button" href={ (Place::Users.path()) "?role=" (encoded(one.name)) } { (words.its_users()) } }
            }
        }
        (refusal(one.refused))
        section class="part prose" aria-labelledby="facts" {
            h2 #facts { (words.facts()) }
            dl class="facts" {
                div { dt { (words.kind()) } dd { (kind(words, one.is_built_in)) } }
                @if !one.is_built_in { div { dt { (words.made_by()) } dd { bdi { (one.made.1) } " · " (moment(one.made.0)) } } }
                @if !one.may_change { div { dt { (words.api_groups()) } dd { ul { @for name in one.has { li { code { (name) } } } } } } }
            }
        }
        @if one.may_change { (change(words, one, &path)) }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, one.url))
    };
    document(desk, one.name, &body)
}

fn change(words: Words, one: &One, path: &str) -> Markup {
    html! {
        form class="part prose stack" method="post" action=(path) {
            h2 { (words.what_it_allows()) }
            input type="hidden" name="before" value=(one.has.join(" "));
            (ticks(words.api_groups(), words.change_hint(), one.groups))
            div class="row" { button class="primary" type="submit" { (words.save()) } }
        }
    }
}

/// What stands in the form for a new role.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The name that was typed.
    pub name: &'a str,
    /// The description that was typed.
    pub description: &'a str,
    /// All API groups, and which of them are ticked.
    pub groups: &'a [(String, bool)],
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/new/role`, and of its `POST` where that is refused.
pub fn new(desk: &Desk, new: &New) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Roles.path(), words.title())]))
            div class="title" { h1 { (words.make()) } }
            p { (words.what_it_is()) }
        }
        (refusal(new.refused))
        form class="part prose stack" method="post" action=(NEW) {
            (field(language, Field { hint: words.name_hint(), value: new.name, length_max: 63, ..Field::text("name", words.name()) }))
            (field(language, Field { value: new.description, is_optional: true, length_max: 1200, ..Field::text("description", words.description()) }))
            (ticks(words.api_groups(), words.new_hint(), new.groups))
            div class="row" {
                button class="primary" type="submit" { (words.make()) }
                a class="bare" href=(Place::Roles.path()) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.make(), &body)
}

/// The page of `GET /console/roles/{name}/remove`, and of its `POST` where that is refused.
pub fn remove(desk: &Desk, one: &One) -> Markup {
    let words = Words(desk.site.language);
    let path = format!("{}/{}", Place::Roles.path(), encoded(one.name));
    let content = Sure {
        title: words.remove_title(),
        subject: one.name,
        above: &[(Place::Roles.path(), words.title()), (&path, one.name)],
        at_once: words.removed_at_once(),
        stays: words.removed_stays(),
        action: &format!("{path}/remove"),
        fields: &[],
        button: words.remove(),
        refused: one.refused,
    };
    sure(desk, &content)
}
