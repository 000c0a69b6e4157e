//! The rows of chosen texts.

use super::Place;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::mail::letter::Wording;
use crate::params;
use crate::store::{Batch, Row, Tx};

const FIND: Batch = Batch::new(
    "SELECT wording, changed_at, changed_by FROM mail_texts WHERE tenant = $1 AND kind = $2 AND language = $3",
);
const LIST: &str = "SELECT kind, language, wording FROM mail_texts WHERE tenant = $1 ORDER BY kind, language";
const CHANGE: &str = "UPDATE mail_texts SET wording = $4, changed_at = $5, changed_by = $6
    WHERE tenant = $1 AND kind = $2 AND language = $3";
const INSERT: &str = "INSERT INTO mail_texts (tenant, kind, language, wording, changed_at, changed_by)
    VALUES ($1, $2, $3, $4, $5, $6)";
const REMOVE: &str = "DELETE FROM mail_texts WHERE tenant = $1 AND kind = $2 AND language = $3";

/// A text that a tenant has chosen.
#[derive(Debug, Clone)]
pub(super) struct Own {
    pub(super) words: Wording,
    pub(super) changed_at: Timestamp,
    pub(super) changed_by: String,
}

/// A chosen text, with the names of its place.
#[derive(Debug, Clone)]
pub struct ListedText {
    /// The kind of mail.
    pub kind: String,
    /// The tag of the language.
    pub language: String,
    /// The words.
    pub words: Wording,
}

/// Every chosen text by kind and language: one at most for each mail that there is. Words that only another release can read are
/// left out.
///
/// # Errors
/// Those of the store.
pub fn list_chosen(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<ListedText>> {
    let mut listed = Vec::new();
    for row in tx.all(LIST, &params![tenant])? {
        if let Ok(words) = serde_json::from_str(&row.get::<String>(2)?) {
            listed.push(ListedText { kind: row.get(0)?, language: row.get(1)?, words });
        }
    }
    Ok(listed)
}

/// The chosen text at each of these places, in their order.
pub(super) fn find_each(tx: &mut Tx<'_>, tenant: TenantId, places: &[Place]) -> Result<Vec<Option<Own>>> {
    let rows: Vec<_> = places.iter().map(|place| params![tenant, place.kind.name, place.language.tag()]).collect();
    tx.each(FIND, &rows)?.iter().map(|answer| answer.rows.first().map_or(Ok(None), read)).collect()
}

/// The chosen text at this place.
pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, place: &Place) -> Result<Option<Own>> {
    let row = tx.maybe(FIND.text(), &params![tenant, place.kind.name, place.language.tag()])?;
    row.as_ref().map_or(Ok(None), read)
}

/// Keeps a text, in place of the one that was there.
pub(super) fn keep(tx: &mut Tx<'_>, tenant: TenantId, place: &Place, own: &Own) -> Result<()> {
    let words = serde_json::to_string(&own.words).map_err(Error::internal)?;
    let row = params![tenant, place.kind.name, place.language.tag(), &words, own.changed_at, &own.changed_by];
    if tx.run(CHANGE, &row)? == 0 {
        tx.run(INSERT, &row)?;
    }
    Ok(())
}

/// Removes a text; whether there was one.
pub(super) fn remove(tx: &mut Tx<'_>, tenant: TenantId, place: &Place) -> Result<bool> {
    Ok(tx.run(REMOVE, &params![tenant, place.kind.name, place.language.tag()])? > 0)
}

/// Words that only another release can read count as none.
fn read(row: &Row) -> Result<Option<Own>> {
    let Ok(words) = serde_json::from_str(&row.get::<String>(0)?) else { return Ok(None) };
    Ok(Some(Own { words, changed_at: row.get(1)?, changed_by: row.get(2)? }))
}
