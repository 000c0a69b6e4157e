//! The embedded engine: SQLite in WAL mode with `synchronous=FULL`, one writer thread, readers beside it.
//!
//! The writer takes what waits, runs it in one transaction, commits once and then answers: the next
//! group forms while this one flushes. A thread of its own moves the log into the database, so that
//! no commit has to (measured: the tail at 64 clients falls from 36 to 7 ms).

mod beside;
mod connection;
mod forward;
mod lock;
mod place;
mod statistics;
mod writer;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use self::lock::DirectoryLock;
use super::faults::Faults;
use super::queue::{Queue, held};
use super::tx::Session;
use super::{Scope, Tx, at_place, migrate};
use crate::clock::Timestamp;
use crate::error::{Error, Result};

pub use self::beside::Beside;
pub use self::connection::Connection;
pub use self::forward::Forward;
pub(super) use self::place::{make_one_file, remove};
pub(super) use self::writer::in_savepoint;

pub(super) const FILE: &str = "tenantry.db";
/// Longer than any group holds the lock, shorter than anyone waits for an answer.
const BUSY: Duration = Duration::from_secs(5);
/// The largest database, in bytes, that is written anew while others wait to write: it takes less than a second.
const ANEW_MAX: i64 = 64 << 20;

/// The engine with its threads.
pub struct Engine {
    readers: Mutex<Vec<Connection>>,
    path: std::path::PathBuf,
    queue: Queue,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<DirectoryLock>>,
    faults: Arc<Faults>,
}

impl Engine {
    pub(super) fn open(data_dir: &Path, queue_max: usize, now: Timestamp) -> Result<Self> {
        let lock = DirectoryLock::take(data_dir)?;
        place::keep_private(data_dir)?;
        let path = data_dir.join(FILE);
        let faults = Arc::new(Faults::default());
        let writing = Connection::for_writing(&path, Arc::clone(&faults))?;
        let prepare = || {
            writing.batch("BEGIN IMMEDIATE")?;
            bring_up(&writing, now)?;
            writing.batch("COMMIT")
        };
        prepare().map_err(|failure| at_place(&data_dir.display().to_string(), failure))?;
        let checkpointing = Connection::for_writing(&path, Arc::default())?;

        let (queue, receiver) = Queue::new(queue_max, 1);
        let threads = vec![
            writer::start(writing, receiver, queue.figures())?,
            writer::start_checkpoints(checkpointing, queue.figures())?,
        ];
        Ok(Self {
            readers: Mutex::default(),
            path,
            queue,
            threads: Mutex::new(threads),
            lock: Mutex::new(Some(lock)),
            faults,
        })
    }

    /// Opens a database to read it only: without the lock, beside a process that has it open, and wherever it lies.
    pub(super) fn look(path: &Path) -> Result<Self> {
        let reading = Connection::for_reading(path)?;
        // Nobody takes from this queue: a caller who wants to write is told that nothing is written any more.
        let (queue, _) = Queue::new(1, 1);
        Ok(Self {
            readers: Mutex::new(vec![reading]),
            path: path.to_path_buf(),
            queue,
            threads: Mutex::default(),
            lock: Mutex::default(),
            faults: Arc::default(),
        })
    }

    pub(super) fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = self.reader()?;
        connection.ask("BEGIN", &[])?;
        let answer = verb(&mut Tx { session: Session::Sqlite(&connection), scope });
        connection.ask("COMMIT", &[])?;
        held(&self.readers).push(connection);
        answer
    }

    pub(super) fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = self.reader()?;
        let answer = verb(&mut Tx { session: Session::Sqlite(&connection), scope });
        held(&self.readers).push(connection);
        answer
    }

    fn reader(&self) -> Result<Connection> {
        let waiting = held(&self.readers).pop();
        waiting.map_or_else(|| Connection::for_reading(&self.path), Ok)
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(super) fn faults(&self) -> &Faults {
        &self.faults
    }

    pub(super) fn check(&self) -> Result<Vec<String>> {
        let connection = Connection::for_reading(&self.path)?;
        let lines = connection.ask("PRAGMA integrity_check(20)", &[])?.rows;
        let lines = lines.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    pub(super) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(&self.path)
    }

    pub(super) fn explain(&self, statement: &str) -> Result<Vec<String>> {
        let connection = self.reader()?;
        let plan = connection.explain(statement);
        held(&self.readers).push(connection);
        Ok(vec![plan?])
    }

    /// Leaves nothing in the files of what was deleted: a small database is written anew, and the log is moved into it and cut
    /// off. Whether the log could be: a reader may still need it.
    pub(super) fn scrub(&self) -> Result<bool> {
        let connection = Connection::for_writing(&self.path, Arc::default())?;
        let pages: i64 = one(&connection, "PRAGMA page_count")?;
        if pages * one(&connection, "PRAGMA page_size")? <= ANEW_MAX {
            connection.batch("VACUUM")?;
        }
        Ok(one(&connection, "PRAGMA wal_checkpoint(TRUNCATE)")? == 0)
    }

    pub(super) fn close(&self) {
        self.queue.close();
        for thread in held(&self.threads).drain(..) {
            // The last handle may go away with a job, on the writer itself, which then ends anyway.
            if thread.thread().id() == std::thread::current().id() {
                continue;
            }
            thread.thread().unpark();
            // A thread that panicked has already said so; there is nothing left to wait for.
            let _ = thread.join();
        }
        held(&self.readers).clear();
        drop(held(&self.lock).take());
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

/// The first number that a statement answers.
fn one(connection: &Connection, statement: &'static str) -> Result<i64> {
    let rows = connection.ask(statement, &[])?.rows;
    rows.first().ok_or_else(|| Error::internal("a row that must exist was not found"))?.get(0)
}

/// Brings a database to the present schema, in the caller's transaction.
fn bring_up(writing: &Connection, now: Timestamp) -> Result<()> {
    migrate::migrate(&Session::Sqlite(writing), now)?;
    statistics::keep(writing)
}

pub(super) fn unusable(directory: &Path, cause: std::io::Error) -> Error {
    Error::unavailable(
        format!(
            "The data directory {} cannot be used: {cause}. Give Tenantry a directory that it may write.",
            directory.display()
        ),
        5,
    )
}
