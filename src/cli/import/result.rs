//! The file that says what became of each row, for a spreadsheet. Only its owner may open it: it holds addresses.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::private;
use crate::transfer::import::csv_cell;

/// How the name of such a file ends.
pub(super) const ENDING: &str = ".result.csv";

/// The file, while it is written.
pub(super) struct ResultFile {
    path: PathBuf,
    out: BufWriter<File>,
}

/// What became of a row.
pub(super) struct RowResult<'a> {
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) key: &'a str,
    pub(super) email: &'a str,
    pub(super) outcome: &'a str,
    pub(super) codes: &'a str,
    pub(super) sentence: &'a str,
}

impl ResultFile {
    /// Makes the file, in the place of an earlier one.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn create(asked: Option<&Path>, first: &Path) -> Result<Self> {
        let path = asked.map_or_else(|| beside(first), Path::to_owned);
        let file = private::open(OpenOptions::new().write(true).create(true).truncate(true), &path)
            .map_err(|cause| unwritable(&path, &cause))?;
        let mut made = Self { path, out: BufWriter::new(file) };
        made.line(&["row", "line", "key", "address", "outcome", "codes", "sentence"])?;
        Ok(made)
    }

    /// Where it is.
    pub(super) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// Appends a row.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn push(&mut self, row: &RowResult<'_>) -> Result<()> {
        let (number, line) = (row.row.to_string(), row.line.to_string());
        self.line(&[&number, &line, row.key, row.email, row.outcome, row.codes, row.sentence])
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// Why it cannot be written.
    pub(super) fn finish(mut self) -> Result<String> {
        self.out.flush().map_err(|cause| unwritable(&self.path, &cause))?;
        Ok(self.path())
    }

    fn line(&mut self, cells: &[&str]) -> Result<()> {
        let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
        writeln!(self.out, "{}", cells.join(",")).map_err(|cause| unwritable(&self.path, &cause))
    }
}

fn beside(first: &Path) -> PathBuf {
    let text = first.display().to_string();
    PathBuf::from(format!("{}{ENDING}", text.trim_end_matches('/')))
}

fn unwritable(path: &Path, cause: &std::io::Error) -> Error {
    Error::invalid(format!("{} cannot be written: {cause}. Name another place by --result.", path.display()))
}
