//! Chains the records of each tenant, in the background, within a second of their writing.

use std::time::Duration;

use tokio::sync::watch;

use super::digest::{self, AuditKey, Entry, Link};
use super::rows::{self, Unsealed};
use super::witness::{Cut, Mark, Witness, find_cut};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Scope, Store, Tx};

/// The most transactions in one link: sealing them holds the writer for about a millisecond.
const TRANSACTIONS_MAX: usize = 500;
/// A link with this many bytes of entries takes no further transaction: some 2,000 records.
const ENTRIES_FULL: usize = 64 * 1024;
const PAUSE: Duration = Duration::from_millis(500);

/// Leaves the entries of one transaction's records for the sealer.
///
/// # Errors
/// Those of the store.
pub(super) fn leave(tx: &mut Tx<'_>, tenant: TenantId, entries: &[Entry]) -> Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    const INSERT: Batch = Batch::new("INSERT INTO audit_unsealed (tenant, id, digests) VALUES ($1, $2, $3)");
    tx.put(INSERT, &[params![tenant, &first.id, digest::pack(entries).as_slice()]])
}

/// The result of a sealing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sealed {
    /// Records in the new link; 0 when there was nothing to seal.
    pub records: usize,
    /// Whether more is waiting than one link takes.
    pub is_full: bool,
    /// The new link.
    pub newest: Option<Mark>,
    /// The loss, if the link that was seen before is gone.
    pub cut: Option<Cut>,
}

/// Seals the records of up to `max` transactions into a new link. `seen` is the newest link that this process
/// remembers.
///
/// # Errors
/// Those of the store; `Unavailable` if another process sealed the same records.
pub fn seal(
    tx: &mut Tx<'_>,
    key: &AuditKey,
    tenant: TenantId,
    seen: Option<Mark>,
    now: Timestamp,
    max: usize,
) -> Result<Sealed> {
    let mut entries = Vec::new();
    let unsealed = rows::list_unsealed(tx, tenant, max as i64)?;
    let waiting = unsealed.len();
    let is_taken = |unsealed: &Unsealed| {
        let has_room = entries.len() < ENTRIES_FULL;
        if has_room {
            entries.extend_from_slice(&unsealed.entries);
        }
        has_room
    };
    let taken: Vec<_> = unsealed.into_iter().take_while(is_taken).collect();
    let Some(last) = taken.last() else {
        return Ok(Sealed { records: 0, is_full: false, newest: None, cut: None });
    };
    let delete = "DELETE FROM audit_unsealed WHERE tenant = $1 AND id <= $2";
    if usize::try_from(tx.run(delete, &params![tenant, &last.id])?).ok() != Some(taken.len()) {
        return Err(Error::unavailable("Records were written between those that are being sealed.", 1));
    }
    let before = rows::find_last_link(tx, tenant)?.map(|(link, _)| Mark::of(tenant, &link));
    let cut = match seen {
        Some(seen) if before != Some(seen) => find_cut(tx, tenant, seen, before)?,
        _ => None,
    };
    let records = entries.len() / digest::ENTRY_BYTES;
    let link = Link {
        number: before.map_or(1, |before| before.number + 1),
        records: i64::try_from(records).map_err(Error::internal)?,
        entries,
        previous: before.map_or([0; 32], |before| before.hash).to_vec(),
        sealed_at: now,
    };
    let newest = Mark::of(tenant, &link);
    insert_link(tx, key, tenant, &link, &newest)?;
    Ok(Sealed { records, is_full: waiting == max || taken.len() < waiting, newest: Some(newest), cut })
}

fn insert_link(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, link: &Link, mark: &Mark) -> Result<()> {
    let signature = key.sign(&mark.hash);
    let insert = "INSERT INTO audit_links (tenant, number, records, digests, previous, sealed_at, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (entries, previous) = (link.entries.as_slice(), link.previous.as_slice());
    tx.run(insert, &params![tenant, link.number, link.records, entries, previous, link.sealed_at, &signature]).map(drop)
}

/// It steps through the key from each tenant in it to the next one: where nothing waits it is one look, however many tenants
/// there are.
const WAITING: &str = "WITH RECURSIVE waiting (tenant) AS (
        SELECT (SELECT a.tenant FROM audit_unsealed a ORDER BY a.tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT a.tenant FROM audit_unsealed a WHERE a.tenant > w.tenant ORDER BY a.tenant LIMIT 1)
        FROM waiting w WHERE w.tenant IS NOT NULL)
    SELECT tenant FROM waiting WHERE tenant IS NOT NULL";

/// The tenants that have unsealed records. For a verb in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn tenants_with_unsealed(tx: &mut Tx<'_>) -> Result<Vec<TenantId>> {
    tx.all(WAITING, &[])?.iter().map(|row| row.get(0)).collect()
}

/// Seals every half second until told to stop (or until the sender is dropped), then once more.
pub async fn keep_sealing(
    store: Store,
    key: AuditKey,
    clock: Clock,
    witness: Witness,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        seal_all(&store, &key, &clock, &witness).await;
        let is_over = tokio::time::timeout(PAUSE, stop.wait_for(|is_over| *is_over)).await.is_ok();
        if is_over {
            break;
        }
    }
    seal_all(&store, &key, &clock, &witness).await;
}

async fn seal_all(store: &Store, key: &AuditKey, clock: &Clock, witness: &Witness) {
    let tenants = store.scan(Scope::HOUSE, tenants_with_unsealed).await.unwrap_or_else(|failure| {
        store.tell(&failure, "audit records could not be looked for; it is tried again");
        Vec::new()
    });
    for tenant in tenants {
        if let Err(failure) = seal_tenant(store, key, clock, witness, tenant).await {
            store.tell(&failure, &format!("audit records of tenant {} were not sealed; it is tried again", tenant.0));
        }
    }
}

/// Makes several links if there are many records, so that other writes get their turn in between.
async fn seal_tenant(store: &Store, key: &AuditKey, clock: &Clock, witness: &Witness, tenant: TenantId) -> Result<()> {
    loop {
        let (key, seen, now) = (key.clone(), witness.newest(tenant), clock.now());
        let verb = move |tx: &mut Tx<'_>| seal(tx, &key, tenant, seen, now, TRANSACTIONS_MAX);
        let sealed = store.write(Scope::of(tenant), verb).await?;
        if let Some(newest) = sealed.newest {
            witness.note(tenant, newest, sealed.cut);
        }
        if !sealed.is_full {
            return Ok(());
        }
    }
}
