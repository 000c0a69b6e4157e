//! The words of mails that a tenant has chosen, one text for each kind of mail and language; without one the mail has its
//! shipped words.
//!
//! - A text is plain text with named holes. It is checked when it is set (`check`): a mail with a link always has its link, and
//!   no link leads anywhere else.
//! - It counts from the next mail that is written, also for mails that already wait: the text of a mail is made when it leaves.
//! - A tenant without own texts costs no look-up (`chosen`).
//! - A record names kind and language, never the text.

mod api;
mod check;
mod chosen;
mod moved;
mod plain;
mod rows;
mod set;
mod trial;
mod wire;
mod words;

use std::sync::Arc;

use crate::config::PublicUrl;
use crate::error::{Error, Result};
use crate::language::Language;
use crate::mails::KindOfMail;
use crate::text;

pub use api::operations;
pub use chosen::Chosen;
pub use moved::MovedText;
pub use rows::{ListedText, list_chosen};
pub use trial::{KINDS as TRIAL, Trials};
pub use words::Words;

/// What this room knows: the kinds of mail whose words can be chosen, and where their links lead.
#[derive(Clone)]
pub struct MailTexts {
    kinds: Arc<[KindOfMail]>,
    public_url: PublicUrl,
}

/// Which text: of this kind of mail in this language.
#[derive(Clone, Copy)]
struct Place {
    kind: KindOfMail,
    language: Language,
}

impl MailTexts {
    /// The room over these kinds of mail.
    pub fn new(kinds: &[KindOfMail], public_url: PublicUrl) -> Self {
        Self { kinds: kinds.into(), public_url }
    }

    /// Every text that there can be, by kind and language.
    fn places(&self) -> Vec<Place> {
        let of_kind = |kind: &KindOfMail| Language::ALL.map(|language| Place { kind: *kind, language });
        self.kinds.iter().flat_map(of_kind).collect()
    }

    /// The text of these names.
    ///
    /// # Errors
    /// `NotFound`, with the names that there are.
    fn place(&self, kind: &str, language: &str) -> Result<Place> {
        let known = self.kinds.iter().find(|known| known.name == kind).ok_or_else(|| {
            let names: Vec<_> = self.kinds.iter().map(|kind| kind.name).collect();
            Error::not_found(format!("There is no mail {}. There are {}.", text::shown(kind), names.join(", ")))
        })?;
        let spoken = Language::ALL.into_iter().find(|known| known.tag() == language).ok_or_else(|| {
            let tags = Language::ALL.map(Language::tag).join(", ");
            Error::not_found(format!("Mails do not speak {}. There are {tags}.", text::shown(language)))
        })?;
        Ok(Place { kind: *known, language: spoken })
    }
}
