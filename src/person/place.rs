//! How far an erasure is.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::random::Random;

/// Where the next slice begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Records, the newest first; before this one, or at the newest that counts.
    Records(Option<Uuid>),
    /// Rows that name the person, behind this place of theirs.
    Rows(Vec<u8>),
    /// The newest records once more, for those that were still being written when it began.
    Late(Option<Uuid>),
    /// What is left in the files of what was written over.
    Files,
}

impl Place {
    /// That of an erasure that begins.
    pub(super) fn beginning() -> Self {
        Self::Records(None)
    }

    /// As it is kept.
    pub(super) fn to_keep(&self) -> Vec<u8> {
        let (number, rest) = match self {
            Self::Records(before) => (0, before.map(|id| id.as_bytes().to_vec()).unwrap_or_default()),
            Self::Rows(behind) => (1, behind.clone()),
            Self::Late(before) => (2, before.map(|id| id.as_bytes().to_vec()).unwrap_or_default()),
            Self::Files => (3, Vec::new()),
        };
        [&[number], rest.as_slice()].concat()
    }

    /// Reads [`Place::to_keep`].
    ///
    /// # Errors
    /// `Internal` for anything else.
    pub(super) fn read(kept: &[u8]) -> Result<Self> {
        let (number, rest) = kept.split_first().ok_or_else(unknown)?;
        let id = || if rest.is_empty() { Ok(None) } else { Uuid::from_slice(rest).map(Some).map_err(Error::internal) };
        match number {
            0 => Ok(Self::Records(id()?)),
            1 => Ok(Self::Rows(rest.to_vec())),
            2 => Ok(Self::Late(id()?)),
            3 => Ok(Self::Files),
            _ => Err(unknown()),
        }
    }
}

fn unknown() -> Error {
    Error::internal("an erasure has a place that this release does not know")
}

/// The least id of a record that is later than every record of this moment.
pub(super) fn behind(until: Timestamp) -> Uuid {
    Random::least_uuid(Timestamp(until.0 + 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_kept() {
        let id = Uuid::from_u128(7);
        for place in [
            Place::beginning(),
            Place::Records(Some(id)),
            Place::Rows(Vec::new()),
            Place::Rows(vec![1, 2]),
            Place::Late(None),
            Place::Late(Some(id)),
            Place::Files,
        ] {
            assert_eq!(Place::read(&place.to_keep()).unwrap(), place);
        }
        assert!(Place::read(&[]).is_err() && Place::read(&[4]).is_err() && Place::read(&[0, 1]).is_err());
    }

    #[test]
    fn behind_a_moment_stand_the_ids_of_later_milliseconds_alone() {
        let (now, random) = (Timestamp(1_772_615_727_123_456), Random::seeded(1));
        assert!((0..99).all(|_| random.uuid(now) < behind(now)));
        assert!((0..99).all(|_| random.uuid(Timestamp(now.0 + 1_000)) >= behind(now)));
    }
}
