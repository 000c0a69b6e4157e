//! SQL over acts on many users.

use std::sync::Arc;

use uuid::Uuid;

use super::judge::Counts;
use super::terms::Terms;
use crate::act::Act;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::params;
use crate::store::{Row, Tx};
use crate::terms::Word;
use crate::users::Place;

/// A plan that nobody acts by is over after this time.
pub(super) const LIFE_SECONDS: i64 = 24 * 3600;

/// Where a plan stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BulkState", rename_all = "snake_case")]
pub(super) enum State {
    /// Its users are being looked for.
    Planning,
    /// They are all found, and nothing is changed.
    Planned,
    /// Nobody acted by it within a day.
    Lapsed,
    /// Its users are being changed.
    Running,
    /// All of them are, but for users who were left out.
    Done,
    /// It was ended before; what was done stays.
    Stopped,
}

impl Word for State {
    const ALL: &'static [Self] =
        &[Self::Planning, Self::Planned, Self::Lapsed, Self::Running, Self::Done, Self::Stopped];

    fn word(self) -> &'static str {
        match self {
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Lapsed => "lapsed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Stopped => "stopped",
        }
    }
}

/// An act on many users, from its plan to its end.
#[derive(Debug, Clone)]
pub(super) struct Bulk {
    pub(super) id: Uuid,
    pub(super) terms: Terms,
    /// As it is kept; callers see [`Bulk::state_at`].
    pub(super) state: State,
    pub(super) created_at: Timestamp,
    pub(super) created_by: String,
    /// When it was gone on with last.
    pub(super) touched_at: Timestamp,
    /// Who has asked for what is under way: the plan, then the run.
    pub(super) authority: Authority,
    /// Up to where users were looked for; none at the beginning.
    pub(super) found_to: Option<Place>,
    pub(super) planned: Counts,
    /// Over terms and list, as far as it is made.
    pub(super) digest: Vec<u8>,
    pub(super) planned_at: Option<Timestamp>,
    /// The id out of which those of the records are made.
    pub(super) run: Option<Uuid>,
    pub(super) acted_at: Option<Timestamp>,
    pub(super) acted_by: Option<String>,
    /// The place of the last user to whom the run has come.
    pub(super) acted_to: i64,
    pub(super) acted: Counts,
    pub(super) ended_at: Option<Timestamp>,
    /// Why it ended before its time.
    pub(super) why: Option<String>,
    /// When a server goes on with it; none where nothing is to be done.
    pub(super) next_at: Option<Timestamp>,
}

impl Bulk {
    /// The act of the person who has asked for it, by the rights of this moment. Its records name this one.
    ///
    /// # Errors
    /// As [`Authority::act`].
    pub(super) fn act(&self, tx: &mut Tx<'_>, tenant: &Arc<Tenant>, now: Timestamp) -> Result<Act> {
        let act = self.authority.act(tx, tenant, self.id, now)?;
        Ok(Act { part_of: Some(self.id), ..act })
    }

    /// Where it stands at a moment.
    pub(super) fn state_at(&self, now: Timestamp) -> State {
        let is_alive = self.ended_at.is_none() && self.planned_at.is_some_and(|at| at.lasts(LIFE_SECONDS, now));
        if self.state == State::Planned && !is_alive { State::Lapsed } else { self.state }
    }
}

macro_rules! columns {
    () => {
        "id, terms, state, created_at, created_by, touched_at, actor, actor_name, credential, address, session_epoch, \
         found_to, found_user, planned, digest, planned_at, run, acted_at, acted_by, acted_to, acted, ended_at, why, next_at"
    };
}

fn read(row: &Row) -> Result<Bulk> {
    let mut row = row.columns();
    Ok(Bulk {
        id: row.take()?,
        terms: from_json(&row.take::<String>()?)?,
        state: row.take()?,
        created_at: row.take()?,
        created_by: row.take()?,
        touched_at: row.take()?,
        authority: Authority {
            user: row.take()?,
            name: row.take()?,
            credential: row.take()?,
            address: row.take()?,
            session_epoch: row.take()?,
        },
        found_to: place(row.take()?, row.take()?),
        planned: from_json(&row.take::<String>()?)?,
        digest: row.take()?,
        planned_at: row.take()?,
        run: row.take()?,
        acted_at: row.take()?,
        acted_by: row.take()?,
        acted_to: row.take()?,
        acted: from_json(&row.take::<String>()?)?,
        ended_at: row.take()?,
        why: row.take()?,
        next_at: row.take()?,
    })
}

