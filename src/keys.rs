//! The server's own keys: a file beside the configuration, never in the database, so that a copy of
//! the database opens no account.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::config::read_secret_file;
use crate::error::{Error, Result};
use crate::random::Random;
use crate::secret::Secret;

/// The keys, oldest first, each with its number. The last one makes; all of them verify.
#[derive(Clone)]
pub struct Keys(Vec<(i64, Secret<Vec<u8>>)>);

impl Keys {
    /// Reads the file, one `number hexadecimal` a line. Where the store is new it may be made, with a
    /// first key, readable by its owner only.
    ///
    /// # Errors
    /// One sentence when the file cannot be read or made, is not a key file, or is missing beside a
    /// store that was made with it.
    pub fn open(path: &Path, may_be_made: bool, random: &Random) -> Result<Self> {
        if !path.exists() {
            if !may_be_made {
                return Err(unusable(path, "it is missing, and without it neither links nor the audit record verify"));
            }
            make(path, random).map_err(|cause| unusable(path, &cause.to_string()))?;
        }
        let text = read_secret_file(path, "links.key_file")?;
        let keys: Option<Vec<_>> = text.lines().filter(|line| !line.trim().is_empty()).map(read_line).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Self(keys)),
            _ => Err(unusable(path, "each line is a number and 64 hexadecimal digits")),
        }
    }

    /// The number of the key that makes new links.
    pub fn current(&self) -> i64 {
        self.0.last().map_or(0, |(number, _)| *number)
    }

    /// Every key's number, the newest first.
    pub fn numbers(&self) -> impl Iterator<Item = i64> {
        self.0.iter().rev().map(|(number, _)| *number)
    }

    /// HMAC-SHA256 of the parts under a key, each purpose with a key of its own.
    pub fn mac(&self, number: i64, purpose: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let (_, key) = self.0.iter().find(|(known, _)| *known == number)?;
        let own = authenticate(key.expose(), &[purpose.as_bytes()]);
        Some(authenticate(&own, parts))
    }

    /// A key that outlives rotation, for what must be verified years later.
    pub fn lasting(&self, purpose: &str) -> [u8; 32] {
        let oldest = self.0.first().map(|(_, key)| key.expose().as_slice()).unwrap_or_default();
        authenticate(oldest, &[purpose.as_bytes()])
    }
}

fn authenticate(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        // Framed, so that no two lists of parts read alike.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn make(path: &Path, random: &Random) -> std::io::Result<()> {
    if let Some(directory) = path.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    let hex: String = random.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "1 {hex}")?;
    // A link that was mailed must verify after a crash.
    file.sync_all()
}

fn read_line(line: &str) -> Option<(i64, Secret<Vec<u8>>)> {
    let (number, hex) = line.trim().split_once(' ')?;
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    let key = bytes.collect::<Option<Vec<_>>>().filter(|key| key.len() == 32)?;
    Some((number.parse().ok()?, Secret::new(key)))
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::conflict(format!(
        "The key file {} cannot be used: {why}. Restore it from where you keep it.",
        path.display()
    ))
}
