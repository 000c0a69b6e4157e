//! User groups: making, changing and removing them, their members and their roles. What is kept of a group is in the room
//! `people`; what its members hold by it counts from the next call.
//!
//! A group changes what all of its members may do, so a caller must have all that is given or taken by it, and no member may
//! have more than the caller.

mod api;
mod ask;
mod change;
mod membership;
mod wire;

pub use api::{operations, wanted};
pub use ask::{GroupAsk, check_brought, check_name};
pub use change::{GroupInFull, Wanted, assign_roles, create, get, remove, remove_roles};
pub use membership::{join, leave, set};
