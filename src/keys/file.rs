//! The key file: made, read, and replaced as a whole.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, chown};
use std::path::Path;
use std::time::SystemTime;

use super::Numbered;
use crate::config::read_secret_file;
use crate::error::{Error, Result};
use crate::random::Random;
use crate::secret::Secret;

/// What tells one state of the file from the next: a file that is replaced has another number.
pub(super) type Stamp = (u64, u64, Option<SystemTime>);

pub(super) fn stamp(path: &Path) -> Option<Stamp> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.ino(), found.len(), found.modified().ok()))
}

pub(super) fn read(path: &Path) -> Result<Numbered> {
    let text = read_secret_file(path, "links.key_file")?;
    let keys: Option<Numbered> = text.lines().filter(|line| !line.trim().is_empty()).map(read_line).collect();
    match keys {
        Some(keys) if !keys.is_empty() => Ok(keys),
        _ => Err(unusable(path, "each line is a number and 64 hexadecimal digits")),
    }
}

fn read_line(line: &str) -> Option<(i64, Secret<Vec<u8>>)> {
    let (number, hex) = line.trim().split_once(' ')?;
    let bytes = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok());
    let key = bytes.collect::<Option<Vec<_>>>().filter(|key| key.len() == 32)?;
    Some((number.parse().ok()?, Secret::new(key)))
}

pub(super) fn make(path: &Path, may_be_made: bool, random: &Random) -> Result<()> {
    if !may_be_made {
        return Err(unusable(path, "it is missing, and without it neither links nor the audit record verify"));
    }
    let write = || {
        if let Some(directory) = path.parent() {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(new_line(1, random).as_bytes())?;
        // A link that was mailed must verify after a crash.
        file.sync_all()
    };
    write().map_err(|cause| unusable(path, &cause.to_string()))
}

fn new_line(number: i64, random: &Random) -> String {
    let hex: String = random.bytes::<32>().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{number} {hex}\n")
}

/// Adds a key, which makes the links from now on. Its number.
///
/// # Errors
/// One sentence when the file cannot be read or replaced, or when someone else is at it.
pub fn rotate(path: &Path, random: &Random) -> Result<i64> {
    change(path, |keys| {
        let number = keys.iter().map(|(number, _)| *number).max().unwrap_or(0) + 1;
        Ok((number, Change::Add(new_line(number, random))))
    })
}

/// Takes a key away: what it has made verifies no more.
///
/// # Errors
/// `Conflict` for the key that makes the links and for the one that signs the audit records; `NotFound`.
pub fn remove(path: &Path, number: i64) -> Result<()> {
    change(path, |keys| {
        let place = keys.iter().position(|(known, _)| *known == number);
        let place =
            place.ok_or_else(|| Error::not_found(format!("There is no key {number} in {}.", path.display())))?;
        if place + 1 == keys.len() {
            return Err(Error::conflict(format!("Key {number} makes new links. Add another one first.")));
        }
        if place == 0 {
            return Err(Error::conflict(format!(
                "Key {number} signs the audit records, which would verify no more. Links are not made by it any longer."
            )));
        }
        Ok(((), Change::Remove(number)))
    })
}

enum Change {
    Add(String),
    Remove(i64),
}

/// Writes the whole file anew beside the old one and then in its place, so that whoever reads it sees one or the other.
fn change<T>(path: &Path, decide: impl FnOnce(&Numbered) -> Result<(T, Change)>) -> Result<T> {
    let failed = |cause: std::io::Error| unusable(path, &cause.to_string());
    let held = File::open(path).map_err(failed)?;
    held.try_lock().map_err(|_| unusable(path, "someone else is changing it"))?;
    let (answer, change) = decide(&read(path)?)?;
    let text = std::fs::read_to_string(path).map_err(failed)?;
    let is_kept = |line: &&str| match &change {
        Change::Add(_) => true,
        Change::Remove(number) => read_line(line).is_none_or(|(known, _)| known != *number),
    };
    let mut text: String = text.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect();
    if let Change::Add(line) = &change {
        text += line;
    }
    replace(path, &held, &text).map_err(failed)?;
    Ok(answer)
}

fn replace(path: &Path, old: &File, text: &str) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
    // The server must be able to read it, whoever adds a key.
    let (old, new) = (old.metadata()?, file.metadata()?);
    if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
        chown(&part, Some(old.uid()), Some(old.gid()))?;
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&part, path)?;
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or(Path::new(".")))?.sync_all()
}

fn unusable(path: &Path, why: &str) -> Error {
    Error::conflict(format!(
        "The key file {} cannot be used: {why}. Restore it from where you keep it.",
        path.display()
    ))
}
