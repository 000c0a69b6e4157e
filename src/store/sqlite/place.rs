//! The files of a store: taken away, put aside, made one.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use super::lock::DirectoryLock;
use super::{Connection, FILE, unusable};
use crate::clock::Timestamp;
use crate::error::Result;

/// The database and what stands beside it while it is open or after a crash: only together are they the store.
const FILES: [&str; 3] = ["tenantry.db", "tenantry.db-wal", "tenantry.db-shm"];

/// Takes the store in a directory away, if there is one.
///
/// # Errors
/// `Conflict` when a process has it open.
pub fn remove(directory: &Path) -> Result<()> {
    let _lock = DirectoryLock::take(directory)?;
    for file in FILES.map(|name| directory.join(name)).iter().filter(|file| file.exists()) {
        std::fs::remove_file(file).map_err(|cause| unusable(directory, cause))?;
    }
    Ok(())
}

/// Moves the store of a directory, whatever state it is in, into a new directory inside it; none when there is none.
///
/// # Errors
/// `Conflict` when a process has it open.
pub fn put_aside(directory: &Path, now: Timestamp) -> Result<Option<String>> {
    if !directory.join(FILE).exists() {
        return Ok(None);
    }
    let _lock = DirectoryLock::take(directory)?;
    let aside = directory.join(format!("replaced-{}", now.digits()));
    let moved = DirBuilder::new().mode(0o700).create(&aside).and_then(|()| {
        let mut present = FILES.iter().filter(|name| directory.join(name).exists());
        present.try_for_each(|name| std::fs::rename(directory.join(name), aside.join(name)))
    });
    moved.map_err(|cause| unusable(directory, cause))?;
    Ok(Some(aside.display().to_string()))
}

/// Leaves of a closed store one file that can be read wherever it lies, even where nothing can be written.
///
/// # Errors
/// When it cannot be written.
pub fn make_one_file(file: &Path) -> Result<()> {
    Connection::for_writing(file, std::sync::Arc::default())?.ask("PRAGMA journal_mode = DELETE", &[]).map(drop)
}
