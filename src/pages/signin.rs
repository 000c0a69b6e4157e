//! The sign-in page.

use maud::{Markup, html};

use super::assets::PASSWORD_SCRIPT;
use super::form;
use super::layout::{Document, Site, document};
use super::password::{self, Field};

/// The page of `GET /signin`, and of `POST /signin` if it fails. `email` is the typed text; `problem` is one sentence,
/// for wrong credentials [`super::words::SignIn::refused`], which fits every cause.
pub fn page(site: &Site, email: &str, problem: Option<&str>) -> Markup {
    let words = site.words();
    let problems: Vec<String> = problem.map(str::to_owned).into_iter().collect();
    let wrong = problem.is_some();
    let field = Field {
        name: "password",
        label: words.form.password,
        autocomplete: "current-password",
        described_by: wrong.then_some("problems"),
        wrong,
    };
    let body = html! {
        section class="card" {
            h1 { (words.signin.title) }
            (form::problems(words, &problems))
            form method="post" action="/signin" data-busy=(words.form.busy) {
                (form::email(words, email, wrong))
                (password::field(words, &field))
                (form::submit(words.signin.title))
            }
            p class="note" { a href="/forgot" { (words.signin.forgot) } }
        }
    };
    document(site, &Document::card(words.signin.title, &[PASSWORD_SCRIPT]), &body)
}
