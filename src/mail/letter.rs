//! A mail's text: written from top to bottom, then laid out as text and as HTML, which therefore cannot differ.
//!
//! What people type (names, contacts) is put on one line and cut before a letter's words see it: [`Letter::new`],
//! [`Letter::greet`], [`name`] and [`contact`]. The template escapes HTML.

mod wording;
mod words;

use maud::{DOCTYPE, Markup, html};

pub use self::wording::{CODE, Filling, LINK, Piece, Wording, is_only, pieces};
pub use self::words::Words;
use super::literal::one_line;
use super::message::NAME_CHARACTERS_MAX;
use crate::clock::Timestamp;
use crate::language::Language;

/// Longest contact, in characters: an address, a telephone number, or both with a word or two.
const CONTACT_CHARACTERS_MAX: usize = 160;

/// A mail's words, ready for [`super::message::Message`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The subject.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// A letter as it is being written.
pub struct Letter {
    sender: String,
    language: Language,
    subject: String,
    blocks: Vec<Block>,
}

enum Block {
    Says(String),
    Link { label: String, link: String },
    Code { label: String, code: String },
    Verbatim(String),
    Aside(String),
}

/// A name typed by people, made harmless.
pub fn name(text: &str) -> String {
    one_line(text, NAME_CHARACTERS_MAX)
}

/// A contact typed by people, made harmless; `None` if nothing is left of it.
pub fn contact(text: Option<&str>) -> Option<String> {
    text.map(|text| one_line(text, CONTACT_CHARACTERS_MAX)).filter(|contact| !contact.is_empty())
}

fn greeting(language: Language, person: &str) -> String {
    let words = Words(language);
    if person.is_empty() { words.greeting_without_a_name().into() } else { words.greeting(person) }
}

/// `2026-03-04 09:15 UTC`: one unambiguous form for all languages.
pub fn minute(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..16])
}

impl Letter {
    /// A letter without content. `sender` is the name under which it is sent, such as the tenant's.
    pub fn new(language: Language, sender: &str, subject: String) -> Self {
        Self { sender: name(sender), language, subject, blocks: Vec::new() }
    }

    /// Greets a person; the name may be empty.
    #[must_use]
    pub fn greet(self, person: &str) -> Self {
        let greeting = greeting(self.language, &name(person));
        self.say(greeting)
    }

    /// A paragraph, or several with an empty line between them.
    #[must_use]
    pub fn say(mut self, text: impl Into<String>) -> Self {
        let text: String = text.into();
        self.blocks.extend(text.split("\n\n").map(|paragraph| Block::Says(paragraph.into())));
        self
    }

    /// A link, and what the reader does there.
    #[must_use]
    pub fn link(mut self, label: impl Into<String>, link: &str) -> Self {
        self.blocks.push(Block::Link { label: label.into(), link: link.into() });
        self
    }

    /// A code to copy, and what for.
    #[must_use]
    pub fn code(mut self, label: impl Into<String>, code: &str) -> Self {
        self.blocks.push(Block::Code { label: label.into(), code: code.into() });
        self
    }

    /// Lines that stand in the mail as they are, for a program to read.
    #[must_use]
    pub fn verbatim(mut self, lines: &str) -> Self {
        self.blocks.push(Block::Verbatim(lines.trim_end().into()));
        self
    }

    /// A secondary paragraph, set apart.
    #[must_use]
    pub fn aside(mut self, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Aside(text.into()));
        self
    }

    /// The finished letter, as text and as HTML.
    pub fn finish(self) -> Text {
        Text { text: self.text(), html: self.html().into_string(), subject: self.subject }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Says(words) => text.push_str(words),
                Block::Link { label, link } => {
                    text.push_str(&format!("{}\n{link}", Words(self.language).link_below(label)));
                }
                Block::Code { label, code } => text.push_str(&format!("{label}\n\n    {code}")),
                Block::Verbatim(words) | Block::Aside(words) => text.push_str(words),
            }
            text.push_str("\n\n");
        }
        // The line that mail programs recognise as the beginning of a signature.
        text.push_str(&format!("-- \n{}\n", self.sender));
        text
    }

    /// Sets no colour but the button's: text and background stay the mail program's own, light or dark.
    fn html(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="supported-color-schemes" content="light dark";
                    title { (self.subject) }
                }
                body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Hiragino Sans','Noto Sans JP',sans-serif" {
                    div style="max-width:34em;margin:0 auto" {
                        p style="margin:0 0 24px;padding:0 0 12px;border-bottom:1px solid #8888;font-weight:600" { (self.sender) }
                        @for block in &self.blocks { (block.html()) }
                    }
                }
            }
        }
    }
}

impl Block {
    fn html(&self) -> Markup {
        html! {
            @match self {
                Block::Says(words) => p style="margin:0 0 16px;white-space:pre-line" { (words) },
                Block::Link { label, link } => p style="margin:24px 0" {
                    a href=(link) style="display:inline-block;padding:12px 20px;border-radius:6px;background:#1a56c4;color:#ffffff;font-weight:600;text-decoration:none" { (label) }
                },
                Block::Code { label, code } => {
                    p style="margin:0 0 8px" { (label) }
                    p style="margin:0 0 16px;padding:10px 12px;border:1px solid #8888;border-radius:6px;font:15px/1.4 ui-monospace,Consolas,monospace;overflow-wrap:anywhere" { (code) }
                },
                Block::Verbatim(lines) => pre style="margin:0 0 16px;padding:10px 12px;border:1px solid #8888;border-radius:6px;font:14px/1.4 ui-monospace,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere" { (lines) },
                Block::Aside(words) => p style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid #8888;font-size:14px" { (words) },
            }
        }
    }
}
