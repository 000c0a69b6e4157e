//! The engines that can stand under the product, and what each gives alone.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use testbed::postgres::Server;

use crate::Result;
use crate::bare_engine::BareEngine;
use crate::bare_postgres::BarePostgres;
use crate::machine::cpu_seconds_of_family;

/// Which engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum EngineName {
    /// The embedded one.
    Sqlite,
    /// A PostgreSQL server that is started for the measurement.
    Postgres,
}

impl EngineName {
    /// As it stands in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }
}

/// Where the store of a measurement lies.
pub struct Place {
    data: PathBuf,
    postgres: Option<(Server, String)>,
}

impl Place {
    /// A place for a store, with a server where the engine needs one.
    pub fn make(engine: EngineName, data: &Path) -> Result<Self> {
        let postgres = match engine {
            EngineName::Sqlite => None,
            EngineName::Postgres => {
                let server = Server::start()?;
                let url = server.database("product")?;
                Some((server, url))
            }
        };
        Ok(Self { data: data.to_path_buf(), postgres })
    }

    /// The address of the database, where the engine has one.
    pub fn url(&self) -> Option<&str> {
        self.postgres.as_ref().map(|(_, url)| url.as_str())
    }

    /// A copy of the store that the product has just left, for the engine alone.
    pub fn bare(&self, users: u32) -> Result<Bare> {
        match self.copy()? {
            Copy::Database(url) => BarePostgres::open(&url, users).map(Bare::Postgres),
            Copy::Directory(copy) => BareEngine::open(&copy, users).map(Bare::Sqlite),
        }
    }

    /// A copy of the store, which no process uses now.
    pub fn copy(&self) -> Result<Copy> {
        if let Some((server, _)) = &self.postgres {
            return Ok(Copy::Database(server.copy_of("product", "bare")?));
        }
        let copy = self.data.join("bare");
        fs::create_dir_all(&copy)?;
        // A process that was killed has left its log, which belongs to the store.
        for name in ["tenantry.db", "tenantry.db-wal"] {
            let from = self.data.join(name);
            if from.exists() {
                fs::copy(from, copy.join(name))?;
            }
        }
        Ok(Copy::Directory(copy))
    }

    /// CPU seconds of the engine's own processes so far; none where it works in the process that opens it.
    pub fn cpu_seconds(&self) -> Result<f64> {
        let Some((server, _)) = &self.postgres else { return Ok(0.0) };
        let directory = server.ask("postgres", "SHOW data_directory")?;
        let told = fs::read_to_string(Path::new(directory.trim()).join("postmaster.pid"))?;
        let process = told.lines().next().ok_or("The file of the server's process is empty.")?;
        cpu_seconds_of_family(process.trim().parse()?)
    }
}

/// A copy of a store.
pub enum Copy {
    /// A data directory.
    Directory(PathBuf),
    /// The address of a PostgreSQL database.
    Database(String),
}

/// An engine without the product around it.
pub enum Bare {
    /// The product's own verb on the embedded engine.
    Sqlite(BareEngine),
    /// One statement by hand on PostgreSQL.
    Postgres(BarePostgres),
}

impl Bare {
    /// As it stands in the tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => EngineName::Sqlite.name(),
            Self::Postgres(_) => EngineName::Postgres.name(),
        }
    }

    /// Resets a second with `clients` that each wait for their answer.
    pub fn rate(&self, clients: usize, warm_up: Duration, measured: Duration) -> Result<f64> {
        match self {
            Self::Sqlite(engine) => engine.rate(clients, warm_up, measured),
            Self::Postgres(engine) => engine.rate(clients, warm_up, measured),
        }
    }
}
