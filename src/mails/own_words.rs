//! What the house knows of a kind of mail whose words a tenant may choose, and where the chosen words come from.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::Tenant;
use crate::language::Language;
use crate::mail::letter::{self, Text, Wording};
use crate::store::Tx;

/// A kind of mail whose words a tenant may choose.
#[derive(Clone, Copy)]
pub struct KindOfMail {
    /// Its name: `<room>.<letter>`.
    pub name: &'static str,
    /// When it is sent, in a sentence.
    pub sent: &'static str,
    /// What can be put into its words.
    pub holes: &'static [Hole],
    /// Its shipped words in a language, with holes. They hold for every recipient: where the shipped mail words a fact in a
    /// sentence of its own, they have a hole.
    pub shipped: fn(Language) -> Wording,
    /// The mail with facts that are made up, in these words or in the shipped ones.
    pub sample: fn(&Sample<'_>, Option<&Wording>) -> Text,
}

/// A place in the words of a mail where a fact is put in.
#[derive(Debug, Clone, Copy)]
pub struct Hole {
    /// Its name, which stands in braces.
    pub name: &'static str,
    /// What is put in.
    pub means: &'static str,
    /// Whether the mail would fail its purpose without it.
    pub is_needed: bool,
}

impl Hole {
    /// A hole that the words may leave out.
    pub const fn free(name: &'static str, means: &'static str) -> Self {
        Self { name, means, is_needed: false }
    }

    /// A hole that must stand in the paragraphs, once.
    pub const fn needed(name: &'static str, means: &'static str) -> Self {
        Self { name, means, is_needed: true }
    }

    /// The greeting.
    pub const GREETING: Self = Self::free("greeting", "The greeting, with the recipient's name where they have one.");
    /// The recipient.
    pub const NAME: Self = Self::free("name", "The recipient's name, or their address where they have none.");
    /// The tenant.
    pub const TENANT: Self = Self::free("tenant", "The tenant's display name.");
    /// The contact.
    pub const CONTACT: Self =
        Self::free("contact", "The tenant's contact, or words for its administrators where it names none.");
    /// The link, in a mail that has one.
    pub const LINK: Self = Self::needed(letter::LINK, "The link, as a button. It is a paragraph of its own.");
    /// The code in it.
    pub const CODE: Self = Self::needed(
        letter::CODE,
        "The code for a reader whose browser runs no scripts: the page of the link asks for it. It is a paragraph of its own.",
    );
}

/// The facts of a mail that is only looked at.
#[derive(Clone, Copy)]
pub struct Sample<'a> {
    /// The tenant, as it is.
    pub tenant: &'a Tenant,
    /// The recipient's name.
    pub person: &'a str,
    /// Where the tenant's pages stand, without a slash at the end.
    pub pages: &'a str,
    /// The code of a link that opens nothing.
    pub code: &'a str,
    /// The language.
    pub language: Language,
    /// The present moment.
    pub now: Timestamp,
}

impl Sample<'_> {
    /// A link to this page that opens nothing.
    pub fn link(&self, page: &str) -> String {
        format!("{}{page}#{}", self.pages, self.code)
    }
}

/// Finds the words that tenants have chosen.
pub trait OwnWords: Send + Sync {
    /// The words of the tenant for each of these mails, by kind and language; `None` for the shipped ones.
    ///
    /// # Errors
    /// Those of the store.
    fn find_each(
        &self,
        tx: &mut Tx<'_>,
        tenant: &Tenant,
        mails: &[(&'static str, Language)],
    ) -> Result<Vec<Option<Wording>>>;
}
