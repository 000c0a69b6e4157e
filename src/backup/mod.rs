//! A whole store in one file and back again, and from one place to another.
//!
//! - A backup is made while the server runs, from one snapshot. It is a store of ours in one file, on every engine.
//! - A backup lacks everything done after it was made: links used, sessions ended, credentials revoked and passwords
//!   changed since then would be valid again. So a restore ends all of these, in the transaction that makes the store
//!   servable.
//! - A backup also brings people back who were erased since: they are erased again, as the store that is replaced knows, or a later
//!   backup.
//! - A move takes everything along, and nothing has to end: the old place is never served again.

mod end;
mod erasures;
mod make;
mod moving;
mod restore;

pub use end::{Ended, Passwords};
pub use make::{Held, Made, make};
pub use moving::{Moved, move_to};
pub use restore::{Restore, Restored, restore};
