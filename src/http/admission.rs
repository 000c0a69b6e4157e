//! Decides which calls may begin now. A call that does not fit is refused before its body is read, before a hash and
//! before a write: a server that accepts everything answers nothing in time.
//!
//! Each call belongs to a class by its main cost, and each class has a fixed number of places. Neither one tenant nor
//! one operation can take them all ([`has_room`]).

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::class::Class;
use super::operation::Operation;
use super::reason::Reason;
use super::refusals::Refusals;
use crate::error::{Error, Result};
use crate::fair_queue::has_room;
use crate::identity::TenantId;

/// How many calls of each class may be under way at once.
#[derive(Debug, Clone, Copy)]
pub struct Places {
    /// Calls that read the store.
    pub reads: usize,
    /// Calls that write.
    pub writes: usize,
    /// Calls that hash, including those that wait for a thread.
    pub hashes: usize,
}

/// For this long after a second tenant was seen, a single tenant still does not count as alone.
const SHARED_FOR: Duration = Duration::from_secs(2);

/// How many calls may bring rows of an import at once.
const IMPORTS: usize = 2;

/// Refused calls are told to wait 1, 2, … up to this many seconds, in rotation, so that they do not all come back at
/// once.
const WAIT_MAX: u32 = 3;

/// The places, and how many each tenant and each operation holds.
pub(super) struct Admission {
    reads: Pool,
    writes: Pool,
    hashes: Pool,
    imports: Pool,
    refusals: Arc<Refusals>,
    refused: AtomicU32,
}

type Pool = Arc<Mutex<Taken>>;

struct Taken {
    max: usize,
    /// Places that any tenant may take while several tenants are present.
    open: usize,
    total: usize,
    /// When two tenants last held places at once.
    shared_at: Option<Instant>,
    by_tenant: HashMap<Option<TenantId>, usize>,
    by_call: HashMap<&'static str, usize>,
}

/// A place, released on drop.
pub(super) struct Place {
    pool: Pool,
    tenant: Option<TenantId>,
    call: &'static str,
}

impl Admission {
    pub(super) fn new(places: Places, refusals: Arc<Refusals>) -> Self {
        let pool = |max, open| Arc::new(Mutex::new(Taken::none_of(max, open)));
        let Places { reads, writes, hashes } = places;
        // An eighth open to all keeps the writer busy and its commits short. Hashes are served one by one, each tenant
        // in turn, so one tenant may hold more of those places without making the others wait longer.
        Self {
            reads: pool(reads, reads / 8),
            writes: pool(writes, writes / 8),
            hashes: pool(hashes, hashes / 2),
            imports: pool(IMPORTS, IMPORTS),
            refusals,
            refused: AtomicU32::new(0),
        }
    }

    /// Refuses the call if its class or its operation's part of the class is full: all that can be told before the
    /// caller is known.
    ///
    /// # Errors
    /// `Unavailable` when either is full.
    pub(super) fn check_call(&self, operation: &Operation) -> Result<()> {
        let outcome = self.pool(operation).map_or(Ok(()), |pool| held(pool).check_call(operation.path));
        outcome.map_err(|reason| self.refuse(reason))
    }

    /// Refuses the call if there is no place for this tenant. It takes none: the body may take long to arrive.
    ///
    /// # Errors
    /// `Unavailable` when the tenant's share is full too.
    pub(super) fn check(&self, operation: &Operation, tenant: Option<TenantId>) -> Result<()> {
        let outcome = self.pool(operation).map_or(Ok(()), |pool| held(pool).check(operation.path, tenant));
        outcome.map_err(|reason| self.refuse(reason))
    }

    /// Takes a place for a call that is about to begin. Probes need none.
    ///
    /// # Errors
    /// As [`Admission::check`].
    pub(super) fn enter(&self, operation: &Operation, tenant: Option<TenantId>) -> Result<Option<Place>> {
        let Some(pool) = self.pool(operation) else { return Ok(None) };
        let call = operation.path;
        held(pool).enter(call, tenant).map_err(|reason| self.refuse(reason))?;
        Ok(Some(Place { pool: Arc::clone(pool), tenant, call }))
    }

    /// Takes a place among the writes to record a refusal, whatever the refused call would have cost.
    ///
    /// # Errors
    /// As [`Admission::check`].
    pub(super) fn enter_record(&self, tenant: TenantId) -> Result<Place> {
        let (pool, tenant, call) = (Arc::clone(&self.writes), Some(tenant), "(record of a refusal)");
        held(&pool).enter(call, tenant).map_err(|reason| self.refuse(reason))?;
        Ok(Place { pool, tenant, call })
    }

    fn pool(&self, operation: &Operation) -> Option<&Pool> {
        match operation.class {
            Class::Probe => None,
            Class::Read => Some(&self.reads),
            Class::Write => Some(&self.writes),
            Class::Hash => Some(&self.hashes),
            Class::Import => Some(&self.imports),
        }
    }

