//! The database as a place for a store: who else uses it, and a new store beside the one that is there.

use std::time::{Duration, Instant};

use super::connection::{Connection, Step};
use super::driver::aside;
use super::failure::Failure;
use super::settings::{Address, PostgresSettings};
use super::words;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::store::tables::TABLES;

/// Other processes of ours; sessions of other roles are not shown to us.
const OTHERS: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'tenantry%' AND pid <> pg_backend_pid()";
const IS_THERE: &str =
    "SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename = 'migrations'";
/// The server takes a moment to notice that a connection is closed.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_millis(50);

/// # Errors
/// `Conflict` when another process of ours is connected to the database.
pub fn require_nobody(settings: &PostgresSettings) -> Result<()> {
    aside(|| wait_for_nobody(settings))
}

fn wait_for_nobody(settings: &PostgresSettings) -> Result<()> {
    alone(&open(settings)?)
}

fn alone(connection: &Connection) -> Result<()> {
    let begun = Instant::now();
    loop {
        match count(connection, OTHERS)? {
            0 => return Ok(()),
            _ if begun.elapsed() < PATIENCE => std::thread::sleep(PAUSE),
            others => {
                return Err(Error::conflict(format!(
                    "The database is in use by {others} connections of other processes of Tenantry. Stop them first."
                )));
            }
        }
    }
}

/// Whether a store is in the database.
///
/// # Errors
/// When the server cannot be reached.
pub fn is_there(settings: &PostgresSettings) -> Result<bool> {
    aside(|| Ok(count(&open(settings)?, IS_THERE)? > 0))
}

/// The schema in which a new store is made, beside the one that it replaces in one moment, when it is whole.
pub struct Beside(PostgresSettings);

const WORKSHOP: &str = "tenantry_restoring";
const IS_LEFT: &str = "SELECT COUNT(*) FROM pg_namespace WHERE nspname = 'tenantry_restoring'";
/// Who starts stands in this line first (`schema`), so nobody starts on tables that are about to go.
const LINE: &str = "SET lock_timeout = '60s'; SELECT pg_advisory_lock(7021600001)";

impl Beside {
    /// Makes the schema; what an earlier attempt left is taken away.
    ///
    /// # Errors
    /// `Conflict` when another process is connected, or when the role may not make a schema.
    pub fn begin(settings: &PostgresSettings) -> Result<Self> {
        require_nobody(settings)?;
        let make = format!("DROP SCHEMA IF EXISTS {WORKSHOP} CASCADE; CREATE SCHEMA {WORKSHOP}");
        aside(|| open(settings)?.fly(&[Step::Text(&make)]).map_err(not_allowed))?;
        Ok(Self(settings.clone()))
    }

    /// Where the new store is made.
    pub fn workshop(&self) -> PostgresSettings {
        PostgresSettings { schema: Some(WORKSHOP), ..self.0.clone() }
    }

    /// Puts the new store, which is closed, into the place of the old one, and tells where the old one is now.
    ///
    /// # Errors
    /// `Conflict` when a process has begun to serve the old one; then that is in its place.
    pub fn swap(&self, now: Timestamp) -> Result<String> {
        aside(|| self.move_tables(&format!("replaced_{}", now.digits())))
    }

    fn move_tables(&self, old: &str) -> Result<String> {
        let connection = open(&self.0)?;
        connection.fly(&[Step::Text(LINE)]).map_err(Failure::into_error)?;
        alone(&connection)?;
        let own = connection.maybe("SELECT quote_ident(current_schema())", &[]).map_err(Failure::into_error)?;
        let own: String = own.ok_or_else(|| Error::internal("a session without a schema"))?.get(0)?;
        let names = || TABLES.iter().map(|table| table.name).chain(["migrations", "store_writers"]);
        let away: String =
            names().map(|name| format!("ALTER TABLE IF EXISTS {own}.{name} SET SCHEMA {old}; ")).collect();
        let here: String = names().map(|name| format!("ALTER TABLE {WORKSHOP}.{name} SET SCHEMA {own}; ")).collect();
        // In one message, so in one transaction.
        let all = format!("CREATE SCHEMA {old}; {away}{here}DROP SCHEMA {WORKSHOP}");
        connection.fly(&[Step::Text(&all)]).map_err(not_allowed)?;
        Ok(format!("the schema {old}"))
    }

    /// The schema in which a restore is under way, or was cut off.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub fn unfinished(settings: &PostgresSettings) -> Result<Option<String>> {
        let is_left = aside(|| Ok::<_, Error>(count(&open(settings)?, IS_LEFT)? > 0))?;
        Ok(is_left.then(|| format!("the schema {WORKSHOP}")))
    }

    /// Takes the new store away.
    pub fn abandon(&self) {
        let drop = format!("DROP SCHEMA IF EXISTS {WORKSHOP} CASCADE");
        // What cannot be taken away now is taken away by the next attempt.
        let _ = aside(|| open(&self.0)?.fly(&[Step::Text(&drop)]).map_err(Failure::into_error));
    }
}

fn not_allowed(failure: Failure) -> Error {
    let sentence = "What is in the database cannot be put aside. Its role must own the tables and may make a schema, as \
                    `GRANT CREATE ON DATABASE … TO …;` lets it.";
    Error::conflict(sentence).caused_by(failure.into_error())
}

fn open(settings: &PostgresSettings) -> Result<Connection> {
    let address = Address::parse(settings)?;
    Connection::open(&address).map_err(|failure| words::at_start(&address.config, failure.into_error()))
}

fn count(connection: &Connection, statement: &'static str) -> Result<i64> {
    let row = connection.maybe(statement, &[]).map_err(Failure::into_error)?;
    row.ok_or_else(|| Error::internal("a count without a row"))?.get(0)
}
