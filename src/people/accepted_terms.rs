//! The terms of service that a user has accepted: they stand in the user's row, which `whoami` reads.

use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::Tx;

/// The terms that a user has accepted last; all empty for one who has accepted none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcceptedTerms {
    /// What was accepted, in the client's words.
    pub words: String,
    /// The version.
    pub version: String,
    /// When, by the clock of this server.
    pub at: Option<Timestamp>,
}

/// Writes down what a user has accepted, in the place of what they accepted before.
///
/// # Errors
/// Those of the store.
pub fn accept_terms(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, terms: &AcceptedTerms) -> Result<()> {
    tx.run(
        "UPDATE users SET tos_accepted = $3, tos_version = $4, tos_accepted_at = $5 WHERE tenant = $1 AND id = $2",
        &params![tenant, user, &terms.words, &terms.version, terms.at],
    )
    .map(drop)
}
