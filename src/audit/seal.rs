//! Chains the records of each tenant, in the background, within a second of their writing.

use std::time::Duration;

use tokio::sync::watch;

use super::digest::{self, AuditKey, Link};
use super::rows;
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::params;
use crate::store::{Scope, Store, Tx};

/// Records in one link: the writer is held for a few milliseconds, or everyone's answer would wait.
const RECORDS_MAX: i64 = 500;
const PAUSE: Duration = Duration::from_millis(500);

/// Puts up to `max` unsealed records of a tenant into a new link; how many there were.
///
/// # Errors
/// Those of the store.
pub fn seal(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, now: Timestamp, max: i64) -> Result<usize> {
    let records = rows::list_unsealed(tx, tenant, max)?;
    let Some(last) = records.last() else { return Ok(0) };
    let before = rows::find_last_link(tx, tenant)?.map(|(link, _)| link);
    let entries: Vec<_> = records.iter().map(|record| digest::entry(tenant, record)).collect();
    let link = Link {
        number: before.as_ref().map_or(1, |before| before.number + 1),
        records: i64::try_from(records.len()).map_err(Error::internal)?,
        entries: digest::pack(&entries),
        previous: before.map_or([0; 32], |before| digest::link_hash(tenant, &before)).to_vec(),
        sealed_at: now,
    };
    // By their ids, or the engine would walk through every record of the tenant for each link.
    let mark = "UPDATE audit SET link = $2 WHERE tenant = $1 AND id IN (
            SELECT id FROM audit WHERE tenant = $1 AND link IS NULL AND id <= $3)";
    let marked = tx.run(mark, &params![tenant, link.number, &last.id])?;
    if usize::try_from(marked).ok() != Some(records.len()) {
        return Err(Error::internal("records were written between those that are being sealed"));
    }
    insert_link(tx, key, tenant, &link)?;
    Ok(records.len())
}

fn insert_link(tx: &mut Tx<'_>, key: &AuditKey, tenant: TenantId, link: &Link) -> Result<()> {
    let signature = key.sign(&digest::link_hash(tenant, link));
    let insert = "INSERT INTO audit_links (tenant, number, records, digests, previous, sealed_at, signature)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let (entries, previous) = (link.entries.as_slice(), link.previous.as_slice());
    tx.run(insert, &params![tenant, link.number, link.records, entries, previous, link.sealed_at, &signature]).map(drop)
}

/// The tenants that have something to seal. For a verb of the whole house.
///
/// # Errors
/// Those of the store.
pub fn tenants_with_unsealed(tx: &mut Tx<'_>) -> Result<Vec<TenantId>> {
    let statement = "SELECT t.id FROM tenants t
        WHERE EXISTS (SELECT 1 FROM audit a WHERE a.tenant = t.id AND a.link IS NULL) ORDER BY t.id";
    tx.all(statement, &[])?.iter().map(|row| row.get(0)).collect()
}

/// Seals every half second until told to stop (or the teller is gone), then once more.
pub async fn keep_sealing(store: Store, key: AuditKey, clock: Clock, mut stop: watch::Receiver<bool>) {
    loop {
        seal_all(&store, &key, &clock).await;
        let is_over = tokio::time::timeout(PAUSE, stop.wait_for(|is_over| *is_over)).await.is_ok();
        if is_over {
            break;
        }
    }
    seal_all(&store, &key, &clock).await;
}

async fn seal_all(store: &Store, key: &AuditKey, clock: &Clock) {
    let tenants = store.scan(Scope::HOUSE, tenants_with_unsealed).await.unwrap_or_else(|failure| {
        tracing::warn!(cause = ?failure.cause, "audit records could not be looked for; it is tried again");
        Vec::new()
    });
    for tenant in tenants {
        if let Err(failure) = seal_tenant(store, key, clock, tenant).await {
            tracing::warn!(tenant = tenant.0, cause = ?failure.cause, "audit records were not sealed; it is tried again");
        }
    }
}

/// Several links if there are many records: other writes get their turn between two.
async fn seal_tenant(store: &Store, key: &AuditKey, clock: &Clock, tenant: TenantId) -> Result<()> {
    loop {
        let (key, now) = (key.clone(), clock.now());
        let sealed = store.write(Scope::of(tenant), move |tx| seal(tx, &key, tenant, now, RECORDS_MAX)).await?;
        if (sealed as i64) < RECORDS_MAX {
            return Ok(());
        }
    }
}
