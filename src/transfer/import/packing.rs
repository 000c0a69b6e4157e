//! Rows gathered into chunks of our own lines: always the same chunks from the same rows, so that a run sends what the plan has
//! seen, whoever sends it.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::line::Line;
use super::line_text::{refused_line, thing_line, wire_line};
use super::password::Password;
use super::record::{Record, Refusal};
use super::thing::Thing;
use crate::passwords::foreign::Foreign;

/// What is left free in a chunk.
const SLACK: usize = 4 * 1024;
/// No hash beneath Argon2id is longer.
const WRAPPED_MAX: usize = 400;
/// The most rows of a chunk, so that its call is short.
const ROWS_MAX: usize = 4_096;

/// A row that waits to be sent.
#[derive(Debug, Clone)]
pub enum Pending {
    /// A person.
    Person(Box<Record>),
    /// What the reader has refused.
    Refused(Refusal),
    /// Settings, a namespace, a role, a group, or what else comes with a whole tenant.
    Thing(Box<Thing>),
}

impl Pending {
    /// The row in a line that a reader has answered; none in those that are no rows.
    pub fn of(line: Line) -> Option<Self> {
        match line {
            Line::User(record) => Some(Self::Person(record)),
            Line::Refused(refusal) => Some(Self::Refused(refusal)),
            Line::Thing(thing) if thing.row > 0 => Some(Self::Thing(thing)),
            _ => None,
        }
    }

    /// The number of the row.
    pub fn row(&self) -> u64 {
        match self {
            Self::Person(record) => record.row,
            Self::Refused(refusal) => refusal.row,
            Self::Thing(thing) => thing.row,
        }
    }

    /// Its hash, if that must be laid beneath Argon2id before it is sent.
    pub fn quick(&self) -> Option<&Foreign> {
        let Self::Person(record) = self else { return None };
        match &record.password {
            Some(Password::Hash(foreign)) if foreign.is_fast() => Some(foreign),
            _ => None,
        }
    }

    /// Its line: in the run with its hash, which is among `made` if it was laid beneath Argon2id.
    fn line(&self, is_run: bool, made: &HashMap<u64, String>) -> String {
        match self {
            Self::Refused(refusal) => refused_line(refusal),
            Self::Thing(thing) => thing_line(thing, true),
            Self::Person(record) => {
                let kept = match &record.password {
                    Some(Password::Hash(foreign)) if is_run => foreign.kept(),
                    _ => None,
                };
                wire_line(record, made.get(&record.row).map(String::as_str).or(kept))
            }
        }
    }

    /// How many bytes its line takes at most. The hash counts in the plan too, so that plan and run have the same chunks.
    fn room(&self) -> usize {
        let hash = match self {
            Self::Person(record) => match &record.password {
                Some(Password::Hash(foreign)) => foreign.kept().map_or(WRAPPED_MAX, str::len),
                _ => 0,
            },
            Self::Refused(_) | Self::Thing(_) => 0,
        };
        self.line(false, &HashMap::new()).len() + hash
    }
}

/// The lines of a chunk.
pub fn chunk_lines(rows: &[Pending], is_run: bool, made: &HashMap<u64, String>) -> String {
    rows.iter().map(|row| row.line(is_run, made)).collect::<Vec<_>>().join("\n")
}

/// Gathers rows into chunks.
#[derive(Debug)]
pub struct Packer {
    bytes_max: usize,
    rows: Vec<Pending>,
    bytes: usize,
}

impl Packer {
    /// For chunks of so many bytes at most.
    pub fn new(bytes_max: usize) -> Self {
        Self { bytes_max, rows: Vec::new(), bytes: 0 }
    }

    /// Takes a row; the chunk before it, where there is no room for another.
    pub fn add(&mut self, row: Pending) -> Option<Vec<Pending>> {
        let bytes = row.room();
        let is_full = self.bytes + bytes + SLACK > self.bytes_max || self.rows.len() >= ROWS_MAX;
        let chunk = (is_full && !self.rows.is_empty()).then(|| self.take());
        self.bytes += bytes + 1;
        self.rows.push(row);
        chunk
    }

    /// The last chunk, if any row is left.
    pub fn finish(mut self) -> Option<Vec<Pending>> {
        (!self.rows.is_empty()).then(|| self.take())
    }

    fn take(&mut self) -> Vec<Pending> {
        self.bytes = 0;
        std::mem::take(&mut self.rows)
    }
}

/// The salt of a hash that is laid beneath Argon2id: made from import and row, so it is unique, and the same at a second try.
pub fn wrapping_salt(import: &str, row: u64) -> [u8; 16] {
    let digest = Sha256::new().chain_update(import).chain_update(row.to_be_bytes()).finalize();
    let mut salt = [0; 16];
    salt.copy_from_slice(&digest[..16]);
    salt
}
