//! What becomes of a row, in words that are kept and shown.

use schemars::JsonSchema;
use serde::Serialize;

use super::import::{Code, Told};
use crate::terms::Word;

/// What became of a row, or would become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ImportOutcome")]
pub enum Outcome {
    /// A new user.
    Taken,
    /// A user who came before was changed.
    Updated,
    /// A user who came before is as the row has them.
    Unchanged,
    /// Nothing was done.
    Refused,
}

impl Word for Outcome {
    const ALL: &'static [Self] = &[Self::Taken, Self::Updated, Self::Unchanged, Self::Refused];

    fn word(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}

/// A row that was judged.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Its number.
    pub row: i64,
    /// Its line.
    pub line: i64,
    /// What is in it: `user`, `group` and so on; nothing where that is not known.
    pub kind: &'static str,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused, or what is to be known of it.
    pub codes: Vec<Told>,
    /// The scheme of its hash.
    pub scheme: Option<String>,
    /// Whether its password is older than the tenant allows.
    pub is_expired: bool,
}

impl Judged {
    /// Whether it is kept by its number.
    pub(super) fn is_kept(&self) -> bool {
        self.outcome == Outcome::Refused || self.codes.iter().any(|told| told.code != Code::Unchanged)
    }
}
