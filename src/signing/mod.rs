//! Signatures for people outside the installation: as signed notes (C2SP, https://c2sp.org/signed-note) by Ed25519 (RFC 8032), so
//! that a stranger verifies them with a program that we did not write.
//!
//! The private halves follow from the key file and rotate with it. The public halves are told to anyone, and those of keys that
//! were taken away stay known.

mod api;
mod head;
mod kept;
mod known;
pub mod note;
mod rows;
mod signer;

pub use api::operations;
pub use head::Head;
pub use kept::read_heads;
pub use known::{keep_known, list_known};
pub use note::VerifierKey;
pub use signer::{Signer, name_under};
