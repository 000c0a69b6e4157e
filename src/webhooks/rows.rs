//! SQL over webhooks.

use uuid::Uuid;

use super::events::Wanted;
use super::lease::longest_lease;
use crate::audit::Place;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Row, Tx};

/// From which, and the server's keys, a secret is made.
pub(super) type Seed = [u8; 16];

/// A tenant has no more than so many.
pub(super) const WEBHOOKS_MAX: usize = 20;

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Webhook {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) events: Wanted,
    /// Whether it gets a record for each user of an incident too.
    pub(super) people: bool,
    pub(super) seed: Seed,
    /// The one before, and until when it counts too.
    pub(super) old_seed: Option<Seed>,
    pub(super) old_until: Option<Timestamp>,
    /// From where the chain is read on.
    pub(super) place: Place,
    pub(super) created_at: Timestamp,
    pub(super) created_by: String,
    /// Since when every attempt has failed.
    pub(super) failing_since: Option<Timestamp>,
    /// When the owners were told of that.
    pub(super) told_at: Option<Timestamp>,
    pub(super) last_error: Option<String>,
    pub(super) off_at: Option<Timestamp>,
    pub(super) off_why: Option<String>,
}

impl Webhook {
    /// All is well again, or is to be tried anew.
    pub(super) fn forgive(&mut self) {
        (self.failing_since, self.told_at, self.last_error) = (None, None, None);
    }

    /// Sends nothing more until it is switched on again.
    pub(super) fn switch_off(&mut self, why: String, now: Timestamp) {
        (self.off_at, self.off_why) = (Some(now), Some(why));
    }
}

macro_rules! columns {
    () => {
        "id, name, url, events, seed, old_seed, old_until, link, position, created_at, created_by, failing_since, told_at, \
         last_error, off_at, off_why, people"
    };
}

fn read(row: &Row) -> Result<Webhook> {
    let mut row = row.columns();
    Ok(Webhook {
        id: row.take()?,
        name: row.take()?,
        url: row.take()?,
        events: Wanted(serde_json::from_str(&row.take::<String>()?).map_err(Error::internal)?),
        seed: seed(row.take()?)?,
        old_seed: row.take::<Option<Vec<u8>>>()?.map(seed).transpose()?,
        old_until: row.take()?,
        place: Place { link: row.take()?, position: row.take()? },
        created_at: row.take()?,
        created_by: row.take()?,
        failing_since: row.take()?,
        told_at: row.take()?,
        last_error: row.take()?,
        off_at: row.take()?,
        off_why: row.take()?,
        people: row.take()?,
    })
}

fn seed(bytes: Vec<u8>) -> Result<Seed> {
    bytes.try_into().map_err(|_| Error::internal("a seed has not the length of one"))
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, new: &Webhook) -> Result<()> {
    tx.run(
        "INSERT INTO webhooks (tenant, id, name, url, events, seed, link, position, created_at, created_by, people)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &params![
            tenant,
            &new.id,
            &new.name,
            &new.url,
            &to_json(&new.events)?,
            &new.seed,
            new.place.link,
            new.place.position,
            new.created_at,
            &new.created_by,
            new.people,
        ],
    )
    .map(drop)
}

/// Writes what may change of it, but for its place.
pub(super) fn replace(tx: &mut Tx<'_>, tenant: TenantId, webhook: &Webhook) -> Result<()> {
    tx.run(
        "UPDATE webhooks SET name = $3, url = $4, events = $5, seed = $6, old_seed = $7, old_until = $8, failing_since = $9,
             told_at = $10, last_error = $11, off_at = $12, off_why = $13, people = $14
         WHERE tenant = $1 AND id = $2",
        &params![
            tenant,
            &webhook.id,
            &webhook.name,
            &webhook.url,
            &to_json(&webhook.events)?,
            &webhook.seed,
            webhook.old_seed.as_ref(),
            webhook.old_until,
            webhook.failing_since,
            webhook.told_at,
            webhook.last_error.as_deref(),
            webhook.off_at,
            webhook.off_why.as_deref(),
            webhook.people,
        ],
    )
    .map(drop)
}

