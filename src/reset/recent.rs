//! Remembers, in memory, the resets that this process acknowledged lately: a database that lost them cannot name them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Scope, Store, Tx};

/// As many as a second of heavy load makes: resets lost in a fail-over are younger.
const REMEMBERED: usize = 10_000;

/// An acknowledged reset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The reset.
    pub id: Uuid,
    /// The address in the request.
    pub email: String,
    /// The time of the request.
    pub at: Timestamp,
}

/// The latest acknowledged resets. Cheap to clone.
#[derive(Clone, Default)]
pub struct Recent(Arc<Mutex<VecDeque<(TenantId, Acknowledged)>>>);

impl Recent {
    pub(super) fn remember(&self, tenant: TenantId, acknowledged: Acknowledged) {
        let mut latest = self.latest();
        if latest.len() == REMEMBERED {
            latest.pop_front();
        }
        latest.push_back((tenant, acknowledged));
    }

    /// The remembered resets of a tenant that are no longer in the store.
    ///
    /// # Errors
    /// Those of the store.
    pub async fn find_lost(&self, store: &Store, tenant: TenantId) -> Result<Vec<Acknowledged>> {
        let of_tenant = |latest: &VecDeque<(TenantId, Acknowledged)>| -> Vec<Acknowledged> {
            latest.iter().filter(|(theirs, _)| *theirs == tenant).map(|(_, reset)| reset.clone()).collect()
        };
        let known = of_tenant(&self.latest());
        store.scan(Scope::of(tenant), move |tx| absent(tx, tenant, known)).await
    }

    /// Drops these.
    pub fn forget(&self, lost: &[Acknowledged]) {
        self.latest().retain(|(_, reset)| !lost.contains(reset));
    }

    fn latest(&self) -> MutexGuard<'_, VecDeque<(TenantId, Acknowledged)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn absent(tx: &mut Tx<'_>, tenant: TenantId, known: Vec<Acknowledged>) -> Result<Vec<Acknowledged>> {
    const FIND: Batch = Batch::new("SELECT id FROM resets WHERE tenant = $1 AND id = $2");
    let rows: Vec<_> = known.iter().map(|reset| params![tenant, &reset.id]).collect();
    let found = tx.each(FIND, &rows)?;
    Ok(known.into_iter().zip(found).filter(|(_, answer)| answer.rows.is_empty()).map(|(reset, _)| reset).collect())
}
