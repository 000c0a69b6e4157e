//! Hashes from elsewhere: those that people bring along when they move here, so that their passwords go on working.
//!
//! Promises:
//! - Every text is decoded and written anew. One spelling lies in the store, and no foreign parser runs at a sign-in.
//! - Slow hashes are kept, fast ones lie beneath Argon2id before they reach a store, hopeless ones are refused.
//! - What a hash would cost is decided by arithmetic, before memory is taken.
//! - A password that the scheme would cut (bcrypt: at 72 bytes or at a NUL) is wrong, at full cost. No part of a password
//!   is ever taken for the whole.
//! - The first right password replaces the hash by ours.

mod classes;
mod crypt_md5;
mod decode;
mod digest;
mod order;
mod parts;
mod quick_argon2;
mod scheme;
mod stored;
mod text;

use argon2::Params;

use super::Cost;
use super::area::{Area, SALT_BYTES};
use crate::error::Result;
pub use classes::{class, decoy};
pub use parts::{Argon2Parts, Spelt};
pub(super) use scheme::Scheme;
pub(super) use stored::{Stored, argon2_microseconds, frame};
pub use text::Dialect;

/// A hash that was read and may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// As it is, in our spelling.
    Kept(String),
    /// Only beneath Argon2id.
    Fast { scheme: Scheme, salt: Vec<u8>, output: Vec<u8> },
}

/// Why a text is not taken for the hash of a password. It never holds any of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// It looks like a password itself.
    Plain,
    /// A hash of a scheme that is not known here.
    Unknown,
    /// Not what a hash of its scheme looks like.
    Malformed,
    /// One sign-in would cost too much.
    TooCostly {
        /// What the text asks for.
        asked: u64,
        /// The most that is taken.
        most: u64,
        /// Of what.
        of: &'static str,
    },
    /// Of a scheme that protects nothing.
    Unsafe,
    /// Made with a key that is not here.
    KeyMissing,
}

impl Refused {
    /// The stable code of the reason.
    pub fn code(self) -> &'static str {
        match self {
            Self::Plain => "PASSWORD_PLAIN",
            Self::Unknown => "HASH_UNKNOWN",
            Self::Malformed => "HASH_MALFORMED",
            Self::TooCostly { .. } => "HASH_TOO_COSTLY",
            Self::Unsafe => "HASH_UNSAFE",
            Self::KeyMissing => "HASH_KEY_MISSING",
        }
    }
}

impl Foreign {
    /// Reads the text of a hash as one line holds it: PHC, modular crypt, LDAP, Django, Werkzeug, passlib.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn read(text: &str, dialect: Dialect) -> std::result::Result<Self, Refused> {
        text::read(text, dialect).map(Self)
    }

    /// Whether Argon2id must be computed over it before it is stored.
    pub fn is_fast(&self) -> bool {
        matches!(self.0, Kind::Fast { .. })
    }

    /// The text for the store of one that is kept as it is; none where Argon2id must be computed over it first.
    pub fn kept(&self) -> Option<&str> {
        match &self.0 {
            Kind::Kept(text) => Some(text),
            Kind::Fast { .. } => None,
        }
    }

    /// Whether it lies beneath Argon2id at less than this cost, so that guessing at it is quicker than it should be.
    pub fn is_thinly_wrapped(&self, cost: Cost) -> bool {
        let Some(Stored::Wrapped { cost: its, .. }) = self.kept().and_then(Stored::read) else { return false };
        u64::from(its.m_cost()) * u64::from(its.t_cost()) < u64::from(cost.memory_kib) * u64::from(cost.iterations)
    }

    /// The PHC string to be stored, with Argon2id computed over it at the present cost where that must be.
    pub(in crate::passwords) fn stored(
        &self,
        area: &mut Area,
        cost: &Params,
        salt: [u8; SALT_BYTES],
    ) -> Result<String> {
        match &self.0 {
            Kind::Kept(text) => Ok(text.clone()),
            Kind::Fast { scheme, salt: inner_salt, output } => {
                let over = area.present(&frame(scheme, output), &salt)?;
                stored::wrapped(scheme, inner_salt, cost, &salt, &over)
            }
        }
    }

    /// The name of its scheme.
    pub fn scheme(&self) -> String {
        match &self.0 {
            Kind::Kept(text) => text.split('$').nth(1).unwrap_or_default().into(),
            Kind::Fast { scheme, .. } => scheme.name(),
        }
    }
}

/// Whether a text is the name of a scheme in which hashes lie in the store, and so surely no password.
pub fn is_scheme(name: &str) -> bool {
    let inner = name.strip_prefix("argon2id-").unwrap_or(name);
    Scheme::is_name(inner)
}

/// Makes texts for the store. It keeps the memory of Argon2id between them.
pub struct Wrapper {
    area: Area,
    cost: Params,
}

impl Wrapper {
    /// For wrapping at this cost.
    ///
    /// # Errors
    /// `Invalid` for a cost that Argon2 refuses.
    pub fn new(cost: Cost) -> Result<Self> {
        let cost = cost.params()?;
        Ok(Self { area: Area::new(cost.clone(), std::sync::Arc::default(), std::sync::Arc::default()), cost })
    }

    /// The PHC string to be stored. `salt` must be unique to the user; it counts only where Argon2id is computed.
    ///
    /// # Errors
    /// `Internal` if the algorithm fails.
    pub fn stored(&mut self, foreign: &Foreign, salt: [u8; SALT_BYTES]) -> Result<String> {
        foreign.stored(&mut self.area, &self.cost, salt)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
