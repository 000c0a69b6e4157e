//! The rows of an import that were refused or of which something is told, as they are kept: number, line, codes, field; no address.

use uuid::Uuid;

use super::import::Told;
use super::outcome::{Judged, Outcome};
use super::rows::Import;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::terms::Word;

/// The most rows of an import that are kept by number.
const NOTED_MAX: i64 = 100_000;

const NOTE: Batch = Batch::new(
    "INSERT INTO import_rows (tenant, import_id, phase, number, line, outcome, codes, field)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
);

/// Keeps rows that were refused or of which something is told, as long as there is room; returns how many were kept.
pub(super) fn note(tx: &mut Tx<'_>, tenant: TenantId, import: &Import, phase: i64, judged: &[Judged]) -> Result<i64> {
    let room = usize::try_from(NOTED_MAX - import.noted).unwrap_or_default();
    let kept: Vec<_> = judged.iter().filter(|judged| judged.is_kept()).take(room).collect();
    let codes: Vec<_> = kept.iter().map(|judged| codes_of(&judged.codes)).collect();
    let rows: Vec<_> = kept
        .iter()
        .zip(&codes)
        .map(|(judged, (codes, field))| {
            params![tenant, &import.id, phase, judged.row, judged.line, judged.outcome.word(), codes, *field]
        })
        .collect();
    tx.put(NOTE, &rows)?;
    Ok(kept.len() as i64)
}

fn codes_of(told: &[Told]) -> (String, &str) {
    let codes: Vec<_> = told.iter().map(|told| told.code.text()).collect();
    let field = told.iter().map(|told| told.field.as_str()).find(|field| !field.is_empty()).unwrap_or_default();
    // A name of a column may be long; the sentence is made by the client, which has the whole of it.
    let end = field.char_indices().map(|(at, _)| at).take_while(|at| *at <= 128).last().unwrap_or_default();
    (codes.join(" "), if field.len() > 128 { &field[..end] } else { field })
}

/// A row that was kept.
#[derive(Debug, Clone)]
pub struct Noted {
    /// Its number.
    pub row: i64,
    /// Its line.
    pub line: i64,
    /// What became of it.
    pub outcome: Outcome,
    /// The codes.
    pub codes: Vec<String>,
    /// The field that the first of them is about; may be empty.
    pub field: String,
}

/// Kept rows of a phase behind a row, in order, with any outcome or this one.
pub(super) fn noted(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    import: Uuid,
    phase: i64,
    outcome: Option<Outcome>,
    (after, most): (i64, i64),
) -> Result<Vec<Noted>> {
    let rows = tx.all(
        "SELECT number, line, outcome, codes, field FROM import_rows
         WHERE tenant = $1 AND import_id = $2 AND phase = $3 AND number > $4 AND outcome = COALESCE($5, outcome)
         ORDER BY number LIMIT $6",
        &params![tenant, &import, phase, after, outcome.map(Word::word), most],
    )?;
    let noted = |row: &Row| {
        let codes: String = row.get(3)?;
        let codes = codes.split(' ').map(String::from).collect();
        Ok(Noted { row: row.get(0)?, line: row.get(1)?, outcome: row.get(2)?, codes, field: row.get(4)? })
    };
    rows.iter().map(noted).collect()
}
