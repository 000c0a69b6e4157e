//! Fields of forms: a label above, a hint beneath.

mod words;

use maud::{Markup, html};

pub use self::words::Words;
use crate::language::Language;

/// A field for one line of text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// Its name in the form, and its id on the page.
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: &'a str,
    pub(super) value: &'a str,
    pub(super) is_optional: bool,
    pub(super) length_max: u16,
}

impl Field<'_> {
    /// A field for a text, which has to be filled in.
    pub(super) fn text(name: &'static str, label: &'static str) -> Self {
        Self { name, kind: "text", label, hint: "", value: "", is_optional: false, length_max: 320 }
    }
}

/// The field.
pub(super) fn field(language: Language, field: Field) -> Markup {
    let hint = format!("{}-hint", field.name);
    html! {
        div class="field" {
            label for=(field.name) {
                (field.label)
                @if field.is_optional { " " span class="quiet" { (Words(language).optional()) } }
            }
            input id=(field.name) type=(field.kind) name=(field.name) value=(field.value) autocomplete="off"
                autocapitalize="none" spellcheck="false" maxlength=(field.length_max) required[!field.is_optional]
                aria-describedby=[(!field.hint.is_empty()).then_some(&hint)];
            @if !field.hint.is_empty() { p id=(hint) class="hint" { (field.hint) } }
        }
    }
}

/// Names of which any may be ticked, each a field of its own.
pub(super) fn ticks(legend: &str, hint: &str, names: &[(String, bool)]) -> Markup {
    html! {
        fieldset class="field" {
            legend { (legend) }
            @for (name, is_ticked) in names {
                div class="check" {
                    input id=(name) type="checkbox" name=(name) value="on" checked[*is_ticked];
                    label for=(name) { code { (name) } }
                }
            }
            p class="hint" { (hint) }
        }
    }
}
