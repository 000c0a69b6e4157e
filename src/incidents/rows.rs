//! SQL over incidents.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::acts::Acts;
use super::counts::{Ended, Planned};
use super::pace::Mailed;
use super::remind::Reminders;
use super::terms::Terms;
use crate::access::Rights;
use crate::authority::Authority;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::random::Random;
use crate::store::{Row, Tx};
use crate::users::Place;

/// An incident, from its plan to its last mail.
#[derive(Debug, Clone)]
pub(super) struct Incident {
    pub(super) id: Uuid,
    pub(super) terms: Terms,
    /// What the mails say, by language.
    pub(super) words: BTreeMap<String, String>,
    pub(super) contact: Option<String>,
    pub(super) link_hours: i64,
    /// Mails in a minute; 0 for as many as the relay takes.
    pub(super) pace: i64,
    pub(super) created_at: Timestamp,
    pub(super) created_by: String,
    /// When it was gone on with last.
    pub(super) touched_at: Timestamp,
    /// Who has asked for it.
    pub(super) authority: Authority,
    /// Addresses that were listed.
    pub(super) lines: i64,
    pub(super) planning_at: Option<Timestamp>,
    /// Up to where users were looked for; none at the beginning.
    pub(super) found_to: Option<Place>,
    pub(super) planned: Planned,
    /// Over terms and list, as far as it is made.
    pub(super) digest: Vec<u8>,
    pub(super) planned_at: Option<Timestamp>,
    pub(super) asked_at: Option<Timestamp>,
    pub(super) agreed_at: Option<Timestamp>,
    pub(super) agreed_by: Option<String>,
    /// What the person who began it might do at that moment.
    pub(super) rights: BTreeMap<String, i64>,
    /// The id out of which those of resets, records and mails are made.
    pub(super) run: Option<Uuid>,
    pub(super) started_at: Option<Timestamp>,
    /// Users before this place are come to.
    pub(super) ends_below: i64,
    /// The place of the last user whose password has ended.
    pub(super) ended_to: i64,
    pub(super) ended: Ended,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) released_at: Option<Timestamp>,
    /// The place of the last user who was mailed.
    pub(super) mailed_to: i64,
    pub(super) mailed: Mailed,
    pub(super) mailed_at: Option<Timestamp>,
    pub(super) paused_at: Option<Timestamp>,
    pub(super) cancelled_at: Option<Timestamp>,
    pub(super) cancelled_by: Option<String>,
    /// Why it ended before its time.
    pub(super) why: Option<String>,
    /// When a server goes on with it; none where nothing is to be done.
    pub(super) next_at: Option<Timestamp>,
    /// The records of what was done to it as a whole.
    pub(super) acts: Acts,
    /// How far users were reminded.
    pub(super) reminders: Reminders,
}

impl Incident {
    /// The rights by which it was begun.
    pub(super) fn rights(&self) -> Rights {
        Rights::of_kept(&self.rights)
    }

    /// The run of one that was begun.
    ///
    /// # Errors
    /// `Internal` for one that was not.
    pub(super) fn run(&self) -> Result<Uuid> {
        self.run.ok_or_else(|| Error::internal("an incident has not begun"))
    }
}

macro_rules! columns {
    () => {
        "id, terms, words, contact, link_hours, pace, created_at, created_by, touched_at, actor, actor_name, credential, \
         address, session_epoch, lines, planning_at, found_to, found_user, planned, digest, planned_at, asked_at, \
         agreed_at, agreed_by, rights, run, started_at, ends_below, ended_to, ended, ended_at, released_at, mailed_to, \
         mailed, mailed_at, paused_at, cancelled_at, cancelled_by, why, next_at, \
         acts, reminders"
    };
}

fn read(row: &Row) -> Result<Incident> {
    let mut row = row.columns();
    Ok(Incident {
        id: row.take()?,
        terms: from_json(&row.take::<String>()?)?,
        words: from_json(&row.take::<String>()?)?,
        contact: row.take()?,
        link_hours: row.take()?,
        pace: row.take()?,
        created_at: row.take()?,
        created_by: row.take()?,
        touched_at: row.take()?,
        authority: Authority {
            user: row.take::<UserId>()?,
            name: row.take()?,
            credential: row.take()?,
            address: row.take()?,
            session_epoch: row.take()?,
        },
        lines: row.take()?,
        planning_at: row.take()?,
        found_to: Some(Place { key: row.take()?, user: row.take()? }).filter(|place| !place.key.is_empty()),
        planned: from_json(&row.take::<String>()?)?,
        digest: row.take()?,
        planned_at: row.take()?,
        asked_at: row.take()?,
        agreed_at: row.take()?,
        agreed_by: row.take()?,
        rights: from_json(&row.take::<String>()?)?,
        run: row.take()?,
        started_at: row.take()?,
        ends_below: row.take()?,
        ended_to: row.take()?,
        ended: from_json(&row.take::<String>()?)?,
        ended_at: row.take()?,
        released_at: row.take()?,
        mailed_to: row.take()?,
        mailed: from_json(&row.take::<String>()?)?,
        mailed_at: row.take()?,
        paused_at: row.take()?,
        cancelled_at: row.take()?,
        cancelled_by: row.take()?,
        why: row.take()?,
        next_at: row.take()?,
        acts: Acts::of(row.take()?),
        reminders: from_json(&row.take::<String>()?)?,
    })
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(Error::internal)
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(Error::internal)
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &Incident) -> Result<()> {
    tx.run(
        "INSERT INTO incidents (tenant, id, name, terms, words, contact, link_hours, pace, created_at, created_by, touched_at,
             actor, actor_name, credential, address, session_epoch, lines, planning_at, found_to, found_user, planned,
             digest, rights, ends_below, ended_to, ended, mailed_to, mailed, next_at, acts)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $9, $11, $12, $13, $14, $15, $16, $17, '', 0, '{}', $18, '{}',
             $19, 0, '{}', 0, '{}', $20, $21)",
        &params![
            tenant,
            &new.id,
            &new.terms.name,
            &to_json(&new.terms)?,
            &to_json(&new.words)?,
            new.contact.as_deref(),
            new.link_hours,
            new.pace,
            new.created_at,
            &new.created_by,
            new.authority.user,
            &new.authority.name,
            new.authority.credential.as_deref(),
            &new.authority.address,
            new.authority.session_epoch,
            new.lines,
            new.planning_at,
            new.digest.as_slice(),
            new.ends_below,
            new.next_at,
            new.acts.bytes(),
        ],
    )
    .map(drop)
}

