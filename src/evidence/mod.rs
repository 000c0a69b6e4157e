//! The file that proves what was done by an incident: its lines, which the room of incidents writes, and how a stranger verifies
//! them without us.
//!
//! - Each line has a check value over itself and all before it, so that the first line that was changed is named.
//! - Each record is told with all that it says, and the links of the chain that hold these records follow: a record that is not as
//!   the server sealed it is named.
//! - The end is a signed note over all bytes before it and over the last link.
//!
//! See `docs/admin/evidence.md` for people who verify such a file.

mod heads;
mod lines;
mod record;
mod records;
mod running;
mod said;
mod verify;

#[cfg(test)]
mod tests;

pub use lines::{Emails, Header, LinkLine, Outcome, Reminder, Totals, UserLine};
pub use record::{Said, Shared};
pub use running::Running;
pub use said::sentences;
pub use verify::{Given, NotSound, Sound, verify};
