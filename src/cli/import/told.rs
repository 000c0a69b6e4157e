//! What the server tells of rows.

use std::collections::HashMap;

use serde_json::Value;

use crate::transfer::import::Code;

/// A set of numbers of rows, a bit for each.
#[derive(Default)]
pub(super) struct Rows(Vec<u64>);

impl Rows {
    pub(super) fn insert(&mut self, row: u64) {
        let at = (row / 64) as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        self.0[at] |= 1 << (row % 64);
    }

    pub(super) fn contains(&self, row: u64) -> bool {
        self.0.get((row / 64) as usize).is_some_and(|bits| bits & (1 << (row % 64)) != 0)
    }
}

/// What the server tells of rows, by their numbers.
pub(super) type Told = HashMap<u64, ToldRow>;

/// What the server tells of a row.
pub(super) struct ToldRow {
    pub(super) outcome: String,
    pub(super) codes: Vec<Code>,
    pub(super) field: String,
}

pub(super) fn note(told: &mut Told, rows: &Value) {
    for row in rows.as_array().into_iter().flatten() {
        let Some(number) = row["row"].as_u64() else { continue };
        let codes = row["codes"].as_array().into_iter().flatten().filter_map(|code| Code::read(code.as_str()?));
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        told.insert(number, ToldRow { outcome: text("outcome"), codes: codes.collect(), field: text("field") });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_rows_holds_what_was_put_in() {
        let mut rows = Rows::default();
        for row in [1, 63, 64, 1_000_000] {
            rows.insert(row);
        }
        let there: Vec<u64> =
            (0..200).chain([999_999, 1_000_000, 2_000_000]).filter(|row| rows.contains(*row)).collect();
        assert_eq!(there, [1, 63, 64, 1_000_000]);
    }
}
