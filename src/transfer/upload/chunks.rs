//! The files of an import as chunks of our own lines: the same at each reading.

use super::sealed_file::Files;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::transfer::import::{FileTold, Packer, Pending, Reader};
use crate::transfer::wire::CHUNK_MAX;

/// The rows of the files, chunk by chunk.
pub(super) struct Chunks {
    reader: Reader,
    packer: Packer,
    is_over: bool,
}

impl Chunks {
    /// Opens the files.
    ///
    /// # Errors
    /// `Invalid` for a file of which nothing can be taken.
    pub(super) fn open(files: &Files, began: Timestamp) -> Result<Self> {
        let reader = Reader::open(files.reading.source(), files.files(), files.reading.options(began));
        Ok(Self { reader: reader.map_err(|told| stopped(&told))?, packer: Packer::new(CHUNK_MAX), is_over: false })
    }

    /// The next chunk; none behind the last one.
    ///
    /// # Errors
    /// As [`Chunks::open`].
    pub(super) fn next(&mut self) -> Result<Option<Vec<Pending>>> {
        while !self.is_over {
            let Some(line) = self.reader.next() else {
                self.is_over = true;
                return Ok(std::mem::replace(&mut self.packer, Packer::new(0)).finish());
            };
            let row = Pending::of(line.map_err(|told| stopped(&told))?);
            if let Some(chunk) = row.and_then(|row| self.packer.add(row)) {
                return Ok(Some(chunk));
            }
        }
        Ok(None)
    }
}

/// Why nothing of a file is taken.
pub(super) fn stopped(told: &FileTold) -> Error {
    Error::invalid(told.sentence()).with_details(vec![told.code.text().into()])
}
