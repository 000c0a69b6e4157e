//! Walks a tenant's chain and names the first record or link that is not as it was sealed.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::digest::{self, AuditKey, Link, Listed};
use super::erase::{self, Vouched};
use super::left::{self, Left};
use super::rows::{self, Present};
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::identity::TenantId;
use crate::params;
use crate::store::Tx;

/// Digits of a SHA-256 in hexadecimal.
const HASH_DIGITS: usize = 64;

/// The end of a chain. Kept outside the database, it later proves that nothing was cut off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AuditAnchor")]
pub struct Anchor {
    /// The number of the link; 0 before the first.
    pub number: i64,
    /// Its hash, in 64 hexadecimal digits.
    #[schemars(example = "0".repeat(64))]
    pub hash: String,
}

impl Anchor {
    /// Parses an anchor that was kept: the number and hash of a link, as a verification returned them.
    ///
    /// # Errors
    /// `Invalid`, with the name of the field, for a value that no verification returns.
    pub fn parse(number: &str, hash: &str) -> Result<Self> {
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let number = number.parse().ok().filter(|_| is_number);
        let number = number.ok_or_else(|| Error::invalid("Field number must be that of a link, 0 or more."))?;
        if hash.len() != HASH_DIGITS || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::invalid("Field hash must be the 64 hexadecimal digits of an anchor."));
        }
        if number == 0 && hash.bytes().any(|byte| byte != b'0') {
            return Err(Error::invalid(
                "Field hash must be 64 zeros where number is 0: no link stands before the first.",
            ));
        }
        Ok(Self { number, hash: hash.to_ascii_lowercase() })
    }
}

/// The kind of tampering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AuditFaultKind")]
pub enum What {
    /// The record's content was changed.
    Changed,
    /// The record is gone.
    Removed,
    /// No action wrote the record: no link holds it, or that link was removed with the end of the chain.
    Added,
    /// The record was moved to another id.
    Reordered,
    /// The server did not make this link.
    LinkForged,
    /// The link is gone.
    LinkMissing,
    /// Another link stands at the place of one that was kept, as an anchor or a head.
    LinkReplaced,
}

impl What {
    /// Words for a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Changed => "a record was changed",
            Self::Removed => "a record was removed",
            Self::Added => "a record was added that no link holds",
            Self::Reordered => "a record was moved",
            Self::LinkForged => "a link was altered",
            Self::LinkMissing => "a link was removed",
            Self::LinkReplaced => "a link is not the one that was kept",
        }
    }
}

/// The first fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "AuditFault")]
pub struct Fault {
    /// The link; 0 if no link holds the record.
    pub link: i64,
    /// The position in the link, counted from 1; 0 if the fault is in the link itself.
    pub position: usize,
    /// The record.
    #[serde(serialize_with = "as_text")]
    #[schemars(with = "Option<String>")]
    pub record: Option<Uuid>,
    /// The kind of tampering.
    pub what: What,
}

fn as_text<S: Serializer>(id: &Option<Uuid>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    id.map(|id| id.simple().to_string()).serialize(serializer)
}

/// The result of a walk along the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Verified {
    /// Records found as sealed.
    #[schemars(example = 12)]
    pub records: i64,
    /// How many of these were rewritten since, when a person was erased: the server vouches for what they say now.
    #[schemars(example = 0)]
    pub erased: i64,
    /// Links found as they were made.
    #[schemars(example = 3)]
    pub links: i64,
    /// Records not sealed yet; anyone who can write to the database could have changed them unseen.
    #[schemars(example = 0)]
    pub unsealed: i64,
    /// The first fault; nothing behind it was examined.
    pub fault: Option<Fault>,
    /// The end of the sound part of the chain.
    pub anchor: Anchor,
}

