//! A call that its caller has named, and the one that is known under that name.

use uuid::Uuid;

use super::limits::KEY_SECONDS;
use crate::clock::{SECOND, Timestamp};

/// The name of a call.
#[derive(Debug, Clone)]
pub struct Named {
    pub(super) key: String,
    pub(super) meaning: Vec<u8>,
    /// The same digest as older releases stored it, over the raw body, so that keys stay valid through an upgrade.
    pub(super) older_meaning: Vec<u8>,
}

impl Named {
    /// Whether the stored call has the same meaning.
    pub(super) fn is(&self, known: &UnderKey) -> bool {
        known.meaning == self.meaning || known.meaning == self.older_meaning
    }
}

/// The call stored under a key.
pub(super) struct UnderKey {
    /// The digest of the meaning of the call.
    pub(super) meaning: Vec<u8>,
    /// The reset in its answer.
    pub(super) reset: Uuid,
    pub(super) asked_at: Timestamp,
}

impl UnderKey {
    /// Whether the key's day is not over. After the clock was set back, no key stays valid for longer than a day from
    /// now.
    pub(super) fn still_means_something(&self, now: Timestamp) -> bool {
        (now.0 - self.asked_at.0).abs() < KEY_SECONDS * SECOND
    }
}
