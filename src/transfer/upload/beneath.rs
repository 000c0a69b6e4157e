//! Quick hashes of an uploaded file, laid beneath Argon2id before they go to the verbs: one after the other, behind all who sign in.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::go_on::Going;
use crate::error::{Kind, Result};
use crate::transfer::import::{Pending, wrapping_salt};
use crate::transfer::noted;
use crate::transfer::outcome::Outcome;

/// A hash waits for its turn no longer than this.
const HASH_WAITS: Duration = Duration::from_secs(5);
/// A pause before a hash is tried again that found no place.
const NO_PLACE: Duration = Duration::from_millis(250);

impl Going<'_> {
    /// The quick hashes of a chunk that the plan takes, laid beneath Argon2id; `None` if that was broken off.
    ///
    /// # Errors
    /// Those of the store; `Internal` if the algorithm fails.
    pub(super) async fn laid_beneath(&mut self, rows: &[Pending]) -> Result<Option<HashMap<u64, String>>> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return Ok(Some(HashMap::new())) };
        let left = self.not_taken(first.row(), last.row())?;
        let (hasher, id) = (self.by.parts.hasher.in_turn_of(self.due.tenant.0), self.due.import.to_string());
        let mut made = HashMap::new();
        for row in rows.iter().filter(|row| !left.contains(&row.row())) {
            let Some(foreign) = row.quick() else { continue };
            loop {
                if !self.goes_on().await? {
                    return Ok(None);
                }
                let salt = wrapping_salt(&id, row.row());
                match hasher.lay_beneath(foreign.clone(), salt, Instant::now() + HASH_WAITS).await {
                    Ok(text) => {
                        made.insert(row.row(), text);
                        break;
                    }
                    // Those who sign in come first.
                    Err(failure) if matches!(failure.kind, Kind::Unavailable { .. } | Kind::Timeout) => {
                        tokio::time::sleep(NO_PLACE).await;
                    }
                    Err(failure) => return Err(failure),
                }
            }
        }
        Ok(Some(made))
    }

    /// Rows that the plan does not take as new users: for them no hash is made.
    fn not_taken(&self, first: u64, last: u64) -> Result<BTreeSet<u64>> {
        let due = self.due;
        let (after, most) = (first.cast_signed() - 1, (last - first + 1).cast_signed());
        let noted = self.read(move |tx| noted::noted(tx, due.tenant, due.import, 0, None, (after, most)))?;
        let left = noted.into_iter().filter(|row| row.outcome != Outcome::Taken);
        Ok(left.map(|row| row.row.unsigned_abs()).collect())
    }
}
