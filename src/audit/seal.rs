//! Chains the records of each tenant, in the background, within a second of their writing.

use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::digest::{self, AuditKey, Entry, Link};
use super::due;
use super::left::{self, Left, Unsealed};
use super::rows;
use super::witness::{Cut, Mark, Witness, find_cut};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Scope, Store, Tx};

/// The most transactions in one link: sealing them holds the writer for about a millisecond.
const TRANSACTIONS_MAX: usize = 500;
/// A link with this many bytes of entries takes no further transaction: some 2,000 records.
const ENTRIES_FULL: usize = 96 * 1024;
const PAUSE: Duration = Duration::from_millis(500);
/// Every so many rounds it is looked for what older releases have left: each of their processes seals its own, so there is something
/// only where one was killed.
const ROUNDS_BETWEEN: u32 = 120;

/// Leaves the entries of one transaction's records for the sealer.
///
/// # Errors
/// Those of the store.
pub(super) fn leave(tx: &mut Tx<'_>, tenant: TenantId, entries: &[Entry]) -> Result<()> {
    let Some(first) = entries.first() else { return Ok(()) };
    const INSERT: Batch = Batch::new("INSERT INTO audit_waiting (tenant, id, digests) VALUES ($1, $2, $3)");
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
pub(super) fn seal(
    tx: &mut Tx<'_>,
    key: &AuditKey,
    (tenant, left): (TenantId, Left),
    seen: Option<Mark>,
    now: Timestamp,
    max: usize,
) -> Result<Sealed> {
    let unsealed = left::list(tx, tenant, left, max as i64)?;
    let waiting = unsealed.len();
    let Some((last, taken, entries)) = take(unsealed)? else {
        return Ok(Sealed { records: 0, is_full: false, newest: None, cut: None });
    };
    if usize::try_from(left::delete(tx, tenant, left, last)?).ok() != Some(taken) {
        return Err(Error::unavailable("Records were written between those that are being sealed.", 1));
    }
    let before = rows::find_last_link(tx, tenant)?.map(|(link, _)| Mark::of(tenant, &link));
    let cut = match seen {
        Some(seen) if before != Some(seen) => find_cut(tx, tenant, seen, before)?,
        _ => None,
    };
    let records = digest::count(&entries).ok_or_else(not_a_list)?;
    let link = Link {
        number: before.map_or(1, |before| before.number + 1),
        records: i64::try_from(records).map_err(Error::internal)?,
        entries,
        previous: before.map_or([0; 32], |before| before.hash).to_vec(),
        sealed_at: now,
    };
    let newest = Mark::of(tenant, &link);
    insert_link(tx, key, tenant, &link, &newest)?;
    due::note(tx, tenant, now)?;
    Ok(Sealed { records, is_full: waiting == max || taken < waiting, newest: Some(newest), cut })
}

/// As much as one link takes, all of one version: the last id, how many transactions, and their joined lists.
fn take(unsealed: Vec<Unsealed>) -> Result<Option<(Uuid, usize, Vec<u8>)>> {
    let mut entries = Vec::new();
    let fits = |unsealed: &Unsealed| entries.len() < ENTRIES_FULL && digest::join(&mut entries, &unsealed.entries);
    let is_empty = unsealed.is_empty();
    let taken: Vec<_> = unsealed.into_iter().take_while(fits).collect();
    match taken.last() {
        Some(last) => Ok(Some((last.id, taken.len(), entries))),
        None if is_empty => Ok(None),
        None => Err(not_a_list()),
    }
}

fn not_a_list() -> Error {
    Error::internal("what waits to be sealed is not a list of records")
}

fn insert_link(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, link: &Link, mark: &Mark) -> Result<()> {
    let signature = key.sign(&mark.hash);
    let insert = "INSERT INTO audit_links (tenant, number, records, digests, previous, sealed_at, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (entries, previous) = (link.entries.as_slice(), link.previous.as_slice());
    tx.run(insert, &params![tenant, link.number, link.records, entries, previous, link.sealed_at, &signature]).map(drop)
}

/// Seals every half second until told to stop (or until the sender is dropped), then once more.
pub async fn keep_sealing(
    store: Store,
    key: AuditKey,
    clock: Clock,
    witness: Witness,
    mut stop: watch::Receiver<bool>,
) {
    for round in 0_u32.. {
        seal_all(&store, &key, &clock, &witness, Left::Waiting).await;
        if round.is_multiple_of(ROUNDS_BETWEEN) {
            seal_all(&store, &key, &clock, &witness, Left::ByOlderReleases).await;
        }
        let is_over = tokio::time::timeout(PAUSE, stop.wait_for(|is_over| *is_over)).await.is_ok();
        if is_over {
            break;
        }
    }
    for left in Left::ALL {
        seal_all(&store, &key, &clock, &witness, left).await;
    }
}

async fn seal_all(store: &Store, key: &AuditKey, clock: &Clock, witness: &Witness, left: Left) {
    let look = move |tx: &mut Tx<'_>| left::tenants(tx, left);
    let tenants = store.scan(Scope::HOUSE, look).await.unwrap_or_else(|failure| {
        store.tell(&failure, "audit records could not be looked for; it is tried again");
        Vec::new()
    });
    for tenant in tenants {
        if let Err(failure) = seal_tenant(store, key, clock, witness, (tenant, left)).await {
            store.tell(&failure, &format!("audit records of tenant {} were not sealed; it is tried again", tenant.0));
        }
    }
}

/// Makes several links if there are many records, so that other writes get their turn in between.
async fn seal_tenant(
    store: &Store,
    key: &AuditKey,
    clock: &Clock,
    witness: &Witness,
    (tenant, left): (TenantId, Left),
) -> Result<()> {
    loop {
        let (key, seen, now) = (key.clone(), witness.newest(tenant), clock.now());
        let verb = move |tx: &mut Tx<'_>| seal(tx, &key, (tenant, left), seen, now, TRANSACTIONS_MAX);
        let sealed = store.write(Scope::of(tenant), verb).await?;
        if let Some(newest) = sealed.newest {
            witness.note(tenant, newest, sealed.cut);
        }
        if !sealed.is_full {
            return Ok(());
        }
    }
}
