//! Chosen texts as they are asked and answered.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Place;
use super::rows::Own;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::mail::letter::{Text, Wording};

/// The words of a mail.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "NewMailWords", extend("required" = ["subject", "paragraphs", "link_label", "code_label"]))]
pub(super) struct AskedWords {
    /// The subject, up to 120 characters.
    #[schemars(example = &"A new password for {tenant}")]
    subject: String,
    /// Up to 20 paragraphs of up to 1,000 characters. `{link}` and `{code}` are each a paragraph of their own.
    #[schemars(example = ["{greeting}", "Choose a new password.", "{link}", "{lifetime}", "{code}"])]
    paragraphs: Vec<String>,
    /// What stands on the button of the link, up to 60 characters; empty where the mail has no link.
    #[schemars(example = &"Choose a new password")]
    link_label: String,
    /// What stands before the code, up to 200 characters; empty where the mail has no code.
    #[schemars(example = &"Does the page ask for a code? Paste this one:")]
    code_label: String,
    /// The last paragraph, set apart; it may be absent or empty.
    #[schemars(example = &"You did not expect this? Ask {contact}.")]
    footer: String,
}

impl From<AskedWords> for Wording {
    fn from(asked: AskedWords) -> Self {
        let AskedWords { subject, paragraphs, link_label, code_label, footer } = asked;
        Self { subject, paragraphs, link_label, code_label, footer }
    }
}

/// Words to look at before they count.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "MailTrial")]
pub(super) struct AskedTrial {
    /// If absent, those that count now.
    pub(super) words: Option<AskedWords>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "MailTextRemoval")]
pub(super) struct Removal {}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailTexts")]
pub(super) struct All {
    pub(super) items: Vec<OfKind>,
}

/// A kind of mail with its texts.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailKind")]
pub(super) struct OfKind {
    #[schemars(example = &"reset.administrator")]
    kind: &'static str,
    /// When it is sent.
    #[schemars(example = &"An administrator has reset the password of the recipient.")]
    sent: &'static str,
    holes: Vec<ShownHole>,
    /// One in each language.
    texts: Vec<Shown>,
}

/// A place in the words where a fact is put in.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailHole")]
struct ShownHole {
    /// Its name, which stands in braces.
    #[schemars(example = &"tenant")]
    name: &'static str,
    /// What is put in.
    #[schemars(example = &"The tenant's display name.")]
    means: &'static str,
    /// Whether the paragraphs must have it.
    needed: bool,
}

/// The text of a kind of mail in one language.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailText")]
pub(super) struct Shown {
    #[schemars(example = &"reset.administrator")]
    kind: &'static str,
    language: Language,
    /// The words that come with the server.
    shipped: Wording,
    /// The words that the tenant has chosen; without them the shipped ones count.
    own: Option<Wording>,
    /// When they were chosen.
    changed_at: Option<Timestamp>,
    /// By whom.
    #[schemars(example = &"admin@example.com")]
    changed_by: Option<String>,
}

impl OfKind {
    /// `texts` are all of one kind, at least one.
    pub(super) fn of(texts: &[(Place, Option<Own>)]) -> Option<Self> {
        let (Place { kind, .. }, _) = texts.first()?;
        let hole = |hole: &crate::mails::Hole| ShownHole { name: hole.name, means: hole.means, needed: hole.is_needed };
        Some(Self {
            kind: kind.name,
            sent: kind.sent,
            holes: kind.holes.iter().map(hole).collect(),
            texts: texts.iter().map(|(place, own)| Shown::of(place, own.clone())).collect(),
        })
    }
}

impl Shown {
    pub(super) fn of(place: &Place, own: Option<Own>) -> Self {
        let (changed_at, changed_by) = own.as_ref().map(|own| (own.changed_at, own.changed_by.clone())).unzip();
        Self {
            kind: place.kind.name,
            language: place.language,
            shipped: line_by_line((place.kind.shipped)(place.language)),
            own: own.map(|own| own.words),
            changed_at,
            changed_by,
        }
    }
}

/// With each line of a paragraph as a paragraph of its own: texts are asked without line ends.
fn line_by_line(words: Wording) -> Wording {
    let paragraphs = words.paragraphs.iter().flat_map(|paragraph| paragraph.lines().map(String::from)).collect();
    Wording { paragraphs, ..words }
}

/// A mail as it would be read.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailPreview")]
pub(super) struct Preview {
    #[schemars(example = &"A new password for Example Corp")]
    subject: String,
    /// The part in plain text.
    #[schemars(example = &"Hello Alex Example,\n\nChoose a new password.\n")]
    text: String,
    /// The part in HTML. It loads nothing and has no script.
    #[schemars(example = &"<!DOCTYPE html><html lang=\"en\"><body><p>Hello Alex Example,</p></body></html>")]
    html: String,
}

impl From<Text> for Preview {
    fn from(Text { subject, text, html }: Text) -> Self {
        Self { subject, text, html }
    }
}

/// A test mail that is on its way.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "MailTried")]
pub(super) struct Tried {
    /// The caller's own address.
    #[schemars(example = &"admin@example.com")]
    pub(super) to: String,
}
