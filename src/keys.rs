//! The server's own keys: a file beside the configuration, never in the database, so that a copy of
//! the database opens no account.
//!
//! The file is read again when it changes: an added key makes links a second later. A link made by another process with
//! a key that this process has not read yet is verified too.

mod file;
mod lock;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::sync::watch;

use self::file::Stamp;
use crate::error::Result;
use crate::random::Random;
use crate::secret::Secret;

pub use self::file::{add, put_to_use, remove, rotate};

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Keys with their numbers, in the order of the file.
type Numbered = Vec<(i64, Secret<Vec<u8>>)>;

/// The keys, each with its number. The last one makes new links, all verify links, and the first is the oldest.
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    path: PathBuf,
    held: RwLock<Held>,
}

struct Held {
    keys: Numbered,
    stamp: Option<Stamp>,
}

impl Keys {
    /// Reads the file, one `number hexadecimal` a line. If `may_be_made`, a missing file is made, with a first key,
    /// readable by its owner only.
    ///
    /// # Errors
    /// One sentence if the file cannot be read or made, is not a key file, or is missing beside a store made with one.
    pub fn open(path: &Path, may_be_made: bool, random: &Random) -> Result<Self> {
        if !path.exists() {
            file::make(path, may_be_made, random)?;
        }
        // Taken before reading, so that a change in between causes another read.
        let stamp = file::stamp(path);
        let held = RwLock::new(Held { keys: file::read(path)?, stamp });
        Ok(Self(Arc::new(Shared { path: path.to_path_buf(), held })))
    }

    /// The number of the key that makes new links.
    pub fn current(&self) -> i64 {
        self.with(|keys| keys.last().map_or(0, |(number, _)| *number))
    }

    /// Every key's number, the newest first.
    pub fn numbers(&self) -> Vec<i64> {
        let mut numbers: Vec<i64> = self.with(|keys| keys.iter().map(|(number, _)| *number).collect());
        numbers.sort_unstable_by(|one, other| other.cmp(one));
        numbers.dedup();
        numbers
    }

    /// HMAC-SHA256 of the parts under a key; each purpose has a derived key of its own.
    pub fn mac(&self, number: i64, purpose: &str, parts: &[&[u8]]) -> Option<[u8; 32]> {
        let make = |keys: &Numbered| {
            let (_, key) = keys.iter().find(|(known, _)| *known == number)?;
            let own = authenticate(key.expose(), &[purpose.as_bytes()]);
            Some(authenticate(&own, parts))
        };
        // Another process may have read a new key first.
        self.with(make).or_else(|| self.refresh().then(|| self.with(make)).flatten())
    }

    /// A key that survives rotation, for signatures verified years later.
    pub fn lasting(&self, purpose: &str) -> [u8; 32] {
        self.with(|keys| authenticate(oldest(keys), &[purpose.as_bytes()]))
    }

    /// HMAC-SHA256 of the parts under such a key.
    pub fn lasting_mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        authenticate(&self.lasting(purpose), parts)
    }

    /// Reads the file again if it has changed; returns whether the keys differ now. A file that is unusable, or lacks
    /// the key that signs audit records, is ignored with a warning.
    pub fn refresh(&self) -> bool {
        let stamp = file::stamp(&self.0.path);
        if stamp == self.0.held.read().unwrap_or_else(PoisonError::into_inner).stamp {
            return false;
        }
        let read = file::read(&self.0.path);
        let mut held = self.0.held.write().unwrap_or_else(PoisonError::into_inner);
        held.stamp = stamp;
        match read {
            Ok(keys) if oldest(&keys) == oldest(&held.keys) => {
                held.keys = keys;
                true
            }
            Ok(_) => {
                tracing::warn!(
                    "the key file no longer begins with the key that signs the audit records; it is not used"
                );
                false
            }
            Err(failure) => {
                tracing::warn!(%failure, "the key file has changed and cannot be used; the keys stay as they were");
                false
            }
        }
    }

    /// Checks the file every second until told to stop.
    pub async fn keep_fresh(self, mut stop: watch::Receiver<bool>) {
        while tokio::time::timeout(LOOK_EVERY, stop.wait_for(|is_over| *is_over)).await.is_err() {
            if self.refresh() {
                tracing::info!(key = self.current(), "the key file was read anew");
            }
        }
    }

    fn with<T>(&self, ask: impl FnOnce(&Numbered) -> T) -> T {
        ask(&self.0.held.read().unwrap_or_else(PoisonError::into_inner).keys)
    }
}

/// The bytes of the first key; it is never removed from the file.
fn oldest(keys: &Numbered) -> &[u8] {
    keys.first().map(|(_, key)| key.expose().as_slice()).unwrap_or_default()
}

fn authenticate(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        // Length-prefixed, so that two different lists never give the same bytes.
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_two_processes(path: &Path) -> (Keys, Keys) {
        let random = Random::seeded(1);
        (Keys::open(path, true, &random).unwrap(), Keys::open(path, false, &random).unwrap())
    }

    #[test]
    fn a_key_that_another_process_has_used_first_is_found() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let (first, second) = of_two_processes(&path);
        assert_eq!(rotate(&path, &Random::seeded(2)).unwrap(), 2);
        assert!(first.refresh() && !first.refresh());
        assert_eq!((first.current(), second.current()), (2, 1));
        let made = first.mac(2, "test", &[b"x"]);
        assert!(made.is_some());
        assert_eq!(second.mac(2, "test", &[b"x"]), made);
        assert_eq!((second.current(), second.numbers()), (2, vec![2, 1]));
        assert_eq!(first.lasting("test"), second.lasting("test"));
    }

    #[test]
    fn a_key_can_be_known_everywhere_before_it_makes_a_link() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let (keys, _) = of_two_processes(&path);
        let lasting = keys.lasting("test");
        assert_eq!(add(&path, &Random::system()).unwrap(), 2);
        assert!(keys.refresh());
        assert_eq!((keys.current(), keys.numbers()), (1, vec![2, 1]));
        assert!(keys.mac(2, "test", &[]).is_some());
        for (used, number) in [2, 2, 1, 2].into_iter().enumerate() {
            put_to_use(&path, number).unwrap();
            keys.refresh();
            assert_eq!((keys.current(), keys.numbers()), (number, vec![2, 1]), "{used}");
            assert_eq!(keys.lasting("test"), lasting);
        }
        assert!(put_to_use(&path, 3).unwrap_err().message.contains("no key 3"));
    }

    #[test]
    fn a_file_that_cannot_be_used_leaves_the_keys_as_they_are() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let (keys, _) = of_two_processes(&path);
        let before = keys.mac(1, "test", &[]);
        let other = format!("1 {}\n", "ab".repeat(32));
        for text in ["", "nonsense", other.as_str()] {
            std::fs::write(&path, text).unwrap();
            assert!(!keys.refresh(), "{text}");
            assert_eq!(keys.mac(1, "test", &[]), before);
        }
    }

    #[test]
    fn a_key_in_use_cannot_be_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("link.keys");
        let (keys, _) = of_two_processes(&path);
        for _ in 0..2 {
            rotate(&path, &Random::system()).unwrap();
        }
        assert!(remove(&path, 3).unwrap_err().message.contains("makes new links"));
        assert!(remove(&path, 1).unwrap_err().message.contains("audit"));
        assert!(remove(&path, 9).unwrap_err().message.contains("no key 9"));
        remove(&path, 2).unwrap();
        assert!(keys.refresh());
        assert_eq!(keys.numbers(), [3, 1]);
    }
}
