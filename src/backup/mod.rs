//! A whole store in one file and back again, and from one place to another.
//!
//! - A backup is made while the server runs, from one snapshot. It is a store of ours in one file, on every engine.
//! - What was done after it was made is not in it: links used, sessions ended, credentials revoked, passwords changed
//!   since then would be alive again. So a restore ends all that could be, in the transaction by which the store begins
//!   to be one that can be served.
//! - A move takes everything along, and nothing has to end: the old place is never served again.

mod end;
mod make;
mod moving;
mod restore;

pub use end::{Ended, Passwords};
pub use make::{Held, Made, make};
pub use moving::{Moved, move_to};
pub use restore::{Restore, Restored, restore};
