//! A new store in the directory of an old one, which it replaces in one moment, when it is whole.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::connection::is_damaged;
use super::forward::Forward;
use super::lock::DirectoryLock;
use super::place::{FILES, make_one_file};
use super::{FILE, unusable};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::private;
use crate::store::at_place;

/// Where the new store is made: inside, since a name can move within one file system only.
const WORKSHOP: &str = "restoring";

/// The place of both. The directory is locked as long as this lives.
pub struct Beside {
    directory: PathBuf,
    _lock: DirectoryLock,
}

impl Beside {
    /// Takes the directory, so that no process serves the old store meanwhile; what an earlier attempt left is taken away.
    ///
    /// # Errors
    /// `Conflict` when a process has it open.
    pub fn begin(directory: &Path) -> Result<Self> {
        let beside = Self { _lock: DirectoryLock::take(directory)?, directory: directory.to_path_buf() };
        let workshop = beside.workshop();
        if workshop.exists() {
            std::fs::remove_dir_all(&workshop).map_err(|cause| unusable(&workshop, cause))?;
        }
        private::make_directory(&workshop).map_err(|cause| unusable(&workshop, cause))?;
        Ok(beside)
    }

    /// The directory of the new store.
    pub fn workshop(&self) -> PathBuf {
        self.directory.join(WORKSHOP)
    }

    /// Puts the new store, which is closed, into the place of the old one, and tells where the old one is now. Whenever
    /// this is interrupted, one of them is there.
    ///
    /// # Errors
    /// When a file cannot be moved; then the old store is in its place.
    pub fn swap(&self, now: Timestamp) -> Result<String> {
        let (old, new) = (self.directory.join(FILE), self.workshop().join(FILE));
        let room = |failure| at_place(&self.directory.display().to_string(), failure);
        make_one_file(&new).map_err(room)?;
        if !is_damaged(&old) {
            make_one_file(&old).map_err(room)?;
        }
        let aside = self.directory.join(format!("replaced-{}", now.digits()));
        self.replace(&aside, &new).map_err(|cause| {
            self.take_back(&aside);
            unusable(&self.directory, cause)
        })?;
        self.abandon();
        Ok(aside.display().to_string())
    }

    /// The old file gets a second name before its first one becomes that of the new file.
    fn replace(&self, aside: &Path, new: &Path) -> std::io::Result<()> {
        File::open(new)?.sync_all()?;
        private::make_directory(aside)?;
        for name in FILES.iter().filter(|name| self.directory.join(name).exists()) {
            std::fs::hard_link(self.directory.join(name), aside.join(name))?;
            private::tighten(&aside.join(name))?;
        }
        File::open(aside)?.sync_all()?;
        // The log of a damaged store, which must not be taken for the new one's.
        for name in FILES.iter().filter(|name| **name != FILE && self.directory.join(name).exists()) {
            std::fs::remove_file(self.directory.join(name))?;
        }
        std::fs::rename(new, self.directory.join(FILE))?;
        // Until then a loss of power may bring the old one back, which is a whole store too.
        let _ = File::open(&self.directory).and_then(|directory| directory.sync_all());
        Ok(())
    }

    /// Gives what is aside its names here again.
    fn take_back(&self, aside: &Path) {
        for name in FILES {
            // What never lost its name is there already.
            let _ = std::fs::hard_link(aside.join(name), self.directory.join(name));
        }
        let is_back = FILES.iter().all(|name| self.directory.join(name).exists() || !aside.join(name).exists());
        if is_back {
            let _ = std::fs::remove_dir_all(aside);
        }
    }

    /// The directories in a data directory in which a restore is under way, or was cut off.
    pub fn unfinished(directory: &Path) -> Vec<PathBuf> {
        let workshops = [WORKSHOP, Forward::WORKSHOP].map(|name| directory.join(name));
        workshops.into_iter().filter(|workshop| workshop.exists()).collect()
    }

    /// Takes the new store away.
    pub fn abandon(&self) {
        // What cannot be taken away now is taken away by the next attempt.
        let _ = std::fs::remove_dir_all(self.workshop());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::store::{Settings, Store};

    /// A directory with what the database was, and a new store that is ready in its workshop.
    fn beside(old: impl FnOnce(&Path)) -> (tempfile::TempDir, Beside) {
        let directory = tempfile::tempdir().unwrap();
        old(directory.path());
        let beside = Beside::begin(directory.path()).unwrap();
        Store::open(&Settings::embedded(beside.workshop(), 4), Timestamp(0)).unwrap().close();
        (directory, beside)
    }

    fn store(directory: &Path) {
        Store::open(&Settings::embedded(directory, 4), Timestamp(0)).unwrap().close();
    }

    #[test]
    fn a_damaged_store_is_put_aside_with_its_log() {
        let (directory, beside) = beside(|place| {
            std::fs::write(place.join(FILE), "no database at all, whatever it was once").unwrap();
            std::fs::write(place.join("tenantry.db-wal"), "its log").unwrap();
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            std::fs::set_permissions(place.join(FILE), open).unwrap();
        });
        let aside = PathBuf::from(beside.swap(Timestamp(0)).unwrap());
        assert_eq!(std::fs::read_to_string(aside.join("tenantry.db-wal")).unwrap(), "its log");
        assert!(std::fs::read_to_string(aside.join(FILE)).unwrap().starts_with("no database"));
        let mode =
            |path: &Path| std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).unwrap().permissions());
        assert_eq!((mode(&aside) & 0o777, mode(&aside.join(FILE)) & 0o777), (0o700, 0o600));
        assert!(!directory.path().join("tenantry.db-wal").exists() && !beside.workshop().exists());
        drop(beside);
        store(directory.path());
    }

    #[test]
    fn a_swap_that_fails_leaves_the_old_store_in_its_place() {
        let (directory, beside) = beside(store);
        std::fs::remove_dir_all(beside.workshop()).unwrap();
        let before = std::fs::read(directory.path().join(FILE)).unwrap();
        assert!(beside.swap(Timestamp(0)).is_err());
        assert_eq!(std::fs::read(directory.path().join(FILE)).unwrap(), before);
        drop(beside);
        store(directory.path());
    }

    #[test]
    fn no_process_opens_the_old_store_meanwhile() {
        let (directory, _beside) = beside(store);
        let refused = Store::open(&Settings::embedded(directory.path(), 4), Timestamp(0)).err().unwrap();
        assert_eq!(refused.kind, Kind::Conflict);
    }
}
