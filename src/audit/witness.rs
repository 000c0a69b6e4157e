//! Remembers, in memory, the newest links that this process has sealed. A database whose chains end earlier has lost
//! acknowledged changes, as after a fail-over to a server that never had them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::digest::{self, Link};
use super::rows;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Scope, Store, Tx};

/// A link as it is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Its number in the chain of its tenant.
    pub number: i64,
    /// The hash of all that it says.
    pub hash: [u8; 32],
    /// When it was sealed.
    pub sealed_at: Timestamp,
}

impl Mark {
    pub(super) fn of(tenant: TenantId, link: &Link) -> Self {
        Self { number: link.number, hash: digest::link_hash(tenant, link), sealed_at: link.sealed_at }
    }
}

/// A chain that lost links which had been sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The tenant of the chain.
    pub tenant: TenantId,
    /// The newest link that was seen.
    pub seen: Mark,
    /// The newest link left when the loss was noticed; `None` if the whole chain is gone.
    pub left: Option<Mark>,
}

/// The newest link of each tenant that this process has sealed. Cheap to clone.
#[derive(Clone, Default)]
pub struct Witness(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    newest: HashMap<TenantId, Mark>,
    cut: Vec<Cut>,
}

impl Witness {
    pub(super) fn newest(&self, tenant: TenantId) -> Option<Mark> {
        self.seen().newest.get(&tenant).copied()
    }

    pub(super) fn note(&self, tenant: TenantId, newest: Mark, cut: Option<Cut>) {
        let mut seen = self.seen();
        seen.newest.insert(tenant, newest);
        seen.cut.extend(cut);
    }

    /// Checks that every link that was seen is still there, for use when another database server answers.
    ///
    /// # Errors
    /// Those of the store; losses found until then are kept.
    pub async fn look_again(&self, store: &Store) -> Result<()> {
        let known: Vec<_> = self.seen().newest.iter().map(|(tenant, mark)| (*tenant, *mark)).collect();
        for (tenant, mark) in known {
            let found =
                store.scan(Scope::of(tenant), move |tx| find_cut_of_one_that_is_there(tx, tenant, mark)).await?;
            if let Some(cut) = found {
                let mut seen = self.seen();
                match cut.left {
                    Some(left) => seen.newest.insert(tenant, left),
                    None => seen.newest.remove(&tenant),
                };
                seen.cut.push(cut);
            }
        }
        Ok(())
    }

    /// The oldest loss that has not been reported.
    pub fn next_cut(&self) -> Option<Cut> {
        self.seen().cut.first().copied()
    }

    /// Drops the oldest loss, once it has been reported.
    pub fn forget_cut(&self) {
        self.seen().cut.remove(0);
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A tenant that was deleted took its chain along. That one was made and is lost shows in the operators' chain.
fn find_cut_of_one_that_is_there(tx: &mut Tx<'_>, tenant: TenantId, seen: Mark) -> Result<Option<Cut>> {
    let is_there = tx.maybe("SELECT 1 FROM tenants WHERE id = $1", &params![tenant])?.is_some();
    if is_there { find_cut(tx, tenant, seen, None) } else { Ok(None) }
}

/// The loss, if the link that was seen is no longer in the chain. `last` is the newest link if it has been read
/// already.
pub(super) fn find_cut(tx: &mut Tx<'_>, tenant: TenantId, seen: Mark, last: Option<Mark>) -> Result<Option<Cut>> {
    let left = match last {
        Some(last) => Some(last),
        None => rows::find_last_link(tx, tenant)?.map(|(link, _)| Mark::of(tenant, &link)),
    };
    let same = match left {
        Some(left) if left.number == seen.number => Some(left),
        // Another process has sealed links since.
        Some(left) if left.number > seen.number => {
            rows::find_next_link(tx, tenant, seen.number - 1)?.map(|(link, _)| Mark::of(tenant, &link))
        }
        _ => None,
    };
    Ok(same.is_none_or(|same| same.hash != seen.hash).then_some(Cut { tenant, seen, left }))
}
