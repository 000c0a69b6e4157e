//! The embedded engine: SQLite in WAL mode with `synchronous=FULL`, one writer thread, readers beside it.
//!
//! The writer takes what waits, runs it in one transaction, commits once and then answers: the next
//! group forms while this one flushes. A thread of its own moves the log into the database, so that
//! no commit has to (measured: the tail at 64 clients falls from 36 to 7 ms).

mod connection;
mod lock;
mod place;
mod writer;

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::oneshot;

use self::lock::DirectoryLock;
use super::faults::Faults;
use super::{Scope, Settings, Stats, Tx, migrate};
use crate::clock::Timestamp;
use crate::error::{Error, Result};

pub use self::connection::Connection;
pub(super) use self::place::{make_one_file, put_aside, remove};
pub(super) use self::writer::{Claim, Job, in_savepoint, is_sound, too_late, wait_for_answer};

pub(super) const FILE: &str = "tenantry.db";
/// Longer than any group holds the lock, shorter than anyone waits for an answer.
const BUSY: Duration = Duration::from_secs(5);

/// The engine with its threads.
pub struct Engine {
    readers: Mutex<Vec<Connection>>,
    path: std::path::PathBuf,
    sender: Mutex<Option<SyncSender<Box<dyn Job>>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    lock: Mutex<Option<DirectoryLock>>,
    figures: Arc<Figures>,
    faults: Arc<Faults>,
    queue_max: usize,
}

#[derive(Default)]
pub(super) struct Figures {
    pub(super) commits: AtomicU64,
    pub(super) writes: AtomicU64,
    pub(super) waiting: AtomicUsize,
}

impl Engine {
    pub(super) fn open(settings: &Settings, now: Timestamp) -> Result<Self> {
        // Hashes of passwords lie here: no one else on this machine needs to get in.
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&settings.data_dir);
        made.map_err(|cause| unusable(&settings.data_dir, cause))?;
        let lock = DirectoryLock::take(&settings.data_dir)?;
        let path = settings.data_dir.join(FILE);
        let faults = Arc::new(Faults::default());
        let writing = Connection::for_writing(&path, Arc::clone(&faults))?;
        writing.batch("BEGIN IMMEDIATE")?;
        migrate::migrate(&writing, now)?;
        writing.batch("COMMIT")?;
        let checkpointing = Connection::for_writing(&path, Arc::default())?;

        let (sender, receiver) = sync_channel(settings.queue_max);
        let figures = Arc::new(Figures::default());
        let threads = vec![
            writer::start(writing, receiver, Arc::clone(&figures))?,
            writer::start_checkpoints(checkpointing, Arc::clone(&figures))?,
        ];
        Ok(Self {
            readers: Mutex::default(),
            path,
            sender: Mutex::new(Some(sender)),
            threads: Mutex::new(threads),
            lock: Mutex::new(Some(lock)),
            figures,
            faults,
            queue_max: settings.queue_max,
        })
    }

    /// Opens a database to read it only: without the lock, beside whoever has it open, and wherever it lies.
    pub(super) fn look(path: &Path) -> Result<Self> {
        let reading = Connection::for_reading(path)?;
        migrate::require_present(&reading)?;
        Ok(Self {
            readers: Mutex::new(vec![reading]),
            path: path.to_path_buf(),
            sender: Mutex::default(),
            threads: Mutex::default(),
            lock: Mutex::default(),
            figures: Arc::default(),
            faults: Arc::default(),
            queue_max: 0,
        })
    }

    pub(super) fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = self.reader()?;
        connection.ask("BEGIN", &[])?;
        let answer = verb(&mut Tx { connection: &connection, scope });
        connection.ask("COMMIT", &[])?;
        held(&self.readers).push(connection);
        answer
    }

    pub(super) fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = self.reader()?;
        let answer = verb(&mut Tx { connection: &connection, scope });
        held(&self.readers).push(connection);
        answer
    }

    fn reader(&self) -> Result<Connection> {
        let waiting = held(&self.readers).pop();
        waiting.map_or_else(|| Connection::for_reading(&self.path), Ok)
    }

    pub(super) async fn write<T: Send + 'static>(
        &self,
        scope: Scope,
        verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, receive) = oneshot::channel();
        let claim = Claim::default();
        self.enqueue(Box::new(writer::Single::new(scope, claim.clone(), verb, answer)))?;
        wait_for_answer(scope, &claim, receive).await
    }

    pub(super) fn enqueue(&self, job: Box<dyn Job>) -> Result<()> {
        let sender = held(&self.sender);
        let Some(sender) = sender.as_ref() else { return Err(draining()) };
        self.figures.waiting.fetch_add(1, Ordering::Relaxed);
        sender.try_send(job).map_err(|refused| {
            self.figures.waiting.fetch_sub(1, Ordering::Relaxed);
            match refused {
                TrySendError::Full(_) => too_much_waits(),
                TrySendError::Disconnected(_) => draining(),
            }
        })
    }

    pub(super) fn queue_max(&self) -> usize {
        self.queue_max
    }

    /// The directory is locked to this process, so nobody else commits.
    pub(super) fn moment(&self) -> u64 {
        self.figures.commits.load(Ordering::Acquire)
    }

    pub(super) fn stats(&self) -> Stats {
        Stats {
            commits: self.figures.commits.load(Ordering::Relaxed),
            writes: self.figures.writes.load(Ordering::Relaxed),
            waiting: self.figures.waiting.load(Ordering::Relaxed),
        }
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

    pub(super) fn close(&self) {
        drop(held(&self.sender).take());
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

/// A panic while holding one of these leaves nothing half changed, so the next one may go on.
pub(super) fn held<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn too_much_waits() -> Error {
    Error::unavailable("Too many changes wait to be written. Nothing was changed; try again shortly.", 1)
}

pub(super) fn draining() -> Error {
    Error::unavailable("This server is shutting down. Nothing was changed; try again in a few seconds.", 5)
}

fn unusable(directory: &Path, cause: std::io::Error) -> Error {
    Error::unavailable(
        format!(
            "The data directory {} cannot be used: {cause}. Give Tenantry a directory that it may write.",
            directory.display()
        ),
        5,
    )
}
