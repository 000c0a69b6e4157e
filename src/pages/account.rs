//! The account page: the user, their password, their sessions.

mod address;
mod words;

use maud::{Markup, html};

pub use self::address::Address;
pub use self::words::Words;
use super::assets::{PASSWORD_SCRIPT, TIMES_SCRIPT};
use super::layout::{Document, Site, document, moment};
use super::password::{self, Field};
use super::{Rule, form, second_factor};
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Account<'a> {
    /// The address with which the person signs in.
    pub email: &'a str,
    /// The person's name.
    pub name: &'a str,
    /// The roles, by namespace.
    pub roles: &'a [Roles],
    /// The sign-in before this one.
    pub last_sign_in: Option<Timestamp>,
    /// Every open session, this one among them.
    pub sessions: &'a [Session],
    /// The tenant's rules for a new password.
    pub rules: &'a [Rule],
    /// Why the change of the password was refused.
    pub problems: &'a [String],
    /// The password was changed just now.
    pub changed: bool,
    /// What there is to say of the address.
    pub address: Address<'a>,
    /// Whether there is a code app.
    pub has_factor: bool,
    /// Whether the person may read the console.
    pub has_console: bool,
}

/// The roles in one namespace.
#[derive(Debug, Clone)]
pub struct Roles {
    /// The namespace.
    pub namespace: String,
    /// Names of roles.
    pub roles: Vec<String>,
}

/// One open session.
#[derive(Debug, Clone)]
pub struct Session {
    /// What `POST /account/sessions/end` takes as `session`; the word `others` ends all but this one.
    pub id: String,
    /// Where it was last used from.
    pub address: String,
    /// The sign-in.
    pub started: Timestamp,
    /// The last request.
    pub last_seen: Timestamp,
    /// The session of this very request.
    pub this_one: bool,
}

/// The page of `GET /account`, and of `POST /account/password` and `POST /account/email` when these are refused.
pub fn page(site: &Site, account: &Account) -> Markup {
    let body = html! {
        (who(site.language, account))
        (password_card(site.language, account))
        (second_factor_card(site.language, account.has_factor))
        (address::card(site.language, &account.address))
        (sessions(site.language, account.sessions))
        (own_data_card(site.language))
    };
    document(site, &Document::wide(Words(site.language).title(), &[PASSWORD_SCRIPT, TIMES_SCRIPT]), &body)
}

fn who(language: Language, account: &Account) -> Markup {
    let words = Words(language);
    html! {
        section class="card" {
            div class="heading" {
                h1 { (words.title()) }
                @if account.has_console { a class="secondary" href="/console" { (words.to_console()) } }
                form method="post" action="/signout" { button class="secondary" type="submit" { (words.sign_out()) } }
            }
            dl {
                div { dt { (words.name()) } dd { bdi { (account.name) } } }
                div { dt { (form::Words(language).email()) } dd { bdi { (shown(account.email)) } } }
                div { dt { (words.roles()) } dd { (roles(words, account.roles)) } }
                @if let Some(at) = account.last_sign_in {
                    div { dt { (words.last_sign_in()) } dd { (moment(at)) } }
                }
            }
        }
    }
}

fn roles(words: Words, roles: &[Roles]) -> Markup {
    html! {
        @if roles.is_empty() { (words.no_roles()) }
        ul class="roles" {
            @for here in roles {
                li {
                    bdi class="quiet" { (here.namespace) }
                    " "
                    @for role in &here.roles { span class="chip" { bdi { (role) } } " " }
                }
            }
        }
    }
}

fn password_card(language: Language, account: &Account) -> Markup {
    let words = Words(language);
    let is_current_wrong = account.problems == [words.wrong_password()];
    let wrong = !account.problems.is_empty() && !is_current_wrong;
    let current = Field {
        name: "current_password",
        id: "current_password",
        label: words.current_password(),
        autocomplete: "current-password",
        described_by: is_current_wrong.then_some("problems"),
        wrong: is_current_wrong,
    };
    html! {
        section #password-card .card {
            h2 { (words.change_password()) }
            @if account.changed { p class="success" role="status" tabindex="-1" autofocus { (words.changed()) } }
            (form::problems(language, account.problems))
            form method="post" action="/account/password" data-busy=(form::Words(language).busy()) {
                input #username type="text" name="username" value=(shown(account.email)) readonly hidden autocomplete="username" aria-label=(form::Words(language).email());
                (password::field(language, &current))
                (password::new(language, account.rules, wrong))
                (form::submit(words.save_password()))
            }
        }
    }
}

fn second_factor_card(language: Language, has_factor: bool) -> Markup {
    let words = Words(language);
    html! {
        section #second-factor-card .card {
            h2 { (second_factor::Words(language).title()) }
            p { (if has_factor { words.has_factor() } else { words.no_factor() }) }
            a class="secondary" href="/account/second-factor" { (words.to_factor()) }
        }
    }
}

fn own_data_card(language: Language) -> Markup {
    let words = Words(language);
    html! {
        section #own-data-card .card {
            h2 { (words.own_data()) }
            p { (words.about_own_data()) }
            form method="post" action="/account/export" {
                button class="secondary" type="submit" { (words.export_own_data()) }
            }
        }
    }
}

fn sessions(language: Language, sessions: &[Session]) -> Markup {
    let words = Words(language);
    let others = sessions.iter().any(|session| !session.this_one);
    html! {
        section #sessions .card {
            h2 { (words.sessions()) }
            @if others {
                form method="post" action="/account/sessions/end" {
                    (table(words, sessions))
                    button class="secondary" type="submit" name="session" value="others" { (words.end_others()) }
                }
            } @else {
                (table(words, sessions))
            }
        }
    }
}

fn table(words: Words, sessions: &[Session]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (words.address()) }
                th scope="col" { (words.started()) }
                th scope="col" { (words.last_seen()) }
                th scope="col" { span class="unseen" { (words.end()) } }
            } }
            tbody { @for session in sessions { (row(words, session)) } }
        }
    }
}

fn row(words: Words, session: &Session) -> Markup {
    html! {
        tr {
            td data-label=(words.address()) { bdi { (session.address) } }
            td data-label=(words.started()) { (moment(session.started)) }
            td data-label=(words.last_seen()) { (moment(session.last_seen)) }
            td class="action" {
                @if session.this_one {
                    span class="chip" { (words.this_one()) }
                } @else {
                    button class="secondary small" type="submit" name="session" value=(session.id) {
                        (words.end()) span class="unseen" { " " (session.address) }
                    }
                }
            }
        }
    }
}
