//! Bounds the number of open connections, in all and from one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use super::refusals::Reason;

/// Counts the open connections.
#[derive(Clone)]
pub(super) struct Connections {
    total_max: usize,
    per_address_max: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// One open connection, counted until this is dropped.
pub(super) struct Place {
    address: IpAddr,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Connections {
    pub(super) fn new(total_max: usize, per_address_max: usize) -> Self {
        Self { total_max, per_address_max, open: Arc::default() }
    }

    /// Counts one more connection, or says which bound it exceeds. A trusted proxy stands for many clients, so
    /// `is_proxy` applies the total only.
    pub(super) fn enter(&self, address: IpAddr, is_proxy: bool) -> Result<Place, Reason> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let here = open.get(&address).copied().unwrap_or(0);
        if open.values().sum::<usize>() >= self.total_max {
            return Err(Reason::Connections);
        }
        if here >= self.per_address_max && !is_proxy {
            return Err(Reason::Address);
        }
        open.insert(address, here + 1);
        Ok(Place { address, open: Arc::clone(&self.open) })
    }

    /// Whether none is open.
    pub(super) fn are_closed(&self) -> bool {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}
