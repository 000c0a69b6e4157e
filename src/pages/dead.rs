//! The page of a link that no longer works, with the way to a fresh one.

use maud::{Markup, html};

use super::form;
use super::layout::{Document, Site, document};
use super::words::Words;

/// The page of `POST /reset` for a dead link. `email` and `problems` are of an attempt to ask for a fresh
/// link that could not be read.
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let words = site.words();
    let body = html! { section class="card" { (content(words, email, problems)) } };
    document(site, &Document::card(words.dead.title, &[]), &body)
}

/// It does not say which of the three happened: each answer would help someone who guesses.
pub(super) fn content(words: &Words, email: &str, problems: &[String]) -> Markup {
    html! {
        h1 tabindex="-1" { (words.dead.title) }
        p class="lead" { (words.dead.why) }
        (form::problems(words, problems))
        form method="post" action="/reset/fresh" {
            (form::email(words, email, !problems.is_empty()))
            (form::submit(words.dead.fresh))
        }
        p class="note" { a href="/signin" { (words.form.to_signin) } }
    }
}
