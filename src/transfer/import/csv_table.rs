//! The cells of a table: what sets them apart, quotes, lines, and the bounds of a row.

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::encoding::{File, Text};
use super::lines::LineCount;
use super::options::Options;
use super::record::{FileTold, RECORD_BYTES_MAX};

/// Longest header.
const HEADER_BYTES_MAX: usize = 64 << 10;
/// Most columns.
pub(super) const COLUMNS_MAX: usize = 1_000;

/// The cells of a row.
pub(super) struct Cells {
    pub(super) line: u64,
    bytes: Vec<u8>,
    pub(super) ends: Vec<usize>,
    pub(super) is_too_long: bool,
    /// Whether a quote was opened and not closed.
    pub(super) is_open: bool,
}

impl Cells {
    /// Each cell.
    pub(super) fn all(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| self.bytes.get(start..*end).unwrap_or_default())
    }
}

/// One file, cell by cell.
pub(super) struct Table {
    pub(super) text: Text,
    reader: csv_core::Reader,
    lines: LineCount,
}

impl Table {
    /// Opens a file and finds out by its first line what sets the cells apart.
    ///
    /// # Errors
    /// `F_EMPTY` and `F_ENCODING`.
    pub(super) fn open(file: File, options: &Options) -> Result<Self, FileTold> {
        let mut text = Text::open(file, options.encoding)?;
        let header = text.peek_line(HEADER_BYTES_MAX)?;
        let count = |sign: u8| header.iter().filter(|byte| **byte == sign).count();
        let sign = [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',');
        Ok(Self { text, reader: ReaderBuilder::new().delimiter(sign).build(), lines: LineCount::new() })
    }

    /// The next row, the header among them.
    ///
    /// # Errors
    /// As [`Text::chunk`].
    pub(super) fn next_cells(&mut self) -> Result<Option<Cells>, FileTold> {
        let mut cells =
            Cells { line: 0, bytes: vec![0; 1 << 10], ends: vec![0; 64], is_too_long: false, is_open: false };
        let (mut written, mut ended, mut quotes) = (0, 0, 0_u64);
        loop {
            let chunk = self.text.chunk()?;
            let is_end = chunk.is_empty();
            let (result, taken, bytes, ends) =
                self.reader.read_record(chunk, &mut cells.bytes[written..], &mut cells.ends[ended..]);
            for byte in &chunk[..taken] {
                // Empty lines before a row belong to none.
                if cells.line == 0 && !matches!(byte, b'\r' | b'\n') {
                    cells.line = self.lines.line;
                }
                self.lines.pass(*byte);
                quotes += u64::from(*byte == b'"');
            }
            self.text.take(taken);
            (written, ended) = (written + bytes, ended + ends);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if cells.bytes.len() < RECORD_BYTES_MAX => {
                    let more = (2 * cells.bytes.len()).min(RECORD_BYTES_MAX);
                    cells.bytes.resize(more, 0);
                }
                ReadRecordResult::OutputEndsFull if cells.ends.len() < COLUMNS_MAX => {
                    cells.ends.resize(COLUMNS_MAX, 0);
                }
                ReadRecordResult::OutputFull => (written, cells.is_too_long) = (0, true),
                ReadRecordResult::OutputEndsFull => (ended, cells.is_too_long) = (0, true),
                ReadRecordResult::Record => {
                    cells.bytes.truncate(written);
                    cells.ends.truncate(ended);
                    cells.is_open = is_end && quotes % 2 == 1;
                    return Ok(Some(cells));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

/// The cells of one line of a small table, for a file that is joined to another.
pub(super) fn cells_of_line(line: &[u8]) -> Option<Vec<String>> {
    let mut reader = csv_core::Reader::new();
    let (mut bytes, mut ends) = (vec![0; line.len() + 1], vec![0; 16]);
    let ended = [line, b"\n"].concat();
    let (result, _, _, count) = reader.read_record(&ended, &mut bytes, &mut ends);
    if !matches!(result, ReadRecordResult::Record) {
        return None;
    }
    let starts = std::iter::once(0).chain(ends.iter().copied()).take(count);
    starts.zip(&ends).map(|(start, end)| String::from_utf8(bytes[start..*end].to_vec()).ok()).collect()
}

/// A text as a cell of a table that is written: in quotes where it needs them, and where a spreadsheet would take it for a
/// formula, behind an apostrophe.
pub fn csv_cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.into() };
    match is_formula || text.contains([',', ';', '"', '\n', '\r', '\t']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}
