//! Brings a store to the present schema. One series of files, each applied once, in order.
//!
//! Several releases may run on one store, while an upgrade rolls over them and after one was taken back. So a migration
//! says which releases still run on what it leaves: one that adds leaves the release before it at work, and what that
//! one needs is taken away by a later migration only, which says so.

use std::cmp::Ordering;

use sha2::{Digest, Sha256};

use super::Tx;
use super::tx::Session;
use super::value::Row;
use crate::clock::Timestamp;
use crate::error::{Error, Kind, Result};
use crate::params;

/// A step from one schema to the next.
struct Migration {
    number: i64,
    name: &'static str,
    /// A release runs on this schema if its own series reaches so far.
    runs_from: i64,
    sql: &'static str,
}

/// Every migration, oldest first. A file that has been released is never edited.
const SERIES: &[Migration] = &[
    Migration { number: 1, name: "identity", runs_from: 1, sql: include_str!("../../migrations/0001_identity.sql") },
    Migration { number: 2, name: "wishes", runs_from: 1, sql: include_str!("../../migrations/0002_wishes.sql") },
    Migration { number: 3, name: "ends", runs_from: 1, sql: include_str!("../../migrations/0003_ends.sql") },
    Migration { number: 4, name: "access", runs_from: 1, sql: include_str!("../../migrations/0004_access.sql") },
    Migration { number: 5, name: "objects", runs_from: 1, sql: include_str!("../../migrations/0005_objects.sql") },
    Migration {
        number: 6,
        name: "user_settings",
        runs_from: 1,
        sql: include_str!("../../migrations/0006_user_settings.sql"),
    },
    Migration { number: 7, name: "pictures", runs_from: 1, sql: include_str!("../../migrations/0007_pictures.sql") },
    Migration {
        number: 8,
        name: "sign_ins_and_marks",
        runs_from: 1,
        sql: include_str!("../../migrations/0008_sign_ins_and_marks.sql"),
    },
    Migration { number: 9, name: "addresses", runs_from: 1, sql: include_str!("../../migrations/0009_addresses.sql") },
    Migration {
        number: 10,
        name: "words_of_mails",
        runs_from: 1,
        sql: include_str!("../../migrations/0010_words_of_mails.sql"),
    },
    Migration { number: 11, name: "narrowed", runs_from: 1, sql: include_str!("../../migrations/0011_narrowed.sql") },
    Migration { number: 12, name: "search", runs_from: 1, sql: include_str!("../../migrations/0012_search.sql") },
    // An older release runs until someone relies on a second factor, of which it knows nothing (`counts_on`).
    Migration {
        number: 13,
        name: "second_factors",
        runs_from: 1,
        sql: include_str!("../../migrations/0013_second_factors.sql"),
    },
    // The same until a hash from elsewhere has come, which an older release takes for a wrong password.
    Migration {
        number: 14,
        name: "hash_schemes",
        runs_from: 1,
        sql: include_str!("../../migrations/0014_hash_schemes.sql"),
    },
    Migration { number: 15, name: "operator", runs_from: 1, sql: include_str!("../../migrations/0015_operator.sql") },
    // The same until a user has come who must choose another password, whom an older release lets in by the old one.
    Migration { number: 16, name: "imports", runs_from: 1, sql: include_str!("../../migrations/0016_imports.sql") },
    Migration {
        number: 17,
        name: "invitations",
        runs_from: 1,
        sql: include_str!("../../migrations/0017_invitations.sql"),
    },
    Migration {
        number: 18,
        name: "whole_tenants",
        runs_from: 1,
        sql: include_str!("../../migrations/0018_whole_tenants.sql"),
    },
    Migration {
        number: 19,
        name: "inactive_users",
        runs_from: 1,
        sql: include_str!("../../migrations/0019_inactive_users.sql"),
    },
    // The same until a person was erased, whose records an older release takes for changed ones.
    Migration { number: 20, name: "erasures", runs_from: 1, sql: include_str!("../../migrations/0020_erasures.sql") },
    Migration { number: 21, name: "bulk_acts", runs_from: 1, sql: include_str!("../../migrations/0021_bulk_acts.sql") },
    Migration { number: 22, name: "incidents", runs_from: 1, sql: include_str!("../../migrations/0022_incidents.sql") },
    Migration { number: 23, name: "webhooks", runs_from: 1, sql: include_str!("../../migrations/0023_webhooks.sql") },
    Migration { number: 24, name: "uploads", runs_from: 1, sql: include_str!("../../migrations/0024_uploads.sql") },
    // An older release goes on putting its links behind those of this one. It cannot verify these, nor read events from them.
    Migration {
        number: 25,
        name: "wide_digests",
        runs_from: 1,
        sql: include_str!("../../migrations/0025_wide_digests.sql"),
    },
    Migration { number: 26, name: "evidence", runs_from: 1, sql: include_str!("../../migrations/0026_evidence.sql") },
    Migration { number: 27, name: "heads", runs_from: 1, sql: include_str!("../../migrations/0027_heads.sql") },
    Migration { number: 28, name: "reminders", runs_from: 1, sql: include_str!("../../migrations/0028_reminders.sql") },
    Migration {
        number: 29,
        name: "webhooks_of_people",
        runs_from: 1,
        sql: include_str!("../../migrations/0029_webhooks_of_people.sql"),
    },
];

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS migrations (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest BYTEA NOT NULL,
    runs_from BIGINT NOT NULL,
    applied_at BIGINT NOT NULL
);";

