//! What the planner is told about the tables. Without a word it takes the first column of a key for a good choice, which
//! is the tenant and so all of its rows, wherever another index does not cover the query.
//!
//! The figures are fixed, made from the schema, and the same in every store: plans do not change as a store grows, nor
//! when an administrator runs ANALYZE. See `docs/decisions/0020-plans-made-anew.md`.

use super::Connection;
use crate::error::Result;
use crate::params;
use crate::store::value::Row;

/// Rows of a table; of one tenant; of one value of any further column that does not name a row by itself.
const ROWS: [i64; 3] = [1_000_000, 100_000, 10];
/// The same of an index over the few rows that a condition leaves.
const ROWS_OF_PARTIAL: [i64; 3] = [1_000, 10, 1];

/// A row for each column of each index, in order: table, index, whether by the primary key, whether it names one row,
/// whether it has a condition, and the column.
const INDEXES: &str = "SELECT t.name, i.name, i.origin = 'pk', i.\"unique\", i.partial, c.name
    FROM sqlite_schema t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY t.name, i.name, c.seqno";

/// What is told of one index: table, name, figures.
type Told = (String, String, String);

/// Writes the figures where they are not as they must be, and lets the connection plan by them. Connections that are
/// opened afterwards find them.
///
/// # Errors
/// Those of the store.
pub(super) fn keep(connection: &Connection) -> Result<()> {
    let wanted = wanted(connection)?;
    if present(connection)? == wanted {
        return Ok(());
    }
    // Makes the table, which nobody else may make.
    connection.batch("ANALYZE migrations; DELETE FROM sqlite_stat1")?;
    for (table, index, figures) in &wanted {
        let insert = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)";
        connection.ask(insert, &params![table, index, figures])?;
    }
    connection.batch("ANALYZE sqlite_schema")
}

fn present(connection: &Connection) -> Result<Vec<Told>> {
    if connection.ask("SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", &[])?.rows.is_empty() {
        return Ok(Vec::new());
    }
    let told = connection.ask("SELECT tbl, COALESCE(idx, ''), stat FROM sqlite_stat1 ORDER BY tbl, idx", &[])?.rows;
    told.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
}

fn wanted(connection: &Connection) -> Result<Vec<Told>> {
    let columns = connection.ask(INDEXES, &[])?.rows;
    let of_one_index = columns.chunk_by(|a, b| a.0.get(..2) == b.0.get(..2));
    let mut told = of_one_index.map(tell).collect::<Result<Vec<_>>>()?;
    told.sort();
    Ok(told)
}

/// The figures of the index with these columns.
fn tell(columns: &[Row]) -> Result<Told> {
    let first = &columns[0];
    let (table, index) = (first.get::<String>(0)?, first.get::<String>(1)?);
    let (is_key, is_unique, is_partial) = (first.get::<bool>(2)?, first.get::<bool>(3)?, first.get::<bool>(4)?);
    let [all, of_tenant, of_other] = if is_partial { ROWS_OF_PARTIAL } else { ROWS };
    let mut figures = vec![all.to_string()];
    for (nth, column) in columns.iter().enumerate() {
        let names_a_row = is_unique && nth + 1 == columns.len();
        let is_tenant = column.get::<String>(5)? == "tenant";
        let rows = if names_a_row { 1 } else { if is_tenant { of_tenant } else { of_other } };
        figures.push(rows.to_string());
    }
    // The tables are clustered by their key, whose figures stand under the name of the table.
    Ok((table.clone(), if is_key { table } else { index }, figures.join(" ")))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use super::*;
    use crate::clock::Timestamp;
    use crate::store::{Settings, Store};

    /// A store that was opened and closed, by a connection of its own.
    fn opened(directory: &Path) -> Connection {
        Store::open(&Settings::embedded(directory, 10), Timestamp(0)).unwrap().close();
        Connection::for_writing(&directory.join(super::super::FILE), Arc::default()).unwrap()
    }

    #[test]
    fn every_index_is_told_of_also_one_that_came_later() {
        let directory = tempfile::tempdir().unwrap();
        let connection = opened(directory.path());
        let told = present(&connection).unwrap();
        assert_eq!(told, wanted(&connection).unwrap());
        let of = |index: &str, told: &[Told]| told.iter().find(|one| one.1 == index).map(|one| one.2.clone());
        assert_eq!(of("users", &told).as_deref(), Some("1000000 100000 1"));
        assert_eq!(of("sessions_user", &told).as_deref(), Some("1000000 100000 10"));
        assert_eq!(of("credentials_secret", &told).as_deref(), Some("1000000 1"));
        assert_eq!(of("users_owner", &told).as_deref(), Some("1000 10"));
        let later = "CREATE TABLE later (tenant INTEGER, a INTEGER, b INTEGER, PRIMARY KEY (tenant, a)) WITHOUT ROWID;
            CREATE INDEX later_b ON later (tenant, b)";
        connection.batch(later).unwrap();
        drop(connection);
        let told = present(&opened(directory.path())).unwrap();
        assert_eq!(of("later", &told).as_deref(), Some("1000000 100000 1"));
        assert_eq!(of("later_b", &told).as_deref(), Some("1000000 100000 10"));
    }

    #[test]
    fn what_an_administrators_analyze_has_written_lasts_no_longer_than_until_the_next_start() {
        let directory = tempfile::tempdir().unwrap();
        let connection = opened(directory.path());
        let ours = present(&connection).unwrap();
        let user = "INSERT INTO namespaces VALUES (1, 'a', x'00', '', 0, '', 0), (1, 'b', x'01', '', 0, '', 0)";
        connection.batch(&format!("{user}; ANALYZE")).unwrap();
        assert_ne!(present(&connection).unwrap(), ours);
        drop(connection);
        let connection = opened(directory.path());
        assert_eq!(present(&connection).unwrap(), ours);
    }

    #[test]
    fn what_is_told_is_written_once() {
        let directory = tempfile::tempdir().unwrap();
        let connection = opened(directory.path());
        let changes = || connection.ask("SELECT total_changes()", &[]).unwrap().rows[0].get::<i64>(0).unwrap();
        let before = changes();
        keep(&connection).unwrap();
        assert_eq!(changes(), before);
    }
}
