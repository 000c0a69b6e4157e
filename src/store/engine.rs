//! The engine behind a store: one of two.

use std::path::Path;

use super::faults::Faults;
use super::queue::Queue;
use super::{Scope, Sent, Server, Settings, Tx, migrate, postgres, sqlite};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::private;

/// What may lie in a data directory that is used for nothing else.
const OURS: [&str; 10] = [
    "tenantry.db",
    "tenantry.lock",
    "tenantry.sock",
    "link.keys",
    "dev.json",
    "authority.",
    "mailbox.jsonl",
    "replaced-",
    "restoring",
    "lost+found",
];

/// Either of them, with the same calls.
pub(super) enum Engine {
    Sqlite(sqlite::Engine),
    Postgres(postgres::Engine),
}

impl Engine {
    pub(super) fn open(settings: &Settings, now: Timestamp) -> Result<Self> {
        // Keys lie here, and on the embedded engine hashes of passwords: no one else on this machine needs to get in.
        let made = private::make_directories(&settings.data_dir)
            .and_then(|()| private::tighten_directory(&settings.data_dir, &OURS));
        made.map_err(|cause| sqlite::unusable(&settings.data_dir, cause))?;
        match &settings.postgres {
            None => sqlite::Engine::open(&settings.data_dir, settings.queue_max, now).map(Self::Sqlite),
            Some(postgres) => postgres::Engine::open(postgres, settings.queue_max, now).map(Self::Postgres),
        }
    }

    /// Whether settings could lead to a store.
    pub(super) fn check_settings(settings: &Settings) -> Result<()> {
        settings.postgres.as_ref().map_or(Ok(()), postgres::check)
    }

    /// To look at only, beside the process that serves it.
    pub(super) fn look(settings: &Settings, now: Timestamp) -> Result<Self> {
        match &settings.postgres {
            None => {
                let looked = Self::look_at_file(&settings.data_dir.join(sqlite::FILE))?;
                looked.glance(Scope::HOUSE, |tx| migrate::require_present(&tx.session))?;
                Ok(looked)
            }
            Some(_) => Self::open(settings, now),
        }
    }

    /// The same for a store in a file, whatever schema it has.
    pub(super) fn look_at_file(file: &Path) -> Result<Self> {
        sqlite::Engine::look(file).map(Self::Sqlite)
    }

    /// Fails when another process has the store open. The embedded one is locked as long as it is open, so its opening
    /// asks.
    pub(super) fn require_nobody(settings: &Settings) -> Result<()> {
        settings.postgres.as_ref().map_or(Ok(()), postgres::require_nobody)
    }

    /// Whether there is a store in a place, whatever state it is in.
    pub(super) fn is_there(settings: &Settings) -> Result<bool> {
        settings.postgres.as_ref().map_or_else(|| Ok(settings.data_dir.join(sqlite::FILE).exists()), postgres::is_there)
    }

    /// What to call the place where it lies.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Sqlite(engine) => engine.directory().display().to_string(),
            Self::Postgres(_) => "The PostgreSQL database".into(),
        }
    }

    pub(super) fn read<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        match self {
            Self::Sqlite(engine) => engine.read(scope, verb),
            Self::Postgres(engine) => engine.read(scope, verb),
        }
    }

    /// As `read`, for what may take long.
    pub(super) fn scan<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        match self {
            Self::Sqlite(engine) => engine.read(scope, verb),
            Self::Postgres(engine) => engine.scan(scope, verb),
        }
    }

    pub(super) fn glance<T>(&self, scope: Scope, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        match self {
            Self::Sqlite(engine) => engine.glance(scope, verb),
            Self::Postgres(engine) => engine.glance(scope, verb),
        }
    }

    pub(super) fn queue(&self) -> &Queue {
        match self {
            Self::Sqlite(engine) => engine.queue(),
            Self::Postgres(engine) => engine.queue(),
        }
    }

    /// Whether a look-up costs so little that to wait for company would cost more.
    pub(super) fn reads_at_once(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// See [`super::Store::moment`]: only where no other process writes.
    pub(super) fn moment(&self) -> Option<u64> {
        match self {
            Self::Sqlite(engine) => Some(engine.queue().commits()),
            Self::Postgres(_) => None,
        }
    }

    pub(super) fn faults(&self) -> &Faults {
        match self {
            Self::Sqlite(engine) => engine.faults(),
            Self::Postgres(engine) => engine.faults(),
        }
    }

    pub(super) fn check(&self) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(engine) => engine.check(),
            Self::Postgres(engine) => engine.check(),
        }
    }

    /// See [`super::Store::scrub`].
    pub(super) fn scrub(&self) -> Result<bool> {
        match self {
            Self::Sqlite(engine) => engine.scrub(),
            Self::Postgres(_) => Ok(true),
        }
    }

    pub(super) fn server(&self) -> Option<Server> {
        match self {
            Self::Sqlite(_) => None,
            Self::Postgres(engine) => engine.server(),
        }
    }

    pub(super) fn advice(&self) -> Result<Option<String>> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(engine) => engine.advice(),
        }
    }

    /// How often the server fell silent.
    pub(super) fn silences(&self) -> u64 {
        match self {
            Self::Sqlite(_) => 0,
            Self::Postgres(engine) => engine.silences(),
        }
    }

    pub(super) fn explain(&self, statement: &str, sent: Sent) -> Result<Vec<String>> {
        match self {
            Self::Sqlite(engine) => engine.explain(statement),
            Self::Postgres(engine) => engine.explain(statement, sent),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Sqlite(engine) => engine.close(),
            Self::Postgres(engine) => engine.close(),
        }
    }
}

/// A place beside a store for the one that is to replace it.
pub(super) enum Beside {
    Sqlite(sqlite::Beside),
    Postgres(postgres::Beside),
}

impl Beside {
    pub(super) fn begin(settings: &Settings) -> Result<Self> {
        match &settings.postgres {
            None => sqlite::Beside::begin(&settings.data_dir).map(Self::Sqlite),
            Some(postgres) => postgres::Beside::begin(postgres).map(Self::Postgres),
        }
    }

    /// Where the new store is made.
    pub(super) fn workshop(&self, settings: &Settings) -> Settings {
        match self {
            Self::Sqlite(beside) => Settings { data_dir: beside.workshop(), ..settings.clone() },
            Self::Postgres(beside) => Settings { postgres: Some(beside.workshop()), ..settings.clone() },
        }
    }

    /// Where restores are under way, or were cut off.
    pub(super) fn unfinished(settings: &Settings) -> Result<Vec<String>> {
        let directories = sqlite::Beside::unfinished(&settings.data_dir);
        let mut found: Vec<_> = directories.iter().map(|one| one.display().to_string()).collect();
        found.extend(settings.postgres.as_ref().map(postgres::Beside::unfinished).transpose()?.flatten());
        Ok(found)
    }

    pub(super) fn swap(&self, now: Timestamp) -> Result<String> {
        match self {
            Self::Sqlite(beside) => beside.swap(now),
            Self::Postgres(beside) => beside.swap(now),
        }
    }

    pub(super) fn abandon(&self) {
        match self {
            Self::Sqlite(beside) => beside.abandon(),
            Self::Postgres(beside) => beside.abandon(),
        }
    }
}
