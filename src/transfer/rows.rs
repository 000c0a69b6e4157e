//! SQL over imports and their chunks.

use uuid::Uuid;

use super::chosen::Options;
use super::counts::Counts;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};
use crate::terms::Word;

/// An import that nobody goes on with is over after this time.
pub(super) const LIFE_SECONDS: i64 = 24 * 3600;

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema, serde::Serialize)]
#[schemars(rename = "ImportState", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Its chunks are judged, and nothing is changed.
    Planning,
    /// It has a plan, by which it may be run.
    Planned,
    /// Its chunks are carried out.
    Running,
    /// All chunks of the plan are carried out.
    Done,
    /// It was ended before; what was done stays.
    Stopped,
}

impl Word for State {
    const ALL: &'static [Self] = &[Self::Planning, Self::Planned, Self::Running, Self::Done, Self::Stopped];

    fn word(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// An import.
#[derive(Debug, Clone)]
pub struct Import {
    /// The id.
    pub id: Uuid,
    /// Where the keys of its users count.
    pub source: String,
    /// The options.
    pub options: Options,
    /// Where it stands.
    pub state: State,
    /// How many rows the file has, as the client has said.
    pub expected: Option<i64>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was gone on with.
    pub touched_at: Timestamp,
    /// The chunk that comes next, or is under way.
    pub chunk: i64,
    /// Rows of it that are done.
    pub done: i64,
    /// Rows of this phase by what became of them.
    pub counts: Counts,
    /// Rows of this phase that are kept by number.
    pub noted: i64,
    /// The plan.
    pub plan: Option<Vec<u8>>,
    /// What the caller might do when it was made.
    pub rights: Option<Vec<u8>>,
    /// When it was made.
    pub planned_at: Option<Timestamp>,
    /// Its rows by what would become of them.
    pub planned: Option<Counts>,
    /// When the run began.
    pub run_at: Option<Timestamp>,
    /// Who began it.
    pub run_by: Option<String>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// When it was begun, if it is of a whole tenant and nobody was here but who began it.
    pub found_empty_at: Option<Timestamp>,
    /// When its file was uploaded, if it was: then a server goes on with it.
    pub uploaded_at: Option<Timestamp>,
    /// Why it was ended, where nobody's call has ended it.
    pub why: Option<String>,
}

macro_rules! columns {
    () => {
        "id, source, options, state, expected, created_at, created_by, touched_at, chunk, done, counts, noted, plan, rights, \
         planned_at, planned, run_at, run_by, ended_at, found_empty_at, uploaded_at, why"
    };
}

fn read(row: &Row) -> Result<Import> {
    let mut row = row.columns();
    Ok(Import {
        id: row.take()?,
        source: row.take()?,
        options: from_json(&row.take::<String>()?)?,
        state: row.take()?,
        expected: row.take()?,
        created_at: row.take()?,
        created_by: row.take()?,
        touched_at: row.take()?,
        chunk: row.take()?,
        done: row.take()?,
        counts: from_json(&row.take::<String>()?)?,
        noted: row.take()?,
        plan: row.take()?,
        rights: row.take()?,
        planned_at: row.take()?,
        planned: row.take::<Option<String>>()?.map(|text| from_json(&text)).transpose()?,
        run_at: row.take()?,
        run_by: row.take()?,
        ended_at: row.take()?,
        found_empty_at: row.take()?,
        uploaded_at: row.take()?,
        why: row.take()?,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &Import) -> Result<()> {
    tx.run(
        "INSERT INTO imports (tenant, id, source, options, state, expected, created_at, created_by, touched_at, chunk, done,
                              counts, noted, found_empty_at, uploaded_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7, 1, 0, $9, 0, $10, $11)",
        &params![
            tenant,
            &new.id,
            &new.source,
            &to_json(&new.options)?,
            new.state.word(),
            new.expected,
            new.created_at,
            &new.created_by,
            &to_json(&new.counts)?,
            new.found_empty_at,
            new.uploaded_at,
        ],
    )
    .map(drop)
}

/// Writes what may change of an import.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, import: &Import) -> Result<()> {
    tx.run(
        "UPDATE imports SET state = $3, touched_at = $4, chunk = $5, done = $6, counts = $7, noted = $8, plan = $9,
             rights = $10, planned_at = $11, planned = $12, run_at = $13, run_by = $14, ended_at = $15,
             why = $16
         WHERE tenant = $1 AND id = $2",
        &params![
            tenant,
            &import.id,
            import.state.word(),
            import.touched_at,
            import.chunk,
            import.done,
            &to_json(&import.counts)?,
            import.noted,
            import.plan.as_deref(),
            import.rights.as_deref(),
            import.planned_at,
            import.planned.as_ref().map(to_json).transpose()?.as_deref(),
            import.run_at,
            import.run_by.as_deref(),
            import.ended_at,
            import.why.as_deref(),
        ],
    )
    .map(drop)
}

/// The import of this id.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Import> {
    let statement = concat!("SELECT ", columns!(), " FROM imports WHERE tenant = $1 AND id = $2");
    let row = tx.maybe(statement, &params![tenant, &id])?;
    row.ok_or_else(not_found).and_then(|row| read(&row))
}

pub(super) fn not_found() -> Error {
    Error::not_found("This import was not found in this tenant. `tenantry import list` lists those that are there.")
}

/// The latest imports of a tenant, newest first.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, before: Uuid, most: i64) -> Result<Vec<Import>> {
    let statement =
        concat!("SELECT ", columns!(), " FROM imports WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    tx.all(statement, &params![tenant, &before, most])?.iter().map(read).collect()
}

/// The imports that have not come to their end: one, as a rule.
pub(super) fn open(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<Import>> {
    let statement = concat!("SELECT ", columns!(), " FROM imports WHERE tenant = $1 AND ended_at IS NULL LIMIT 10");
    tx.all(statement, &params![tenant])?.iter().map(read).collect()
}

/// A chunk of a plan.
pub(super) struct Planned {
    pub(super) digest: Vec<u8>,
    pub(super) first_row: i64,
    pub(super) rows: i64,
}

pub(super) fn find_chunk(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, number: i64) -> Result<Option<Planned>> {
    let row = tx.maybe(
        "SELECT digest, first_row, rows FROM import_chunks WHERE tenant = $1 AND import_id = $2 AND number = $3",
        &params![tenant, &import, number],
    )?;
    row.map(|row| Ok(Planned { digest: row.get(0)?, first_row: row.get(1)?, rows: row.get(2)? })).transpose()
}

pub(super) fn insert_chunk(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    import: Uuid,
    number: i64,
    planned: &Planned,
) -> Result<()> {
    tx.run(
        "INSERT INTO import_chunks (tenant, import_id, number, digest, first_row, rows) VALUES ($1, $2, $3, $4, $5, $6)",
        &params![tenant, &import, number, planned.digest.as_slice(), planned.first_row, planned.rows],
    )
    .map(drop)
}

/// The digests of all chunks of an import, in order.
pub(super) fn digests(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid) -> Result<Vec<Vec<u8>>> {
    let rows = tx.all(
        "SELECT digest FROM import_chunks WHERE tenant = $1 AND import_id = $2 ORDER BY number",
        &params![tenant, &import],
    )?;
    rows.iter().map(|row| row.get(0)).collect()
}
