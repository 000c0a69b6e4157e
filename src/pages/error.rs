//! The page of a request that failed.

use maud::{Markup, html};

use super::layout::{Document, Site, document};
use super::words::Words;
use crate::error::Kind;

/// The page of an error and its status. `sentence` adds to it, if there is more to say; the request id lets an
/// administrator find the cause in the log.
pub fn page(site: &Site, (status, kind): (u16, Kind), sentence: Option<&str>, request_id: &str) -> Markup {
    let words = site.words();
    let (title, next) = say(words, kind);
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

/// The error, and the next step.
pub(super) fn say(words: &Words, kind: Kind) -> (&'static str, &'static str) {
    let error = &words.error;
    match kind {
        Kind::Forbidden => (error.forbidden, error.ask_administrator),
        Kind::NotFound | Kind::NotImplemented => (error.not_found, error.check_address),
        Kind::TooMany { .. } => (error.too_many, error.wait),
        Kind::Unavailable { .. } | Kind::Timeout | Kind::Outdated => (error.unavailable, error.wait),
        Kind::Internal => (error.internal, error.try_again),
        Kind::Invalid | Kind::Refused | Kind::TooLarge | Kind::Unauthenticated | Kind::Duplicate | Kind::Conflict => {
            (error.invalid, error.go_back)
        }
    }
}
