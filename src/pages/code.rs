//! The page that asks for a code, and the field for one.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::PASSWORD_SCRIPT;
use super::form;
use super::layout::{Document, Site, document};
use crate::language::Language;

/// A code app shows six digits; a recovery code has letters and hyphens.
const CHARACTERS_MAX: u32 = 40;

/// The page of `GET /signin/code`, and of `POST /signin/code` if it fails.
pub fn page(site: &Site, problem: Option<&str>) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let problems: Vec<String> = problem.map(str::to_owned).into_iter().collect();
    let body = html! {
        section class="card" {
            h1 { (words.title()) }
            p class="lead" { (words.lead()) }
            (form::problems(site.language, &problems))
            form method="post" action="/signin/code" data-busy=(shared.busy()) {
                (field(site.language, !problems.is_empty()))
                (form::submit(words.send()))
            }
            p class="note" { (words.lost()) }
            p class="note" { a href="/signin" { (shared.to_signin()) } }
        }
    };
    document(site, &Document::card(words.title(), &[PASSWORD_SCRIPT]), &body)
}

/// The field for a code. Browsers and phones fill it in by its name (HTML § 4.10.18.7).
pub(super) fn field(language: Language, wrong: bool) -> Markup {
    html! {
        div class="field" {
            label for="code" { (Words(language).code()) }
            input #code type="text" name="code" required autocomplete="one-time-code" autocapitalize="none"
                spellcheck="false" maxlength=(CHARACTERS_MAX)
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problems")];
        }
    }
}
