//! The key file: made, read, and replaced as a whole.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::SystemTime;

use super::Numbered;
use super::lock::{self, Lock};
use crate::config::read_secret_file;
use crate::error::{Error, Result};
use crate::private;
use crate::random::Random;
use crate::secret::Secret;

/// Identifies one state of the file: a replaced file has another inode number.
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
            private::make_directories(directory)?;
        }
        let mut file = private::open(OpenOptions::new().write(true).create_new(true), path)?;
        file.write_all(lines(&vec![draw(1, random)]).expose().as_bytes())?;
        // A mailed link must still verify after a crash.
        file.sync_all()
    };
    write().map_err(|cause| unusable(path, &cause.to_string()))
}

fn draw(number: i64, random: &Random) -> (i64, Secret<Vec<u8>>) {
    (number, Secret::new(random.bytes::<32>().to_vec()))
}

fn lines(keys: &Numbered) -> Secret<String> {
    let mut text = String::with_capacity(keys.len() * 80);
    for (number, key) in keys {
        text += &number.to_string();
        text.push(' ');
        key.expose().iter().for_each(|byte| text += &format!("{byte:02x}"));
        text.push('\n');
    }
    Secret::new(text)
}

/// Adds a key that makes links from now on; returns its number.
///
/// # Errors
/// One sentence if the file cannot be read or replaced, or if another process is changing it.
pub fn rotate(path: &Path, random: &Random) -> Result<i64> {
    change(path, |keys| {
        let number = next(keys);
        keys.push(draw(number, random));
        Ok(number)
    })
}

/// Adds a key that only verifies until it is put to use, so that every machine can read it first. Returns its number.
///
/// # Errors
/// As [`rotate`].
pub fn add(path: &Path, random: &Random) -> Result<i64> {
    change(path, |keys| {
        let number = next(keys);
        let current = keys.last().cloned();
        keys.push(draw(number, random));
        // The last key makes the links. An earlier line with the same key does no harm, in older releases either.
        keys.extend(current);
        Ok(number)
    })
}

/// Makes a key the one that makes links from now on.
///
/// # Errors
/// As [`rotate`]; `NotFound`.
pub fn put_to_use(path: &Path, number: i64) -> Result<()> {
    change(path, |keys| {
        let place = find(path, keys, number)?;
        let chosen = keys[place].clone();
        let oldest = keys.remove(0);
        keys.sort_by_key(|(known, _)| *known);
        keys.dedup_by_key(|(known, _)| *known);
        keys.retain(|(known, _)| *known != number && *known != oldest.0);
        keys.insert(0, oldest);
        keys.push(chosen);
        Ok(())
    })
}

/// Removes a key: its links no longer verify.
///
/// # Errors
/// `Conflict` for the key that makes links and the one that signs audit records; `NotFound`.
pub fn remove(path: &Path, number: i64) -> Result<()> {
    change(path, |keys| {
        let place = find(path, keys, number)?;
        if keys.last().is_some_and(|(current, _)| *current == number) {
            return Err(Error::conflict(format!("Key {number} makes new links. Add another one first.")));
        }
        if place == 0 {
            return Err(Error::conflict(format!(
                "Key {number} signs the audit records, which would verify no more. Links are not made by it any longer."
            )));
        }
        keys.retain(|(known, _)| *known != number);
        Ok(())
    })
}

fn next(keys: &Numbered) -> i64 {
    keys.iter().map(|(number, _)| *number).max().unwrap_or(0) + 1
}

fn find(path: &Path, keys: &Numbered, number: i64) -> Result<usize> {
    let place = keys.iter().position(|(known, _)| *known == number);
    place.ok_or_else(|| Error::not_found(format!("There is no key {number} in {}.", path.display())))
}

/// Writes the file anew beside the old one and renames it into place, so that a reader sees either the old or the new
/// file.
fn change<T>(path: &Path, decide: impl FnOnce(&mut Numbered) -> Result<T>) -> Result<T> {
    let old = path.metadata().map_err(|cause| unusable(path, &cause.to_string()))?;
    let _lock = Lock::take(path, &old)?;
    let mut keys = read(path)?;
    let answer = decide(&mut keys)?;
    replace(path, &old, lines(&keys).expose()).map_err(|cause| lock::unchangeable(path, &cause))?;
    Ok(answer)
}

fn replace(path: &Path, old: &Metadata, text: &str) -> io::Result<()> {
    let part = lock::beside(path, ".part");
    if part.exists() {
        std::fs::remove_file(&part)?;
    }
    let mut file = private::open(OpenOptions::new().write(true).create_new(true), &part)?;
    lock::give(&part, &file, old)?;
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
