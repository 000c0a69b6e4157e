//! The account page: the user, their password, their sessions.

use maud::{Markup, html};

use super::assets::{PASSWORD_SCRIPT, TIMES_SCRIPT};
use super::layout::{Document, Site, document, moment};
use super::password::{self, Field};
use super::words::Words;
use super::{Rule, form};
use crate::address::shown;
use crate::clock::Timestamp;

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

/// The page of `GET /account`, and of `POST /account/password` when the password is refused.
pub fn page(site: &Site, account: &Account) -> Markup {
    let words = site.words();
    let body = html! {
        (who(words, account))
        (password_card(words, account))
        (sessions(words, account.sessions))
    };
    document(site, &Document::wide(words.account.title, &[PASSWORD_SCRIPT, TIMES_SCRIPT]), &body)
}

fn who(words: &Words, account: &Account) -> Markup {
    html! {
        section class="card" {
            div class="heading" {
                h1 { (words.account.title) }
                form method="post" action="/signout" { button class="secondary" type="submit" { (words.account.sign_out) } }
            }
            dl {
                div { dt { (words.account.name) } dd { bdi { (account.name) } } }
                div { dt { (words.form.email) } dd { bdi { (shown(account.email)) } } }
                div { dt { (words.account.roles) } dd { (roles(words, account.roles)) } }
                @if let Some(at) = account.last_sign_in {
                    div { dt { (words.account.last_sign_in) } dd { (moment(at)) } }
                }
            }
        }
    }
}

fn roles(words: &Words, roles: &[Roles]) -> Markup {
    html! {
        @if roles.is_empty() { (words.account.no_roles) }
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

fn password_card(words: &Words, account: &Account) -> Markup {
    let is_current_wrong = account.problems == [words.account.wrong_password];
    let wrong = !account.problems.is_empty() && !is_current_wrong;
    let current = Field {
        name: "current_password",
        label: words.account.current_password,
        autocomplete: "current-password",
        described_by: is_current_wrong.then_some("problems"),
        wrong: is_current_wrong,
    };
    html! {
        section #password-card .card {
            h2 { (words.account.change_password) }
            @if account.changed { p class="success" role="status" tabindex="-1" autofocus { (words.account.changed) } }
            (form::problems(words, account.problems))
            form method="post" action="/account/password" data-busy=(words.form.busy) {
                input #username type="text" name="username" value=(shown(account.email)) readonly hidden autocomplete="username" aria-label=(words.form.email);
                (password::field(words, &current))
                (password::new(words, account.rules, wrong))
                (form::submit(words.account.save_password))
            }
        }
    }
}

fn sessions(words: &Words, sessions: &[Session]) -> Markup {
    let others = sessions.iter().any(|session| !session.this_one);
    html! {
        section #sessions .card {
            h2 { (words.account.sessions) }
            form method="post" action="/account/sessions/end" {
                table {
                    thead { tr {
                        th scope="col" { (words.account.address) }
                        th scope="col" { (words.account.started) }
                        th scope="col" { (words.account.last_seen) }
                        th scope="col" { span class="unseen" { (words.account.end) } }
                    } }
                    tbody { @for session in sessions { (row(words, session)) } }
                }
                @if others {
                    button class="secondary" type="submit" name="session" value="others" { (words.account.end_others) }
                }
            }
        }
    }
}

fn row(words: &Words, session: &Session) -> Markup {
    html! {
        tr {
            td data-label=(words.account.address) { bdi { (session.address) } }
            td data-label=(words.account.started) { (moment(session.started)) }
            td data-label=(words.account.last_seen) { (moment(session.last_seen)) }
            td class="action" {
                @if session.this_one {
                    span class="chip" { (words.account.this_one) }
                } @else {
                    button class="secondary small" type="submit" name="session" value=(session.id) {
                        (words.account.end) span class="unseen" { " " (session.address) }
                    }
                }
            }
        }
    }
}
