//! How many rows of an import came to what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::outcome::{Judged, Outcome};

/// Rows by what became of them. Each row has one outcome; codes are counted for each row that has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ImportCounts")]
pub struct Counts {
    /// All rows so far.
    pub rows: i64,
    /// New users.
    pub taken: i64,
    /// Users who came before, and were changed.
    pub updated: i64,
    /// Users who came before, as they are.
    pub unchanged: i64,
    /// Rows that were not taken.
    pub refused: i64,
    /// Rows that were taken and of which there is something to know.
    pub told: i64,
    /// New users whose password is older than the tenant allows.
    pub expired: i64,
    /// Rows by code.
    pub codes: BTreeMap<String, i64>,
    /// New users by the scheme of their hash.
    pub schemes: BTreeMap<String, i64>,
    /// Rows by what is in them.
    pub kinds: BTreeMap<String, Outcomes>,
    /// The number of the last row.
    pub last_row: i64,
}

/// Rows of one kind by what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "ImportOutcomes")]
pub struct Outcomes {
    /// New ones.
    pub taken: i64,
    /// Those that were there, and were changed.
    pub updated: i64,
    /// Those that were there, as they are.
    pub unchanged: i64,
    /// Rows that were not taken.
    pub refused: i64,
}

impl Outcomes {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Taken => self.taken += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused => self.refused += 1,
        }
    }
}

impl Counts {
    /// Counts a row.
    pub(super) fn add(&mut self, judged: &Judged) {
        self.rows += 1;
        self.last_row = judged.row;
        match judged.outcome {
            Outcome::Taken => self.taken += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Refused => self.refused += 1,
        }
        if !judged.kind.is_empty() {
            self.kinds.entry(judged.kind.into()).or_default().add(judged.outcome);
        }
        self.told += i64::from(
            judged.outcome != Outcome::Refused && judged.codes.iter().any(|told| told.code.text().starts_with("W_")),
        );
        self.expired += i64::from(judged.is_expired);
        let mut codes: Vec<_> = judged.codes.iter().map(|told| told.code.text()).collect();
        codes.dedup();
        for code in codes {
            *self.codes.entry(code.into()).or_default() += 1;
        }
        if let Some(scheme) = judged.scheme.as_ref().filter(|_| judged.outcome == Outcome::Taken) {
            *self.schemes.entry(scheme.clone()).or_default() += 1;
        }
    }
}
