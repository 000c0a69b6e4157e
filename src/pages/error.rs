//! The page of a request that failed.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::layout::{Document, Site, document};
use crate::error::Kind;

/// The page of an error and its status. `sentence` adds to it, if there is more to say; the request id lets an
/// administrator find the cause in the log.
pub fn page(site: &Site, (status, kind): (u16, Kind), sentence: Option<&str>, request_id: &str) -> Markup {
    let words = Words(site.language);
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
                a class="secondary" href="/account" { (words.home()) }
            }
            p class="note" { (words.request_id()) " " code { (request_id) } }
        }
    };
    document(site, &Document::card(title, &[]), &body)
}

/// The error, and the next step.
pub(super) fn say(words: Words, kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Forbidden | Kind::Stale => (words.forbidden(), words.ask_administrator()),
        Kind::NotFound | Kind::NotImplemented => (words.not_found(), words.check_address()),
        Kind::TooMany { .. } => (words.too_many(), words.wait()),
        Kind::Unavailable { .. } | Kind::Timeout | Kind::Outdated => (words.unavailable(), words.wait()),
        Kind::Internal => (words.internal(), words.try_again()),
        Kind::Invalid | Kind::Refused | Kind::TooLarge | Kind::Unauthenticated | Kind::Duplicate | Kind::Conflict => {
            (words.invalid(), words.go_back())
        }
    }
}
