//! The page behind the link: choose a new password.
//!
//! The token stands behind `#` in the address, where no server, proxy or referrer sees it. The script takes it from
//! there before anything is drawn, cleans the address and asks `POST /reset/open` whether the link is valid. Without
//! scripts there is a field for the code, which the mail shows. Nothing submits itself: mail scanners open links and
//! run scripts.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::{PASSWORD_SCRIPT, RESET_SCRIPT, TIMES_SCRIPT};
use super::layout::{Document, Site, document, moment};
use super::{Rule, dead, form, password};
use crate::address::shown;
use crate::clock::Timestamp;
use crate::language::Language;

/// The content of the page. A first visit has only the rules; after a refused password all fields are set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choose<'a> {
    /// The token, so that nobody has to paste it again.
    pub token: &'a str,
    /// The user's address; known once the token has been verified.
    pub email: Option<&'a str>,
    /// When the link expires.
    pub lives_until: Option<Timestamp>,
    /// The tenant's rules.
    pub rules: &'a [Rule],
    /// Why the last password was refused, or the last code if the user is not known.
    pub problems: &'a [String],
}

/// The page of `GET /reset`, and of `POST /reset` with 422 when the password is refused.
pub fn choose(site: &Site, page: &Choose) -> Markup {
    let words = Words(site.language);
    let shell = Document {
        first_script: Some(RESET_SCRIPT),
        ..Document::card(words.title(), &[TIMES_SCRIPT, PASSWORD_SCRIPT])
    };
    let body = html! {
        section #choose .card {
            h1 { (words.title()) }
            p class="lead" { (words.lead()) }
            (form::problems(site.language, page.problems))
            (choose_form(site.language, page))
            p #lives .note hidden[page.lives_until.is_none()] {
                (words.lives_until()) " "
                @match page.lives_until {
                    Some(at) => (moment(at)),
                    None => time {},
                }
            }
        }
        section #dead .card hidden data-title=(dead::Words(site.language).title()) {
            (dead::content(site.language, "", &[]))
        }
    };
    document(site, &shell, &body)
}

fn choose_form(language: Language, page: &Choose) -> Markup {
    let words = Words(language);
    html! {
        form method="post" action="/reset" data-busy=(form::Words(language).busy()) {
            (code(words, page))
            (account(words, page.email))
            (password::new(language, page.rules, page.email.is_some() && !page.problems.is_empty()))
            (form::submit(words.save()))
        }
    }
}

/// Once the token has been verified, the field is hidden.
fn code(words: Words, page: &Choose) -> Markup {
    let wrong = !page.problems.is_empty();
    html! {
        @if page.email.is_some() {
            input #token type="hidden" name="token" value=(page.token);
        } @else {
            div #code .field {
                label for="token" { (words.code()) }
                input #token type="text" name="token" value=(page.token) required autocomplete="off"
                    autocapitalize="none" spellcheck="false" aria-invalid=[wrong.then_some("true")]
                    aria-describedby={ @if wrong { "problems " } "code-hint" };
                p #code-hint .hint { (words.code_hint()) }
            }
        }
    }
}

/// Password managers file the new password under this address.
fn account(words: Words, email: Option<&str>) -> Markup {
    html! {
        div #account .field hidden[email.is_none()] {
            label for="username" { (words.account()) }
            input #username .plain type="text" name="username" value=(shown(email.unwrap_or_default())) readonly
                autocomplete="username" tabindex="-1";
        }
    }
}