/// Walks the chain with one link in memory at a time, then looks for records without an entry.
///
/// If the newest links were removed together with all their records, a sound but shorter chain is left: only `kept`,
/// the [`Anchor`] of an earlier walk stored elsewhere, shows it. Records that are not sealed yet are compared with the
/// digests that their transactions left, which carry no signature.
///
/// # Errors
/// Those of the store.
pub fn verify(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, kept: &[Anchor]) -> Result<Verified> {
    let mut walk = Walk { tx, tenant, key, kept, vouched: BTreeMap::new(), erased: 0 };
    let mut verified =
        Verified { records: 0, erased: 0, links: 0, unsealed: 0, fault: None, anchor: anchor(0, &[0; 32]) };
    verified.fault = match walk.links(&mut verified)? {
        Some(fault) => Some(fault),
        None => walk.fault_behind_the_end(&mut verified)?,
    };
    verified.erased = walk.erased;
    Ok(verified)
}

/// The end of a tenant's chain, unverified, and whether this key has signed it.
///
/// # Errors
/// Those of the store.
pub fn end_of(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId) -> Result<(Anchor, bool)> {
    let Some((link, signature)) = rows::find_last_link(tx, tenant)? else { return Ok((anchor(0, &[0; 32]), true)) };
    let hash = digest::link_hash(tenant, &link);
    Ok((anchor(link.number, &hash), key.has_signed(&hash, &signature)))
}

fn anchor(number: i64, hash: &[u8; 32]) -> Anchor {
    Anchor { number, hash: hex(hash) }
}

fn fault_at(link: i64, what: What) -> Fault {
    Fault { link, position: 0, record: None, what }
}

/// Ids compared in one batch when looking for a record without an entry (1.6 MB).
const COMPARED: i64 = 100_000;
/// Records read in one batch.
const READ: i64 = 1_000;
/// Records that vouch for others, kept in memory at once (some 16 KB each).
const VOUCHING_KEPT: usize = 64;

struct Walk<'w, 'c> {
    tx: &'w mut Tx<'c>,
    tenant: TenantId,
    key: &'w AuditKey,
    kept: &'w [Anchor],
    /// What the records that were looked at vouch for, by their ids.
    vouched: BTreeMap<Uuid, Vouched>,
    /// Records that are not as they were sealed and are vouched for.
    erased: i64,
}

impl Walk<'_, '_> {
    fn links(&mut self, verified: &mut Verified) -> Result<Option<Fault>> {
        let mut end = [0; 32];
        while let Some((link, signature)) = rows::find_next_link(self.tx, self.tenant, verified.links)? {
            let hash = digest::link_hash(self.tenant, &link);
            let is_signed = self.key.has_signed(&hash, &signature) && link.previous == end;
            let of_link = fault_of_link(&link, verified.links + 1, is_signed);
            if let Some(fault) = of_link.or_else(|| self.fault_of_anchor(link.number, &hash)) {
                return Ok(Some(fault));
            }
            if let Some(fault) = self.fault_of_records(link.number, &link.entries)? {
                return Ok(Some(fault));
            }
            end = hash;
            verified.links = link.number;
            verified.records += link.records;
            verified.anchor = anchor(link.number, &end);
        }
        Ok(None)
    }

    fn fault_of_anchor(&self, number: i64, hash: &[u8; 32]) -> Option<Fault> {
        let hash = hex(hash);
        let is_other = |kept: &Anchor| kept.number == number && kept.hash != hash;
        self.kept.iter().any(is_other).then(|| fault_at(number, What::LinkReplaced))
    }

    /// The first record that differs from its entry.
    fn fault_of_records(&mut self, link: i64, packed: &[u8]) -> Result<Option<Fault>> {
        let entries = digest::unpack(packed).ok_or_else(|| Error::internal("a list of entries is not one"))?;
        let ids: Vec<_> = entries.iter().map(|entry| entry.id).collect();
        let there = rows::present_of(self.tx, self.tenant, &ids)?;
        for (at, (sealed, present)) in entries.iter().zip(there).enumerate() {
            let what = match present {
                Some(present) if sealed.is_of(&present.entry) => continue,
                Some(present) if self.is_vouched_for(&present)? => {
                    self.erased += 1;
                    continue;
                }
                _ if self.stands_elsewhere(sealed)? => What::Reordered,
                Some(_) => What::Changed,
                None => What::Removed,
            };
            return Ok(Some(Fault { link, position: at + 1, record: Some(sealed.id), what }));
        }
        Ok(None)
    }

