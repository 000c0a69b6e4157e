//! A second file, in which the hash of a user is found by a key: sixteen bytes are kept for each of its rows.

use sha2::{Digest, Sha256};

use super::codes::Code;
use super::lines::Lines;
use super::record::FileTold;

/// The first eight bytes of the SHA-256 of a text. Two rows that share them are told apart by reading them.
pub(super) fn mark(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |bits, byte| bits << 8 | u64::from(*byte))
}

/// Finds rows of a file by their keys.
pub(super) struct Index<T> {
    lines: Lines,
    read: fn(&[u8]) -> Option<(String, T)>,
    /// The mark of each key and the place of its row, sorted.
    places: Vec<(u64, u64)>,
}

impl<T> Index<T> {
    /// Reads a whole file. `read` answers the key of a row and what is wanted of it, and `None` for a row that has none.
    ///
    /// # Errors
    /// `F_ENCODING` for a file that is not UTF-8, and those of the text.
    pub(super) fn new(mut lines: Lines, read: fn(&[u8]) -> Option<(String, T)>) -> Result<Self, FileTold> {
        if !lines.text().is_as_it_lies() {
            return Err(lines.text().told(Code::FileEncoding, "the second file must be UTF-8"));
        }
        let mut places = Vec::new();
        while let Some(line) = lines.next_line()? {
            if let Some((key, _)) = read(&line.bytes).filter(|_| !line.is_too_long) {
                places.push((mark(&key), line.place));
            }
        }
        places.sort_unstable();
        lines.read_little();
        Ok(Self { lines, read, places })
    }

    /// The name of the file.
    pub(super) fn name(&self) -> &str {
        self.lines.text().name()
    }

    /// What is wanted of the first row with this key.
    ///
    /// # Errors
    /// Those of the text.
    pub(super) fn find(&mut self, key: &str) -> Result<Option<T>, FileTold> {
        let marked = mark(key);
        let mut next = self.places.partition_point(|(known, _)| *known < marked);
        while let Some((_, place)) = self.places.get(next).filter(|(known, _)| *known == marked) {
            let line = self.lines.at(*place)?;
            let found = line.and_then(|line| (self.read)(&line.bytes)).filter(|(found, _)| found == key);
            if let Some((_, wanted)) = found {
                return Ok(Some(wanted));
            }
            next += 1;
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::transfer::import::encoding::{File, Text};
    use crate::transfer::import::options::Encoding;

    fn pair(line: &[u8]) -> Option<(String, String)> {
        let (key, value) = std::str::from_utf8(line).ok()?.split_once('=')?;
        Some((key.into(), value.into()))
    }

    #[test]
    fn rows_are_found_in_any_order_and_the_first_of_two_counts() {
        let open =
            |bytes: &[u8]| Text::open(File::new("x", Cursor::new(bytes.to_vec())), Encoding::Unicode).ok().unwrap();
        let mut index = Index::new(Lines::new(open(b"b=2\r\na=1\nno row\nb=3")), pair).ok().unwrap();
        for (key, expected) in [("a", Some("1")), ("b", Some("2")), ("c", None), ("a", Some("1"))] {
            assert_eq!(index.find(key).unwrap().as_deref(), expected);
        }
        let refused = Index::new(Lines::new(open(b"\xff\xfea\0")), pair).map(drop).unwrap_err();
        assert_eq!(refused.code, Code::FileEncoding);
    }
}
