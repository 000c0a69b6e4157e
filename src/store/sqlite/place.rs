//! The files of a store: taken away, made one.

use std::fs::OpenOptions;
use std::path::Path;

use super::lock::DirectoryLock;
use super::{Connection, FILE, unusable};
use crate::error::Result;
use crate::private;

/// The database and what stands beside it while it is open or after a crash: only together are they the store.
pub(super) const FILES: [&str; 3] = ["tenantry.db", "tenantry.db-wal", "tenantry.db-shm"];

/// Makes the file of a new store, and takes those of an old one from everyone but their owner. The engine gives what it
/// makes beside the database the mode of the database.
///
/// # Errors
/// When they cannot be made or changed.
pub(super) fn keep_private(directory: &Path) -> Result<()> {
    let kept = if directory.join(FILE).exists() {
        FILES.iter().try_for_each(|name| private::tighten(&directory.join(name)))
    } else {
        private::open(OpenOptions::new().write(true).create_new(true), &directory.join(FILE)).map(drop)
    };
    kept.map_err(|cause| unusable(directory, cause))
}

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

/// Leaves of a closed store one file that can be read wherever it lies, even where nothing can be written.
///
/// # Errors
/// When it cannot be written.
pub fn make_one_file(file: &Path) -> Result<()> {
    Connection::for_writing(file, std::sync::Arc::default())?.ask("PRAGMA journal_mode = DELETE", &[]).map(drop)
}
