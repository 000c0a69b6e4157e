//! The rows of an import that were refused or of which something is told.

use serde_json::{Value, json};

use super::path_of;
use crate::cli::arguments::Api;
use crate::cli::client::Client;
use crate::cli::output::{Output, cell};
use crate::cli::row::{Shows, Table, show};
use crate::error::Result;

const OF_ROWS: Table = Table {
    columns: &[
        ("ROW", |row| cell(&row["row"])),
        ("LINE", |row| cell(&row["line"])),
        ("OUTCOME", |row| cell(&row["outcome"])),
        ("CODES", |row| codes(row)),
        ("FIELD", |row| cell(&row["field"])),
    ],
    nothing: "No rows were refused, and of none anything is told.",
};

fn codes(row: &Value) -> String {
    let codes = row["codes"].as_array().into_iter().flatten().filter_map(Value::as_str);
    codes.collect::<Vec<_>>().join(" ")
}

/// Lists them all, by number.
///
/// # Errors
/// The server's refusal, or that it could not be reached.
pub(super) fn list(api: &Api, id: &str, output: Output) -> Result<()> {
    let client = Client::of(api)?;
    let (mut items, mut after) = (Vec::new(), 0);
    loop {
        let query = [("after", Some(after.to_string())), ("limit", Some("1000".into()))];
        let mut page = client.get(&format!("{}/rows", path_of(id)), &query)?.json();
        if let Value::Array(found) = page["items"].take() {
            items.extend(found);
        }
        match page["next"].as_i64() {
            Some(next) => after = next,
            None => return show(&json!({ "items": items }), Shows::Table(&OF_ROWS), output),
        }
    }
}
