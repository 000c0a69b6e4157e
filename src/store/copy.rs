//! A whole store, carried into another one: every table in the order of its key, page by page, from one snapshot.
//!
//! Both sides are then measured: rows counted, and a digest over what they say (`sum`).

use std::sync::LazyLock;

use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::sum::Sum;
use super::tables::{TABLES, Table};
use super::{Batch, Param, Row, Scope, Store, Tx, Value, migrate};
use crate::error::{Error, Result};

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Its name.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// What they say, as 64 hexadecimal digits; the order of rows does not matter.
    pub digest: String,
}

/// One digest over all of them.
pub fn digest_of(tables: &[Measured]) -> Vec<u8> {
    let mut all = Sha256::new();
    for Measured { table, rows, digest } in tables {
        all.update(format!("{table} {rows} {digest}\n"));
    }
    all.finalize().to_vec()
}

/// Copies everything that one snapshot shows into an empty store, and makes sure that it has arrived; releases that are too
/// old for the one are too old for the other. `progress` is told the table and how many of its rows are there. Blocks; `runtime` is the one that the store writes with.
///
/// # Errors
/// Those of either store; `Internal` when what has arrived differs.
pub fn copy(from: &mut Tx<'_>, to: &Store, runtime: &Handle, progress: impl Fn(&str, u64)) -> Result<Vec<Measured>> {
    let mut sent = Vec::with_capacity(PLANS.len());
    for plan in PLANS.iter() {
        let measured = plan.walk(from, |rows, so_far| {
            let insert = to.write(Scope::HOUSE, move |tx| plan.insert(tx, &rows));
            runtime.block_on(insert).map_err(|failure| to.at_place(failure))?;
            progress(plan.table.name, so_far);
            Ok(())
        })?;
        sent.push(measured);
    }
    let bars = migrate::bars(from)?;
    let keep =
        to.write(Scope::HOUSE, move |tx| bars.iter().try_for_each(|(step, bar)| migrate::raise(tx, *step, *bar)));
    runtime.block_on(keep).map_err(|failure| to.at_place(failure))?;
    let arrived = to.read(Scope::HOUSE, measure)?;
    match sent.iter().zip(&arrived).find(|(sent, arrived)| sent != arrived) {
        None => Ok(arrived),
        Some((sent, arrived)) => Err(Error::internal(format!(
            "of the table {} {} rows were read and {} are there, digest {} and {}: the copy is not whole",
            sent.table, sent.rows, arrived.rows, sent.digest, arrived.digest
        ))),
    }
}

/// Counts and digests of all tables.
///
/// # Errors
/// Those of the store.
pub fn measure(tx: &mut Tx<'_>) -> Result<Vec<Measured>> {
    PLANS.iter().map(|plan| plan.walk(tx, |_, _| Ok(()))).collect()
}

/// As [`measure`], of a store that has fewer tables or columns than this release knows: what the release measured that
/// wrote it. `has` tells whether a table has a column.
///
/// # Errors
/// Those of the store.
pub(super) fn measure_older(tx: &mut Tx<'_>, has: impl Fn(&str, &str) -> bool) -> Result<Vec<Measured>> {
    let plans = TABLES.iter().filter_map(|table| Plan::of_older(table, &has));
    plans.map(|plan| plan.walk(tx, |_, _| Ok(()))).collect()
}

/// Every statement that copies are made by, since no literal holds them.
pub fn statements_of_copies() -> impl Iterator<Item = &'static str> {
    PLANS.iter().flat_map(|plan| [plan.first, plan.next, plan.insert.text(), plan.clear])
}

