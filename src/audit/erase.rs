//! Records rewritten when a person is erased. What a link keeps of a record stays as it is; a record of the same transaction lists
//! each rewritten one with its present digest, under a signature of the server, which cannot be made from the database alone.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::digest::{self, AuditKey, Entry, Kept, Listed};
use super::rows::{self, Record, record_columns};
use super::{Event, Outcome, PERSON_ERASED, write_each};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::hex::{from_hex, hex};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::{Batch, Tx};

/// Records looked at in one transaction.
const SCANNED: i64 = 1_000;
/// Records rewritten in one transaction; the record that vouches for them is some 20 KB then.
const REWRITTEN_MAX: usize = 256;

/// The digests of rewritten records, by their ids.
pub(super) type Vouched = BTreeMap<Uuid, Kept>;

/// Which records are looked at, and in whose name they are rewritten.
pub struct Slice<'a> {
    /// The tenant.
    pub tenant: TenantId,
    /// The key that vouches.
    pub key: &'a AuditKey,
    /// Only records before this one, from there down.
    pub before: Uuid,
    /// Only this record and those behind it.
    pub from: Uuid,
    /// Only records of actions that were not later.
    pub until: Timestamp,
    /// What stands for the person.
    pub pseudonym: &'a str,
    /// Who rewrites; its request id becomes that of the record which vouches.
    pub actor: &'a Actor,
    /// The present time.
    pub now: Timestamp,
}

/// What became of a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rewritten {
    /// The record before which the next slice begins; none at the end.
    pub next: Option<Uuid>,
    /// How many records were rewritten.
    pub records: i64,
}

/// Rewrites records, the newest first. `reword` changes one and tells whether it did. Where the scope is that of an operator's act,
/// the copies of rewritten records in the operators' tenant are rewritten too, but for who acted.
///
/// # Errors
/// Those of the store.
pub fn rewrite(tx: &mut Tx<'_>, slice: &Slice<'_>, reword: &mut impl FnMut(&mut Record) -> bool) -> Result<Rewritten> {
    let records = list_before(tx, slice)?;
    let mut next = records.last().filter(|_| records.len() as i64 == SCANNED).map(|last| last.id);
    let mut rewritten = Vec::new();
    for mut record in records {
        if record.at > slice.until || !reword(&mut record) {
            continue;
        }
        rewritten.push(record);
        if rewritten.len() == REWRITTEN_MAX {
            next = rewritten.last().map(|last| last.id);
            break;
        }
    }
    let count = rewritten.len() as i64;
    if tx.is_operating() && slice.tenant != TenantId::SYSTEM {
        let copies = copies_of(tx, &rewritten, reword)?;
        keep(tx, slice, TenantId::SYSTEM, copies)?;
    }
    keep(tx, slice, slice.tenant, rewritten)?;
    Ok(Rewritten { next, records: count })
}

fn list_before(tx: &mut Tx<'_>, slice: &Slice<'_>) -> Result<Vec<Record>> {
    let statement = concat!(
        "SELECT ",
        record_columns!(),
        " FROM audit WHERE tenant = $1 AND id < $2 AND id >= $3 ORDER BY id DESC LIMIT $4"
    );
    let rows = tx.all(statement, &params![slice.tenant, &slice.before, &slice.from, SCANNED])?;
    rows.iter().map(Record::read).collect()
}

/// What stands in the operators' records of the same acts. Who acted there is another person than the one who is erased here.
fn copies_of(
    tx: &mut Tx<'_>,
    rewritten: &[Record],
    reword: &mut impl FnMut(&mut Record) -> bool,
) -> Result<Vec<Record>> {
    let ids: Vec<_> = rewritten.iter().map(|record| record.id).collect();
    let mut copies = Vec::new();
    for mut copy in rows::find_each(tx, TenantId::SYSTEM, &ids)?.into_iter().flatten() {
        let was = copy.clone();
        if reword(&mut copy) {
            let Record { actor, credential, address, .. } = was;
            copies.push(Record { actor, credential, address, ..copy });
        }
    }
    Ok(copies)
}

const UPDATE: Batch = Batch::new(
    "UPDATE audit SET actor = $3, credential = $4, subject = $5, address = $6, facts = $7, salt = NULL, erased_by = $8
     WHERE tenant = $1 AND id = $2",
);

/// Writes rewritten records, and the one that vouches for them.
fn keep(tx: &mut Tx<'_>, slice: &Slice<'_>, tenant: TenantId, mut rewritten: Vec<Record>) -> Result<()> {
    if rewritten.is_empty() {
        return Ok(());
    }
    let by = slice.actor.request_id;
    for record in &mut rewritten {
        (record.salt, record.erased_by) = (None, Some(by));
    }
    let rows: Vec<_> = rewritten
        .iter()
        .map(|one| {
            let credential = one.credential.as_deref();
            params![tenant, &one.id, &one.actor, credential, &one.subject, &one.address, &one.facts, &by]
        })
        .collect();
    tx.each(UPDATE, &rows)?;
    let entries: Vec<_> = rewritten.iter().map(|record| record.entry(tenant)).collect();
    let event = Event {
        tenant,
        at: slice.now,
        action: PERSON_ERASED,
        outcome: Outcome::Accepted,
        actor: slice.actor,
        subject: slice.pseudonym,
        facts: facts(slice.key, tenant, &entries),
    };
    write_each(tx, &[event])
}

/// The facts of a record that vouches.
#[derive(Serialize, Deserialize)]
struct Facts {
    rewritten: Vec<(String, String)>,
    signature: String,
}

fn facts(key: &AuditKey, tenant: TenantId, entries: &[Entry]) -> Value {
    let shown = |entry: &Entry| (entry.id.simple().to_string(), hex(&entry.digest));
    let rewritten: Vec<_> = entries.iter().map(shown).collect();
    json!({ "rewritten": rewritten, "signature": hex(&key.vouch(tenant, &digest::pack(entries))) })
}

/// What a record vouches for; nothing if the server has not signed it.
///
/// # Errors
/// Those of the store.
pub(super) fn vouched_by(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, by: Uuid) -> Result<Vouched> {
    let record = rows::find_each(tx, tenant, &[by])?.pop().flatten();
    let listed = record.filter(|record| record.action == PERSON_ERASED).and_then(|record| signed(key, tenant, &record));
    Ok(listed.unwrap_or_default().into_iter().map(|one| (one.id, one.digest)).collect())
}

/// Records of older releases list the first halves of digests.
fn signed(key: &AuditKey, tenant: TenantId, record: &Record) -> Option<Vec<Listed>> {
    let facts: Facts = serde_json::from_str(&record.facts).ok()?;
    let listed = |(id, digest): &(String, String)| {
        Some(Listed { id: Uuid::try_parse(id).ok()?, digest: Kept::read(&from_hex(digest)?)? })
    };
    let rewritten: Vec<_> = facts.rewritten.iter().map(listed).collect::<Option<_>>()?;
    let packed = digest::pack_listed(&rewritten)?;
    key.has_vouched(tenant, &packed, &from_hex(&facts.signature)?).then_some(rewritten)
}
