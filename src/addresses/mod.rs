//! The change of a user's address, which is also the name to sign in with.
//!
//! - A new address counts once a link that was mailed to it has come back. Until then it holds nothing: it stays free, and
//!   another user may take it.
//! - The former address is told when a change is requested and when it was made. Until the tenant's cool-off is over, mail of
//!   the account still goes there: links above all.
//! - A change counts only in the epoch of sessions in which it was requested. A reset by an administrator, a redemption, a
//!   change of the password, disabling and a restore end it, and none of them has to know of it.
//! - A user has one change at most. A link names its change, not its user, and the change has the address that it was mailed
//!   to: of two changes, no link confirms the other's address.

mod api;
mod cancel;
mod change;
mod confirm;
mod end;
mod letters;
mod page;
mod rows;

use std::net::IpAddr;
use std::sync::Arc;

use crate::http::{Bucket, Operation};
use crate::keys::Keys;

pub use cancel::cancel_own;
pub use change::{NewChange, change_own};
pub use end::{end_all, end_of, forget_old, links_of_key};
pub use letters::{AddressFacts, Addresses, KINDS, Letter, WORDED, Words, mail};
pub use rows::{Change, pending_of};

/// The parts of this room.
#[derive(Clone)]
struct Parts {
    /// The keys that make and verify links.
    keys: Keys,
    /// How often one client address may try a link.
    by_address: Arc<Bucket<IpAddr>>,
}

/// The rows of this room.
pub fn operations(keys: &Keys) -> Vec<Operation> {
    // Enough for one person, and for a whole office behind one address.
    let parts = Parts { keys: keys.clone(), by_address: Arc::new(Bucket::new(60, 600)) };
    [api::operations(&parts), page::operations(&parts)].concat()
}
