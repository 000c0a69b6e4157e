//! Files as they lie in the store: what they are and their bytes in one text, sealed in parts.

use std::io::Cursor;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ask::Reading;
use super::rows::Due;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::random::Random;
use crate::seal::{self, SealKey};
use crate::secret::Secret;
use crate::transfer::import::File;

/// Bytes of a part.
const PART: usize = 1024 * 1024;
/// What the key of an import's file is derived for.
const PURPOSE: &str = "files of imports";
/// What a part is bound to, beside its place.
const BOUND: &[u8] = b"tenantry uploaded file";

/// Files of an import, and how they are read.
#[derive(Debug, Clone)]
pub(super) struct Files {
    pub(super) reading: Reading,
    names: Vec<String>,
    /// Where each is in the text.
    places: Vec<Range<usize>>,
    text: Arc<Secret<Vec<u8>>>,
}

#[derive(Serialize, Deserialize)]
struct Head {
    reading: Reading,
    /// Each file's name and its bytes.
    files: Vec<(String, usize)>,
}

/// A file within the text.
struct Within {
    text: Arc<Secret<Vec<u8>>>,
    place: Range<usize>,
}

impl AsRef<[u8]> for Within {
    fn as_ref(&self) -> &[u8] {
        &self.text.expose()[self.place.clone()]
    }
}

impl Files {
    /// Files that were sent, each with its name.
    ///
    /// # Errors
    /// `Internal` if what they are cannot be written down.
    pub(super) fn of(reading: Reading, files: &[(String, &[u8])]) -> Result<Self> {
        let head = Head { reading, files: files.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect() };
        let written = serde_json::to_vec(&head).map_err(Error::internal)?;
        let bytes = files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        // At once as large as it will be: a text that grows leaves copies behind.
        let mut text = Vec::with_capacity(8 + written.len() + bytes);
        text.extend_from_slice(&(written.len() as u64).to_be_bytes());
        text.extend_from_slice(&written);
        files.iter().for_each(|(_, bytes)| text.extend_from_slice(bytes));
        Self::read(text).ok_or_else(|| Error::internal("the head of a file is not as it was written"))
    }

    fn read(text: Vec<u8>) -> Option<Self> {
        let text = Secret::new(text);
        let (length, rest) = text.expose().split_first_chunk::<8>()?;
        let length = usize::try_from(u64::from_be_bytes(*length)).ok()?;
        let Head { reading, files } = serde_json::from_slice(rest.get(..length)?).ok()?;
        let (mut at, mut names, mut places) = (8 + length, Vec::new(), Vec::new());
        for (name, bytes) in files {
            names.push(name);
            places.push(at..at.checked_add(bytes)?);
            at += bytes;
        }
        (at == text.expose().len()).then(|| Self { reading, names, places, text: Arc::new(text) })
    }

    /// The files, for a reader.
    pub(super) fn files(&self) -> Vec<File> {
        let each = self.names.iter().zip(&self.places);
        each.map(|(name, place)| {
            let within = Within { text: Arc::clone(&self.text), place: place.clone() };
            File::new(name.clone(), Cursor::new(within))
        })
        .collect()
    }

    /// The parts, sealed by a key of the key file.
    ///
    /// # Errors
    /// `Internal` if there is no such key.
    pub(super) fn seal(&self, keys: &Keys, number: i64, due: Due, random: &Random) -> Result<Vec<Vec<u8>>> {
        let key = key_of(keys, number, due).ok_or_else(|| Error::internal("the latest key is gone"))?;
        let parts = self.text.expose().chunks(PART);
        let all = parts.len() as u64;
        parts
            .enumerate()
            .map(|(nth, part)| seal::seal(&key, &place(nth, all).each_ref().map(|p| &p[..]), part, random))
            .collect()
    }

    /// Opens parts; `None` if the key is gone, or one of them is not as it was.
    pub(super) fn open(keys: &Keys, number: i64, due: Due, parts: &[Vec<u8>]) -> Option<Self> {
        let key = key_of(keys, number, due)?;
        let mut text = Vec::with_capacity(parts.iter().map(Vec::len).sum());
        for (nth, part) in parts.iter().enumerate() {
            let opened = seal::open(&key, &place(nth, parts.len() as u64).each_ref().map(|p| &p[..]), part)?;
            text.extend_from_slice(opened.expose());
        }
        Self::read(text)
    }
}

fn key_of(keys: &Keys, number: i64, due: Due) -> Option<SealKey> {
    keys.mac(number, PURPOSE, &[&due.tenant.0.to_be_bytes(), due.import.as_bytes()]).map(Secret::new)
}

/// Which part it is, of how many: none can be left out, or stand in the place of another.
fn place(nth: usize, of: u64) -> [Vec<u8>; 3] {
    [BOUND.to_vec(), (nth as u64).to_be_bytes().to_vec(), of.to_be_bytes().to_vec()]
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use uuid::Uuid;

    use super::*;
    use crate::act::rig::Rig;
    use crate::identity::TenantId;

    #[test]
    fn files_come_back_as_they_were_and_by_no_other_key_place_or_import() {
        let (rig, random) = (Rig::new(), Random::seeded(5));
        let keys = rig.keys();
        let other = tempfile::tempdir().unwrap();
        let elsewhere = Keys::open(&other.path().join("keys"), true, &Random::seeded(99)).unwrap();
        let due = Due { tenant: TenantId(7), import: Uuid::from_u128(9) };
        let large = b"row,hash-marker-x\n".repeat(150_000);
        let sent = [("a.csv".to_owned(), &large[..]), ("b.csv".to_owned(), &b""[..])];
        let files = Files::of(Reading::plain("csv"), &sent).unwrap();
        let parts = files.seal(&keys, keys.current(), due, &random).unwrap();
        assert!(parts.len() == 3 && parts.iter().all(|part| part.len() <= PART + seal::OVERHEAD));
        assert!(parts.iter().all(|part| !part.windows(11).any(|bytes| bytes == b"hash-marker")));
        let opened = Files::open(&keys, keys.current(), due, &parts).unwrap();
        let read = |file: File| {
            let (mut bytes, name) = (Vec::new(), file.name);
            let mut source = file.bytes;
            source.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        };
        let back: Vec<_> = opened.files().into_iter().map(read).collect();
        assert_eq!(back, [("a.csv".to_owned(), large.clone()), ("b.csv".to_owned(), Vec::new())]);
        assert_eq!(opened.reading.from, "csv");
        let another = Due { import: Uuid::from_u128(8), ..due };
        let mut turned = parts.clone();
        turned.swap(0, 1);
        for wrong in [
            Files::open(&keys, keys.current(), another, &parts),
            Files::open(&keys, keys.current() + 1, due, &parts),
            Files::open(&elsewhere, keys.current(), due, &parts),
            Files::open(&keys, keys.current(), due, &parts[..2]),
            Files::open(&keys, keys.current(), due, &turned),
            Files::open(&keys, keys.current(), due, &[]),
        ] {
            assert!(wrong.is_none());
        }
    }
}
