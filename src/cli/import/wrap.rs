//! Quick hashes laid beneath Argon2id on this machine, by all its cores: the server takes no other.

use std::thread;

use serde_json::Value;

use crate::error::{Error, Result};
use crate::passwords::Cost;
use crate::passwords::foreign::{Foreign, Wrapper};
use crate::transfer::import::wrapping_salt;

/// The cost that a server asks for.
///
/// # Errors
/// `Internal` for an answer without it.
pub(super) fn cost_of(import: &Value) -> Result<Cost> {
    let number = |name: &str| {
        let found = import["cost"][name].as_u64().and_then(|number| u32::try_from(number).ok());
        found.ok_or_else(|| Error::internal("the server does not say what a hash costs there"))
    };
    Ok(Cost {
        memory_kib: number("memory_kib")?,
        iterations: number("iterations")?,
        parallelism: number("parallelism")?,
    })
}

/// The texts for the store, in order. The salt is made from import and row: it is unique, and the same at a second try.
///
/// # Errors
/// `Invalid` for a cost that Argon2 refuses; `Internal` if the algorithm fails.
pub(super) fn stored(cost: Cost, import: &str, hashes: &[(u64, Foreign)]) -> Result<Vec<String>> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(hashes.len().max(1));
    let share = hashes.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let working: Vec<_> =
            hashes.chunks(share).map(|some| scope.spawn(move || some_stored(cost, import, some))).collect();
        let mut all = Vec::with_capacity(hashes.len());
        for thread in working {
            all.append(&mut thread.join().map_err(|_| Error::internal("a thread that hashes ended"))??);
        }
        Ok(all)
    })
}

fn some_stored(cost: Cost, import: &str, hashes: &[(u64, Foreign)]) -> Result<Vec<String>> {
    let mut wrapper = Wrapper::new(cost)?;
    hashes.iter().map(|(row, foreign)| wrapper.stored(foreign, wrapping_salt(import, *row))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passwords::foreign::Dialect;

    #[test]
    fn each_row_has_a_salt_of_its_own_and_the_same_at_a_second_try() {
        let cost = Cost { memory_kib: 64, iterations: 1, parallelism: 1 };
        let foreign = Foreign::read("{SSHA}FA7THTnt4TF7TzZSOCWGCN+PKo9zYWx0", Dialect::Usual).unwrap();
        let hashes: Vec<_> = (1..=5).map(|row| (row, foreign.clone())).collect();
        let stored = || super::stored(cost, "an-import", &hashes).unwrap();
        let (first, second) = (stored(), stored());
        assert_eq!(first, second);
        let distinct: std::collections::BTreeSet<_> = first.iter().collect();
        assert_eq!(distinct.len(), 5);
    }
}
