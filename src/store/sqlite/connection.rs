//! One connection to SQLite: settings, statements by their static text, and what its failures mean.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::config::DbConfig;
use rusqlite::ffi::SQLITE_IOERR_FSYNC;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{ErrorCode, OpenFlags, Statement, ToSql};

use super::BUSY;
use crate::error::{Error, Kind, Result};
use crate::store::dialect;
use crate::store::faults::Faults;
use crate::store::tx::Answer;
use crate::store::value::{Param, Row, Value};

/// A page of 2 KiB halves what a small change writes. The log is moved by a thread of its own, so the writer does it
/// only as a backstop at 128 MiB (65,536 pages). The file of the log keeps that size: what is written over is flushed in
/// half the time that a growing file takes (measured). Only what one huge change left beyond 192 MiB is cut off. What is deleted
/// from a page that stays in use is overwritten there, which writes no page more.
const WRITING: &str = "
    PRAGMA page_size = 2048;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA foreign_keys = ON;
    PRAGMA cache_size = -16384;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 65536;
    PRAGMA journal_size_limit = 201326592;
    PRAGMA secure_delete = FAST;
";

const READING: &str = "PRAGMA query_only = ON; PRAGMA cache_size = -2048;";

/// More than the product has statements, so none is ever prepared twice.
const STATEMENTS_MAX: usize = 740;

/// A connection with its prepared statements.
pub struct Connection {
    raw: rusqlite::Connection,
    /// The text for SQLite by the place of the original, which is static: no hashing of long texts.
    respelt: RefCell<HashMap<(usize, usize), Arc<str>>>,
    faults: Option<Arc<Faults>>,
    /// Whether something in the open transaction could not be undone, so that none of it may be committed.
    is_torn: Cell<bool>,
}

impl Connection {
    pub(in crate::store) fn for_writing(path: &Path, faults: Arc<Faults>) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::open(path, flags, WRITING, Some(faults))
    }

    pub(super) fn for_reading(path: &Path) -> Result<Self> {
        Self::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX, READING, None)
    }

    fn open(path: &Path, flags: OpenFlags, settings: &str, faults: Option<Arc<Faults>>) -> Result<Self> {
        let raw = rusqlite::Connection::open_with_flags(path, flags).map_err(|cause| refused(path, cause))?;
        raw.busy_timeout(BUSY).map_err(|cause| refused(path, cause))?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        // Otherwise the planner looks at the values bound to some statements and plans them anew for each.
        raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(|cause| refused(path, cause))?;
        raw.execute_batch(settings).map_err(|cause| refused(path, cause))?;
        Ok(Self { raw, respelt: RefCell::default(), faults, is_torn: Cell::new(false) })
    }

    /// Runs statements without values, such as a migration.
    pub fn batch(&self, sql: &str) -> Result<()> {
        self.pass()?;
        self.raw.execute_batch(sql).map_err(failure)
    }

    /// Opens a transaction; what an earlier one left open is undone first.
    pub(super) fn begin(&self) -> Result<()> {
        if !self.raw.is_autocommit() {
            self.raw.execute_batch("ROLLBACK").map_err(failure)?;
        }
        self.is_torn.set(false);
        self.ask("BEGIN IMMEDIATE", &[]).map(drop)
    }

    /// Commits. Where the flush failed, the whole transaction may stand in the log all the same, and the next start after a
    /// crash would find it there: it is overwritten before anyone is told that nothing was changed.
    pub(super) fn commit(&self) -> Result<()> {
        self.pass()?;
        let outcome = self.raw.prepare_cached("COMMIT").and_then(|mut commit| commit.raw_execute());
        let Err(cause) = outcome else { return Ok(()) };
        let is_unflushed = cause.sqlite_error().is_some_and(|cause| cause.extended_code == SQLITE_IOERR_FSYNC);
        if is_unflushed && self.overwrite_the_end_of_the_log().is_err() {
            return Err(Error::unavailable(
                "The disk failed while this was written, so whether it was done is not known. Look before you ask again.",
                5,
            )
            .caused_by(cause));
        }
        Err(failure(cause))
    }

    /// The next transaction begins where the failed one did; what is left behind it no longer counts. This number means
    /// nothing to us.
    fn overwrite_the_end_of_the_log(&self) -> rusqlite::Result<()> {
        if !self.raw.is_autocommit() {
            self.raw.execute_batch("ROLLBACK")?;
        }
        let number: i32 = self.raw.pragma_query_value(None, "user_version", |row| row.get(0))?;
        self.raw.pragma_update(None, "user_version", number.wrapping_add(1))
    }

    /// Says that the open transaction holds what should have been undone.
    pub(super) fn tear(&self) {
        self.is_torn.set(true);
    }

    /// Fails when the open transaction may not go on: it holds what should have been undone, or the engine
    /// has ended it by itself, as on a full disk. What is written then would be committed alone.
    pub(super) fn require_whole(&self) -> Result<()> {
        if self.is_torn.get() || self.raw.is_autocommit() {
            return Err(Error::unavailable("The store could not finish a write. Nothing was changed; try again.", 1));
        }
        Ok(())
    }

    /// Runs one statement with its values.
    pub fn ask(&self, statement: &'static str, params: &[Param<'_>]) -> Result<Answer> {
        self.pass()?;
        let text = self.respelt(statement);
        let mut prepared = self.raw.prepare_cached(&text).map_err(failure)?;
        for (index, param) in params.iter().enumerate() {
            prepared.raw_bind_parameter(index + 1, param).map_err(failure)?;
        }
        let rows = fetch(&mut prepared)?;
        Ok(Answer { changed: self.raw.changes(), rows })
    }

    /// How a statement would be carried out: a line for each step.
    pub(super) fn explain(&self, statement: &str) -> Result<String> {
        let text = format!("EXPLAIN QUERY PLAN {}", dialect::statement_for_sqlite(statement));
        let mut prepared = self.raw.prepare(&text).map_err(failure)?;
        let steps = fetch(&mut prepared)?.iter().map(|step| step.get::<String>(3)).collect::<Result<Vec<_>>>()?;
        Ok(steps.join("\n"))
    }

    fn respelt(&self, statement: &'static str) -> Arc<str> {
        let place = (statement.as_ptr().addr(), statement.len());
        let mut respelt = self.respelt.borrow_mut();
        Arc::clone(respelt.entry(place).or_insert_with(|| dialect::statement_for_sqlite(statement).into()))
    }

    fn pass(&self) -> Result<()> {
        self.faults.as_ref().map_or(Ok(()), |faults| faults.pass())
    }
}

