//! The store, for verbs that open it themselves. Its lock makes sure that no server has it open, and names the process
//! that does.

use std::net::Ipv4Addr;
use std::path::Path;

use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::error::{Error, Result};
use crate::house;
use crate::identity::Actor;
use crate::keys::Keys;
use crate::random::Random;
use crate::store::Store;

/// An open store and the parts that a verb on it needs.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The server's own keys.
    pub keys: Keys,
    /// The settings.
    pub config: Config,
    /// The source of random bytes.
    pub random: Random,
    /// The time of opening.
    pub now: Timestamp,
}

impl Opened {
    /// Opens the store of these settings.
    ///
    /// # Errors
    /// One sentence if there is none, or if another process has it open.
    pub fn existing(config: Config) -> Result<Self> {
        if !has_store(&config) {
            return Err(no_store(&config.store.data_dir));
        }
        Self::of(config)
    }

    /// The store of these settings to look at only, beside the process that has it open.
    ///
    /// # Errors
    /// One sentence if there is none, or if it has another schema than this release.
    pub fn beside(config: Config) -> Result<Self> {
        let (now, random) = (Clock::system().now(), Random::system());
        let store = look(&config)?;
        let keys = Keys::open(&config.links.key_file, false, &random)?;
        Ok(Self { store, keys, config, random, now })
    }

    /// Opens the store of these settings; makes it if it is missing.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn of(config: Config) -> Result<Self> {
        let now = Clock::system().now();
        let random = Random::system();
        let store = Store::open(&house::store_settings(&config), now)?;
        let keys = house::keys(&store, &config, &random)?;
        Ok(Self { store, keys, config, random, now })
    }
}

/// The actor for the records of a verb: any user who can open the store.
pub fn actor(random: &Random, now: Timestamp) -> Actor {
    Actor {
        user: None,
        name: "command line".into(),
        credential: None,
        address: Ipv4Addr::LOCALHOST.into(),
        request_id: random.uuid(now),
    }
}

/// Opens the store of these settings read-only, whether a server runs or not.
///
/// # Errors
/// One sentence if there is none.
pub fn look(config: &Config) -> Result<Store> {
    if !has_store(config) {
        return Err(no_store(&config.store.data_dir));
    }
    Store::look(&house::store_settings(config), Clock::system().now())
}

fn no_store(directory: &Path) -> Error {
    Error::not_found(format!(
        "There is no store in {}. Make one with `tenantry init`, or name its directory with --data.",
        directory.display()
    ))
}

/// Whether a store was ever made in the configured directory; for PostgreSQL always true, since only opening tells.
pub fn has_store(config: &Config) -> bool {
    config.store.postgres.is_some() || Store::is_in(&config.store.data_dir)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments::Open;
    use crate::config::load;

    #[test]
    fn a_directory_without_a_store_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let open = Open { config: None, data: Some(directory.path().into()) };
        let config = load(&open.sources(Vec::new())).unwrap().config;
        let failure = Opened::existing(config).err().unwrap();
        assert!(failure.message.contains("`tenantry init`"), "{}", failure.message);
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
