//! Who calls: every client's first question, answered with one statement.

use crate::error::{Error, Result};
use crate::identity::{Caller, TenantId};
use crate::people::{User, find_by_id};
use crate::store::Tx;

/// The user who calls. Their roles are those of the caller, by which this very call was let in.
///
/// # Errors
/// `Unauthenticated` when the user was removed since.
pub fn whoami(tx: &mut Tx<'_>, tenant: TenantId, caller: &Caller) -> Result<User> {
    let gone = || Error::unauthenticated("The user of this credential is gone. Sign in again.");
    find_by_id(tx, tenant, caller.user)?.ok_or_else(gone)
}
