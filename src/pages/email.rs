//! The page behind the link that a new address gets: the address counts once this is confirmed.
//!
//! The token stands behind `#` in the address, as that of [`super::reset`]; the script takes it from there and cleans the
//! address. Without scripts there is a field for the code, which the mail shows. A box must be ticked, since mail scanners
//! open links, run scripts and press buttons.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::assets::LINK_SCRIPT;
use super::layout::{Document, Site, document};
use super::{form, reset};

/// The page of `GET /email`, and of `POST /email` when it was refused: then with the token and the reasons.
pub fn page(site: &Site, token: &str, problems: &[String]) -> Markup {
    let (words, wrong) = (Words(site.language), !problems.is_empty());
    let code = reset::Words(site.language);
    let body = html! {
        section class="card" {
            h1 { (words.title()) }
            p class="lead" { (words.lead()) }
            (form::problems(site.language, problems))
            form method="post" action="/email" data-busy=(form::Words(site.language).busy()) {
                div #code .field {
                    label for="token" { (code.code()) }
                    input #token type="text" name="token" value=(token) required autocomplete="off" autocapitalize="none"
                        spellcheck="false" aria-invalid=[wrong.then_some("true")]
                        aria-describedby={ @if wrong { "problems " } "code-hint" };
                    p #code-hint .hint { (code.code_hint()) }
                }
                div class="field check" {
                    input #agreed type="checkbox" name="agreed" value="yes" required;
                    label for="agreed" { (words.agreed()) }
                }
                (form::submit(words.confirm()))
            }
        }
    };
    let shell = Document { first_script: Some(LINK_SCRIPT), ..Document::card(words.title(), &[]) };
    document(site, &shell, &body)
}

/// The page of a link that no longer works. It does not say why: each reason would help an attacker.
pub fn dead(site: &Site) -> Markup {
    let words = Words(site.language);
    let body = html! {
        section class="card" {
            h1 { (words.dead()) }
            p class="lead" { (words.dead_next()) }
            a class="secondary" href="/account" { (words.to_account()) }
        }
    };
    document(site, &Document::card(words.dead(), &[]), &body)
}
