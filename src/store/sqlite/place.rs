//! The files of a store: taken away, made one.

use std::path::Path;

use super::lock::DirectoryLock;
use super::{Connection, unusable};
use crate::error::Result;

/// The database and what stands beside it while it is open or after a crash: only together are they the store.
pub(super) const FILES: [&str; 3] = ["tenantry.db", "tenantry.db-wal", "tenantry.db-shm"];

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
