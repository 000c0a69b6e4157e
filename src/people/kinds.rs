//! What a user is, and how they sign in: closed lists, each kept as a word that the public API has for it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::store::{FromValue, Value};
use crate::terms::Word;

/// What a user is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    Person,
    /// A program. It has credentials and nothing else to sign in with.
    Service,
}

impl Kind {
    /// The word in the store and in the public API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Person => "USER",
            Self::Service => "SERVICE",
        }
    }
}

/// How a user signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SignInBy {
    /// By a password that is kept here.
    #[serde(rename = "VOLTERRA_MANAGED")]
    Password,
    /// At a provider of single sign-on; no password is kept here.
    #[serde(rename = "SSO")]
    SingleSignOn,
}

impl Word for SignInBy {
    const ALL: &'static [Self] = &[Self::Password, Self::SingleSignOn];

    fn word(self) -> &'static str {
        Self::word(self)
    }
}

impl SignInBy {
    /// The word in the store and in the public API.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Password => "VOLTERRA_MANAGED",
            Self::SingleSignOn => "SSO",
        }
    }
}

impl FromValue for Kind {
    fn from_value(value: &Value) -> Option<Self> {
        let Value::Text(text) = value else { return None };
        [Self::Person, Self::Service].into_iter().find(|kind| kind.word() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_was_written_and_no_other() {
        let text = |word: &str| Value::Text(word.into());
        for kind in [Kind::Person, Kind::Service] {
            assert_eq!(Kind::from_value(&text(kind.word())), Some(kind));
        }
        for way in [SignInBy::Password, SignInBy::SingleSignOn] {
            assert_eq!(SignInBy::from_value(&text(way.word())), Some(way));
        }
        for wrong in ["", "user", "sso", "UNDEFINED"] {
            assert_eq!((Kind::from_value(&text(wrong)), SignInBy::from_value(&text(wrong))), (None, None));
        }
    }
}