    /// Whether the server itself has rewritten a record to what it says now.
    fn is_vouched_for(&mut self, present: &Present) -> Result<bool> {
        let Some(by) = present.erased_by else { return Ok(false) };
        if !self.vouched.contains_key(&by) {
            if self.vouched.len() >= VOUCHING_KEPT {
                self.vouched.clear();
            }
            let vouched = erase::vouched_by(self.tx, self.key, self.tenant, by)?;
            self.vouched.insert(by, vouched);
        }
        Ok(self.vouched[&by].get(&present.entry.id).is_some_and(|digest| digest.is_of(&present.entry.digest)))
    }

    fn stands_elsewhere(&mut self, sealed: &Listed) -> Result<bool> {
        let mut after = Uuid::nil();
        loop {
            let records = rows::list_after(self.tx, self.tenant, after, READ)?;
            let Some(last) = records.last() else { return Ok(false) };
            if records.iter().any(|record| sealed.digest.is_of(&record.entry(self.tenant).digest)) {
                return Ok(true);
            }
            after = last.id;
        }
    }

    /// Checks behind the chain's end: a kept anchor that the chain does not reach, unsealed records, and records
    /// without an entry.
    fn fault_behind_the_end(&mut self, verified: &mut Verified) -> Result<Option<Fault>> {
        let next = verified.links + 1;
        if self.kept.iter().any(|kept| kept.number >= next) {
            return Ok(Some(fault_at(next, What::LinkMissing)));
        }
        for left in Left::ALL {
            if let Some(fault) = self.fault_of_unsealed(left, verified)? {
                return Ok(Some(fault));
            }
        }
        let statement = "SELECT COUNT(*) FROM audit WHERE tenant = $1";
        let stand: i64 = self.tx.one(statement, &params![self.tenant])?.get(0)?;
        // Each entry has its record by now, so any surplus of records has no entry.
        if stand == verified.records + verified.unsealed { Ok(None) } else { self.first_without_entry().map(Some) }
    }

    fn fault_of_unsealed(&mut self, left: Left, verified: &mut Verified) -> Result<Option<Fault>> {
        let mut after = Uuid::nil();
        while let Some(unsealed) = left::find_next(self.tx, self.tenant, left, after)? {
            if let Some(fault) = self.fault_of_records(verified.links + 1, &unsealed.entries)? {
                return Ok(Some(fault));
            }
            verified.unsealed += digest::count(&unsealed.entries).unwrap_or(0) as i64;
            after = unsealed.id;
        }
        Ok(None)
    }

    fn first_without_entry(&mut self) -> Result<Fault> {
        let mut fault = fault_at(0, What::Added);
        let mut after = Uuid::nil();
        loop {
            let statement = "SELECT id FROM audit WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
            let rows = self.tx.all(statement, &params![self.tenant, &after, COMPARED])?;
            let mut ids = rows.iter().map(|row| row.get(0)).collect::<Result<BTreeSet<Uuid>>>()?;
            let Some(last) = ids.last().copied() else { return Ok(fault) };
            self.forget_those_with_entry(&mut ids)?;
            if let Some(first) = ids.first() {
                fault.record = Some(*first);
                return Ok(fault);
            }
            after = last;
        }
    }

    fn forget_those_with_entry(&mut self, ids: &mut BTreeSet<Uuid>) -> Result<()> {
        let mut forget = |packed: &[u8]| {
            for entry in digest::unpack(packed).unwrap_or_default() {
                ids.remove(&entry.id);
            }
        };
        let mut number = 0;
        while let Some((link, _)) = rows::find_next_link(self.tx, self.tenant, number)? {
            forget(&link.entries);
            number = link.number;
        }
        for left in Left::ALL {
            let mut after = Uuid::nil();
            while let Some(unsealed) = left::find_next(self.tx, self.tenant, left, after)? {
                forget(&unsealed.entries);
                after = unsealed.id;
            }
        }
        Ok(())
    }
}

fn fault_of_link(link: &Link, expected: i64, is_signed: bool) -> Option<Fault> {
    if link.number != expected {
        return Some(fault_at(expected, What::LinkMissing));
    }
    (!is_signed).then(|| fault_at(expected, What::LinkForged))
}
