//! The hash that a row brings, as far as it is known on this side.

use std::fmt;

use crate::passwords::foreign::Foreign;

/// The hash that a row brings.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// The hash itself.
    Hash(Foreign),
    /// Only the name of the scheme in which it will be stored: so much is told before the run.
    Scheme(String),
    /// A hash that one server alone can open, as it stands in the line. Nothing can be read from it, so plan and run both have it.
    Sealed(String),
}

impl Password {
    /// The name of the scheme in which it lies in the store: `bcrypt`, or `argon2id-ssha1` for one beneath Argon2id. It is
    /// the same before and after the hash is laid beneath.
    pub fn scheme(&self) -> String {
        match self {
            Self::Hash(foreign) if foreign.is_fast() => format!("argon2id-{}", foreign.scheme()),
            Self::Hash(foreign) => foreign.scheme(),
            Self::Scheme(name) => name.clone(),
            Self::Sealed(_) => "sealed".into(),
        }
    }

    /// Whether it lies, or must be laid, beneath Argon2id.
    pub fn is_wrapped(&self) -> bool {
        self.scheme().starts_with("argon2id-")
    }
}

impl fmt::Debug for Password {
    /// Never more than the scheme.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scheme())
    }
}
