//! The roles of a user: where each comes from, what is given, and what is taken.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::fields::{Field, field};
use super::parts::{Pager, crumbs, curl, encoded, foot, refusal};
use super::shell::{Desk, Place, document};
use super::sure::{Sure, sure};
use crate::address::shown;
use crate::language::Language;

/// A role that the user holds.
#[derive(Debug, Clone)]
pub struct Row {
    /// The namespace in which it counts.
    pub namespace: String,
    /// The role.
    pub role: String,
    /// The group by which they hold it; none where it was given to them.
    pub through: Option<String>,
}

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Roles<'a> {
    /// The id outside of the user.
    pub uid: &'a str,
    /// The address.
    pub email: &'a str,
    /// The name.
    pub name: &'a str,
    /// What they hold.
    pub rows: &'a [Row],
    /// Whether the reader may change it.
    pub may_change: bool,
    /// The namespace and the role that were typed.
    pub typed: (&'a str, &'a str),
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
    /// The call behind the page.
    pub url: &'a str,
}

/// The page of `GET /console/users/{id}/roles`.
pub fn page(desk: &Desk, roles: &Roles) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let name = if roles.name.is_empty() { shown(roles.email).to_string() } else { roles.name.to_owned() };
    let of_user = format!("{}/{}", Place::Users.path(), roles.uid);
    let path = format!("{of_user}/roles");
    let body = html! {
        div class="head" {
            (crumbs(language, &[(Place::Users.path(), words.users()), (&of_user, &name)]))
            div class="title" { h1 { (words.title()) } }
            p { bdi { (shown(roles.email)) } }
        }
        (refusal(roles.refused))
        @if roles.rows.is_empty() { div class="empty" { h2 { (words.none_yet()) } p { (words.what_it_is()) } } }
        @else { (table(words, roles, &path)) }
        @if roles.may_change { (give(language, words, roles.typed, &path)) }
        (foot(language, words.foot(), true, Pager::default()))
        (curl(language, roles.url))
    };
    document(desk, words.title(), &body)
}

fn table(words: Words, roles: &Roles, path: &str) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.role(), words.namespace(), words.whence()] { th role="columnheader" scope="col" { (name) } }
                    @if roles.may_change { th role="columnheader" scope="col" class="end" { span class="unseen" { (words.take_away()) } } }
                }
            }
            tbody role="rowgroup" {
                @for row in roles.rows {
                    tr role="row" {
                        th role="rowheader" scope="row" class="main" { bdi { (row.role) } }
                        td role="cell" data-label=(words.namespace()) { bdi { (row.namespace) } }
                        td role="cell" data-label=(words.whence()) { (whence(words, row)) }
                        @if roles.may_change { td role="cell" class="end" { (take(words, row, path)) } }
                    }
                }
            }
        }
    }
}

fn whence(words: Words, row: &Row) -> Markup {
    html! {
        @match &row.through {
            Some(group) => { (words.by_the_group()) " " a href={ (Place::Groups.path()) "/" (encoded(group)) } { bdi { (group) } } }
            None => { (words.directly()) }
        }
    }
}

fn take(words: Words, row: &Row, path: &str) -> Markup {
    html! {
        @if row.through.is_none() {
            a class="button tight" href={ (path) "/take?namespace=" (encoded(&row.namespace)) "&role=" (encoded(&row.role)) } { (words.take_away()) }
        }
    }
}

fn give(language: Language, words: Words, (namespace, role): (&str, &str), path: &str) -> Markup {
    html! {
        form class="part prose stack" method="post" action=(path) {
            h2 { (words.give_further()) }
            (field(language, Field { value: role, ..Field::text("role", words.role()) }))
            (field(language, Field { hint: words.namespace_hint(), value: namespace, ..Field::text("namespace", words.namespace()) }))
            div class="row" { button class="primary" type="submit" { (words.give()) } }
        }
    }
}

/// A role that is about to be taken from a user.
#[derive(Debug, Clone, Copy)]
pub struct Taking<'a> {
    /// The id outside of the user.
    pub uid: &'a str,
    /// The address.
    pub email: &'a str,
    /// The namespace in which the role counts.
    pub namespace: &'a str,
    /// The role.
    pub role: &'a str,
    /// Why the last attempt was refused.
    pub refused: Option<&'a str>,
}

/// The page of `GET /console/users/{id}/roles/take`, and of its `POST` where that is refused.
pub fn taking(desk: &Desk, taking: &Taking) -> Markup {
    let (words, path) = (Words(desk.site.language), format!("{}/{}/roles", Place::Users.path(), taking.uid));
    let content = Sure {
        title: words.take_title(),
        subject: &format!("{} · {} · {}", shown(taking.email), taking.role, taking.namespace),
        above: &[(Place::Users.path(), words.users()), (&path, words.title())],
        at_once: words.taken_at_once(),
        stays: words.taken_stays(),
        action: &format!("{path}/take"),
        fields: &[("namespace", taking.namespace), ("role", taking.role)],
        button: words.take_now(),
        refused: taking.refused,
    };
    sure(desk, &content)
}
