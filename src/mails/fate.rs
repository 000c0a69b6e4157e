//! A mail that is due, and what becomes of it: what the worker and the letters tell each other.

use uuid::Uuid;

use crate::clock::Timestamp;
use crate::identity::{TenantId, UserId};

/// A mail that waits.
#[derive(Debug, Clone)]
pub struct Job {
    /// In which tenant.
    pub tenant: TenantId,
    /// Its id, also in its Message-ID.
    pub id: Uuid,
    /// What it is.
    pub kind: String,
    /// To whom; the address is read when it leaves.
    pub user: UserId,
    /// The reset that it is about, if it is about one.
    pub reset: Option<Uuid>,
    /// What its letter needs besides, as JSON.
    pub facts: String,
    /// When it was queued: its Date.
    pub queued_at: Timestamp,
    /// From when on it would be of no use.
    pub give_up_at: Timestamp,
    /// How often it was tried, this time included.
    pub attempts: i64,
}

/// What becomes of a mail after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became<'a> {
    /// The relay took it, with these words.
    Sent(&'a str),
    /// The relay refused it for now, with these words; it is tried again then.
    Waits(&'a str, Timestamp),
    /// No connection was free; it is tried again then.
    Untried(Timestamp),
    /// The relay refused it for good, or until it would be of no use. These were its last words.
    GivenUp(&'a str),
    /// There was no more point in it.
    Pointless,
}

/// A mail with what became of it.
pub struct Settled<'a> {
    /// The mail.
    pub job: &'a Job,
    /// What became of it.
    pub became: Became<'a>,
    /// The present moment.
    pub now: Timestamp,
    /// An id for a record of it, drawn once for the attempt: a second record of the same attempt fails.
    pub record: Uuid,
}

impl Job {
    /// What it is, without the room in front: `administrator`, whether the row says so or `reset.administrator`.
    pub fn word(&self) -> &str {
        self.kind.rsplit('.').next().unwrap_or(&self.kind)
    }
}
