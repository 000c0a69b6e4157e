//! One process at a time changes the key file.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::private;

/// The right to change the key file. The lock is on a file beside it that is never replaced: a lock on the key file alone
/// would be on the old file for one process and on the new one for another.
pub(super) struct Lock {
    beside: File,
    /// The key file itself, by which older releases exclude each other.
    keys: File,
}

impl Lock {
    /// # Errors
    /// `Conflict` if another process holds it, or if no file can be made beside the key file.
    pub(super) fn take(path: &Path, keys: &Metadata) -> Result<Self> {
        let failed = |cause: io::Error| unchangeable(path, &cause);
        let beside = open_beside(path, keys).map_err(failed)?;
        hold(path, &beside)?;
        // Only now: until then it may have been replaced.
        let lock = Self { beside, keys: File::open(path).map_err(failed)? };
        hold(path, &lock.keys)?;
        Ok(lock)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // A program that this process is just starting has copies of the files until it runs, and with them the lock.
        let _ = self.keys.unlock();
        let _ = self.beside.unlock();
    }
}

fn open_beside(path: &Path, keys: &Metadata) -> io::Result<File> {
    let place = beside(path, ".lock");
    let file = private::open(OpenOptions::new().create(true).truncate(false).write(true), &place)?;
    give(&place, &file, keys)?;
    Ok(file)
}

fn hold(path: &Path, file: &File) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(Error::conflict(format!(
            "Another process is changing the key file {}. Wait until it is done, look at `tenantry key list`, and try again.",
            path.display()
        ))),
        Err(TryLockError::Error(cause)) => Err(unchangeable(path, &cause)),
    }
}

/// The file whose name is that of the key file with an ending.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    path.with_file_name(name)
}

/// Gives a new file to the owner of the key file: that user must still be able to open it, even if another one, such as
/// root, changes the keys.
pub(super) fn give(path: &Path, file: &File, keys: &Metadata) -> io::Result<()> {
    let found = file.metadata()?;
    match (keys.uid(), keys.gid()) == (found.uid(), found.gid()) {
        true => Ok(()),
        false => chown(path, Some(keys.uid()), Some(keys.gid())),
    }
}

pub(super) fn unchangeable(path: &Path, cause: &io::Error) -> Error {
    Error::conflict(format!(
        "The key file {} cannot be changed: {cause}. Change it as its owner, where files can be made beside it.",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::{file, rotate};
    use super::*;
    use crate::random::Random;

    fn made() -> (tempfile::TempDir, PathBuf) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        file::make(&path, true, &Random::seeded(1)).unwrap();
        (directory, path)
    }

    #[test]
    fn one_who_opened_the_replaced_file_and_one_who_opens_the_new_one_never_both_hold_the_lock() {
        let (_directory, path) = made();
        let early = open_beside(&path, &path.metadata().unwrap()).unwrap();
        rotate(&path, &Random::seeded(2)).unwrap();
        early.try_lock().unwrap();
        let refusal = rotate(&path, &Random::seeded(3)).unwrap_err();
        assert!(refusal.message.contains("Another process is changing"), "{refusal}");
        early.unlock().unwrap();
        assert_eq!(rotate(&path, &Random::seeded(3)).unwrap(), 3);
    }

    #[test]
    fn an_older_release_and_this_one_exclude_each_other() {
        let (_directory, path) = made();
        let older = File::open(&path).unwrap();
        older.try_lock().unwrap();
        assert!(rotate(&path, &Random::seeded(2)).unwrap_err().message.contains("Another process"));
        older.unlock().unwrap();
        let lock = Lock::take(&path, &path.metadata().unwrap()).unwrap();
        assert!(File::open(&path).unwrap().try_lock().is_err());
        drop(lock);
        rotate(&path, &Random::seeded(2)).unwrap();
    }

    #[test]
    fn of_changes_that_meet_none_is_lost() {
        const THREADS: usize = 4;
        const EACH: usize = 25;
        let (_directory, path) = made();
        let rotate_again_and_again = || {
            let mut numbers = Vec::new();
            while numbers.len() < EACH {
                match rotate(&path, &Random::system()) {
                    Ok(number) => numbers.push(number),
                    Err(busy) => assert!(busy.message.contains("Another process"), "{busy}"),
                }
            }
            numbers
        };
        let mut numbers: Vec<i64> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(rotate_again_and_again)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        let expected: Vec<i64> = (2..).take(THREADS * EACH).collect();
        assert_eq!(numbers, expected, "each change adds a key of its own");
        assert_eq!(file::read(&path).unwrap().len(), 1 + THREADS * EACH);
    }

    #[test]
    fn the_lock_is_open_to_the_owner_of_the_keys_alone() {
        let (directory, path) = made();
        rotate(&path, &Random::seeded(2)).unwrap();
        let beside = directory.path().join("link.keys.lock").metadata().unwrap();
        assert_eq!(beside.permissions().mode() & 0o777, private::FILE);
        assert_eq!((beside.uid(), beside.len()), (path.metadata().unwrap().uid(), 0));
    }
}