fn to_json(events: &Wanted) -> Result<String> {
    serde_json::to_string(&events.0).map_err(Error::internal)
}

/// Moves the place from which a webhook that is on reads. Whether it stood where it was read from.
pub(super) fn advance(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid, from: Place, to: Place) -> Result<bool> {
    let moved = tx.run(
        "UPDATE webhooks SET link = $3, position = $4
         WHERE tenant = $1 AND id = $2 AND link = $5 AND position = $6 AND off_at IS NULL",
        &params![tenant, &id, to.link, to.position, from.link, from.position],
    )?;
    Ok(moved == 1)
}

/// Lets a webhook read on from there, wherever it stood.
pub(super) fn put_at(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid, place: Place) -> Result<()> {
    let statement = "UPDATE webhooks SET link = $3, position = $4 WHERE tenant = $1 AND id = $2";
    tx.run(statement, &params![tenant, &id, place.link, place.position]).map(drop)
}

/// Takes a webhook away; its deliveries are forgotten in time.
pub(super) fn delete(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<()> {
    tx.run("DELETE FROM webhooks WHERE tenant = $1 AND id = $2", &params![tenant, &id]).map(drop)
}

pub(super) fn find(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Option<Webhook>> {
    let statement = concat!("SELECT ", columns!(), " FROM webhooks WHERE tenant = $1 AND id = $2");
    tx.maybe(statement, &params![tenant, &id])?.map(|row| read(&row)).transpose()
}

/// The one of this id.
///
/// # Errors
/// `NotFound`.
pub(super) fn get(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Webhook> {
    find(tx, tenant, id)?.ok_or_else(not_found)
}

pub(super) fn not_found() -> Error {
    Error::not_found("This webhook was not found in this tenant. `tenantry webhook list` lists those that are there.")
}

/// All of a tenant, the oldest first.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Vec<Webhook>> {
    let statement = concat!("SELECT ", columns!(), " FROM webhooks WHERE tenant = $1 ORDER BY id LIMIT 100");
    tx.all(statement, &params![tenant])?.iter().map(read).collect()
}

/// A webhook for which something is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Work {
    pub(super) tenant: TenantId,
    pub(super) webhook: Uuid,
    /// Links are there that it has not read.
    pub(super) is_behind: bool,
    /// A delivery is due.
    pub(super) is_due: bool,
}

/// Every webhook of a served tenant that is on. With a few looks by key for each, it tells whether links are there that it has not
/// read, and whether a delivery is due that can be begun.
const ON: &str = "SELECT w.tenant, w.id,
        CASE WHEN EXISTS (SELECT 1 FROM audit_links l WHERE l.tenant = w.tenant AND l.number = w.link)
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END,
        CASE WHEN EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.tenant = w.tenant AND d.webhook = w.id
                AND d.due_at <= $1 AND d.delivered_at IS NULL AND d.failed_at IS NULL
                AND (d.leased_until IS NULL OR d.leased_until <= $1))
            AND (w.failing_since IS NULL OR NOT EXISTS (SELECT 1 FROM webhook_deliveries h
                WHERE h.tenant = w.tenant AND h.webhook = w.id AND h.leased_until > $1 AND h.leased_until <= $2))
            THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END
    FROM webhooks w
    WHERE w.off_at IS NULL AND EXISTS (SELECT 1 FROM tenants t WHERE t.id = w.tenant AND t.disabled_at IS NULL)
    ORDER BY w.tenant, w.id";

/// The webhooks for which something is to be done.
pub(super) fn find_work(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Work>> {
    let read =
        |row: &Row| Ok(Work { tenant: row.get(0)?, webhook: row.get(1)?, is_behind: row.get(2)?, is_due: row.get(3)? });
    let mut all = tx.all(ON, &params![now, longest_lease(now)])?.iter().map(read).collect::<Result<Vec<_>>>()?;
    all.retain(|work| work.is_behind || work.is_due);
    Ok(all)
}
