//! The page to ask for a link after forgetting the password.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use super::form;
use super::layout::{Document, Site, document};

/// The page of `GET /forgot`, and of `POST /forgot` if the address cannot be read. A readable one is answered with
/// [`super::done::mail_on_its_way`].
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let (words, shared) = (Words(site.language), form::Words(site.language));
    let body = html! {
        section class="card" {
            h1 { (words.title()) }
            p class="lead" { (words.lead()) }
            (form::problems(site.language, problems))
            form method="post" action="/forgot" {
                (form::email(site.language, email, !problems.is_empty()))
                (form::submit(words.send()))
            }
            p class="note" { a href="/signin" { (shared.to_signin()) } }
        }
    };
    document(site, &Document::card(words.title(), &[]), &body)
}