fn fetch(prepared: &mut Statement<'_>) -> Result<Vec<Row>> {
    let columns = prepared.column_count();
    if columns == 0 {
        prepared.raw_execute().map_err(failure)?;
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next().map_err(failure)? {
        let values =
            (0..columns).map(|index| row.get_ref(index).map_err(failure).and_then(value)).collect::<Result<_>>()?;
        found.push(Row(values));
    }
    Ok(found)
}

fn value(value: ValueRef<'_>) -> Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Text(text) => Value::Text(String::from_utf8(text.to_vec()).map_err(Error::internal)?),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => return Err(Error::internal("no column of this product holds a real number")),
    })
}

impl ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Param::Null => ValueRef::Null,
            Param::Int(number) => ValueRef::Integer(*number),
            Param::Text(text) => ValueRef::Text(text.as_bytes()),
            Param::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// What a failing statement means to the one who asked.
fn failure(cause: rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::ReadOnly | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
            Error::unavailable("The store cannot be written at the moment. Nothing was changed; try again shortly.", 5)
                .caused_by(cause)
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::unavailable("The store is busy. Nothing was changed; try again shortly.", 1).caused_by(cause)
        }
        _ => Error::internal(cause),
    }
}

/// Whether a file is no database, or one that cannot be read any more.
pub(super) fn is_damaged(path: &Path) -> bool {
    let opened = rusqlite::Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    let read = opened.and_then(|raw| raw.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(())));
    let code = read.err().and_then(|cause| cause.sqlite_error_code());
    matches!(code, Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt))
}

/// Why a store cannot be opened, and what to do.
fn refused(path: &Path, cause: rusqlite::Error) -> Error {
    let file = path.display();
    let sentence = match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => format!(
            "The database {file} is damaged. Keep a copy of it, then restore the last backup; `tenantry doctor` tells \
             what is wrong. Nothing was changed."
        ),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!("The database {file} cannot be written. Give Tenantry a data directory that it may write.")
        }
        Some(ErrorCode::DiskFull) => format!("The disk of {file} is full. Free some space and start again."),
        _ => format!("The database {file} cannot be opened: {cause}."),
    };
    Error::new(Kind::Unavailable { retry_after_seconds: 5 }, sentence).caused_by(cause)
}
