//! Moving in: people, groups and roles from files that another product, a spreadsheet or another Tenantry has written.
//!
//! `import` reads such files, on the caller's side. Here an import is planned and run by chunks of our own lines:
//! - Nothing is changed before a plan was looked at, and the run takes no other file, from no caller who may do something else.
//! - A slice is one transaction with the place at which the import goes on: killed in the middle, nothing of it is there.
//! - The same file twice changes nothing. Each user has one record, whose id is made from import and row.
//! - Nobody gives what they lack, or touches a user who may do more. Owners come with a whole tenant alone, by an owner, where
//!   nobody else was.
//! - A tenant is written out (`export`) without anything that opens an account; into an empty one it comes back the same.
//! - A file may be uploaded instead: then a server reads it, and its chunks go through the same verbs (`upload`).
//! - Hashes come for new users only, within a window that an owner opens. They leave only sealed, for one tenant (`sealed`).

mod adopted;
mod api;
mod chosen;
mod chunk;
mod counts;
mod course;
mod differ;
mod ended;
mod export;
mod feed;
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
mod objects;
mod outcome;
mod owners;
mod records;
mod rows;
mod sealed;
mod slice;
mod targets;
mod things;
mod upload;
mod wire;

use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::CursorKey;
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::mail_texts::MailTexts;
use crate::passwords::{Cost, Hasher};
use crate::people::ErasedKey;
use crate::store::Tx;

pub use api::operations;
pub use forget::{forget_old, forget_user, keys_of_user};
pub use invitations::end_invitations;
pub use inviting::keep_inviting;
pub use upload::{end_uploads, keep_going_on};

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    inviting::bring_back(tx, tenant, now)?;
    upload::bring_back(tx, tenant, now)
}

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
    /// The server's own keys, by which hashes are sealed for a tenant here, and files while they wait.
    pub keys: Keys,
    /// Lays quick hashes of an uploaded file beneath Argon2id.
    pub hasher: Hasher,
    /// Tells this process that a file was uploaded, or its plan is run.
    pub nudge: Arc<Notify>,
}