/// Writes what may change of it.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, incident: &Incident) -> Result<()> {
    let found = incident.found_to.as_ref();
    let (found_to, found_user) = found.map_or(("", 0), |place| (place.key.as_str(), place.user));
    tx.run(
        "UPDATE incidents SET words = $3, contact = $4, pace = $5, touched_at = $6, actor_name = $7, credential = $8,
             address = $9, session_epoch = $10, lines = $11, planning_at = $12, found_to = $13, found_user = $14,
             planned = $15, digest = $16, planned_at = $17, asked_at = $18, agreed_at = $19, agreed_by = $20, rights = $21,
             run = $22, started_at = $23, ends_below = $24, ended_to = $25, ended = $26, ended_at = $27, released_at = $28,
             mailed_to = $29, mailed = $30, mailed_at = $31, paused_at = $32, cancelled_at = $33, cancelled_by = $34,
             why = $35, next_at = $36, acts = $37,
             reminders = $38
         WHERE tenant = $1 AND id = $2",
        &params![
            tenant,
            &incident.id,
            &to_json(&incident.words)?,
            incident.contact.as_deref(),
            incident.pace,
            incident.touched_at,
            &incident.authority.name,
            incident.authority.credential.as_deref(),
            &incident.authority.address,
            incident.authority.session_epoch,
            incident.lines,
            incident.planning_at,
            found_to,
            found_user,
            &to_json(&incident.planned)?,
            incident.digest.as_slice(),
            incident.planned_at,
            incident.asked_at,
            incident.agreed_at,
            incident.agreed_by.as_deref(),
            &to_json(&incident.rights)?,
            incident.run.as_ref(),
            incident.started_at,
            incident.ends_below,
            incident.ended_to,
            &to_json(&incident.ended)?,
            incident.ended_at,
            incident.released_at,
            incident.mailed_to,
            &to_json(&incident.mailed)?,
            incident.mailed_at,
            incident.paused_at,
            incident.cancelled_at,
            incident.cancelled_by.as_deref(),
            incident.why.as_deref(),
            incident.next_at,
            incident.acts.bytes(),
            &to_json(&incident.reminders)?,
        ],
    )
    .map(drop)
}

pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Option<Incident>> {
    let statement = concat!("SELECT ", columns!(), " FROM incidents WHERE tenant = $1 AND id = $2");
    tx.maybe(statement, &params![tenant, &id])?.map(|row| read(&row)).transpose()
}

/// The one of this id.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Incident> {
    find(tx, tenant, id)?.ok_or_else(not_found)
}

/// The error for an incident that the tenant does not have.
pub fn not_found() -> Error {
    Error::not_found("There is no such incident in this tenant.")
}

/// The latest of a tenant, newest first.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, before: Uuid, limit: i64) -> Result<Vec<Incident>> {
    let statement =
        concat!("SELECT ", columns!(), " FROM incidents WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
    tx.all(statement, &params![tenant, &before, limit])?.iter().map(read).collect()
}

/// Those that were made at this moment or later, newest first.
pub(super) fn since(tx: &mut Tx<'_>, tenant: TenantId, since: Timestamp) -> Result<Vec<Incident>> {
    let statement = concat!("SELECT ", columns!(), " FROM incidents WHERE tenant = $1 AND id >= $2 ORDER BY id DESC");
    tx.all(statement, &params![tenant, &Random::least_uuid(since)])?.iter().map(read).collect()
}

/// The one that ends passwords in a tenant.
pub(super) fn ending(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Option<Incident>> {
    let statement = concat!(
        "SELECT ",
        columns!(),
        " FROM incidents WHERE tenant = $1 AND started_at IS NOT NULL AND ended_at IS NULL AND cancelled_at IS NULL"
    );
    tx.maybe(statement, &params![tenant])?.map(|row| read(&row)).transpose()
}
