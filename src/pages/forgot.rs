//! The page to ask for a link after forgetting the password.

use maud::{Markup, html};

use super::form;
use super::layout::{Document, Site, document};

/// The page of `GET /forgot`, and of `POST /forgot` if the address cannot be read. A readable one is answered with
/// [`super::done::mail_on_its_way`].
pub fn page(site: &Site, email: &str, problems: &[String]) -> Markup {
    let words = site.words();
    let body = html! {
        section class="card" {
            h1 { (words.forgot.title) }
            p class="lead" { (words.forgot.lead) }
            (form::problems(words, problems))
            form method="post" action="/forgot" {
                (form::email(words, email, !problems.is_empty()))
                (form::submit(words.forgot.send))
            }
            p class="note" { a href="/signin" { (words.form.to_signin) } }
        }
    };
    document(site, &Document::card(words.forgot.title, &[]), &body)
}
