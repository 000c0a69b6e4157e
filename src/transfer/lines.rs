//! The lines of a chunk, read, with the digest of all that is in them but the hashes.

use sha2::{Digest, Sha256};

use super::import::{self, Code, Line, Password, Reason, Record, Thing, refused_line, thing_line, wire_line};
use super::rows::Import;
use super::sealed::Opener;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::people::{AddressCode, ErasedKey, NewUser};
use crate::random::Random;

/// A row of a chunk.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Its number in the file, from 1.
    pub(super) number: i64,
    /// The line of the file on which it begins.
    pub(super) line: i64,
    pub(super) what: What,
}

/// What a row holds.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// Nothing that could be taken, and why; of which kind, if that is known.
    Refused(&'static str, Reason),
    /// A person.
    Person(Box<Person>),
    /// Settings, a namespace, a role or a group.
    Thing(Box<Thing>),
}

/// A person as a row has them.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) record: Record,
    /// Of all that is said of the person but the password.
    pub(super) digest: [u8; 32],
    /// Numbers drawn for them, should they be new.
    pub(super) drawn: NewUser,
    /// By which it is known whether a person of this address was erased.
    pub(super) code: AddressCode,
}

/// What the rows of a chunk are given that is not in the file.
pub(super) struct Given<'a> {
    pub(super) tenant: TenantId,
    pub(super) random: &'a Random,
    /// For the addresses of people who were erased.
    pub(super) erased: &'a ErasedKey,
    /// For hashes that were sealed for this tenant.
    pub(super) opener: Opener<'a>,
    pub(super) now: Timestamp,
}

/// The rows of a chunk.
pub(super) struct Chunk {
    pub(super) rows: Vec<Row>,
    /// Of all rows, with the schemes of hashes in the place of hashes.
    pub(super) digest: [u8; 32],
}

/// Reads the lines of a chunk. Lines about anything but users are passed over, unless a whole tenant is imported. `first_row` is
/// the number of the first row, should the lines not say theirs.
///
/// # Errors
/// `Invalid` where the numbers of rows do not go up.
pub(super) fn read(body: &[u8], import: &Import, first_row: i64, given: &Given<'_>) -> Result<Chunk> {
    // The moment of the beginning, so that the run reads what the plan has read.
    let is_tenant = import.options.tenant;
    let groups = import.options.groups.into();
    let options = import::Options { groups, is_tenant, ..import::Options::at(import.created_at) };
    let (mut rows, mut digest, mut seen) = (Vec::new(), Sha256::new(), Seen::default());
    for (nth, text) in body.split(|byte| *byte == b'\n').enumerate() {
        if text.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let number = first_row + rows.len() as i64;
        let (row, canonical) = match import::read_line(text, number.unsigned_abs(), nth as u64 + 1, &options) {
            Ok(Line::User(mut record)) => {
                let canonical = wire_line(&record, None);
                given.opener.open(&mut record);
                (seen.look(*record, given)?, canonical)
            }
            Ok(Line::Refused(refusal)) | Err(refusal) => {
                let canonical = refused_line(&refusal);
                (row(refusal.row, refusal.line, What::Refused("", refusal.reason))?, canonical)
            }
            Ok(Line::Thing(thing)) if is_tenant => {
                let canonical = thing_line(&thing, true);
                (seen.look_at_thing(thing)?, canonical)
            }
            Ok(_) => continue,
        };
        if rows.last().is_some_and(|last: &Row| last.number >= row.number) {
            return Err(Error::invalid(format!(
                "Row {} comes behind row {}: the numbers of rows go up.",
                row.number,
                number - 1
            )));
        }
        digest.update(canonical);
        digest.update(b"\n");
        rows.push(row);
    }
    Ok(Chunk { rows, digest: digest.finalize().into() })
}

fn row(number: u64, line: u64, what: What) -> Result<Row> {
    let fit = |number: u64| i64::try_from(number).ok().filter(|number| *number > 0);
    let (Some(number), Some(line)) = (fit(number), fit(line)) else {
        return Err(Error::invalid("The number of a row or of a line is out of range."));
    };
    Ok(Row { number, line, what })
}

/// The addresses and keys of the rows before, taken or not.
#[derive(Default)]
struct Seen {
    addresses: std::collections::HashSet<String>,
    keys: std::collections::HashSet<String>,
    things: std::collections::HashSet<String>,
}

impl Seen {
    fn look(&mut self, record: Record, given: &Given<'_>) -> Result<Row> {
        let (number, line) = (record.row, record.line);
        let is_new_address = self.addresses.insert(record.email.key());
        let is_new_key = record.keys.iter().filter(|key| !self.keys.insert(key.to_string())).count() == 0;
        let what = if !is_new_address {
            What::Refused("user", Reason::row(Code::DuplicateInFile))
        } else if !is_new_key {
            What::Refused("user", Reason::row(Code::DuplicateKey))
        } else {
            let drawn = NewUser::person(record.email.clone(), given.random, given.now);
            let code = given.erased.code(given.tenant, &record.email);
            What::Person(Box::new(Person { digest: digest_of(&record), record, drawn, code }))
        };
        row(number, line, what)
    }

    fn look_at_thing(&mut self, thing: Box<Thing>) -> Result<Row> {
        let (number, line, kind) = (thing.row, thing.line, thing.kind().word());
        let what = match self.things.insert(thing.title()) {
            true => What::Thing(thing),
            false => What::Refused(kind, Reason::row(Code::DuplicateInFile)),
        };
        row(number, line, what)
    }
}

/// Of all that a source says of a person but the password: by it a second run knows that nothing has changed.
fn digest_of(record: &Record) -> [u8; 32] {
    let said = Record { password: None, password_set_at: None, must_change: false, ..record.clone() };
    Sha256::digest(import::file_line(&said, None)).into()
}

impl Person {
    /// The id outside that the file has for them.
    pub(super) fn uid(&self) -> Option<uuid::Uuid> {
        self.record.uid.as_deref().and_then(|uid| uuid::Uuid::parse_str(uid).ok())
    }

    /// The scheme of the hash, if there is one.
    pub(super) fn scheme(&self) -> Option<String> {
        self.record.password.as_ref().map(Password::scheme)
    }
}
