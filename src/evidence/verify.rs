//! Verifies a file of evidence, line by line: without a server, and with no more of it in memory than one line and some bytes for
//! each record.

mod kind;
mod users;
mod walk;

use std::io::{BufRead, Read as _};

use self::walk::Walk;
use super::lines::{Header, Totals};
use crate::error::{Error, Result};
use crate::signing::VerifierKey;

/// Bytes of a line, at most: a link may hold one transaction of many records.
const LINE_MAX: u64 = 64 << 20;

/// What the person who verifies has got by another way than the file.
#[derive(Debug, Default)]
pub struct Given {
    /// The public keys of the installation; empty if none was given.
    pub keys: Vec<VerifierKey>,
    /// Heads of the chain as signed notes, each with the name by which it is told.
    pub heads: Vec<(String, String)>,
}

/// What is proved by a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Sound {
    /// Its first line.
    pub header: Header,
    /// What its lines come to.
    pub totals: Totals,
    /// The records that it tells.
    pub records: u64,
    /// How many of these were rewritten since, when a person was erased.
    pub erased: u64,
    /// The numbers of its first and last link.
    pub links: (i64, i64),
    /// The hash of the last one.
    pub head: [u8; 32],
    /// Heads that were given and agree.
    pub heads_agree: u64,
    /// Heads that were given.
    pub heads: u64,
    /// The key that has signed it.
    pub signed_by: VerifierKey,
    /// Whether that key was given, and not only told by the file itself.
    pub is_key_given: bool,
}

/// Why a file proves nothing, as the rest of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSound(pub String);

/// Verifies a file.
///
/// # Errors
/// `Invalid` if it cannot be read, or where a head that was given is of no use.
pub fn verify(mut file: impl BufRead, given: &Given) -> Result<std::result::Result<Sound, NotSound>> {
    let mut walk = Walk::new(given);
    loop {
        let mut line = Vec::new();
        let read = file.by_ref().take(LINE_MAX).read_until(b'\n', &mut line);
        read.map_err(|cause| Error::invalid(format!("The file cannot be read: {cause}.")))?;
        if line.is_empty() {
            return Ok(walk.end());
        }
        if let Err(not_sound) = walk.line(&line)? {
            return Ok(Err(not_sound));
        }
    }
}