/// Whether no table has a row.
pub(super) fn is_empty(tx: &mut Tx<'_>) -> Result<bool> {
    for plan in PLANS.iter() {
        if tx.maybe(plan.first, &[Param::Int(1)])?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Takes every row away, one table after the other.
pub(super) async fn clear(store: &Store) -> Result<()> {
    for plan in PLANS.iter() {
        store.write(Scope::HOUSE, |tx| tx.run(plan.clear, &[])).await?;
    }
    Ok(())
}

/// A table and its statements, which are made once.
struct Plan {
    table: &'static Table,
    first: &'static str,
    next: &'static str,
    insert: Batch,
    clear: &'static str,
    /// Where the columns of the key stand among all.
    key: Vec<usize>,
}

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| TABLES.iter().map(Plan::of).collect());

impl Plan {
    fn of(table: &'static Table) -> Self {
        let fixed = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
        let places = |count: usize| (1..=count).map(|nth| format!("${nth}")).collect::<Vec<_>>().join(", ");
        let (name, columns, key) = (table.name, table.columns.join(", "), table.key.join(", "));
        let (bound, limit) = (places(table.key.len()), table.key.len() + 1);
        let all = places(table.columns.len());
        Self {
            table,
            first: fixed(format!("SELECT {columns} FROM {name} ORDER BY {key} LIMIT $1")),
            next: fixed(format!(
                "SELECT {columns} FROM {name} WHERE ({key}) > ({bound}) ORDER BY {key} LIMIT ${limit}"
            )),
            insert: Batch::new(fixed(format!("INSERT INTO {name} ({columns}) VALUES ({all})"))),
            clear: fixed(format!("DELETE FROM {name}")),
            key: table.key.iter().filter_map(|key| table.columns.iter().position(|column| column == key)).collect(),
        }
    }

    /// The same for as much of a table as a store has. Once in the life of a process, so what is leaked is little.
    fn of_older(table: &'static Table, has: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let columns: Vec<&'static str> =
            table.columns.iter().copied().filter(|column| has(table.name, column)).collect();
        let is_there = !columns.is_empty();
        let leaked = || Box::leak(Box::new(Table { columns: Vec::leak(columns), ..*table }));
        is_there.then(|| Self::of(leaked()))
    }

    /// Every row in the order of the key, a page at a time; `each` also hears how many there were so far.
    fn walk(&self, tx: &mut Tx<'_>, mut each: impl FnMut(Vec<Row>, u64) -> Result<()>) -> Result<Measured> {
        let (mut count, mut sum) = (0, Sum::default());
        let mut rows = tx.all(self.first, &[Param::Int(self.table.page)])?;
        while let Some(last) = rows.last() {
            let key = self.key.iter().filter_map(|place| last.0.get(*place)).cloned().collect::<Vec<_>>();
            rows.iter().for_each(|row| sum.add(row));
            count += rows.len() as u64;
            let is_last = rows.len() < usize::try_from(self.table.page).unwrap_or(usize::MAX);
            each(rows, count)?;
            if is_last {
                break;
            }
            let mut params: Vec<_> = key.iter().map(param).collect();
            params.push(Param::Int(self.table.page));
            rows = tx.all(self.next, &params)?;
        }
        Ok(Measured { table: self.table.name, rows: count, digest: sum.hex() })
    }

    fn insert(&self, tx: &mut Tx<'_>, rows: &[Row]) -> Result<()> {
        let params: Vec<Vec<_>> = rows.iter().map(|row| row.0.iter().map(param).collect()).collect();
        tx.each(self.insert, &params).map(drop)
    }
}

fn param(value: &Value) -> Param<'_> {
    match value {
        Value::Null => Param::Null,
        Value::Int(number) => Param::Int(*number),
        Value::Text(text) => Param::Text(text),
        Value::Bytes(bytes) => Param::Bytes(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::store::Settings;

    fn store(directory: &std::path::Path) -> Store {
        Store::open(&Settings::embedded(directory, 10), Timestamp(0)).unwrap()
    }

    #[test]
    fn no_table_and_no_column_is_forgotten() {
        let directory = tempfile::tempdir().unwrap();
        let store = store(directory.path());
        let schema = "SELECT t.name, c.name, c.pk FROM sqlite_schema t JOIN pragma_table_info(t.name) c
            WHERE t.type = 'table' AND t.name NOT IN ('migrations', 'sqlite_stat1', 'sqlite_stat4') ORDER BY t.name, c.cid";
        let rows = store.read(Scope::HOUSE, |tx| tx.all(schema, &[])).unwrap();
        let in_schema: Vec<(String, String, i64)> =
            rows.iter().map(|row| (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap())).collect();
        let mut listed = Vec::new();
        let mut tables: Vec<_> = TABLES.iter().collect();
        tables.sort_by_key(|table| table.name);
        for table in tables {
            for column in table.columns {
                let place = table.key.iter().position(|key| key == column).map_or(0, |place| place + 1);
                listed.push((table.name.to_string(), column.to_string(), i64::try_from(place).unwrap()));
            }
        }
        assert_eq!(listed, in_schema);
    }

    #[test]
    fn a_copy_of_several_pages_is_the_same_store() {
        let directories = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let (from, to) = (store(directories[0].path()), store(directories[1].path()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        const INSERT: Batch =
            Batch::new("INSERT INTO sign_in_failures (tenant, subject, failures, last_at) VALUES ($1, $2, 1, 0)");
        let insert = |tx: &mut Tx<'_>| {
            let subjects: Vec<_> = (0..2_500_i64).map(i64::to_be_bytes).collect();
            let rows: Vec<_> = subjects.iter().map(|subject| crate::params![7, subject]).collect();
            tx.each(INSERT, &rows)?;
            Ok(())
        };
        runtime.block_on(from.write(Scope::HOUSE, insert)).unwrap();
        let copied = from.read(Scope::HOUSE, |tx| copy(tx, &to, runtime.handle(), |_, _| {})).unwrap();
        assert_eq!(copied, from.read(Scope::HOUSE, measure).unwrap());
        assert_eq!(copied.iter().map(|table| table.rows).sum::<u64>(), 2_500);
        assert!(!to.read(Scope::HOUSE, is_empty).unwrap());
        runtime.block_on(clear(&to)).unwrap();
        assert!(to.read(Scope::HOUSE, is_empty).unwrap());
    }
}