/// Nobody's address or word is empty.
fn place(key: String, user: i64) -> Option<Place> {
    (!key.is_empty()).then_some(Place { key, user })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &Bulk) -> Result<()> {
    tx.run(
        "INSERT INTO bulk_acts (tenant, id, terms, state, created_at, created_by, touched_at, actor, actor_name, credential,
                                address, session_epoch, found_to, found_user, planned, digest, acted_to, acted, next_at)
         VALUES ($1, $2, $3, $4, $5, $6, $5, $7, $8, $9, $10, $11, '', 0, $12, $13, 0, $12, $14)",
        &params![
            tenant,
            &new.id,
            &to_json(&new.terms)?,
            new.state.word(),
            new.created_at,
            &new.created_by,
            new.authority.user,
            &new.authority.name,
            new.authority.credential.as_deref(),
            &new.authority.address,
            new.authority.session_epoch,
            &to_json(&Counts::default())?,
            new.digest.as_slice(),
            new.next_at,
        ],
    )
    .map(drop)
}

/// Writes what may change of it.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, bulk: &Bulk) -> Result<()> {
    let (found_to, found_user) = bulk.found_to.as_ref().map_or(("", 0), |place| (place.key.as_str(), place.user));
    tx.run(
        "UPDATE bulk_acts SET state = $3, touched_at = $4, actor = $5, actor_name = $6, credential = $7, address = $8,
             session_epoch = $9, found_to = $10, found_user = $11, planned = $12, digest = $13, planned_at = $14, run = $15,
             acted_at = $16, acted_by = $17, acted_to = $18, acted = $19, ended_at = $20, why = $21, next_at = $22
         WHERE tenant = $1 AND id = $2",
        &params![
            tenant,
            &bulk.id,
            bulk.state.word(),
            bulk.touched_at,
            bulk.authority.user,
            &bulk.authority.name,
            bulk.authority.credential.as_deref(),
            &bulk.authority.address,
            bulk.authority.session_epoch,
            found_to,
            found_user,
            &to_json(&bulk.planned)?,
            bulk.digest.as_slice(),
            bulk.planned_at,
            bulk.run.as_ref(),
            bulk.acted_at,
            bulk.acted_by.as_deref(),
            bulk.acted_to,
            &to_json(&bulk.acted)?,
            bulk.ended_at,
            bulk.why.as_deref(),
            bulk.next_at,
        ],
    )
    .map(drop)
}

pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Option<Bulk>> {
    let statement = concat!("SELECT ", columns!(), " FROM bulk_acts WHERE tenant = $1 AND id = $2");
    tx.maybe(statement, &params![tenant, &id])?.map(|row| read(&row)).transpose()
}

/// The one of this id.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Bulk> {
    find(tx, tenant, id)?.ok_or_else(not_found)
}

pub(super) fn not_found() -> Error {
    Error::not_found("This bulk act was not found in this tenant. `tenantry bulk list` lists those that are there.")
}

/// The latest ones of a tenant, newest first.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, before: Uuid, most: i64) -> Result<Vec<Bulk>> {
    let statement =
        concat!("SELECT ", columns!(), " FROM bulk_acts WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    tx.all(statement, &params![tenant, &before, most])?.iter().map(read).collect()
}

/// Those that have not come to their end.
pub(super) fn open(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<Bulk>> {
    let statement =
        concat!("SELECT ", columns!(), " FROM bulk_acts WHERE tenant = $1 AND ended_at IS NULL ORDER BY id LIMIT 100");
    tx.all(statement, &params![tenant])?.iter().map(read).collect()
}

/// One that a server is to go on with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub(super) tenant: TenantId,
    pub(super) id: Uuid,
}

/// Those that are due, of all tenants.
pub(super) fn find_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Due>> {
    let due = "SELECT tenant, id FROM bulk_acts WHERE next_at <= $1 ORDER BY next_at LIMIT 16";
    tx.all(due, &params![now])?.iter().map(|row| Ok(Due { tenant: row.get(0)?, id: row.get(1)? })).collect()
}
