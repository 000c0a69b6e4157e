//! The page of a request that failed.

use maud::{Markup, html};

use super::layout::{Document, Site, document};
use super::words::Words;

/// A page for `status`. `sentence` says more, if there is more to say; the request id lets an administrator
/// find the cause in the log.
pub fn page(site: &Site, status: u16, sentence: Option<&str>, request_id: &str) -> Markup {
    let words = site.words();
    let (title, next) = say(words, status);
    let body = html! {
        section class="card" {
            p class="status" { (status) }
            h1 { (title) }
            @if let Some(sentence) = sentence {
                p class="lead" { (sentence) }
            }
            p { (next) }
            @if site.has_accounts {
                a class="secondary" href="/account" { (words.error.home) }
            }
            p class="note" { (words.error.request_id) " " code { (request_id) } }
        }
    };
    document(site, &Document::card(title, &[]), &body)
}

fn say(words: &Words, status: u16) -> (&'static str, &'static str) {
    let error = &words.error;
    match status {
        403 => (error.forbidden, error.ask_administrator),
        404 | 501 => (error.not_found, error.check_address),
        429 => (error.too_many, error.wait),
        503 | 504 => (error.unavailable, error.wait),
        500..=599 => (error.internal, error.try_again),
        _ => (error.invalid, error.go_back),
    }
}
