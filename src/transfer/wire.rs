//! Imports as callers see them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::chosen::{Erased, Groups, Options, Part};
use super::chunk::Done;
use super::counts::Counts;
use super::import::Told;
use super::noted::Noted;
use super::outcome::{Judged, Outcome};
use super::rows::{Import, State};
use super::upload;
use crate::clock::Timestamp;
use crate::hex::hex;
use crate::passwords::Cost;

/// The largest chunk, in bytes: a user with the largest picture fits into one.
pub(super) const CHUNK_MAX: usize = 2 * 1024 * 1024;

/// What an import is begun with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ImportAsk")]
pub(super) struct Ask {
    /// A name for where the users come from, such as `csv` or `keycloak:main`.
    #[schemars(example = &"csv")]
    pub(super) source: String,
    /// How it is to be done.
    #[serde(default)]
    pub(super) options: Options,
    /// How many rows there are, for the progress that is shown.
    #[serde(default)]
    #[schemars(example = 1000)]
    pub(super) rows: Option<i64>,
}

/// Which plan is to be run.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ImportRunAsk")]
pub(super) struct RunAsk {
    /// The plan, as it was answered.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    pub(super) plan: String,
}

/// Until when hashes may come.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ImportHashesAsk")]
pub(super) struct HashesAsk {
    /// At most 7 days ahead; null or absent closes the window.
    #[serde(default)]
    #[schemars(example = &"2026-03-05T09:15:27Z")]
    pub(super) until: Option<String>,
}

/// Until when hashes may come.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportHashes")]
pub(super) struct Hashes {
    /// Null where none may.
    #[schemars(example = &"2026-03-05T09:15:27Z")]
    pub(super) until: Option<String>,
}

/// A key by which hashes are sealed for this tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TransferKey")]
pub(super) struct KeyShown {
    /// The key; it is shown this once, and kept nowhere.
    #[schemars(example = &"tnt1.AAAAAQAAAABlqhUfGxMhJSkvNztDR1NX.3q2-796tvu_erb7v3q2-796tvu_erb7v3q2-796tvu8")]
    pub(super) key: String,
    /// Until when an import may be begun that brings what was sealed by it.
    pub(super) expires_at: Timestamp,
}

/// The options of an import.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportOptionsShown")]
pub(super) struct OptionsShown {
    /// What becomes of groups that a row names.
    groups: Groups,
    /// What is taken over of users who came from this source before and differ now.
    update: Vec<Part>,
    /// Whether the file is a whole tenant.
    #[schemars(example = false)]
    tenant: bool,
    /// What becomes of rows whose person was erased here.
    erased: Erased,
}

impl From<Options> for OptionsShown {
    fn from(Options { groups, update, tenant, erased }: Options) -> Self {
        Self { groups, update, tenant, erased }
    }
}

/// At which cost of Argon2id quick hashes must be laid beneath it before they are sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "WrappingCost")]
pub(super) struct CostShown {
    #[schemars(example = 19456)]
    memory_kib: u32,
    #[schemars(example = 2)]
    iterations: u32,
    #[schemars(example = 1)]
    parallelism: u32,
}

impl From<Cost> for CostShown {
    fn from(Cost { memory_kib, iterations, parallelism }: Cost) -> Self {
        Self { memory_kib, iterations, parallelism }
    }
}

/// An import.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Import")]
pub(super) struct Shown {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    #[schemars(example = &"csv")]
    source: String,
    state: State,
    options: OptionsShown,
    /// How many rows there are, as the client has said.
    expected: Option<i64>,
    created_at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    /// When it was gone on with last.
    touched_at: Timestamp,
    /// Until when an uploaded file is kept; null where none is.
    kept_until: Option<Timestamp>,
    /// Why it was ended, where nobody's call has ended it.
    #[schemars(example = &"The access of jane@example.com, who asked for it, has ended.")]
    why: Option<String>,
    /// Where it goes on.
    next: Next,
    /// The rows of the present phase by what became of them.
    counts: Counts,
    /// The plan, once there is one: it is what the run asks for.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    plan: Option<String>,
    planned_at: Option<Timestamp>,
    /// What the plan has found.
    planned: Option<Counts>,
    run_at: Option<Timestamp>,
    run_by: Option<String>,
    ended_at: Option<Timestamp>,
    /// Rows a second in the present phase, while it goes on.
    rate: Option<i64>,
    /// The seconds that are left, as far as can be told.
    seconds_left: Option<i64>,
    /// The most bytes of a chunk.
    chunk_max: usize,
    cost: CostShown,
}

