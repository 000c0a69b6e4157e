//! `tenantry move`: a store goes to another place or engine.

use std::path::PathBuf;

use super::arguments::Move;
use super::opened::has_store;
use super::output::{Output, aligned};
use crate::backup::move_to;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::store::Settings;

/// Nobody else writes to a store that is being moved.
const QUEUE: usize = 16;

/// # Errors
/// One sentence that says what is in the way.
pub async fn run(ask: &Move, output: Output) -> Result<()> {
    let (from, to) = (place(&ask.from)?, place(&ask.to)?);
    if !has_store(&from.data_dir) {
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
         The key file goes with it: name it in links.key_file. {} is not served any more; remove it when you are sure.",
        aligned(&["TABLE", "ROWS", "DIGEST"], &rows),
        ask.to,
        ask.from,
    );
    output.object(&moved, &text)
}

fn place(text: &str) -> Result<Settings> {
    match text.split_once(':') {
        Some(("sqlite", directory)) if !directory.is_empty() => {
            Ok(Settings { data_dir: PathBuf::from(directory), queue_max: QUEUE })
        }
        _ => Err(Error::invalid(format!("{text} names no store. Give sqlite: and a directory."))),
    }
}
