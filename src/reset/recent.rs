//! The resets that this process acknowledged lately, in its memory: a database that has forgotten them cannot tell which
//! they were.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Scope, Store, Tx};

/// As many as a rush makes in a second: what a fail-over loses is younger.
const REMEMBERED: usize = 10_000;

/// A reset that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acknowledged {
    /// The reset.
    pub id: Uuid,
    /// The address that was asked for.
    pub email: String,
    /// When it was asked for.
    pub at: Timestamp,
}

/// The latest of them. Cheap to clone.
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

    /// Those of a tenant that are not in the store any more.
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

    /// Remembers these no longer.
    pub fn forget(&self, lost: &[Acknowledged]) {
        self.latest().retain(|(_, reset)| !lost.contains(reset));
    }

    fn latest(&self) -> MutexGuard<'_, VecDeque<(TenantId, Acknowledged)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn absent(tx: &mut Tx<'_>, tenant: TenantId, known: Vec<Acknowledged>) -> Result<Vec<Acknowledged>> {
    let rows: Vec<_> = known.iter().map(|reset| params![tenant, &reset.id]).collect();
    let found = tx.each("SELECT id FROM resets WHERE tenant = $1 AND id = $2", &rows)?;
    Ok(known.into_iter().zip(found).filter(|(_, answer)| answer.rows.is_empty()).map(|(reset, _)| reset).collect())
}
