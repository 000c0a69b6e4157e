//! Walks a tenant's chain and names the first thing that is not as it was sealed.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::digest::{self, AuditKey, Entry, Link};
use super::rows::{self, Record};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Where a chain ended. Kept outside the database, it shows later that nothing was cut off since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Anchor {
    /// The number of the link; 0 before the first.
    pub number: i64,
    /// Its hash, in 64 hexadecimal digits.
    pub hash: String,
}

/// What was done to the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The record says something else.
    Changed,
    /// The record is gone.
    Removed,
    /// The record was not there at the sealing.
    Added,
    /// The record stands elsewhere: under another id or in another link.
    Reordered,
    /// The link is not the one that the server made.
    LinkForged,
    /// The link is gone.
    LinkMissing,
}

impl What {
    /// For a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "a record was changed",
            Self::Removed => "a record was removed",
            Self::Added => "a record was added",
            Self::Reordered => "a record was moved",
            Self::LinkForged => "a link was altered",
            Self::LinkMissing => "a link was removed",
        }
    }
}

/// The first thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fault {
    /// In or at which link.
    pub link: i64,
    /// Which record of the link, counted from 1; 0 when it is the link itself.
    pub position: usize,
    /// The record.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "Option<String>")]
    pub record: Option<Uuid>,
    /// What was done.
    pub what: What,
}

fn as_text<S: Serializer>(id: &Option<Uuid>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    id.map(|id| id.simple().to_string()).serialize(serializer)
}

/// What a walk along the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verified {
    /// Records found as they were sealed.
    pub records: i64,
    /// Links found as they were made.
    pub links: i64,
    /// Records that no link holds yet, so of which nothing is proven.
    pub unsealed: i64,
    /// The first thing that is wrong; nothing behind it was looked at.
    pub fault: Option<Fault>,
    /// Where the sound part of the chain ends.
    pub anchor: Anchor,
}

/// Walks the chain, one link in memory at a time.
///
/// If someone removes the newest links together with all their records, what is left is a sound,
/// shorter chain: only `kept`, the [`Anchor`] of an earlier walk that was stored elsewhere, shows it.
/// Records that are not sealed yet are counted, not proven.
///
/// # Errors
/// Those of the store.
pub fn verify(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, kept: Option<&Anchor>) -> Result<Verified> {
    let mut end = [0; 32];
    let mut verified =
        Verified { records: 0, links: 0, unsealed: count_unsealed(tx, tenant)?, fault: None, anchor: anchor(0, &end) };
    while let Some((link, signature)) = rows::find_next_link(tx, tenant, verified.links)? {
        let hash = digest::link_hash(tenant, &link);
        let is_signed = key.has_signed(&hash, &signature) && link.previous == end;
        verified.fault = fault_of_link(&link, verified.links + 1, is_signed);
        if verified.fault.is_none() {
            verified.fault = fault_of_anchor(kept, link.number, &hash);
        }
        if verified.fault.is_none() {
            verified.fault = fault_of_records(tx, tenant, &link)?;
        }
        if verified.fault.is_some() {
            return Ok(verified);
        }
        end = hash;
        verified.links = link.number;
        verified.records += link.records;
        verified.anchor = anchor(link.number, &end);
    }
    verified.fault = fault_behind_the_end(tx, tenant, verified.links, kept)?;
    Ok(verified)
}

fn anchor(number: i64, hash: &[u8; 32]) -> Anchor {
    Anchor { number, hash: digest::hex(hash) }
}

fn count_unsealed(tx: &mut Tx<'_>, tenant: TenantId) -> Result<i64> {
    tx.one("SELECT COUNT(*) FROM audit WHERE tenant = $1 AND link IS NULL", &params![tenant])?.get(0)
}

fn fault_at(link: i64, what: What) -> Fault {
    Fault { link, position: 0, record: None, what }
}

fn fault_of_link(link: &Link, expected: i64, is_signed: bool) -> Option<Fault> {
    if link.number != expected {
        return Some(fault_at(expected, What::LinkMissing));
    }
    (!is_signed).then(|| fault_at(expected, What::LinkForged))
}

