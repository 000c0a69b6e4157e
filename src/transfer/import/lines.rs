//! The lines of a text, however they end. A line that is too long is passed over and never held.

use super::encoding::Text;
use super::record::{FileTold, RECORD_BYTES_MAX};

/// Counts line ends: `\n`, `\r\n` and a `\r` alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineCount {
    /// The line in which the next byte stands, from 1.
    pub(super) line: u64,
    was_cr: bool,
}

impl LineCount {
    pub(super) fn new() -> Self {
        Self { line: 1, was_cr: false }
    }

    pub(super) fn pass(&mut self, byte: u8) {
        let is_end = byte == b'\r' || (byte == b'\n' && !self.was_cr);
        self.was_cr = byte == b'\r';
        self.line += u64::from(is_end);
    }
}

/// A line without its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OneLine {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Where it begins in the file.
    pub(super) place: u64,
    /// Its bytes; only some of them if it is too long.
    pub(super) bytes: Vec<u8>,
    /// Whether it is longer than a record may be.
    pub(super) is_too_long: bool,
    /// How it ends; nothing at the end of the file.
    pub(super) end: &'static [u8],
}

/// The lines of a text, one after the other.
pub(super) struct Lines {
    text: Text,
    next: u64,
    bytes_max: usize,
}

impl Lines {
    pub(super) fn new(text: Text) -> Self {
        Self { text, next: 1, bytes_max: RECORD_BYTES_MAX }
    }

    /// The same, with lines of so many bytes at most.
    pub(super) fn up_to(self, bytes_max: usize) -> Self {
        Self { bytes_max, ..self }
    }

    /// The text, for its name and for going back.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// The text, from where it was read to.
    pub(super) fn into_text(self) -> Text {
        self.text
    }

    /// See [`Text::read_little`].
    pub(super) fn read_little(&mut self) {
        self.text.read_little();
    }

    /// Begins again.
    ///
    /// # Errors
    /// As [`Text::rewind`].
    pub(super) fn rewind(&mut self) -> Result<(), FileTold> {
        self.next = 1;
        self.text.rewind()
    }

    /// The line that begins at a place of the file; its number is not known.
    ///
    /// # Errors
    /// As [`Text::chunk`].
    pub(super) fn at(&mut self, place: u64) -> Result<Option<OneLine>, FileTold> {
        self.text.seek(place)?;
        self.next_line()
    }

    /// The next line.
    ///
    /// # Errors
    /// As [`Text::chunk`].
    pub(super) fn next_line(&mut self) -> Result<Option<OneLine>, FileTold> {
        let mut line = OneLine { number: self.next, place: self.text.place(), ..OneLine::default() };
        let mut is_any = false;
        loop {
            let chunk = self.text.chunk()?;
            if chunk.is_empty() {
                break;
            }
            is_any = true;
            let end = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = self.bytes_max - line.bytes.len();
            line.is_too_long |= part.len() > room;
            line.bytes.extend_from_slice(&part[..part.len().min(room)]);
            let found = end.map(|end| chunk[end]);
            let bytes = part.len() + usize::from(end.is_some());
            self.text.take(bytes);
            if let Some(found) = found {
                line.end = self.end(found)?;
                break;
            }
        }
        self.next += 1;
        Ok(is_any.then_some(line))
    }

    /// How a line ends whose end begins with this byte.
    fn end(&mut self, found: u8) -> Result<&'static [u8], FileTold> {
        if found == b'\n' {
            return Ok(b"\n");
        }
        if self.text.chunk()?.first() != Some(&b'\n') {
            return Ok(b"\r");
        }
        self.text.take(1);
        Ok(b"\r\n")
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::transfer::import::encoding::File;
    use crate::transfer::import::options::Encoding;

    fn lines(text: &str) -> Lines {
        let text = Text::open(File::new("x", Cursor::new(text.to_owned())), Encoding::Unicode);
        Lines::new(text.map_err(|told| told.code).unwrap())
    }

    #[test]
    fn lines_end_in_each_way_and_the_last_one_need_not_end() {
        let mut lines = lines("a\r\nb\rc\n\nlast");
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().unwrap() {
            seen.push((line.number, line.place, String::from_utf8(line.bytes).unwrap(), line.end));
        }
        let expected: [(u64, u64, &str, &[u8]); 5] =
            [(1, 0, "a", b"\r\n"), (2, 3, "b", b"\r"), (3, 5, "c", b"\n"), (4, 7, "", b"\n"), (5, 8, "last", b"")];
        assert_eq!(seen, expected.map(|(number, place, text, end)| (number, place, text.to_string(), end)));
        assert_eq!(lines.at(3).unwrap().unwrap().bytes, b"b");
        lines.rewind().unwrap();
        assert_eq!(lines.next_line().unwrap().unwrap().number, 1);
    }

    #[test]
    fn a_line_of_a_gigabyte_is_not_held() {
        let mut lines = lines(&format!("{}\nb", "x".repeat(3 * RECORD_BYTES_MAX)));
        let long = lines.next_line().unwrap().unwrap();
        assert!(long.is_too_long && long.bytes.len() == RECORD_BYTES_MAX);
        assert_eq!(lines.next_line().unwrap().unwrap().bytes, b"b");
        assert_eq!(lines.next_line().unwrap(), None);
    }

    #[test]
    fn line_ends_are_counted_once() {
        let mut count = LineCount::new();
        "a\r\nb\rc\n\r\r\n".bytes().for_each(|byte| count.pass(byte));
        assert_eq!(count.line, 6);
    }
}
