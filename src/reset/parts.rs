//! What this room is made of.

use std::net::IpAddr;
use std::sync::Arc;

use super::ask::{self, Accepted, Ask};
use super::recent::Recent;
use super::request;
use crate::error::Result;
use crate::http::{Bucket, CursorKey};
use crate::keys::Keys;
use crate::passwords::Hasher;
use crate::store::{Group, Store};

/// The parts of this room: its queue, its keys, and the hasher for new passwords.
#[derive(Clone)]
pub struct Resets {
    pub(super) group: Group<Ask, Result<Accepted>>,
    pub(super) keys: Keys,
    pub(super) cursors: CursorKey,
    pub(super) hasher: Hasher,
    pub(super) by_address: Arc<Bucket<IpAddr>>,
    pub(super) is_https: bool,
    pub(super) base_domain: String,
    /// The resets acknowledged lately.
    pub recent: Recent,
}

impl Resets {
    /// The room over a store. `is_https` tells whether browsers use https; tenants have hosts under `base_domain`.
    pub fn new(store: &Store, keys: Keys, hasher: Hasher, is_https: bool, base_domain: String) -> Self {
        // Enough for one person, and for a whole office behind one address.
        let by_address = Arc::new(Bucket::new(60, 600));
        Self {
            group: store.group(ask::key, request::request),
            cursors: CursorKey::of(&keys),
            keys,
            hasher,
            by_address,
            is_https,
            base_domain,
            recent: Recent::default(),
        }
    }
}
