//! Which engine the suite runs on: the embedded one, or with `TENANTRY_TEST_ENGINE=postgres` the other, from the same
//! source.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tenantry::secret::Secret;
use tenantry::store::{PostgresSettings, Settings};

use crate::postgres::server;

/// Whether this run is on PostgreSQL.
#[expect(clippy::disallowed_methods, reason = "chosen by the person who runs the suite; not a setting of the product")]
pub fn is_postgres() -> bool {
    std::env::var("TENANTRY_TEST_ENGINE").is_ok_and(|engine| engine == "postgres")
}

/// The address of the database that belongs to a data directory, made at the first question; none on the embedded engine.
pub fn database_of(data: &Path) -> Option<String> {
    is_postgres().then(|| made_once(data, |name| server().database(name).unwrap()))
}

/// Makes the database of a data directory a copy of the one of another, to which nobody may be connected.
pub fn copy_database(from: &Path, to: &Path) {
    if let Some(original) = database_of(from) {
        let original = original.rsplit('/').next().unwrap();
        made_once(to, |name| server().copy_of(original, name).unwrap());
    }
}

/// The address of the database of a data directory, made under the name that is handed over unless it is there.
fn made_once(data: &Path, make: impl FnOnce(&str) -> String) -> String {
    static KNOWN: Mutex<Vec<(PathBuf, Arc<OnceLock<String>>)>> = Mutex::new(Vec::new());
    let (nth, address) = {
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = known.iter().position(|(directory, _)| directory == data).unwrap_or(known.len());
        if nth == known.len() {
            known.push((data.to_path_buf(), Arc::default()));
        }
        (nth, Arc::clone(&known[nth].1))
    };
    // Others need not wait while the server makes this one.
    address.get_or_init(|| make(&format!("store_{nth}"))).clone()
}

/// The store that belongs to a data directory.
pub fn settings_of(data: &Path, queue_max: usize) -> Settings {
    let postgres = database_of(data).map(|url| PostgresSettings {
        url: Secret::new(url),
        ca_file: None,
        readers_max: 12,
        schema: None,
        silence: PostgresSettings::SILENCE,
    });
    Settings { data_dir: data.to_path_buf(), postgres, queue_max }
}
