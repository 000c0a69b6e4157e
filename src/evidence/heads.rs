//! Heads of the chain that the auditor has kept, held against the links of a file.

use std::collections::BTreeMap;

use super::lines::Header;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::signing::note::{self, NotSigned};
use crate::signing::{Head, VerifierKey, name_under};

/// The heads that were given, and how many of them agree.
#[derive(Default)]
pub(super) struct Heads {
    /// By the number of their link; two may name the same.
    given: BTreeMap<i64, Vec<([u8; 32], String)>>,
    pub(super) agree: u64,
    pub(super) count: u64,
}

impl Heads {
    /// Reads signed notes, each with the name by which it is told.
    ///
    /// # Errors
    /// `Invalid` for one that is not a head of this chain, signed by one of these keys.
    pub(super) fn read(notes: &[(String, String)], keys: &[VerifierKey], header: &Header) -> Result<Self> {
        let mut heads = Self::default();
        let origin = format!("{}/{}/audit", name_under(&header.installation), header.tenant);
        for (name, note) in notes {
            let (text, _) = note::open(note, keys).map_err(|why| unusable(name, why))?;
            let (whose, head) = Head::read(text)
                .ok_or_else(|| Error::invalid(format!("{name} is signed, and is not the head of a chain.")))?;
            if whose != origin {
                return Err(Error::invalid(format!("{name} is a head of {whose}, and this file is of {origin}.")));
            }
            heads.given.entry(head.number).or_default().push((head.hash, name.clone()));
            heads.count += 1;
        }
        Ok(heads)
    }

    /// Holds a link against the heads of its number; the name of one that differs.
    pub(super) fn hold_against(&mut self, number: i64, hash: &[u8; 32]) -> Result<(), String> {
        for (kept, name) in self.given.remove(&number).unwrap_or_default() {
            if kept != *hash {
                return Err(format!(
                    "the head {number} {} that {name} holds is not link {number} of this file, which is {}",
                    hex(&kept),
                    hex(hash)
                ));
            }
            self.agree += 1;
        }
        Ok(())
    }
}

fn unusable(name: &str, why: NotSigned) -> Error {
    Error::invalid(match why {
        NotSigned::Malformed => format!("{name} is not a signed note. Give the head as it was sent."),
        NotSigned::ByAnother => {
            format!("{name} is not signed by the key of this file. Give the key that signed it too, by --key.")
        }
        NotSigned::Wrong => format!("{name} is not as it was signed."),
    })
}
