//! Heads of audit logs that somebody has kept: read from files, held against their signatures, and against the chain.

use std::path::PathBuf;

use serde_json::Value;

use crate::audit::Anchor;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::signing::note::{self, NotSigned};
use crate::signing::{Head, VerifierKey, read_heads};

/// A head, the file in which it was, and the key that has signed it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The name that its tenant had.
    pub tenant: String,
    /// What it says.
    pub head: Head,
    file: String,
    key: VerifierKey,
}

/// The heads in these files, each signed by one of these keys, in the order of their numbers.
///
/// # Errors
/// One sentence about the first file that cannot be read or has none, or about the first head that no such key has signed.
pub fn read(files: &[PathBuf], keys: &[VerifierKey]) -> Result<Vec<Given>> {
    let mut given =
        notes(files)?.into_iter().map(|(file, note)| open(file, &note, keys)).collect::<Result<Vec<_>>>()?;
    given.sort_by_key(|one| one.head.number);
    Ok(given)
}

/// The notes of the heads in these files, each with the name of its file.
///
/// # Errors
/// One sentence about the first file that cannot be read or has none.
pub fn notes(files: &[PathBuf]) -> Result<Vec<(String, String)>> {
    let mut found = Vec::new();
    for file in files {
        let shown = file.display().to_string();
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|cause| Error::invalid(format!("{shown} cannot be read: {cause}.")))?;
        let notes = read_heads(&text);
        if notes.is_empty() {
            return Err(Error::invalid(format!("{shown} holds no head of an audit log.")));
        }
        found.extend(notes.into_iter().map(|note| (shown.clone(), note)));
    }
    Ok(found)
}

fn open(file: String, note: &str, keys: &[VerifierKey]) -> Result<Given> {
    let refused = |why: &str| Error::conflict(format!("A head in {file} {why}"));
    match note::open(note, keys) {
        Ok((text, key)) => {
            let (origin, head) = Head::read(text).ok_or_else(|| refused("is none of an audit log."))?;
            let tenant = origin.rsplit('/').nth(1).unwrap_or_default().into();
            Ok(Given { tenant, head, file: file.clone(), key: key.clone() })
        }
        Err(NotSigned::Wrong) => Err(refused("is not as it was signed.")),
        Err(NotSigned::ByAnother) => Err(refused(
            "was signed by a key that is not known here. Give the key by --key, as it was told when the head was made.",
        )),
        Err(NotSigned::Malformed) => Err(refused("is no signed note.")),
    }
}

impl Given {
    /// What a verification compares with the chain.
    pub fn anchor(&self) -> Anchor {
        Anchor { number: self.head.number, hash: hex(&self.head.hash) }
    }
}

/// The first of these heads that is not of the chain by this fault of a verification, in a sentence; none where the fault is another.
pub fn differing(given: &[Given], fault: &Value) -> Option<String> {
    let link = fault["link"].as_i64()?;
    let why = match fault["what"].as_str()? {
        "link_replaced" => "another link stands there".to_owned(),
        "link_missing" => format!("link {link} is missing"),
        _ => return None,
    };
    let first = given.iter().find(|one| one.head.number >= link)?;
    let Head { number, at, .. } = &first.head;
    Some(format!("Head {number} of {at}, in {}, is not of this chain: {why}.", first.file))
}

/// That all of them agree with the chain, and by which keys they are signed; none where none was given.
pub fn agreeing(given: &[Given]) -> Option<String> {
    let count = match given.len() {
        0 => return None,
        1 => "The head agrees".to_owned(),
        count => format!("All {count} heads agree"),
    };
    let mut keys: Vec<String> = given.iter().map(|one| one.key.to_string()).collect();
    keys.dedup();
    Some(format!("{count} with the chain.\nSigned by {}", keys.join(" and ")))
}
