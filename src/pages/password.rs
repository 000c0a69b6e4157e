//! The field for a password, with the rules and the strength beneath it.

mod words;

use maud::{Markup, html};
use serde::Serialize;

pub use self::words::Words;
use super::form;
use crate::language::Language;

/// One rule of the tenant's policy, for people to read and for the script to tick off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// The script ticks off `too-short`, `too-few-digits`, `too-few-lowercase`, `too-few-uppercase`, `too-few-special`
    /// and `username`. Other rules are shown only: the server alone can check them.
    pub code: &'static str,
    /// The rule in the reader's language. A rule that counts contains its number in digits.
    pub sentence: String,
}

impl From<(&'static str, String)> for Rule {
    fn from((code, sentence): (&'static str, String)) -> Self {
        Self { code, sentence }
    }
}

/// The properties of a password field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    pub name: &'a str,
    pub id: &'a str,
    pub label: &'a str,
    /// `current-password` or `new-password` (HTML § 4.10.18.7).
    pub autocomplete: &'a str,
    /// Ids of the elements that describe the field.
    pub described_by: Option<&'a str>,
    pub wrong: bool,
}

pub(super) fn field(language: Language, field: &Field) -> Markup {
    let shared = form::Words(language);
    html! {
        div class="field" {
            label for=(field.id) { (field.label) }
            div class="secret" {
                input id=(field.id) type="password" name=(field.name) required autocomplete=(field.autocomplete)
                    autocapitalize="none" spellcheck="false"
                    aria-invalid=[field.wrong.then_some("true")] aria-describedby=[field.described_by];
                button class="reveal" type="button" hidden data-reveal=(field.id)
                    aria-controls=(field.id) aria-label={ (shared.show()) ": " (field.label) }
                    data-show=(shared.show()) data-hide=(shared.hide()) data-of=(field.label) { (shared.show()) }
            }
        }
    }
}

/// The field for a new password, with strength and rules.
pub(super) fn new(language: Language, rules: &[Rule], wrong: bool) -> Markup {
    let words = Words(language);
    let described_by = if wrong { "problems rules" } else { "rules" };
    html! {
        (field(language, &Field {
            name: "password",
            id: "password",
            label: form::Words(language).new_password(),
            autocomplete: "new-password",
            described_by: Some(described_by),
            wrong,
        }))
        div #strength .strength hidden data-levels=(words.levels()) {
            label for="meter" { (words.label()) }
            meter #meter min="0" low="2.5" high="3.5" optimum="5" max="5" value="0" {}
            output for="password" {}
        }
        div #rules .rules {
            p { (words.rules()) }
            ul data-met=(words.met()) { @for rule in rules { (line(rule)) } }
        }
    }
}

fn line(rule: &Rule) -> Markup {
    html! { li data-rule=(rule.code) { (rule.sentence) } }
}
