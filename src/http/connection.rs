//! Bounds the number of open connections, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::reason::Reason;

/// Counts the open connections.
#[derive(Clone)]
pub(super) struct Connections {
    total_max: usize,
    per_address_max: usize,
    open: Arc<Mutex<Open>>,
}

/// The open connections. A flood asks for a place with each connection, so the sum is kept instead of made.
#[derive(Default)]
struct Open {
    by_address: HashMap<IpAddr, usize>,
    total: usize,
}

/// One open connection, counted until this is dropped.
pub(super) struct Place {
    address: IpAddr,
    open: Arc<Mutex<Open>>,
}

impl Connections {
    pub(super) fn new(total_max: usize, per_address_max: usize) -> Self {
        Self { total_max, per_address_max, open: Arc::default() }
    }

    /// Counts one more connection, or says which bound it exceeds. A trusted proxy stands for many clients, so
    /// `is_proxy` applies the total only.
    pub(super) fn enter(&self, address: IpAddr, is_proxy: bool) -> Result<Place, Reason> {
        let mut open = held(&self.open);
        if open.total >= self.total_max {
            return Err(Reason::Connections);
        }
        let here = open.by_address.get(&address).copied().unwrap_or(0);
        if here >= self.per_address_max && !is_proxy {
            return Err(Reason::Address);
        }
        open.by_address.insert(address, here + 1);
        open.total += 1;
        Ok(Place { address, open: Arc::clone(&self.open) })
    }

    /// Whether none is open.
    pub(super) fn are_closed(&self) -> bool {
        held(&self.open).total == 0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = held(&self.open);
        open.total -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

fn held(open: &Mutex<Open>) -> MutexGuard<'_, Open> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_place_that_is_left_is_free_again_for_its_address_and_in_all() {
        let connections = Connections::new(3, 2);
        let [one, other] = [1, 2].map(|last| IpAddr::from(Ipv4Addr::new(192, 0, 2, last)));
        let held = [one, one].map(|address| connections.enter(address, false).ok());
        assert!(matches!(connections.enter(one, false), Err(Reason::Address)));
        let third = connections.enter(one, true).ok();
        assert!(matches!(connections.enter(other, false), Err(Reason::Connections)));
        drop(third);
        assert!(connections.enter(other, false).is_ok());
        assert!(matches!(connections.enter(one, false), Err(Reason::Address)));
        drop(held);
        assert!(connections.are_closed());
        assert!(connections.enter(one, false).is_ok());
    }
}