/// Where an import goes on.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportPlace")]
struct Next {
    /// The number of the chunk that comes next, from 1.
    #[schemars(example = 1)]
    chunk: i64,
    /// How many of its rows are done already.
    #[schemars(example = 0)]
    done: i64,
}

impl Next {
    fn of(import: &Import) -> Self {
        Self { chunk: import.chunk, done: import.done }
    }
}

impl Shown {
    pub(super) fn new(import: Import, cost: Cost, now: Timestamp) -> Self {
        let began = import.run_at.unwrap_or(import.created_at);
        let is_under_way = matches!(import.state, State::Planning | State::Running) && import.counts.rows > 0;
        let seconds = now.seconds_since(began).max(1);
        let rate = is_under_way.then(|| import.counts.rows / seconds);
        let all = import.planned.as_ref().map(|planned| planned.rows).or(import.expected);
        let left = all.map(|all| (all - import.counts.rows).max(0));
        let seconds_left = left.zip(rate.filter(|rate| *rate > 0)).map(|(left, rate)| left / rate);
        Self {
            id: import.id.to_string(),
            next: Next::of(&import),
            source: import.source,
            state: import.state,
            options: import.options.into(),
            expected: import.expected,
            created_at: import.created_at,
            created_by: import.created_by,
            touched_at: import.touched_at,
            kept_until: import.uploaded_at.filter(|_| import.ended_at.is_none()).map(upload::kept_until),
            why: import.why,
            counts: import.counts,
            plan: import.plan.as_deref().map(hex),
            planned_at: import.planned_at,
            planned: import.planned,
            run_at: import.run_at,
            run_by: import.run_by,
            ended_at: import.ended_at,
            rate,
            seconds_left,
            chunk_max: CHUNK_MAX,
            cost: cost.into(),
        }
    }
}

/// The latest imports of a tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Imports")]
pub(super) struct ImportList {
    /// Newest first.
    pub(super) items: Vec<Shown>,
    /// What to give as `cursor` for those behind these.
    pub(super) next: Option<String>,
}

/// What became of a chunk.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportChunk")]
pub(super) struct ChunkShown {
    /// Where the import goes on.
    next: Next,
    /// Whether all rows of this chunk are done; otherwise it is sent again, and those that are done are passed over.
    #[schemars(example = true)]
    is_whole: bool,
    /// All rows of the present phase by what became of them.
    counts: Counts,
    /// The rows of this call that are not simply new users.
    told: Vec<RowShown>,
}

impl From<Done> for ChunkShown {
    fn from(done: Done) -> Self {
        let is_told = |judged: &&Judged| judged.outcome != Outcome::Taken || !judged.codes.is_empty();
        Self {
            next: Next::of(&done.import),
            is_whole: done.is_whole,
            counts: done.import.counts,
            told: done.judged.iter().filter(is_told).map(RowShown::of).collect(),
        }
    }
}

/// A row of an import.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportRow")]
pub(super) struct RowShown {
    #[schemars(example = 17)]
    row: i64,
    #[schemars(example = 212)]
    line: i64,
    outcome: Outcome,
    #[schemars(example = json!(["NO_ADDRESS"]))]
    codes: Vec<String>,
    /// The field that the first of the codes is about; may be empty.
    #[schemars(example = &"password_hash")]
    field: String,
}

impl RowShown {
    fn of(judged: &Judged) -> Self {
        let mut codes: Vec<_> = judged.codes.iter().map(|told| told.code.text().to_owned()).collect();
        codes.dedup();
        let field = |told: &Told| Some(told.field.clone()).filter(|field| !field.is_empty());
        let field = judged.codes.iter().find_map(field).unwrap_or_default();
        Self { row: judged.row, line: judged.line, outcome: judged.outcome, codes, field }
    }
}

impl From<Noted> for RowShown {
    fn from(Noted { row, line, outcome, codes, field }: Noted) -> Self {
        Self { row, line, outcome, codes, field }
    }
}

/// Rows that were refused or of which something is told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportRows")]
pub(super) struct RowList {
    pub(super) items: Vec<RowShown>,
    /// What to give as `after` for those behind these.
    #[schemars(example = 100)]
    pub(super) next: Option<i64>,
}
