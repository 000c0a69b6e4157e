//! Parts that several forms share.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use crate::language::Language;

/// The problems of the last attempt. The list takes the focus when the page loads, which makes screen readers read it
/// without a script.
pub(super) fn problems(language: Language, problems: &[String]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div #problems .problems role="alert" tabindex="-1" autofocus {
                p { strong { (Words(language).problems()) } }
                ul { @for problem in problems { li { (problem) } } }
            }
        }
    }
}

/// A field for the address of an account. No field of the type `email`: browsers take no letters beyond ASCII in one.
pub(super) fn email(language: Language, value: &str, wrong: bool) -> Markup {
    html! {
        div class="field" {
            label for="email" { (Words(language).email()) }
            input #email type="text" name="email" value=(value) required autocomplete="username"
                autocapitalize="none" spellcheck="false" inputmode="email" maxlength="320"
                aria-invalid=[wrong.then_some("true")] aria-describedby=[wrong.then_some("problems")];
        }
    }
}

/// The main button of a form.
pub(super) fn submit(label: &str) -> Markup {
    html! { button class="primary" type="submit" { (label) } }
}
