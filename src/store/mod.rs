//! The only room that knows that an engine exists. It names the tables of the domain in one list (`tables.rs`), for copies
//! of a whole store, and in no statement.
//!
//! A room hands a plain synchronous verb to [`Store::read`] or [`Store::write`]. A write that has returned `Ok` is on the
//! disk: the answer to the client may leave. Verbs call nothing but their [`Tx`], so the store may run one again after a
//! conflict, and many writes share one commit.
//!
//! Deliberately absent: a query builder, an ORM, a trait with a method for each query, any clock.

mod batch;
mod copy;
mod dialect;
mod engine;
mod erase;
mod faults;
mod file;
mod group;
mod job;
mod lookup;
mod mark;
mod migrate;
mod postgres;
mod queue;
mod replacement;
mod reword;
mod scope;
mod sqlite;
mod sum;
mod tables;
mod tx;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::logs::Seldom;
use engine::Engine;

pub use batch::{Batch, Sent};
pub use copy::{Measured, copy, digest_of, measure, statements_of_copies};
pub use erase::{erase, statements_of_erasing};
pub use faults::Faults;
pub use file::{BackupFile, Part};
pub use group::Group;
pub use lookup::{Lookup, LookupVerb};
pub use mark::{Mark, mark};
pub use migrate::counts_on;
pub use postgres::PostgresSettings;
pub use replacement::Replacement;
pub use reword::{reword, statements_of_rewording};
pub use scope::Scope;
pub use tables::{Table, tables};
pub use tx::{Answer, Question, Tx};
pub use value::{Columns, FromValue, Param, Row, Value};

/// Where the store lives and how much may wait for it.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The data directory of the embedded store; made if it is missing.
    pub data_dir: PathBuf,
    /// The PostgreSQL database that is the store instead.
    pub postgres: Option<PostgresSettings>,
    /// Writes that may wait before further ones are refused with 503.
    pub queue_max: usize,
}

impl Settings {
    /// The embedded store in a directory.
    pub fn embedded(data_dir: impl Into<PathBuf>, queue_max: usize) -> Self {
        Self { data_dir: data_dir.into(), postgres: None, queue_max }
    }
}

/// Figures for metrics and measurements.
#[derive(Debug, Clone, Copy, Default)]
pub struct Stats {
    /// Commits so far.
    pub commits: u64,
    /// Verbs that ran inside them, each ask of a group counted.
    pub writes: u64,
    /// Writes that wait now.
    pub waiting: usize,
    /// Writers that cannot learn what became of their last change.
    pub in_doubt: usize,
    /// How often a database server was there and said nothing.
    pub silences: u64,
}

/// A database server as it shows itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// What all copies of one database cluster share.
    pub cluster: i64,
    /// Grows by each promotion of a standby.
    pub timeline: u32,
    /// When it was started, in seconds since 1970.
    pub started_at: i64,
}

/// The store. Cheap to clone; the last clone closes it.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    troubles: Arc<Seldom>,
}

impl Store {
    /// Whether a store was ever made in this directory.
    pub fn is_in(data_dir: &Path) -> bool {
        data_dir.join(sqlite::FILE).exists()
    }

    /// Opens the store, made and migrated as needed.
    ///
    /// # Errors
    /// One sentence when the directory is in use, cannot be written, holds a damaged database, was written by a newer release,
    /// or is no store to be served (`mark`); when PostgreSQL cannot be reached or would not keep what is acknowledged.
    pub fn open(settings: &Settings, now: Timestamp) -> Result<Self> {
        let store = Self::open_whatever(settings, now)?;
        store.refuse_if_marked()?;
        Ok(store)
    }

    fn open_whatever(settings: &Settings, now: Timestamp) -> Result<Self> {
        Ok(Self::of(Engine::open(settings, now)?))
    }

    fn of(engine: Engine) -> Self {
        Self { engine: Arc::new(engine), troubles: Arc::default() }
    }

