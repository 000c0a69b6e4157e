//! Parts that several pages of the console share.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use crate::language::Language;

/// An icon. A word always stands beside it, or on its button.
pub(super) fn icon(name: &str) -> Markup {
    html! { span class={ "icon i-" (name) } aria-hidden="true" {} }
}

/// The way from the first page of a list to the next ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pager<'a> {
    /// The list from its beginning; none on its first page.
    pub first: Option<&'a str>,
    /// The next page; none on the last one.
    pub next: Option<&'a str>,
}

/// The foot of a list: one sentence, the call behind the page, and the way on.
pub(super) fn foot(language: Language, sentence: &str, curl: bool, pager: Pager) -> Markup {
    let words = Words(language);
    html! {
        div class="foot" {
            p { (sentence) }
            div class="row" {
                @if curl { button class="bare tight" type="button" popovertarget="curl" { (words.show_curl()) } }
                @if let Some(first) = pager.first { a class="bare tight" href=(first) rel="first" { (words.to_first()) } }
                @if let Some(next) = pager.next { a class="button tight" href=(next) rel="next" { (words.next()) } }
            }
        }
    }
}

/// The call of the API behind a page, without session or cookie. `url` has its query.
pub(super) fn curl(language: Language, url: &str) -> Markup {
    let words = Words(language);
    // Within single quotes a shell reads everything as it is, but for a single quote.
    let quoted = url.replace('\'', "%27");
    html! {
        div #curl .panel popover role="dialog" aria-labelledby="curl-title" {
            div class="between" {
                h2 #curl-title { (words.curl_title()) }
                button class="bare tight" type="button" popovertarget="curl" popovertargetaction="hide" {
                    (icon("close")) (words.close())
                }
            }
            div class="stack" {
                pre #curl-text .code { "curl --header \"Authorization: APIToken $TOKEN\" \\\n  '" (quoted) "'" }
                div class="row" {
                    button class="button tight" type="button" hidden data-copy="curl-text" data-copied=(words.copied()) {
                        (icon("copy")) (words.copy())
                    }
                    p class="hint" { (words.curl_hint()) }
                }
            }
        }
    }
}

/// An id, with a button that copies it where the browser can.
pub(super) fn id(language: Language, id: &str) -> Markup {
    let words = Words(language);
    html! {
        code { (id) } " "
        button class="bare copy" type="button" hidden data-copy=(id) data-copied=(words.copied()) aria-label=(words.copy_id()) {
            (icon("copy"))
        }
    }
}

/// A name as a part of a path or a query has it.
pub(super) fn encoded(name: &str) -> String {
    form_urlencoded::byte_serialize(name.as_bytes()).collect()
}

/// The way to a page above this one.
pub(super) fn crumbs(language: Language, above: &[(&str, &str)]) -> Markup {
    html! {
        nav class="crumbs" aria-label=(Words(language).where_you_are()) {
            ol { @for (path, name) in above { li { a href=(path) { bdi { (name) } } } } }
        }
    }
}

/// Why the last attempt was refused; it takes the focus, so that it is read out.
pub(super) fn refusal(sentence: Option<&str>) -> Markup {
    html! {
        @if let Some(sentence) = sentence {
            div class="notice bad" role="alert" tabindex="-1" autofocus {
                (icon("cross")) div { p { (sentence) } }
            }
        }
    }
}
