//! Ids that follow from others, for verbs, which draw nothing.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The bytes of an id in which [`crate::random::Random::uuid`] keeps its moment.
const MOMENT: usize = 6;

/// The `nth` id for this purpose out of another one: always the same, and no other purpose or number leads to it. It keeps
/// the moment of the other id, so it is ordered by time as that one is.
pub fn derived(of: &Uuid, purpose: &str, nth: usize) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(of.as_bytes());
    hash.update((nth as u64).to_le_bytes());
    hash.update(purpose);
    let mut bytes = *of.as_bytes();
    bytes[MOMENT..].copy_from_slice(&hash.finalize()[..16 - MOMENT]);
    Builder::from_random_bytes(bytes).with_version(uuid::Version::SortRand).into_uuid()
}

/// The id of a thing that has had its name from the beginning: always the same.
pub fn of_name(name: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Sha256::digest(name)[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::clock::Timestamp;
    use crate::random::Random;

    #[test]
    fn each_purpose_and_number_has_its_own_id_of_the_same_moment() {
        let now = Timestamp(1_772_615_727_004_211);
        let of = Random::seeded(1).uuid(now);
        let ids: BTreeSet<_> =
            (0..100).flat_map(|nth| ["budget", "budget1"].map(|purpose| derived(&of, purpose, nth))).collect();
        assert_eq!(ids.len(), 200);
        assert!(!ids.contains(&of));
        assert!(
            ids.iter().all(|id| *id >= Random::least_uuid(now) && id.as_bytes()[..MOMENT] == of.as_bytes()[..MOMENT])
        );
        assert!(ids.iter().all(|id| id.get_version_num() == 7), "{ids:?}");
        assert_eq!(derived(&of, "budget", 3), derived(&of, "budget", 3));
    }
}
