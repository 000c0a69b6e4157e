//! Brings a store to the present schema. One series of files, each applied once, in order.

use sha2::{Digest, Sha256};

use super::tx::Session;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::params;

/// Every migration, oldest first. A file that has been released is never edited.
const SERIES: &[(i64, &str, &str)] = &[(1, "identity", include_str!("../../migrations/0001_identity.sql"))];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL,
    applied_at BIGINT NOT NULL
);";

/// Applies what is missing, all of it in the caller's transaction.
///
/// # Errors
/// One sentence when a newer release has written this store, or when an applied file was changed.
pub(super) fn migrate(session: &Session<'_>, now: Timestamp) -> Result<()> {
    session.batch(&session.respell(LEDGER))?;
    for (number, name, sql) in &SERIES[applied(session)?..] {
        session.batch(&session.respell(sql))?;
        session.ask(
            "INSERT INTO migrations (number, name, digest, applied_at) VALUES ($1, $2, $3, $4)",
            &params![*number, *name, digest(sql).as_slice(), now],
        )?;
    }
    Ok(())
}

/// Makes sure that a store has the present schema, without writing to it.
///
/// # Errors
/// One sentence when it has another one.
pub(super) fn require_present(session: &Session<'_>) -> Result<()> {
    if applied(session)? == SERIES.len() {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        "This store was written by an older release of Tenantry. Use that release, or start this one on it once.",
    ))
}

/// How many of the series a store has. Number 0 is none of them: it says what the store is (`mark`).
fn applied(session: &Session<'_>) -> Result<usize> {
    let applied = session.ask("SELECT number, digest FROM migrations WHERE number > 0 ORDER BY number", &[])?.rows;
    if applied.len() > SERIES.len() {
        return Err(Error::new(
            Kind::Conflict,
            "This store was written by a newer release of Tenantry. Start that release, or restore a backup made \
             by this one. Nothing was changed.",
        ));
    }
    for (row, (number, name, sql)) in applied.iter().zip(SERIES) {
        if row.get::<i64>(0)? != *number || row.get::<Vec<u8>>(1)? != digest(sql) {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "Migration {number} ({name}) of this store differs from the one in this release. Nothing was changed."
                ),
            ));
        }
    }
    Ok(applied.len())
}

fn digest(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}
