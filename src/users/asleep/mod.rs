//! Users who are not active for long: told by mail, then disabled, then removed, as the tenant's settings say.
//!
//! Housekeeping looks at a tenant when something may be due in it, slice by slice: each slice is one transaction with what it
//! changes, its mails and a record for each user. Nobody is disabled whom no mail has told as many days before as the tenant
//! says, and no mail counts for ever: a clock that was set ahead, an old backup or a long standstill only lead to another one.
//! See `docs/decisions/0046-accounts-that-fall-asleep.md`.

mod judge;
mod letter;
mod own;
mod slice;
mod words;

pub use letter::{AsleepFacts, AsleepLetter, KINDS, asleep_mail};
pub use own::WORDED;
pub use slice::look;
pub use words::Words;

use crate::clock::Timestamp;
use crate::people::Sleeper;

/// How far a user is on the way of those who are inactive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sleep {
    /// When a mail left that told them that they will be disabled.
    pub told_at: Option<Timestamp>,
    /// Since when they are disabled for it.
    pub asleep_since: Option<Timestamp>,
}

impl Sleep {
    /// Of this user, if anything is known.
    pub(super) fn of(sleeper: Option<&Sleeper>) -> Self {
        sleeper
            .map_or_else(Self::default, |sleeper| Self { told_at: sleeper.mailed_at, asleep_since: sleeper.asleep_at })
    }
}