/// Applies what is missing, all of it in the caller's transaction. What a newer release has added stays.
///
/// # Errors
/// One sentence when the store has become too new for this release, or when an applied file was changed.
pub(super) fn migrate(session: &Session<'_>, now: Timestamp) -> Result<()> {
    bring_to(SERIES, session, now)
}

fn bring_to(series: &[Migration], session: &Session<'_>, now: Timestamp) -> Result<()> {
    session.batch(&session.respell(LEDGER))?;
    for migration in series.iter().skip(applied(series, session)?) {
        session.batch(&session.respell(migration.sql))?;
        session.ask(
            "INSERT INTO migrations (number, name, digest, runs_from, applied_at) VALUES ($1, $2, $3, $4, $5)",
            &params![migration.number, migration.name, digest(migration.sql).as_slice(), migration.runs_from, now],
        )?;
    }
    Ok(())
}

/// From now on no release starts on this store that does not have this migration: something in it would go unheeded. Where
/// that is so already, nothing is written.
///
/// # Errors
/// `Internal` if there is no migration of this name; those of the store.
pub fn counts_on(tx: &mut Tx<'_>, name: &str) -> Result<()> {
    let Some(migration) = SERIES.iter().find(|migration| migration.name == name) else {
        return Err(Error::internal(format!("there is no migration {name}")));
    };
    raise(tx, migration.number, migration.number)
}

