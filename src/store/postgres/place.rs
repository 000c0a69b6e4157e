//! The database as a place for a store: who else uses it, and putting aside what is there.

use std::time::{Duration, Instant};

use super::connection::{Connection, Step, aside};
use super::failure::Failure;
use super::settings::{Address, PostgresSettings};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::store::tables::TABLES;

/// Other processes of ours; sessions of other roles are not shown to us.
const OTHERS: &str = "SELECT COUNT(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'tenantry' AND pid <> pg_backend_pid()";
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
    let connection = open(settings)?;
    let begun = Instant::now();
    loop {
        match count(&connection, OTHERS)? {
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

/// Moves every table of a store into a schema of its own; its name, or none when there is no store.
///
/// # Errors
/// One sentence when the role may not make a schema.
pub fn put_aside(settings: &PostgresSettings, now: Timestamp) -> Result<Option<String>> {
    aside(|| move_tables(settings, now))
}

fn move_tables(settings: &PostgresSettings, now: Timestamp) -> Result<Option<String>> {
    let connection = open(settings)?;
    if count(&connection, IS_THERE)? == 0 {
        return Ok(None);
    }
    let schema = format!("replaced_{}", now.digits());
    let names = TABLES.iter().map(|table| table.name).chain(["migrations", "store_writers"]);
    let moved: String = names.map(|name| format!("ALTER TABLE {name} SET SCHEMA {schema}; ")).collect();
    // In one message, so in one transaction.
    connection.fly(&[Step::Text(&format!("CREATE SCHEMA {schema}; {moved}"))]).map_err(|failure| {
        let sentence = "What is in the database cannot be put aside. Its role must own the tables and may make a schema: \
                        `GRANT CREATE ON DATABASE … TO …;`";
        Error::conflict(sentence).caused_by(failure.into_error())
    })?;
    Ok(Some(format!("the schema {schema}")))
}

fn open(settings: &PostgresSettings) -> Result<Connection> {
    Connection::open(&Address::parse(settings)?).map_err(Failure::into_error)
}

fn count(connection: &Connection, statement: &'static str) -> Result<i64> {
    let row = connection.maybe(statement, &[]).map_err(Failure::into_error)?;
    row.ok_or_else(|| Error::internal("a count without a row"))?.get(0)
}
