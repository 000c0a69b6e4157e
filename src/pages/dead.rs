//! The page of a link that no longer works; it offers a fresh one.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::form;
use super::layout::{Document, Site, document};
use crate::language::Language;

/// The page of `POST /reset` for a dead link. `email` and `problems` come from an attempt to ask for a fresh link that
/// could not be read.
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let body = html! { section class="card" { (content(site.language, email, problems)) } };
    document(site, &Document::card(Words(site.language).title(), &[]), &body)
}

/// It does not say why the link is dead: each reason would help an attacker.
pub(super) fn content(language: Language, email: &str, problems: &[String]) -> Markup {
    let words = Words(language);
    html! {
        h1 tabindex="-1" { (words.title()) }
        p class="lead" { (words.why()) }
        (form::problems(language, problems))
        form method="post" action="/reset/fresh" {
            (form::email(language, email, !problems.is_empty()))
            (form::submit(words.fresh()))
        }
        p class="note" { a href="/signin" { (form::Words(language).to_signin()) } }
    }
}