    /// Runs a verb that only reads, on one snapshot, at once. For look-ups of a few rows.
    ///
    /// # Errors
    /// What the verb answers, or `Internal` when the engine fails.
    pub fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.engine.read(scope, verb)
    }

    /// As [`Store::read`] for a verb that asks one statement as a rule: each statement sees the present by itself, and
    /// the two that begin and end a snapshot are saved.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.engine.glance(scope, verb)
    }

    /// Runs a verb that reads much, away from the threads that serve requests. PostgreSQL plans it as its administrator has
    /// configured, not as a look-up by key.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn scan<T: Send + 'static>(
        &self,
        scope: Scope,
        verb: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.scan(scope, verb)).await.map_err(Error::internal)?
    }

    /// Runs a verb in a transaction and returns when that is durable. A verb that answers an error has changed nothing.
    ///
    /// # Errors
    /// What the verb answers; `Unavailable` when too much waits or the store cannot be written;
    /// `Timeout` when the deadline passed before the verb began.
    pub async fn write<T: Send + 'static>(
        &self,
        scope: Scope,
        verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.engine.queue().write(scope, verb).await
    }

    /// Collects the asks of a hot verb while the group before them commits, and calls it once for all.
    /// `key` tells which asks concern the same thing: two of one key never meet in one call. The verb must be fit to run
    /// beside its like: see `Verb`.
    pub fn group<A, O>(&self, key: fn(&A) -> u64, verb: group::Verb<A, O>) -> Group<A, O>
    where
        A: Send + 'static,
        O: Send + 'static,
    {
        Group::new(Arc::clone(&self.engine), key, verb)
    }

    /// Answers all who ask the same kind of question at the same time by one read.
    pub fn lookup<K, V>(&self, verb: LookupVerb<K, V>) -> Lookup<K, V>
    where
        K: PartialEq + Send + 'static,
        V: Clone + Send + 'static,
    {
        Lookup::new(Arc::clone(&self.engine), verb)
    }

    /// A number that every commit changes before anyone is told of it: what was read after it was asked for is still
    /// true while it stands. None where others write to the same store.
    pub fn moment(&self) -> Option<u64> {
        self.engine.moment()
    }

    /// Whether no other process can be at work on this store.
    pub fn is_alone(&self) -> bool {
        matches!(*self.engine, Engine::Sqlite(_))
    }

    /// Logs that something in the background was not done. Every part of the process tries again until the database is
    /// there, and the log is told once a second for all of them.
    pub fn tell(&self, failure: &Error, what: &str) {
        if let Some(times) = self.troubles.due(&failure.message, Instant::now()) {
            tracing::warn!(cause = ?failure.cause, times, "{what}: {failure}");
        }
    }

    /// The lines about this store that are not repeated within a second.
    pub fn troubles(&self) -> Arc<Seldom> {
        Arc::clone(&self.troubles)
    }

    /// Figures for metrics.
    pub fn stats(&self) -> Stats {
        Stats { silences: self.engine.silences(), ..self.engine.queue().stats() }
    }

    /// The switch that makes a chosen call into the engine fail. Off unless a test or `dev` turns it.
    pub fn faults(&self) -> &Faults {
        self.engine.faults()
    }

    /// Leaves nothing in the files of the embedded store of what was deleted or written over, where the database is not large; a
    /// larger one keeps what lies in the unused parts of its pages until they are used again, or until it is copied. PostgreSQL
    /// does this by itself, in its own time. Whether it was done: while someone reads the old, it cannot be.
    ///
    /// # Errors
    /// `Unavailable` when others do not cease to write; `Internal` when the engine fails.
    pub async fn scrub(&self) -> Result<bool> {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.scrub()).await.map_err(Error::internal)?
    }

    /// Reads the whole database and tells what is wrong with it; empty when it is sound.
    ///
    /// # Errors
    /// `Internal` when the engine cannot even read.
    pub fn check(&self) -> Result<Vec<String>> {
        self.engine.check()
    }

    /// What is not wrong with the place where the store lies, and yet should be known to its operator.
    ///
    /// # Errors
    /// When the engine cannot be asked.
    pub fn advice(&self) -> Result<Option<String>> {
        self.engine.advice()
    }

    /// A failure to write here, for an administrator with several places in mind.
    pub fn at_place(&self, failure: Error) -> Error {
        at_place(&self.engine.place(), failure)
    }

    /// The database server that the newest connection leads to; none for the embedded engine, and where it does not tell.
    pub fn server(&self) -> Option<Server> {
        self.engine.server()
    }

    /// Refuses further writes for good, with this sentence, and goes on reading.
    pub fn stop_writing(&self, sentence: &'static str) {
        self.engine.queue().stop(sentence);
    }

    /// How the engine would carry out a statement, in its own words: a plan for each form in which it would be sent. What
    /// only tests ask, since nothing but the engine knows those forms and the settings under which they are planned.
    ///
    /// # Errors
    /// `Internal` when the engine does not understand the statement.
    pub fn explain(&self, statement: &str, sent: Sent) -> Result<Vec<String>> {
        self.engine.explain(statement, sent)
    }

    /// Refuses further writes, waits for those that were taken, and releases the data directory.
    pub fn close(&self) {
        self.engine.close();
    }
}

fn at_place(place: &str, failure: Error) -> Error {
    if !matches!(failure.kind, Kind::Unavailable { .. }) {
        return failure;
    }
    let why = failure.cause.as_ref().map_or_else(String::new, |cause| format!(": {cause}"));
    Error { message: format!("{place} cannot be written{why}. Make sure that it has room."), ..failure }
}
