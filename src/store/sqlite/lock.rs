//! One process for one data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::unusable;
use crate::error::{Error, Kind, Result};
use crate::private;

/// The lock on a data directory. The operating system releases it even when the process is killed.
pub(super) struct DirectoryLock(File);

impl DirectoryLock {
    /// # Errors
    /// Names the process that holds the directory.
    pub(super) fn take(directory: &Path) -> Result<Self> {
        let path = directory.join("tenantry.lock");
        let mut file = private::open(OpenOptions::new().create(true).truncate(false).read(true).write(true), &path)
            .map_err(|cause| unusable(directory, cause))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(directory, &mut file)),
            Err(TryLockError::Error(cause)) => return Err(unusable(directory, cause)),
        }
        let written = file
            .set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(std::process::id().to_string().as_bytes()));
        written.map_err(|cause| unusable(directory, cause))?;
        Ok(Self(file))
    }
}

impl Drop for DirectoryLock {
    fn drop(&mut self) {
        // A program that this process is just starting has a copy of the file until it runs, and with it the lock.
        let _ = self.0.unlock();
    }
}

fn in_use(directory: &Path, file: &mut File) -> Error {
    let mut owner = String::new();
    let process = match file.read_to_string(&mut owner) {
        Ok(length) if length > 0 => format!("process {}", owner.trim()),
        _ => "another process".into(),
    };
    Error::new(
        Kind::Conflict,
        format!(
            "The data directory {} is in use by {process}. Stop that one first, or choose another directory.",
            directory.display()
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_only_has_a_copy_of_the_file_does_not_hold_the_lock() {
        let directory = tempfile::tempdir().unwrap();
        let lock = DirectoryLock::take(directory.path()).unwrap();
        let copy = lock.0.try_clone().unwrap();
        assert!(DirectoryLock::take(directory.path()).is_err());
        drop(lock);
        drop(DirectoryLock::take(directory.path()).unwrap());
        drop(copy);
    }
}
