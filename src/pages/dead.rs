//! The page of a link that no longer works; it offers a fresh one.

use maud::{Markup, html};

use super::form;
use super::layout::{Document, Site, document};
use super::words::Words;

/// The page of `POST /reset` for a dead link. `email` and `problems` come from an attempt to ask for a fresh link that
/// could not be read.
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let words = site.words();
    let body = html! { section class="card" { (content(words, email, problems)) } };
    document(site, &Document::card(words.dead.title, &[]), &body)
}

/// It does not say why the link is dead: each reason would help an attacker.
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