fn fault_of_anchor(kept: Option<&Anchor>, number: i64, hash: &[u8; 32]) -> Option<Fault> {
    let kept = kept.filter(|kept| kept.number == number)?;
    (!kept.hash.eq_ignore_ascii_case(&digest::hex(hash))).then(|| fault_at(number, What::LinkForged))
}

fn fault_of_records(tx: &mut Tx<'_>, tenant: TenantId, link: &Link) -> Result<Option<Fault>> {
    let entries = digest::unpack(&link.entries).ok_or_else(|| Error::internal("a signed link holds no list"))?;
    // One more than were sealed is enough to find the first that does not belong.
    let found = rows::list_of_link(tx, tenant, link.number, link.records + 1)?;
    let found: Vec<_> = found.iter().map(|record: &Record| digest::entry(tenant, record)).collect();
    let Some(position) = (0..entries.len().max(found.len())).find(|at| entries.get(*at) != found.get(*at)) else {
        return Ok(None);
    };
    let (record, what) = match (entries.get(position), found.get(position)) {
        (Some(sealed), Some(there)) if sealed.id == there.id => (there.id, how_changed(&entries, there)),
        (Some(sealed), Some(there)) if there.id > sealed.id => {
            (sealed.id, how_missing(tx, tenant, sealed, &entries, &found)?)
        }
        (Some(sealed), None) => (sealed.id, how_missing(tx, tenant, sealed, &entries, &found)?),
        (_, Some(there)) => (there.id, how_extra(tx, tenant, link.number, there, &entries, &found)?),
        (None, None) => return Ok(None),
    };
    Ok(Some(Fault { link: link.number, position: position + 1, record: Some(record), what }))
}

fn has(list: &[Entry], id: Uuid) -> bool {
    list.iter().any(|entry| entry.id == id)
}

fn how_changed(entries: &[Entry], there: &Entry) -> What {
    let is_anothers = entries.iter().any(|sealed| sealed.digest == there.digest);
    if is_anothers { What::Reordered } else { What::Changed }
}

fn how_missing(tx: &mut Tx<'_>, tenant: TenantId, sealed: &Entry, entries: &[Entry], found: &[Entry]) -> Result<What> {
    let is_renamed = found.iter().any(|there| there.digest == sealed.digest && !has(entries, there.id));
    let elsewhere = tx.maybe("SELECT id FROM audit WHERE tenant = $1 AND id = $2", &params![tenant, &sealed.id])?;
    Ok(if is_renamed || elsewhere.is_some() { What::Reordered } else { What::Removed })
}

fn how_extra(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    number: i64,
    there: &Entry,
    entries: &[Entry],
    found: &[Entry],
) -> Result<What> {
    let is_renamed = entries.iter().any(|sealed| sealed.digest == there.digest && !has(found, sealed.id));
    Ok(if is_renamed || was_sealed_later(tx, tenant, number, there.id)? { What::Reordered } else { What::Added })
}

fn was_sealed_later(tx: &mut Tx<'_>, tenant: TenantId, mut after: i64, id: Uuid) -> Result<bool> {
    while let Some((link, _)) = rows::find_next_link(tx, tenant, after)? {
        if digest::unpack(&link.entries).is_some_and(|entries| has(&entries, id)) {
            return Ok(true);
        }
        after = link.number;
    }
    Ok(false)
}

/// Records that claim a link which is not there, and an anchor that the chain no longer reaches.
fn fault_behind_the_end(tx: &mut Tx<'_>, tenant: TenantId, last: i64, kept: Option<&Anchor>) -> Result<Option<Fault>> {
    let statement = "SELECT id, link FROM audit WHERE tenant = $1 AND link IS NOT NULL AND (link < 1 OR link > $2)
        ORDER BY link, id LIMIT 1";
    if let Some(row) = tx.maybe(statement, &params![tenant, last])? {
        let link: i64 = row.get(1)?;
        let what = if link < 1 { What::Added } else { What::LinkMissing };
        return Ok(Some(Fault { link, position: 0, record: Some(row.get(0)?), what }));
    }
    Ok(kept.filter(|kept| kept.number > last).map(|_| fault_at(last + 1, What::LinkMissing)))
}
