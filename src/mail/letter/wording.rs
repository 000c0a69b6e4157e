//! A letter whose words were chosen by an administrator: plain text with holes, into which the facts are put when the mail is
//! written. Link and code are paragraphs of their own, so that a wording says where they stand and never what they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Letter, Text, Words, contact, name};
use crate::language::Language;

/// The hole of the link. It is a paragraph of its own.
pub const LINK: &str = "link";
/// The hole of the code. It is a paragraph of its own.
pub const CODE: &str = "code";

/// What a letter says, with holes such as `{tenant}`. Nothing in it is markup.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "MailWords")]
pub struct Wording {
    /// The subject.
    #[schemars(example = &"A new password for {tenant}")]
    pub subject: String,
    /// The paragraphs, from top to bottom. `{link}` and `{code}` are each a paragraph of their own.
    #[schemars(example = ["{greeting}", "Choose a new password.", "{link}", "{lifetime}", "{code}"])]
    pub paragraphs: Vec<String>,
    /// What stands on the button of the link; empty where the mail has no link.
    #[schemars(example = &"Choose a new password")]
    pub link_label: String,
    /// What stands before the code; empty where the mail has no code.
    #[schemars(example = &"Does the page ask for a code? Paste this one:")]
    pub code_label: String,
    /// The last paragraph, set apart; it may be empty.
    #[schemars(example = &"You did not expect this? Ask {contact}.")]
    pub footer: String,
}

/// A piece of a text with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Said as it stands.
    Says(&'t str),
    /// The name of what is put in.
    Hole(&'t str),
    /// A brace that begins or ends no hole.
    Brace(&'t str),
}

/// The text in pieces, in their order. What is put in is never taken apart again.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        if !before.is_empty() {
            pieces.push(Piece::Says(before));
        }
        let hole = from.strip_prefix('{').and_then(|inner| inner.split_once('}'));
        rest = match hole.filter(|(name, _)| !name.is_empty() && !name.contains('{')) {
            Some((name, behind)) => {
                pieces.push(Piece::Hole(name));
                behind
            }
            None => {
                pieces.push(Piece::Brace(&from[..1]));
                &from[1..]
            }
        };
    }
    if !rest.is_empty() {
        pieces.push(Piece::Says(rest));
    }
    pieces
}

/// Whether a paragraph is this hole and nothing else.
pub fn is_only(paragraph: &str, hole: &str) -> bool {
    pieces(paragraph) == [Piece::Hole(hole)]
}

/// What is put into the holes, for one recipient.
#[derive(Clone)]
pub struct Filling {
    language: Language,
    sender: String,
    values: Vec<(&'static str, String)>,
}

impl Filling {
    /// The values that every letter has: `greeting`, `name` and `tenant`. `person_name` may be empty; `called` is the name
    /// or, without one, what else they are known by, such as their address.
    pub fn new(language: Language, tenant_name: &str, person_name: &str, called: &str) -> Self {
        let (sender, person) = (name(tenant_name), name(person_name));
        let values =
            vec![("greeting", super::greeting(language, &person)), ("name", name(called)), ("tenant", sender.clone())];
        Self { language, sender, values }
    }

    /// With one value more. It must be harmless already: see [`name`].
    #[must_use]
    pub fn with(mut self, hole: &'static str, value: impl Into<String>) -> Self {
        self.values.push((hole, value.into()));
        self
    }

    /// With the tenant's contact, or the words for its administrators where it names none.
    #[must_use]
    pub fn with_contact(self, text: Option<&str>) -> Self {
        let value = contact(text).unwrap_or_else(|| Words(self.language).administrator(&self.sender));
        self.with("contact", value)
    }

    /// The letter in these words. A paragraph of which nothing is left, since its hole has no value now, is left out.
    pub fn write(&self, wording: &Wording) -> Text {
        let mut letter = Letter::new(self.language, &self.sender, self.fill(&wording.subject));
        for paragraph in &wording.paragraphs {
            letter = if is_only(paragraph, LINK) {
                letter.link(self.fill(&wording.link_label), self.value(LINK))
            } else if is_only(paragraph, CODE) {
                letter.code(self.fill(&wording.code_label), self.value(CODE))
            } else {
                match self.fill(paragraph) {
                    said if said.is_empty() => letter,
                    said => letter.say(said),
                }
            };
        }
        match self.fill(&wording.footer) {
            said if said.is_empty() => letter.finish(),
            said => letter.aside(said).finish(),
        }
    }

    fn fill(&self, text: &str) -> String {
        let said = |piece| match piece {
            Piece::Says(text) | Piece::Brace(text) => text,
            Piece::Hole(hole) => self.value(hole),
        };
        pieces(text).into_iter().map(said).collect::<String>().trim().to_owned()
    }

    /// Empty for a hole that this mail does not have.
    fn value(&self, hole: &str) -> &str {
        self.values.iter().find(|(name, _)| *name == hole).map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filling() -> Filling {
        let filling = Filling::new(Language::English, "Example Corp", "", "jane@example.com").with_contact(None);
        filling.with(LINK, "https://id.example.com/reset#x").with(CODE, "x").with("old_password", "")
    }

    fn said(paragraph: &str) -> String {
        let wording = Wording { paragraphs: vec![paragraph.into()], ..Wording::default() };
        filling().write(&wording).text.split("-- \n").next().unwrap().trim().into()
    }

    #[test]
    fn what_is_no_hole_stands_as_it_is() {
        use Piece::{Brace, Hole, Says};
        assert_eq!(pieces("a {b} c"), [Says("a "), Hole("b"), Says(" c")]);
        assert_eq!(pieces("{a}{b}"), [Hole("a"), Hole("b")]);
        assert_eq!(pieces("{{a}}"), [Brace("{"), Hole("a"), Brace("}")]);
        assert_eq!(pieces("{}"), [Brace("{"), Brace("}")]);
        assert_eq!(pieces("{a"), [Brace("{"), Says("a")]);
        assert_eq!(pieces(""), []);
    }

    #[test]
    fn who_has_no_name_is_called_by_their_address_and_greeted_without_one() {
        assert_eq!(said("{greeting}"), "Hello,");
        assert_eq!(said("Dear {name}!"), "Dear jane@example.com!");
        assert_eq!(said("Ask {contact}."), "Ask your administrator at Example Corp.");
    }

    #[test]
    fn a_paragraph_of_which_nothing_is_left_is_left_out() {
        assert_eq!(said("{old_password}"), "");
        assert_eq!(said("Well. {old_password}"), "Well.");
    }

    #[test]
    fn what_is_put_in_is_not_read_again_and_no_markup() {
        let hostile = Filling::new(Language::English, "{name} <b>", "{tenant}", "{tenant}");
        let text =
            hostile.write(&Wording { subject: "{tenant}".into(), footer: "{name}".into(), ..Wording::default() });
        assert_eq!(text.subject, "{name} <b>");
        assert!(text.text.starts_with("{tenant}\n") && text.html.contains("{name} &lt;b&gt;"), "{}", text.html);
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole_text(text in "[a-c{} ]{0,20}") {
            let whole: String = pieces(&text).into_iter().map(|piece| match piece {
                Piece::Says(text) | Piece::Brace(text) => text.to_owned(),
                Piece::Hole(name) => format!("{{{name}}}"),
            }).collect();
            prop_assert_eq!(whole, text);
        }
    }
}
