//! What is reckoned along the lines of a file: the check value of each, and the digest of all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::lines::{ActLine, Closing, LinkLine, SharedLine, Totals, TotalsLine, UserLine};
use super::record::{Said, Shared};
use crate::error::{Error, Result};
use crate::hex::hex;

/// Bytes of a check value.
const CHECK_BYTES: usize = 16;
/// What stands behind the last member of a line: `,"h":"`, 32 digits, `"}`.
const TAIL: usize = 6 + 2 * CHECK_BYTES + 2;

/// The state behind the lines that have come.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// The check value of the last line; empty before the first.
    check: String,
    /// Over all lines with their ends.
    all: Sha256,
    lines: u64,
}

impl Running {
    /// Writes a line, with its check value as the last member.
    ///
    /// # Errors
    /// `Internal` when it cannot be written as a JSON object.
    pub fn write(&mut self, into: &mut Vec<u8>, line: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(line).map_err(Error::internal)?;
        let body = text.strip_suffix('}').ok_or_else(|| Error::internal("a line of evidence is no object"))?;
        let line = format!("{body},\"h\":\"{}\"}}\n", self.check_of(body.as_bytes()));
        self.take(&line);
        into.extend_from_slice(line.as_bytes());
        Ok(())
    }

    /// Writes the line of an act.
    ///
    /// # Errors
    /// As [`Running::write`].
    pub fn act(&mut self, into: &mut Vec<u8>, act: Said) -> Result<()> {
        self.write(into, &ActLine { act })
    }

    /// Writes the line of what the records of the users share.
    ///
    /// # Errors
    /// As [`Running::write`].
    pub fn shared(&mut self, into: &mut Vec<u8>, shared: Shared) -> Result<()> {
        self.write(into, &SharedLine { shared })
    }

    /// Writes the line of a user.
    ///
    /// # Errors
    /// As [`Running::write`].
    pub fn user(&mut self, into: &mut Vec<u8>, user: &UserLine) -> Result<()> {
        self.write(into, user)
    }

    /// Writes the line of the totals.
    ///
    /// # Errors
    /// As [`Running::write`].
    pub fn totals(&mut self, into: &mut Vec<u8>, totals: Totals) -> Result<()> {
        self.write(into, &TotalsLine { totals })
    }

    /// Writes the line of a link.
    ///
    /// # Errors
    /// As [`Running::write`].
    pub fn link(&mut self, into: &mut Vec<u8>, link: &LinkLine) -> Result<()> {
        self.write(into, link)
    }

    /// Writes the last line, with a note that `sign` makes of these lines: how many there are, the digest of them, and the head.
    ///
    /// # Errors
    /// Those of `sign`; as [`Running::write`].
    pub fn close(
        self,
        into: &mut Vec<u8>,
        (number, hash): (i64, &[u8; 32]),
        sign: impl FnOnce(&str) -> Result<String>,
    ) -> Result<()> {
        let note = sign(&self.signed(number, hash))?;
        serde_json::to_writer(&mut *into, &Closing { lines: self.lines, note }).map_err(Error::internal)?;
        into.push(b'\n');
        Ok(())
    }

    /// The lines that are signed, behind the one that tells whose file it is.
    pub(super) fn signed(&self, number: i64, hash: &[u8; 32]) -> String {
        let all = STANDARD.encode(self.all.clone().finalize());
        format!("{}\n{all}\nhead {number} {}\n", self.lines, hex(hash))
    }

    /// How many lines have come.
    pub(super) fn lines(&self) -> u64 {
        self.lines
    }

    /// Reads a line without its end: the object without its check value, if that is right.
    pub(super) fn read(&mut self, line: &str) -> Option<String> {
        let split = line.len().checked_sub(TAIL)?;
        let (body, tail) = (line.get(..split)?, line.get(split..)?);
        if format!(",\"h\":\"{}\"}}", self.check_of(body.as_bytes())) != tail {
            return None;
        }
        self.take(&format!("{line}\n"));
        Some(format!("{body}}}"))
    }

    /// The first half of the SHA-256 over the check value before, as it is written, and the line up to its own.
    fn check_of(&self, body: &[u8]) -> String {
        let hash = Sha256::new().chain_update(&self.check).chain_update(body).finalize();
        hex(&hash[..CHECK_BYTES])
    }

    fn take(&mut self, line: &str) {
        self.all.update(line);
        self.lines += 1;
        self.check = line.get(line.len() - 3 - 2 * CHECK_BYTES..line.len() - 3).unwrap_or_default().to_owned();
    }
}
