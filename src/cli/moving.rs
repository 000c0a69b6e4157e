//! `tenantry move`: moves a store to another place or engine.

use std::path::PathBuf;

use super::arguments::Move;
use super::output::{Output, aligned};
use crate::backup::move_to;
use crate::clock::Clock;
use crate::config::{Config, Sources, load, process_environment};
use crate::error::{Error, Result};
use crate::house::store_settings;
use crate::secret::Secret;
use crate::store::{Settings, Store};

/// # Errors
/// One sentence that names the obstacle.
pub async fn run(ask: &Move, output: Output) -> Result<()> {
    let sources = Sources::new(ask.config.clone(), process_environment());
    let config = load(&sources)?.config;
    let (from, to) = (place(&ask.from, &config)?, place(&ask.to, &config)?);
    if from.postgres.is_none() && !Store::is_in(&from.data_dir) {
        return Err(Error::not_found(format!("There is no store at {}.", ask.from)));
    }
    let progress = move |table: &str, rows: u64| output.progress(&format!("{table}: {rows} rows"));
    let moved = move_to(&from, &to, Clock::system().now(), progress).await;
    output.progress("");
    let moved = moved?;
    let row = |one: &crate::store::Measured| vec![one.table.to_string(), one.rows.to_string(), one.digest.clone()];
    let rows: Vec<_> = moved.tables.iter().map(row).collect();
    let text = format!(
        "{}\n\nEverything is in {} now, and reads the same there. Links, sessions and credentials go on working.\n\
         The key file goes with it: name it in links.key_file. What is in {} is not served any more; remove it when you are sure.",
        aligned(&["TABLE", "ROWS", "DIGEST"], &rows),
        shown(&ask.to),
        shown(&ask.from),
    );
    output.object(&moved, &text)
}

/// `sqlite:` and a directory, or `postgres:` and an address; without an address, the configured one.
fn place(text: &str, config: &Config) -> Result<Settings> {
    let mut config = config.clone();
    match text.split_once(':') {
        Some(("sqlite", directory)) if !directory.is_empty() => {
            config.store.postgres = None;
            config.store.data_dir = PathBuf::from(directory);
        }
        Some(("postgres", "")) if config.store.postgres.is_some() => {}
        Some(("postgres", rest)) if rest.starts_with("//") => config.store.postgres = Some(Secret::new(text.into())),
        Some(("postgres", url)) if url.contains("://") => config.store.postgres = Some(Secret::new(url.into())),
        _ => {
            return Err(Error::invalid(
                "A store is sqlite: and a directory, or postgres: and an address; postgres: alone is the one of the settings.",
            ));
        }
    }
    if config.store.postgres.is_some() {
        // A store in PostgreSQL keeps nothing in the data directory.
        config.store.data_dir = PathBuf::from(".");
    }
    Ok(store_settings(&config))
}

/// The place without its password.
fn shown(text: &str) -> &str {
    if text.starts_with("postgres:") { "the PostgreSQL database" } else { text }
}
