//! The list of users: found by how an address or a name begins, and by a filter that stands in the address of the page.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::moments::moment;
use super::parts::{Pager, curl, foot, icon};
use super::shell::{Desk, Place, document};
use super::state::Standing;
use crate::address::shown;
use crate::clock::Timestamp;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Users<'a> {
    /// Users of the tenant.
    pub all: u32,
    /// What was typed.
    pub q: &'a str,
    /// The view that is shown.
    pub view: View,
    /// Whether the reader may make one.
    pub may_make: bool,
    /// The users of this page.
    pub rows: &'a [Row],
    /// Whether some users are not found by their names yet.
    pub is_reading_in: bool,
    /// The way on.
    pub pager: Pager<'a>,
    /// The call behind the page.
    pub url: &'a str,
}

/// Which users are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// All of them.
    Everyone,
    /// Those who are to choose their first password yet.
    Invited,
    /// Those who are locked out.
    Disabled,
    /// Those who sign in by single sign-on.
    SingleSignOn,
    /// Those who have no second factor.
    WithoutSecondFactor,
    /// What an address asks for that is none of these.
    Other,
}

impl View {
    const ALL: [Self; 5] =
        [Self::Everyone, Self::Invited, Self::Disabled, Self::SingleSignOn, Self::WithoutSecondFactor];

    /// What the list is asked for, as in the API; nothing for all.
    pub fn query(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Everyone | Self::Other => &[],
            Self::Invited => &[("state", "invited")],
            Self::Disabled => &[("state", "disabled")],
            Self::SingleSignOn => &[("idm_type", "SSO")],
            Self::WithoutSecondFactor => &[("second_factor", "false")],
        }
    }

    fn path(self) -> String {
        let query: Vec<_> = self.query().iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() {
            Place::Users.path().into()
        } else {
            format!("{}?{}", Place::Users.path(), query.join("&"))
        }
    }

    fn name(self, words: Words) -> &'static str {
        match self {
            Self::Everyone | Self::Other => words.everyone(),
            Self::Invited => words.invited(),
            Self::Disabled => words.disabled(),
            Self::SingleSignOn => words.single_sign_on(),
            Self::WithoutSecondFactor => words.without_second_factor(),
        }
    }
}

/// A user in a row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The id outside.
    pub uid: String,
    /// The address.
    pub email: String,
    /// The name.
    pub name: String,
    /// Where they stand.
    pub standing: Standing,
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// Whether by single sign-on.
    pub by_sso: bool,
    /// Whether a code is asked for too.
    pub has_second_factor: bool,
    /// Their roles, each once.
    pub roles: Vec<String>,
    /// Last successful sign-in.
    pub last_sign_in: Option<Timestamp>,
}

/// The page of `GET /console/users`.
pub fn page(desk: &Desk, users: &Users) -> Markup {
    let (language, words) = (desk.site.language, Words(desk.site.language));
    let body = html! {
        div class="head" {
            div class="title" { h1 { (words.title()) } }
            @if users.may_make { div class="acts" { a class="primary" href={ (Place::Users.path()) "/new" } { (words.make()) } } }
        }
        nav class="tabs" aria-label=(words.views()) {
            @for view in View::ALL {
                a href=(view.path()) aria-current=[(view == users.view && users.q.is_empty()).then_some("page")] {
                    (view.name(words))
                    @if view == View::Everyone { " " small { (users.all) } }
                }
            }
        }
        (filters(words, users))
        @if users.rows.is_empty() { (empty(words, users)) } @else { (table(desk, words, users.rows)) }
        @if users.is_reading_in { div class="notice wait" { (icon("users")) div { p { (words.reading_in()) } } } }
        (foot(language, words.foot(), true, users.pager))
        (curl(language, users.url))
    };
    document(desk, words.title(), &body)
}

fn filters(words: Words, users: &Users) -> Markup {
    html! {
        form class="filters" method="get" action=(Place::Users.path()) role="search" aria-label=(words.filter_this()) {
            div class="find" {
                (icon("search"))
                label class="unseen" for="q" { (words.q_label()) }
                input #q type="search" name="q" value=(users.q) placeholder=(words.q_placeholder()) autocomplete="off"
                    autocapitalize="none" spellcheck="false" maxlength="320" data-key="f";
            }
            @for (name, value) in users.view.query() { input type="hidden" name=(name) value=(value); }
            button class="button" type="submit" { (words.search()) }
        }
    }
}

fn empty(words: Words, users: &Users) -> Markup {
    html! {
        div class="empty" {
            h2 { (words.nobody()) }
            p { @if users.q.is_empty() { (words.nobody_in_view()) } @else { (words.nobody_begins_so()) } }
            div class="row" { a class="button" href=(Place::Users.path()) { (words.show_everyone()) } }
        }
    }
}

fn table(desk: &Desk, words: Words, rows: &[Row]) -> Markup {
    html! {
        table class="rows" role="table" aria-label=(words.title()) {
            thead role="rowgroup" {
                tr role="row" {
                    @for name in [words.email(), words.name(), words.state(), words.signs_in_with(), words.roles(), words.last_sign_in()] {
                        th role="columnheader" scope="col" { (name) }
                    }
                }
            }
            tbody role="rowgroup" { @for row in rows { (entry(desk, words, row)) } }
        }
    }
}

fn entry(desk: &Desk, words: Words, row: &Row) -> Markup {
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="main" {
                a href={ (Place::Users.path()) "/" (row.uid) } { bdi { (shown(&row.email)) } }
            }
            td role="cell" { bdi { (row.name) } }
            td role="cell" class="state brief" { (row.standing.chip(desk.site.language)) }
            td role="cell" class="brief" data-label=(words.signs_in_with()) { (way(words, row)) }
            td role="cell" data-label=(words.roles()) { (roles(words, row)) }
            td role="cell" class="quiet brief" data-label=(words.last_sign_in()) {
                @match row.last_sign_in { Some(at) => (moment(at)), None => (words.never()) }
            }
        }
    }
}

fn way(words: Words, row: &Row) -> &'static str {
    match (row.by_sso, row.has_second_factor) {
        (true, _) => words.single_sign_on(),
        (false, true) => words.password_and_code(),
        (false, false) => words.password(),
    }
}

/// More roles than a row has room for stand on the user's own page.
const ROLES_SHOWN: usize = 2;

fn roles(words: Words, row: &Row) -> Markup {
    let further = u32::try_from(row.roles.len().saturating_sub(ROLES_SHOWN)).unwrap_or(u32::MAX);
    html! {
        @if row.is_owner { (words.owner()) } @else {
            bdi { (row.roles.iter().take(ROLES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ")) }
            @if further > 0 { " " (words.and_further(further)) }
        }
    }
}
