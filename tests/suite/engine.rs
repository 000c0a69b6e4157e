//! Which engine the suite runs on: the embedded one, or with `TENANTRY_TEST_ENGINE=postgres` the other, from the same
//! source.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

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
    static KNOWN: Mutex<Option<HashMap<PathBuf, String>>> = Mutex::new(None);
    if !is_postgres() {
        return None;
    }
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let known = known.get_or_insert_default();
    let name = format!("store_{}", known.len());
    Some(known.entry(data.to_path_buf()).or_insert_with(|| server().database(&name).unwrap()).clone())
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
