//! The sign-in page.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::PASSWORD_SCRIPT;
use super::form;
use super::layout::{Document, Site, document};
use super::password::{self, Field};

/// The page of `GET /signin`, and of `POST /signin` if it fails. `email` is the typed text; `problems` are sentences, for wrong
/// credentials [`Words::refused`] alone, which fits every cause.
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let wrong = !problems.is_empty();
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
            (form::problems(site.language, problems))
            form method="post" action="/signin" data-busy=(shared.busy()) {
                (form::email(site.language, email, wrong))
                (password::field(site.language, &field))
                (form::submit(words.title()))
            }
            p class="note" { a href="/forgot" { (words.forgot()) } }
        }
    };
    document(site, &Document::card(words.title(), &[PASSWORD_SCRIPT]), &body)
}
