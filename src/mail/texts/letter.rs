//! One letter, laid out as text and as HTML.

use maud::{DOCTYPE, Markup, html};

use super::Text;
use crate::language::Language;

/// A letter before it is laid out.
pub struct Letter {
    /// The subject.
    pub subject: String,
    /// The content, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a letter.
pub enum Block {
    /// A paragraph.
    Says(String),
    /// A link, and what the reader does there.
    Link {
        /// The words on the button.
        label: &'static str,
        /// Where it leads.
        link: String,
    },
    /// A text to copy, and what for.
    Code {
        /// The words before it.
        label: &'static str,
        /// What is copied.
        code: String,
    },
    /// A secondary paragraph, set apart.
    Aside(String),
}

impl Letter {
    /// Renders the letter as text and as HTML, under the name of the tenant.
    pub fn render(&self, tenant: &str, language: Language) -> Text {
        Text {
            subject: self.subject.clone(),
            text: self.text(tenant, language),
            html: self.html(tenant, language).into_string(),
        }
    }

    fn text(&self, tenant: &str, language: Language) -> String {
        let mut text = String::new();
        for block in &self.blocks {
            match block {
                Block::Says(words) => text.push_str(words),
                Block::Link { label, link } => text.push_str(&format!("{label}{}\n{link}", colon(language))),
                Block::Code { label, code } => text.push_str(&format!("{label}\n\n    {code}")),
                Block::Aside(words) => text.push_str(words),
            }
            text.push_str("\n\n");
        }
        // The line that mail programs recognise as the beginning of a signature.
        text.push_str(&format!("-- \n{tenant}\n"));
        text
    }

    /// Sets no colour but the button's: text and background stay the mail program's own, light or dark.
    fn html(&self, tenant: &str, language: Language) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(language.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="supported-color-schemes" content="light dark";
                    title { (self.subject) }
                }
                body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Hiragino Sans','Noto Sans JP',sans-serif" {
                    div style="max-width:34em;margin:0 auto" {
                        p style="margin:0 0 24px;padding:0 0 12px;border-bottom:1px solid #8888;font-weight:600" { (tenant) }
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
                Block::Aside(words) => p style="margin:24px 0 0;padding:12px 0 0;border-top:1px solid #8888;font-size:14px" { (words) },
            }
        }
    }
}

/// A colon as the language writes it.
fn colon(language: Language) -> &'static str {
    match language {
        Language::English | Language::German => ":",
        Language::French => "\u{a0}:",
        Language::Japanese => "：",
    }
}
