//! Packed lists of ids and digests of records: what a link holds, and what a transaction leaves for the sealer. Pure.
//!
//! A list of version 2 begins with the byte 2 and has 48 bytes for each record: its id, and the SHA-256 of its content. One of
//! version 1, as older releases wrote it, has 32 bytes for each and no byte before them: it keeps the first half of the digest.
//! The length of a list of version 1 is divisible by 32 and that of one of version 2 never is, so neither is taken for the other.

use uuid::Uuid;

/// The part of a list that stands for one record, computed from what the record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The record's id, so that a removed record can still be named.
    pub id: Uuid,
    /// The SHA-256 of the record's content.
    pub digest: [u8; 32],
}

/// What a list keeps of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// The record's id.
    pub id: Uuid,
    /// Its digest.
    pub digest: Kept,
}

impl Listed {
    /// Whether it stands for this record as it is.
    pub fn is_of(&self, entry: &Entry) -> bool {
        self.id == entry.id && self.digest.is_of(&entry.digest)
    }
}

/// A digest as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// All of it, in lists of version 2.
    Whole([u8; 32]),
    /// Its first half, in lists of version 1.
    Half([u8; 16]),
}

impl Kept {
    /// Whether this is what is kept of that digest. Digests are compared here and nowhere else: with one of which only the first half
    /// was kept, only the first half is compared.
    pub fn is_of(&self, digest: &[u8; 32]) -> bool {
        digest.starts_with(self.bytes())
    }

    /// The 32 or 16 bytes.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Whole(bytes) => bytes,
            Self::Half(bytes) => bytes,
        }
    }

    /// Reads 32 or 16 bytes; `None` for any other number of them.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let whole = bytes.try_into().map(Self::Whole);
        whole.or_else(|_| bytes.try_into().map(Self::Half)).ok()
    }
}

/// The first byte of a list of version 2.
const VERSION: u8 = 2;
const ID_BYTES: usize = 16;
const WIDE: usize = ID_BYTES + 32;
const NARROW: usize = ID_BYTES + 16;

/// Packs entries into a list of version 2.
pub fn pack(entries: &[Entry]) -> Vec<u8> {
    let mut list = Vec::with_capacity(1 + entries.len() * WIDE);
    list.push(VERSION);
    for entry in entries {
        list.extend(entry.id.into_bytes());
        list.extend(entry.digest);
    }
    list
}

/// Packs what lists keep of records into a list again; `None` if some of it has whole digests and some has halves.
pub fn pack_listed(listed: &[Listed]) -> Option<Vec<u8>> {
    let width = listed.first().map_or(32, |first| first.digest.bytes().len());
    let mut list = if width == 32 { vec![VERSION] } else { Vec::new() };
    for one in listed {
        if one.digest.bytes().len() != width {
            return None;
        }
        list.extend(one.id.into_bytes());
        list.extend(one.digest.bytes());
    }
    Some(list)
}

/// Unpacks a list of either version; `None` if the bytes are not such a list.
pub fn unpack(list: &[u8]) -> Option<Vec<Listed>> {
    let (width, body) = body(list)?;
    let read = |bytes: &[u8]| {
        let (id, digest) = bytes.split_at(ID_BYTES);
        Some(Listed { id: Uuid::from_slice(id).ok()?, digest: Kept::read(digest)? })
    };
    body.chunks_exact(width).map(read).collect()
}

/// How many records a list stands for; `None` if the bytes are not a list.
pub fn count(list: &[u8]) -> Option<usize> {
    body(list).map(|(width, body)| body.len() / width)
}

/// Puts a list behind another one of the same version, or at its place if nothing is there yet; whether that was possible.
pub fn join(to: &mut Vec<u8>, more: &[u8]) -> bool {
    if to.is_empty() {
        to.extend_from_slice(more);
        return body(more).is_some();
    }
    match (body(to), body(more)) {
        (Some((width, _)), Some((other, entries))) if width == other => to.extend_from_slice(entries),
        _ => return false,
    }
    true
}

/// The bytes of an entry of this list, and its entries.
fn body(list: &[u8]) -> Option<(usize, &[u8])> {
    match list {
        _ if list.len().is_multiple_of(NARROW) => Some((NARROW, list)),
        [VERSION, entries @ ..] if entries.len().is_multiple_of(WIDE) => Some((WIDE, entries)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Entries, and what lists of both versions keep of them.
    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let entry = any::<(u128, [u8; 32])>().prop_map(|(id, digest)| Entry { id: Uuid::from_u128(id), digest });
        proptest::collection::vec(entry, 1..9)
    }

    fn kept(entries: &[Entry], bytes: usize) -> Vec<Listed> {
        entries.iter().map(|one| Listed { id: one.id, digest: Kept::read(&one.digest[..bytes]).unwrap() }).collect()
    }

    proptest! {
        #[test]
        fn a_list_of_either_version_is_read_as_it_was_written(entries in entries()) {
            let (wide, narrow) = (pack(&entries), pack_listed(&kept(&entries, 16)).unwrap());
            prop_assert_eq!((wide.len(), wide[0]), (1 + entries.len() * 48, 2));
            prop_assert_eq!(narrow.len(), entries.len() * 32);
            for (list, bytes) in [(&wide, 32), (&narrow, 16)] {
                let read = unpack(list).unwrap();
                prop_assert_eq!(&read, &kept(&entries, bytes));
                prop_assert_eq!(pack_listed(&read), Some(list.clone()));
                prop_assert_eq!(count(list), Some(entries.len()));
                prop_assert!(read.iter().zip(&entries).all(|(listed, entry)| listed.is_of(entry)));
            }
        }

        #[test]
        fn every_bit_that_is_kept_of_an_entry_counts(entries in entries(), bit in 0..256usize) {
            let entry = entries[0];
            let mut other = entry;
            other.digest[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!kept(&[entry], 32)[0].is_of(&other));
            prop_assert_eq!(kept(&[entry], 16)[0].is_of(&other), bit >= 128);
            let elsewhere = Entry { id: Uuid::from_u128(entry.id.as_u128() ^ 1), ..entry };
            prop_assert!(!kept(&[entry], 32)[0].is_of(&elsewhere) && !kept(&[entry], 16)[0].is_of(&elsewhere));
        }

        #[test]
        fn lists_of_one_version_are_joined_and_others_never(one in entries(), other in entries()) {
            let all: Vec<_> = one.iter().chain(&other).copied().collect();
            let narrow = |entries: &[Entry]| pack_listed(&kept(entries, 16)).unwrap();
            for (first, second, both) in [(pack(&one), pack(&other), pack(&all)), (narrow(&one), narrow(&other), narrow(&all))] {
                let mut joined = Vec::new();
                prop_assert!(join(&mut joined, &first) && join(&mut joined, &second));
                prop_assert_eq!(joined, both);
            }
            for (first, second) in [(pack(&one), narrow(&other)), (narrow(&one), pack(&other)), (pack(&one), vec![2, 0])] {
                let mut joined = first.clone();
                prop_assert!(!join(&mut joined, &second));
                prop_assert_eq!(joined, first);
            }
            let mixed: Vec<_> = kept(&one, 16).into_iter().chain(kept(&other, 32)).collect();
            prop_assert_eq!(pack_listed(&mixed), None);
        }

        #[test]
        fn no_bytes_are_a_list_of_both_versions(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let is_narrow = bytes.len() % 32 == 0;
            let is_wide = bytes.first() == Some(&2) && bytes.len() % 48 == 1;
            prop_assert!(!(is_narrow && is_wide));
            prop_assert_eq!(unpack(&bytes).is_some(), is_narrow || is_wide);
        }
    }
}
