//! A file of any format that is uploaded whole, and an import that a server goes on with by itself.
//!
//! - The file is read here by the readers of the command line, and its chunks go through the verbs that a client's chunks go through.
//!   Nothing is written a second time, so an import is what it always is.
//! - It is kept sealed by a key of the key file, in parts, while the import is under way and for an hour at most.
//! - Rows are judged by what the person who asked may do at that moment, and hashes come within the window alone.
//! - Any server goes on with it: after a kill, from where the import stands.

mod api;
mod ask;
mod beneath;
mod chunks;
mod go_on;
mod kept;
mod multipart;
mod rows;
mod sealed_file;
mod worker;

pub(super) use api::operation;
pub use kept::end_uploads;
pub(super) use kept::is_run;
pub(super) use kept::{bring_back, kept_until};
pub(super) use rows::forget;
pub use worker::keep_going_on;