    fn refuse(&self, reason: Reason) -> Error {
        self.refusals.count(reason);
        let wait = 1 + self.refused.fetch_add(1, Ordering::Relaxed) % WAIT_MAX;
        Error::unavailable("The server is busy at this moment. Nothing was changed. Try again in a few seconds.", wait)
    }
}

impl Taken {
    fn none_of(max: usize, open: usize) -> Self {
        Self { max, open, total: 0, shared_at: None, by_tenant: HashMap::new(), by_call: HashMap::new() }
    }

    /// One operation may hold at most seven eighths of its class.
    fn check_call(&self, call: &'static str) -> std::result::Result<(), Reason> {
        let mine = self.by_call.get(call).copied().unwrap_or(0);
        if self.total >= self.max {
            Err(Reason::Places)
        } else if mine >= self.max - self.max / 8 {
            Err(Reason::Call)
        } else {
            Ok(())
        }
    }

    fn check(&self, call: &'static str, tenant: Option<TenantId>) -> std::result::Result<(), Reason> {
        self.check_call(call)?;
        let mine = self.by_tenant.get(&tenant).copied().unwrap_or(0);
        let others = self.by_tenant.len() - usize::from(mine > 0);
        let others = others.max(usize::from(self.is_shared()));
        if has_room(self.max, self.open, self.total, mine, others) { Ok(()) } else { Err(Reason::Tenant) }
    }

    /// A tenant with no call under way at this instant usually comes back: a flood must not take its share in the gap.
    fn is_shared(&self) -> bool {
        self.shared_at.is_some_and(|at| at.elapsed() < SHARED_FOR)
    }

    fn enter(&mut self, call: &'static str, tenant: Option<TenantId>) -> std::result::Result<(), Reason> {
        self.check(call, tenant)?;
        self.total += 1;
        *self.by_call.entry(call).or_default() += 1;
        *self.by_tenant.entry(tenant).or_default() += 1;
        if self.by_tenant.len() > 1 {
            self.shared_at = Some(Instant::now());
        }
        Ok(())
    }

    fn leave(&mut self, call: &'static str, tenant: Option<TenantId>) {
        self.total -= 1;
        take_one(&mut self.by_call, call);
        take_one(&mut self.by_tenant, tenant);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        held(&self.pool).leave(self.call, self.tenant);
    }
}

fn take_one<K: Hash + Eq>(counts: &mut HashMap<K, usize>, key: K) {
    if let Some(count) = counts.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(&key);
        }
    }
}

/// A panic while holding this leaves nothing half changed.
fn held(pool: &Pool) -> MutexGuard<'_, Taken> {
    pool.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGN_IN: &str = "/signin";
    const REDEEM: &str = "/reset";

    fn tenant(number: i64) -> Option<TenantId> {
        Some(TenantId(number))
    }

    fn fill(taken: &mut Taken, call: &'static str, of: Option<TenantId>) -> usize {
        (0..).take_while(|_| taken.enter(call, of).is_ok()).count()
    }

    #[test]
    fn a_flood_leaves_places_for_other_tenants_and_one_operation_leaves_places_for_others() {
        let mut taken = Taken::none_of(32, 8);
        assert_eq!(fill(&mut taken, SIGN_IN, tenant(1)), 24);
        assert_eq!(taken.check(SIGN_IN, tenant(1)), Err(Reason::Tenant));
        assert_eq!(fill(&mut taken, SIGN_IN, tenant(2)), 4);
        assert_eq!(taken.check(SIGN_IN, tenant(2)), Err(Reason::Call));
        assert_eq!(fill(&mut taken, REDEEM, tenant(3)), 4);
        assert_eq!(taken.check(REDEEM, tenant(4)), Err(Reason::Places));
    }

    #[test]
    fn a_released_place_goes_to_a_tenant_that_holds_less() {
        let mut taken = Taken::none_of(32, 8);
        fill(&mut taken, SIGN_IN, tenant(1));
        fill(&mut taken, SIGN_IN, tenant(2));
        taken.leave(SIGN_IN, tenant(1));
        assert_eq!(taken.check(SIGN_IN, tenant(1)), Err(Reason::Tenant));
        assert_eq!(taken.check(SIGN_IN, tenant(2)), Ok(()));
        (0..4).for_each(|_| taken.leave(SIGN_IN, tenant(2)));
        assert_eq!(taken.check(SIGN_IN, tenant(1)), Err(Reason::Tenant), "who was there a moment ago comes again");
        assert_eq!(taken.check(SIGN_IN, tenant(2)), Ok(()));
        assert_eq!(taken.check(SIGN_IN, None), Ok(()), "callers without a tenant are one like others");
    }

    #[test]
    fn who_left_is_forgotten() {
        let mut taken = Taken::none_of(8, 2);
        for number in 0..100 {
            taken.enter(SIGN_IN, tenant(number)).unwrap();
            taken.leave(SIGN_IN, tenant(number));
        }
        assert_eq!((taken.total, taken.by_tenant.len(), taken.by_call.len()), (0, 0, 0));
    }
}
