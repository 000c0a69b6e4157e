//! A store as one file: how a backup is written and read, whatever engine the house runs on.

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::copy::{Measured, digest_of};
use super::engine::Engine;
use super::{Scope, Settings, Store, Tx, mark, migrate, sqlite};
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::private;

/// Writes that may wait for the file; only one does.
const QUEUE: usize = 4;

/// A file that is being written. It lies in a directory of its own beside its place until it is whole.
pub struct Part {
    /// The store in it, empty at first.
    pub store: Store,
    directory: PathBuf,
    to: PathBuf,
}

impl Part {
    /// Begins a file; what an earlier attempt left beside it is taken away.
    ///
    /// # Errors
    /// `Conflict` when someone else is writing the same one, or one sentence when it cannot be written.
    pub fn begin(to: &Path, now: Timestamp) -> Result<Self> {
        let mut name =
            to.file_name().ok_or_else(|| Error::invalid(format!("{} names no file.", to.display())))?.to_owned();
        name.push(".part");
        let directory = to.with_file_name(name);
        private::make_directory(&directory).map_err(|cause| unwritable(to, &cause))?;
        let opened = sqlite::remove(&directory).and_then(|()| Store::open(&Settings::embedded(&directory, QUEUE), now));
        let store = opened.inspect_err(|failure| {
            // Somebody else's is theirs.
            if failure.kind != Kind::Conflict {
                take_away(&directory);
            }
        })?;
        Ok(Self { store, directory, to: to.to_path_buf() })
    }

    /// Marks the store as a backup of these tables made at `now`, brings it to the disk as one file that only its owner reads, and gives
    /// it its name. Its size in bytes.
    ///
    /// # Errors
    /// One sentence when it cannot be written.
    pub async fn finish(self, tables: &[Measured], now: Timestamp) -> Result<u64> {
        let digest = digest_of(tables);
        let mark = move |tx: &mut Tx<'_>| mark::mark_with(tx, Some(mark::Mark::Backup), &digest, now);
        let marked = self.store.write(Scope::HOUSE, mark).await;
        self.store.close();
        let file = self.directory.join(sqlite::FILE);
        let one_file =
            marked.and_then(|()| sqlite::make_one_file(&file)).map_err(|failure| self.store.at_place(failure));
        let published = one_file.and_then(|()| self.publish(&file).map_err(|cause| unwritable(&self.to, &cause)));
        published.inspect_err(|_| take_away(&self.directory))
    }

    fn publish(&self, file: &Path) -> std::io::Result<u64> {
        let written = File::open(file)?;
        written.set_permissions(Permissions::from_mode(private::FILE))?;
        written.sync_all()?;
        std::fs::rename(file, &self.to)?;
        std::fs::remove_dir_all(&self.directory)?;
        // The name must outlive a loss of power too.
        let parent = self.to.parent().filter(|parent| !parent.as_os_str().is_empty());
        File::open(parent.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(written.metadata()?.len())
    }

    /// Takes away what was written.
    pub fn abandon(self) {
        self.store.close();
        take_away(&self.directory);
    }
}

/// A backup, opened to be read.
pub struct BackupFile {
    /// The store in it.
    pub store: Store,
    /// Everything that was acknowledged before is in it.
    pub made_at: Timestamp,
    /// Of all that it held when it was written.
    pub digest: Vec<u8>,
    file: PathBuf,
    is_older: bool,
    /// The copy that is read instead, which goes away with this.
    #[expect(dead_code, reason = "held, not read")]
    copy: Option<sqlite::Forward>,
}

impl BackupFile {
    /// The same backup with the present schema. One of an older release is read from a copy, which is brought forward in
    /// a data directory; the file itself stays as it is.
    ///
    /// # Errors
    /// One sentence when it does not hold what was written to it, or when there is no room for a copy.
    pub fn brought_forward(self, data_dir: &Path, now: Timestamp) -> Result<Self> {
        if !self.is_older {
            return Ok(self);
        }
        let copy = sqlite::Forward::bring(&self.file, &self.digest, self.made_at, data_dir, now)?;
        let brought = Store::look_at_backup(&copy.file())?;
        Ok(Self { copy: Some(copy), ..brought })
    }
}

fn take_away(directory: &Path) {
    // What cannot be taken away now is taken away by the next attempt.
    let _ = std::fs::remove_dir_all(directory);
}

fn unwritable(to: &Path, cause: &std::io::Error) -> Error {
    Error::invalid(format!("{} cannot be written: {cause}.", to.display()))
}

impl Store {
    /// Whether these settings could lead to a store, told without opening it.
    ///
    /// # Errors
    /// `Invalid` when the address of the database is none, or its certificates cannot be read.
    pub fn check_settings(settings: &Settings) -> Result<()> {
        Engine::check_settings(settings)
    }

    /// Opens a store to look at it only, beside the process that serves it.
    ///
    /// # Errors
    /// One sentence when there is none, or when it is of another release.
    pub fn look(settings: &Settings, now: Timestamp) -> Result<Self> {
        let store = Self::of(Engine::look(settings, now)?);
        store.refuse_if_marked()?;
        Ok(store)
    }

    /// Opens a backup to look at it, with the schema that it has.
    ///
    /// # Errors
    /// One sentence when it is no backup, or one of a newer release.
    pub fn look_at_backup(file: &Path) -> Result<BackupFile> {
        if !file.is_file() {
            return Err(Error::not_found(format!("There is no backup at {}.", file.display())));
        }
        let is_none = |cause: Error| match cause.kind {
            Kind::Internal => {
                Error::invalid(format!("{} is damaged, or it is no backup of Tenantry's.", file.display()))
                    .caused_by(cause)
            }
            _ => cause,
        };
        let store = Self::of(Engine::look_at_file(file).map_err(is_none)?);
        let found = store.glance(Scope::HOUSE, mark::read).map_err(is_none)?;
        let Some(found) = found.filter(|found| found.mark == mark::Mark::Backup) else {
            return Err(Error::invalid(format!("{} was not written by `tenantry backup`.", file.display())));
        };
        let age = store.glance(Scope::HOUSE, |tx| migrate::compare(&tx.session))?;
        if age.is_gt() {
            return Err(Error::conflict(format!(
                "{} was written by a newer release of Tenantry. Restore it with that release. Nothing was changed.",
                file.display()
            )));
        }
        let (made_at, digest, file) = (found.at, found.digest, file.to_path_buf());
        Ok(BackupFile { store, made_at, digest, file, is_older: age.is_lt(), copy: None })
    }
}
