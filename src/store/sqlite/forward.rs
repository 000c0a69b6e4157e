//! A backup of an older release, brought to the present schema in a copy of its file, which goes away with this. The
//! backup itself is never written to.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::lock::DirectoryLock;
use super::{Connection, FILE, bring_up, make_one_file, unusable};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::private;
use crate::store::copy::{digest_of, measure, measure_older};
use crate::store::mark::{Mark, mark_with};
use crate::store::tx::Session;
use crate::store::{Scope, Tx, at_place};

const COLUMNS: &str =
    "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE t.type = 'table'";

/// The copy. Its directory is locked as long as this lives.
pub struct Forward {
    directory: PathBuf,
    _lock: DirectoryLock,
}

impl Forward {
    /// Where the copy lies: in the data directory, which is as private as a backup must be, and meant to hold a store.
    pub(super) const WORKSHOP: &str = "restoring-older";

    /// Copies a backup into a data directory, makes sure that the copy holds what was written to the backup, and makes of
    /// it what `backup` would have made with the present schema. What an earlier attempt left is taken away.
    ///
    /// # Errors
    /// `Invalid` when the backup does not hold what was written to it; one sentence that names the place when there is no
    /// room.
    pub fn bring(backup: &Path, digest: &[u8], made_at: Timestamp, data_dir: &Path, now: Timestamp) -> Result<Self> {
        let forward = Self::begin(data_dir)?;
        let place = forward.directory.display().to_string();
        let outcome = forward.copy(backup).and_then(|()| {
            forward.change(|connection| {
                require_as_written(connection, backup, digest)?;
                bring_up(connection, now)?;
                let digest = digest_of(&measure(&mut tx(connection))?);
                mark_with(&mut tx(connection), Some(Mark::Backup), &digest, made_at)
            })
        });
        outcome.and_then(|()| make_one_file(&forward.file())).map_err(|failure| at_place(&place, failure))?;
        Ok(forward)
    }

    fn begin(data_dir: &Path) -> Result<Self> {
        let directory = data_dir.join(Self::WORKSHOP);
        let made = private::make_directories(data_dir).and_then(|()| private::make_directory(&directory));
        made.map_err(|cause| unusable(&directory, cause))?;
        super::remove(&directory)?;
        Ok(Self { _lock: DirectoryLock::take(&directory)?, directory })
    }

    fn copy(&self, backup: &Path) -> Result<()> {
        let copied = File::open(backup).and_then(|mut from| {
            let mut to = private::open(OpenOptions::new().write(true).create_new(true), &self.file())?;
            std::io::copy(&mut from, &mut to)
        });
        copied.map(drop).map_err(|cause| Error::unavailable("The backup could not be copied.", 5).caused_by(cause))
    }

    fn change(&self, how: impl FnOnce(&Connection) -> Result<()>) -> Result<()> {
        let connection = Connection::for_writing(&self.file(), Arc::default())?;
        connection.batch("BEGIN IMMEDIATE")?;
        how(&connection)?;
        connection.batch("COMMIT")
    }

    /// The file of the copy.
    pub fn file(&self) -> PathBuf {
        self.directory.join(FILE)
    }
}

/// Nothing of the copy is left; what cannot be taken away now is taken away by the next attempt.
impl Drop for Forward {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

fn tx(connection: &Connection) -> Tx<'_> {
    Tx { session: Session::Sqlite(connection), scope: Scope::HOUSE }
}

/// Before the schema changes, since the digest in the backup is over the tables and columns of its release.
fn require_as_written(connection: &Connection, backup: &Path, digest: &[u8]) -> Result<()> {
    let columns = connection.ask(COLUMNS, &[])?.rows;
    let columns: HashSet<(String, String)> =
        columns.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect::<Result<_>>()?;
    let has = |table: &str, column: &str| columns.contains(&(table.to_owned(), column.to_owned()));
    if digest_of(&measure_older(&mut tx(connection), has)?) == digest {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "{} does not hold what was written to it. Take another backup. Nothing was changed.",
        backup.display()
    )))
}
