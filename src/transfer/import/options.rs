//! What the caller says about the files and about how they are to be understood.

use std::collections::BTreeMap;

use super::record::RoleAt;
use crate::clock::Timestamp;

/// How a text is written. Never guessed, but for UTF-16, which its byte order mark tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// UTF-8, or UTF-16 with a byte order mark.
    #[default]
    Unicode,
    /// ISO 8859-1.
    Latin1,
    /// What Windows wrote in Western Europe.
    Windows1252,
}

impl Encoding {
    /// The encoding of a name on the command line.
    pub fn named(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "utf-16" | "utf16" => Some(Self::Unicode),
            "latin1" | "iso-8859-1" => Some(Self::Latin1),
            "windows-1252" | "cp1252" => Some(Self::Windows1252),
            _ => None,
        }
    }
}

/// What becomes of the groups of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Groups {
    /// A row joins those that exist here; any other refuses it.
    #[default]
    Existing,
    /// What does not exist here is made, without roles.
    Create,
    /// They are left behind.
    Drop,
}

/// Whether hashes of passwords are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Hashes {
    /// They are.
    #[default]
    Take,
    /// They are left behind, and the users are invited.
    Drop,
}

/// What becomes of a row whose hash is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BadHashes {
    /// The row is refused.
    #[default]
    Refuse,
    /// The row is taken without a password.
    Invite,
}

/// What becomes of a hash that is quick to guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FastHashes {
    /// It is laid beneath Argon2id.
    #[default]
    Wrap,
    /// It is left behind.
    Invite,
}

/// How the files are to be read and understood.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The present time: no user came later.
    pub now: Timestamp,
    /// How texts are written.
    pub encoding: Encoding,
    /// The domain of addresses, for sources that know only login names.
    pub domain: Option<String>,
    /// Which role here stands for one of the source.
    pub roles: BTreeMap<String, RoleAt>,
    /// What becomes of groups.
    pub groups: Groups,
    /// Which provider here stands for one of the source.
    pub providers: BTreeMap<String, String>,
    /// Whether hashes are taken.
    pub hashes: Hashes,
    /// What becomes of rows whose hash is not taken.
    pub bad_hashes: BadHashes,
    /// What becomes of hashes that are quick to guess.
    pub fast_hashes: FastHashes,
    /// Whether settings, words of mails, namespaces, roles and groups are rows too: of a whole tenant.
    pub is_tenant: bool,
}

impl Options {
    /// For lines of our own format, as a server gets them.
    pub fn at(now: Timestamp) -> Self {
        Self { now, ..Self::default() }
    }
}
