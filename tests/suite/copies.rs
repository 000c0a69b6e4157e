//! A store made once for the whole run by the product's own code, from which tests get copies: on the embedded engine the
//! files of its directory, on PostgreSQL a database made with this one as its template.

use std::ffi::OsString;
use std::fs::{OpenOptions, read_dir};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tenantry::clock::Clock;
use tenantry::config::Config;
use tenantry::dev::{Sample, prepare};
use tenantry::private;

use crate::engine::copy_database;
use crate::rig::{START, open, settings_for};

/// A store that nobody has open.
pub struct Original {
    files: Vec<(OsString, Vec<u8>)>,
    /// The directory to which its database belongs.
    directory: PathBuf,
}

impl Original {
    /// The closed store in this directory, which may go away afterwards.
    pub fn of(directory: &Path) -> Self {
        let found = read_dir(directory).unwrap().map(|entry| entry.unwrap());
        // A socket is no part of a store.
        let found = found.filter(|entry| entry.file_type().unwrap().is_file());
        let files = found.map(|entry| (entry.file_name(), std::fs::read(entry.path()).unwrap())).collect();
        Self { files, directory: directory.to_path_buf() }
    }

    /// Puts a copy into a directory, in the database that belongs to it if `has_database`.
    pub fn copy_to(&self, directory: &Path, has_database: bool) {
        private::make_directories(directory).unwrap();
        for (name, bytes) in &self.files {
            let how = &mut OpenOptions::new();
            let file = private::open(how.write(true).create_new(true), &directory.join(name));
            file.unwrap().write_all(bytes).unwrap();
        }
        if has_database {
            copy_database(&self.directory, directory);
        }
    }
}

/// A store with the sample tenant and nobody else.
struct Prepared {
    original: Original,
    sample: Sample,
    seed: String,
}

/// Puts a store with the sample tenant into an empty directory and tells the users of that tenant. None where these
/// settings would make another one.
pub fn sample_for(config: &Config) -> Option<Sample> {
    static PREPARED: [OnceLock<Prepared>; 2] = [const { OnceLock::new() }; 2];
    let data = &config.store.data_dir;
    let has_database = config.store.postgres.is_some();
    let prepared = PREPARED[usize::from(has_database)].get_or_init(|| Prepared::new(has_database));
    if config.links.key_file != data.join("link.keys") || prepared.seed != seed(config) {
        return None;
    }
    prepared.original.copy_to(data, has_database);
    Some(prepared.sample.clone())
}

/// What of the settings goes into the sample tenant and its hashes.
fn seed(config: &Config) -> String {
    let Config { links, reset, sessions, passwords, .. } = config;
    let cost = (passwords.memory_kib, passwords.iterations, passwords.parallelism);
    format!("{} {reset:?} {sessions:?} {cost:?}", links.lifetime_minutes)
}

impl Prepared {
    fn new(has_database: bool) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // It is not served.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let config = settings_for(directory.path(), address, |config| {
            if !has_database {
                config.store.postgres = None;
            }
        });
        let seed = seed(&config);
        let house = open(config, &Clock::by_hand(START));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let sample = runtime.block_on(prepare(&house, 0)).unwrap();
        house.store.close();
        drop(house);
        Self { original: Original::of(directory.path()), sample, seed }
    }
}
