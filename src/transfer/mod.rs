//! Moving in: people, groups and roles from files that another product, a spreadsheet or another Tenantry has written.
//!
//! `import` reads such files, on the caller's side. Here an import is planned and run by chunks of our own lines:
//! - Nothing is changed before a plan was looked at, and the run takes no other file, from no caller who may do something else.
//! - A slice is one transaction with the place at which the import goes on: killed in the middle, nothing of it is there.
//! - The same file twice changes nothing. Each user has one record, whose id is made from import and row.
//! - Nobody gives what they lack, or touches a user who may do more. Owners come with a whole tenant alone, by an owner, where
//!   nobody else was.
//! - A tenant is written out (`export`) without anything that opens an account; into an empty one it comes back the same.
//! - Hashes come for new users only, within a window that an owner opens.

mod api;
mod chosen;
mod chunk;
mod counts;
mod course;
mod differ;
mod export;
mod forget;
mod hash;
pub mod import;
mod invitations;
mod inviting;
mod judge;
mod keys;
mod lines;
mod made;
mod noted;
mod outcome;
mod owners;
mod records;
mod rows;
mod slice;
mod targets;
mod things;
mod wire;

use crate::http::CursorKey;
use crate::mail_texts::MailTexts;
use crate::passwords::Cost;
use crate::people::ErasedKey;

pub use api::operations;
pub use forget::{forget_old, forget_user, keys_of_user};
pub use invitations::end_invitations;
pub use inviting::{bring_back, keep_inviting};

/// What the calls of this room need.
#[derive(Clone)]
pub struct Parts {
    /// At which cost quick hashes must lie beneath Argon2id.
    pub cost: Cost,
    /// Makes cursors.
    pub cursors: CursorKey,
    /// Judges words of mails.
    pub mail_texts: MailTexts,
    /// For the addresses of people who were erased.
    pub erased: ErasedKey,
}
