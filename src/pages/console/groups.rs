//! User groups: their list, one of them with members and roles, a new one, and what ends.

mod ending;
mod words;

use maud::{Markup, html};

pub use self::ending::{Leaving, Taking, leaving, remove, taking};
pub use self::words::Words;
use super::fields::{Field, field};
use super::moments::moment;
use super::parts::{self, Pager, crumbs, curl, encoded, foot, refusal};
use super::shell::{Desk, Place, document};
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;

/// Where a new one is made. It is beside the list, in which any name may stand.
const NEW: &str = "/console/new/group";

/// A group in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The name.
    pub name: String,
    /// The name that people see.
    pub display_name: String,
    /// What its maker said of it.
    pub description: String,
}

/// The content of the list.
#[derive(Debug, Clone, Copy)]
pub struct Groups<'a> {
    /// Whether the reader may make one.
    pub may_make: bool,
    /// The groups of this page.
    pub rows: &'a [Row],
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/groups`.
pub fn page(desk: &Desk, list: &Groups) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let make = html! { @if list.may_make { a class="primary" href=(NEW) { (words.make()) } } };
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            p { (words.what_it_is()) }
            @if !list.rows.is_empty() { div class="acts" { (make) } }
        }
        @if list.rows.is_empty() {
            div class="empty" { h2 { (words.none_yet()) } p { (words.what_it_is()) } div class="row" { (make) } }
        } @else {
            table class="rows" role="table" aria-label=(words.title()) {
                thead role="rowgroup" {
                    tr role="row" {
                        @for name in [words.name(), words.display_name(), words.description()] {
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
            th role="rowheader" scope="row" class="main" { a href={ (Place::Groups.path()) "/" (encoded(&row.name)) } { bdi { (row.name) } } }
            td role="cell" data-label=(words.display_name()) { bdi { (row.display_name) } }
            td role="cell" data-label=(words.description()) { bdi { (row.description) } }
        }
    }
}

/// A member.
#[derive(Debug, Clone)]
pub struct Member {
    /// The id outside.
    pub uid: String,
    /// The address.
    pub email: String,
}

/// The content of the page of one group.
#[derive(Debug, Clone, Copy)]
pub struct One<'a> {
    /// The name.
    pub name: &'a str,
    /// The name that people see.
    pub display_name: &'a str,
    /// What its maker said of it.
    pub description: &'a str,
    /// When it was made, and by whom.
    pub made: (Timestamp, &'a str),
    /// The first of its members, by address.
    pub members: &'a [Member],
    /// How many members it has.
    pub all: u32,
    /// Its roles, each with the namespace before it.
    pub grants: &'a [(String, String)],
    /// Whether the reader may change it.
    pub may_change: bool,
    /// Whether the reader may look at users.
    pub may_see_users: bool,
    /// The address, the namespace and the role that were typed.
    pub typed: [&'a str; 3],
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

impl One<'_> {
    pub(super) fn path(&self) -> String {
        format!("{}/{}", Place::Groups.path(), encoded(self.name))
    }
}

/// The page of `GET /console/groups/{name}`.
pub fn one(desk: &Desk, one: &One) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let path = one.path();
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Groups.path(), words.title())]))
            div class="title" { h1 { bdi { (one.name) } } }
            p { bdi { (one.display_name) } @if !one.description.is_empty() { " · " bdi { (one.description) } } }
            div class="acts" {
                @if one.may_change { a class="button warns" href={ (path) "/remove" } { (words.remove_it()) } }
                @if one.may_see_users { a class="button" href={ (Place::Users.path()) "?group=" (encoded(one.name)) } { (words.all_members(one.all)) } }
            }
        }
        (refusal(one.refused))
        (members(language, words, one, &path))
        (roles(language, words, one, &path))
        (foot(language, words.foot_of_one(), true, Pager::default()))
        (curl(language, one.url))
    };
    document(desk, one.name, &body)
}

fn members(language: Language, words: Words, one: &One, path: &str) -> Markup {
    html! {
        section class="part stack" aria-labelledby="members" {
            h2 #members { (words.members()) }
            @if one.members.is_empty() { p class="quiet" { (words.no_member()) } }
            dl class="facts small" {
                @for member in one.members {
                    div {
                        dt { @if one.may_change { a href={ (path) "/leave?user=" (member.uid) } { (words.take_out()) } } }
                        dd {
                            @if one.may_see_users { a href={ (Place::Users.path()) "/" (member.uid) } { bdi { (shown(&member.email)) } } }
                            @else { bdi { (shown(&member.email)) } }
                        }
                    }
                }
            }
            @if one.may_change {
                form class="stack" method="post" action={ (path) "/join" } {
                    (field(language, Field { hint: words.join_hint(), value: one.typed[0], ..Field::text("email", words.address()) }))
                    div class="row" { button class="button" type="submit" { (words.put_in()) } }
                }
            }
        }
    }
}

fn roles(language: Language, words: Words, one: &One, path: &str) -> Markup {
    html! {
        section class="part stack" aria-labelledby="roles" {
            h2 #roles { (words.roles()) }
            @if one.grants.is_empty() { p class="quiet" { (words.no_role()) } }
            dl class="facts small" {
                @for (namespace, role) in one.grants {
                    div {
                        dt { @if one.may_change { a href={ (path) "/take?namespace=" (encoded(namespace)) "&role=" (encoded(role)) } { (words.take_away()) } } }
                        dd { bdi { (role) } " · " bdi { (namespace) } }
                    }
                }
            }
            @if one.may_change {
                form class="stack" method="post" action={ (path) "/give" } {
                    (field(language, Field { value: one.typed[2], ..Field::text("role", words.role()) }))
                    (field(language, Field { hint: words.namespace_hint(), value: one.typed[1], ..Field::text("namespace", words.namespace()) }))
                    p class="hint" { (words.give_hint(one.all)) }
                    div class="row" { button class="button" type="submit" { (words.give()) } }
                }
            }
            p class="quiet small" { (words.made_by()) " " bdi { (one.made.1) } " · " (moment(one.made.0)) }
        }
    }
}

/// What stands in the form for a new group.
#[derive(Debug, Clone, Copy)]
pub struct New<'a> {
    /// The name that was typed.
    pub name: &'a str,
    /// The name for people that was typed.
    pub display_name: &'a str,
    /// The description that was typed.
    pub description: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/new/group`, and of its `POST` where that is refused.
pub fn new(desk: &Desk, new: &New) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let optional = |name, label, value, length_max| {
        field(language, Field { value, is_optional: true, length_max, ..Field::text(name, label) })
    };
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Groups.path(), words.title())]))
            div class="title" { h1 { (words.make()) } }
            p { (words.what_it_is()) }
        }
        (refusal(new.refused))
        form class="part prose stack" method="post" action=(NEW) {
            (field(language, Field { hint: words.name_hint(), value: new.name, length_max: 128, ..Field::text("name", words.name()) }))
            (optional("display_name", words.display_name(), new.display_name, 320))
            (optional("description", words.description(), new.description, 1200))
            div class="row" {
                button class="primary" type="submit" { (words.make()) }
                a class="bare" href=(Place::Groups.path()) { (parts::Words(language).leave_it()) }
            }
        }
    };
    document(desk, words.make(), &body)
}