/// How far a release must reach for each step of a store: what a copy of it keeps.
pub(super) fn bars(tx: &mut Tx<'_>) -> Result<Vec<(i64, i64)>> {
    let rows = tx.all("SELECT number, runs_from FROM migrations WHERE number > 0 ORDER BY number", &[])?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Bars every release from a store whose own series does not reach so far. A bar is never lowered.
pub(super) fn raise(tx: &mut Tx<'_>, number: i64, runs_from: i64) -> Result<()> {
    let statement = "UPDATE migrations SET runs_from = $2 WHERE number = $1 AND runs_from < $2";
    // The ledger is of no tenant, in the transaction of a tenant too.
    tx.session.ask(statement, &params![number, runs_from]).map(drop)
}

/// Makes sure that a store has the schema of this release and no other, without writing to it. A verb that takes all of a
/// store somewhere else must know all of it.
///
/// # Errors
/// One sentence when it has another one.
pub(super) fn require_present(session: &Session<'_>) -> Result<()> {
    let other = match compare(session)? {
        Ordering::Equal => return Ok(()),
        Ordering::Less => "an older release of Tenantry. Use that release, or start this one on it once.",
        Ordering::Greater => "a newer release of Tenantry. Use that release.",
    };
    Err(Error::new(Kind::Conflict, format!("This store was written by {other}")))
}

/// How the schema of a store stands to that of this release: `Less` is older.
///
/// # Errors
/// One sentence when an applied file was changed.
pub(super) fn compare(session: &Session<'_>) -> Result<Ordering> {
    Ok(shared(SERIES, session)?.len().cmp(&SERIES.len()))
}

/// How many migrations a store has on which a release with this series runs.
fn applied(series: &[Migration], session: &Session<'_>) -> Result<usize> {
    let applied = shared(series, session)?;
    for row in &applied {
        if row.get::<i64>(2)? > series.len() as i64 {
            return Err(Error::new(
                Kind::Conflict,
                "This store was written by a newer release of Tenantry, and this one is too old for it. Start that \
                 release, or restore a backup made by this one. Nothing was changed.",
            ));
        }
    }
    Ok(applied.len())
}

/// The migrations of a store, of which a release knows those that it has too. Number 0 is none of them: it says what the
/// store is (`mark`).
fn shared(series: &[Migration], session: &Session<'_>) -> Result<Vec<Row>> {
    let statement = "SELECT number, digest, runs_from FROM migrations WHERE number > 0 ORDER BY number";
    let applied = session.ask(statement, &[])?.rows;
    for (row, Migration { number, name, sql, .. }) in applied.iter().zip(series) {
        if row.get::<i64>(0)? != *number || row.get::<Vec<u8>>(1)? != digest(sql) {
            return Err(Error::new(
                Kind::Conflict,
                format!(
                    "Migration {number} ({name}) of this store differs from the one in this release. Nothing was changed."
                ),
            ));
        }
    }
    Ok(applied)
}

fn digest(sql: &str) -> Vec<u8> {
    Sha256::digest(sql.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Scope;
    use crate::store::sqlite::Connection;

    const FIRST: Migration = Migration {
        number: 1,
        name: "first",
        runs_from: 1,
        sql: "CREATE TABLE t (\n    a BIGINT NOT NULL PRIMARY KEY\n);",
    };
    const ADDS: Migration =
        Migration { number: 2, name: "adds", runs_from: 1, sql: "ALTER TABLE t ADD COLUMN b BIGINT" };
    const TAKES: Migration =
        Migration { number: 3, name: "takes", runs_from: 2, sql: "ALTER TABLE t ADD COLUMN c BIGINT" };

    fn start(directory: &tempfile::TempDir, series: &[Migration]) -> Result<usize> {
        let connection = Connection::for_writing(&directory.path().join("t.db"), std::sync::Arc::default())?;
        let session = Session::Sqlite(&connection);
        bring_to(series, &session, Timestamp(0))?;
        applied(series, &session)
    }

    fn write(directory: &tempfile::TempDir, verb: impl FnOnce(&mut Tx<'_>)) {
        let connection = Connection::for_writing(&directory.path().join("t.db"), std::sync::Arc::default()).unwrap();
        verb(&mut Tx { session: Session::Sqlite(&connection), scope: Scope::HOUSE });
    }

    #[test]
    fn the_release_before_runs_on_what_was_only_added() {
        let store = tempfile::tempdir().unwrap();
        assert_eq!(start(&store, &[FIRST]).unwrap(), 1);
        assert_eq!(start(&store, &[FIRST, ADDS]).unwrap(), 2);
        assert_eq!(start(&store, &[FIRST]).unwrap(), 2, "after it was taken back");
        assert_eq!(start(&store, &[FIRST, ADDS]).unwrap(), 2, "and when the upgrade is made again");
    }

    #[test]
    fn a_release_that_is_too_old_is_refused_in_one_sentence() {
        let store = tempfile::tempdir().unwrap();
        assert_eq!(start(&store, &[FIRST, ADDS, TAKES]).unwrap(), 3);
        assert_eq!(start(&store, &[FIRST, ADDS]).unwrap(), 3);
        let refused = start(&store, &[FIRST]).unwrap_err();
        assert_eq!(refused.kind, Kind::Conflict);
        assert!(refused.message.contains("this one is too old for it"), "{}", refused.message);
    }

    #[test]
    fn a_migration_that_was_changed_after_its_release_is_refused() {
        let store = tempfile::tempdir().unwrap();
        start(&store, &[FIRST]).unwrap();
        let changed = Migration { sql: "CREATE TABLE u (\n    a BIGINT NOT NULL PRIMARY KEY\n);", ..FIRST };
        let refused = start(&store, &[changed]).unwrap_err();
        assert!(refused.message.contains("Migration 1 (first)"), "{}", refused.message);
    }

    #[test]
    fn the_release_before_second_factors_runs_until_someone_relies_on_one() {
        let store = tempfile::tempdir().unwrap();
        let before = &SERIES[..SERIES.iter().position(|migration| migration.name == "second_factors").unwrap()];
        let all = SERIES.len();
        assert_eq!(start(&store, SERIES).unwrap(), all);
        assert_eq!(start(&store, before).unwrap(), all, "it runs on what was only added");
        for _ in 0..2 {
            write(&store, |tx| {
                assert_eq!(counts_on(tx, "second factor").unwrap_err().kind, Kind::Internal);
                counts_on(tx, "second_factors").unwrap();
            });
            let refused = start(&store, before).unwrap_err();
            assert!(refused.message.contains("this one is too old for it"), "{}", refused.message);
            assert_eq!(start(&store, SERIES).unwrap(), all, "this one runs on");
        }
        write(&store, |tx| {
            raise(tx, 1, 0).unwrap();
            assert_eq!(bars(tx).unwrap()[0], (1, 1), "a bar is never lowered");
        });
    }

    #[test]
    fn the_series_is_numbered_without_a_gap_and_bars_nobody_twice() {
        for (nth, migration) in SERIES.iter().enumerate() {
            assert_eq!(migration.number, nth as i64 + 1);
            assert!(migration.runs_from <= migration.number);
        }
    }
}
