//! What this room asks of incidents, which stand above it: how one is called, whether it was cancelled, and what its mails say.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::language::Language;
use crate::params;
use crate::store::{Batch, Row, Tx};

const FIND: Batch = Batch::new(
    "SELECT id, name, words, contact, link_hours, cancelled_at, terms FROM incidents WHERE tenant = $1 AND id = $2",
);

const NEWEST: &str =
    "SELECT id, name, words, contact, link_hours, cancelled_at, terms, started_at, mailed_at FROM incidents
    WHERE tenant = $1 ORDER BY id DESC LIMIT $2";
/// A tenant has one that ends passwords, and few that hold mails.
const LOOKED_AT: i64 = 20;

/// An incident.
#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub(super) id: Uuid,
    pub(super) name: String,
    /// What its mails say, by the tag of a language.
    words: BTreeMap<String, String>,
    pub(super) contact: Option<String>,
    pub(super) link_hours: i64,
    pub(super) is_cancelled: bool,
    /// Whether known devices of its users are told.
    is_told: bool,
    /// Whether everybody is whose sign-in is refused.
    is_told_to_all: bool,
}

impl Incident {
    /// Its words in a language, or in another one that it has; none where nobody wrote any.
    pub(super) fn words_in(&self, language: Language) -> Option<&str> {
        self.words.get(language.tag()).or_else(|| self.words.values().next()).map(String::as_str)
    }
}

/// The incidents of these ids, each once.
///
/// # Errors
/// Those of the store.
pub(super) fn find_each(tx: &mut Tx<'_>, tenant: TenantId, ids: impl Iterator<Item = Uuid>) -> Result<Vec<Incident>> {
    let ids: std::collections::BTreeSet<Uuid> = ids.collect();
    let rows: Vec<_> = ids.iter().map(|id| params![tenant, id]).collect();
    let answers = if rows.is_empty() { Vec::new() } else { tx.each(FIND, &rows)? };
    answers.iter().flat_map(|answer| &answer.rows).map(read).collect()
}

/// Whether a known device of the user whose place holds this reset is told that an incident has ended the password; if so, the
/// incident's words in a language, where it has any.
///
/// # Errors
/// Those of the store.
pub fn notice(tx: &mut Tx<'_>, tenant: TenantId, reset: Uuid, language: Language) -> Result<Option<Option<String>>> {
    let statement = "SELECT incident FROM resets WHERE tenant = $1 AND id = $2 AND incident IS NOT NULL";
    let Some(row) = tx.maybe(statement, &params![tenant, &reset])? else { return Ok(None) };
    let found = find_each(tx, tenant, std::iter::once(row.get(0)?))?;
    let told = found.first().filter(|incident| incident.is_told);
    Ok(told.map(|incident| incident.words_in(language).map(str::to_owned)))
}

/// What the newest incident that speaks to everyone says in a language, from its start until its mails have left.
///
/// # Errors
/// Those of the store.
pub fn notice_to_all(tx: &mut Tx<'_>, tenant: TenantId, language: Language) -> Result<Option<String>> {
    for row in tx.all(NEWEST, &params![tenant, LOOKED_AT])? {
        let [started, mailed]: [Option<Timestamp>; 2] = [row.get(7)?, row.get(8)?];
        let incident = read(&row)?;
        if started.is_some() && mailed.is_none() && !incident.is_cancelled && incident.is_told_to_all {
            return Ok(incident.words_in(language).map(str::to_owned));
        }
    }
    Ok(None)
}

fn read(row: &Row) -> Result<Incident> {
    let terms: serde_json::Value = serde_json::from_str(&row.get::<String>(6)?).map_err(Error::internal)?;
    Ok(Incident {
        id: row.get(0)?,
        name: row.get(1)?,
        words: serde_json::from_str(&row.get::<String>(2)?).map_err(Error::internal)?,
        contact: row.get(3)?,
        link_hours: row.get(4)?,
        is_cancelled: row.get::<Option<Timestamp>>(5)?.is_some(),
        is_told: terms["notice"] != "nobody",
        is_told_to_all: terms["notice"] == "everyone",
    })
}
