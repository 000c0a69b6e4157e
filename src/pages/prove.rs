//! The page on which the holder of a session proves again who they are.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::PASSWORD_SCRIPT;
use super::layout::{Document, Site, document};
use super::password::{self, Field};
use super::{code, form};
use crate::address::shown;

/// The content of the page.
#[derive(Debug, Clone, Copy)]
pub struct Prove<'a> {
    /// The address of the account.
    pub email: &'a str,
    /// Whether a code is asked for too.
    pub asks_code: bool,
    /// The page to go on to.
    pub back: &'a str,
    /// Why the proof was refused.
    pub problems: &'a [String],
}

/// The page of `GET /prove`, and of `POST /prove` if it fails.
pub fn page(site: &Site, prove: &Prove) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let wrong = !prove.problems.is_empty();
    let field = Field {
        name: "password",
        id: "password",
        label: shared.password(),
        autocomplete: "current-password",
        described_by: wrong.then_some("problems"),
        wrong,
    };
    let body = html! {
        section class="card" {
            h1 { (words.title()) }
            p class="lead" { (words.lead()) }
            (form::problems(site.language, prove.problems))
            form method="post" action="/prove" data-busy=(shared.busy()) {
                p { bdi { (shown(prove.email)) } }
                input type="hidden" name="back" value=(prove.back);
                (password::field(site.language, &field))
                @if prove.asks_code { (code::field(site.language, wrong)) }
                (form::submit(words.send()))
            }
            p class="note" { a href=(prove.back) { (words.not_now()) } }
        }
    };
    document(site, &Document::card(words.title(), &[PASSWORD_SCRIPT]), &body)
}
