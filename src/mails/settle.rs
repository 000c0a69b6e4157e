//! What became of the mails that were tried is written to their rows, and told to their letters.

use uuid::Uuid;

use super::fate::{Became, Job, Settled};
use super::letter::Letters;
use super::refused::{self, Tried};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::mail::smtp::{Accepted, Refused};
use crate::params;
use crate::store::{Batch, Tx};

/// Until a mail is leased again that found every connection busy: that is no failure, and the next waits grow no longer.
pub(super) const UNTRIED_SECONDS: i64 = 1;
/// Seconds until the next attempt; the last one repeats. Greylisting lets the second or third pass.
pub(super) const RETRY_SECONDS: [i64; 7] = [5, 20, 60, 120, 300, 600, 1200];

const SENT: Batch = Batch::new("UPDATE mails SET sent_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2");
const FAILED: Batch = Batch::new("UPDATE mails SET failed_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2");
const AGAIN: Batch = Batch::new("UPDATE mails SET due_at = $3, relay_words = $4 WHERE tenant = $1 AND id = $2");
const UNTRIED: Batch =
    Batch::new("UPDATE mails SET due_at = $3, attempts = attempts - 1 WHERE tenant = $1 AND id = $2");

/// A mail that was tried.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) job: Job,
    /// The address, where there was a mail to send.
    pub(super) to: Option<Tried>,
    pub(super) fate: Fate,
    pub(super) now: Timestamp,
    /// Microseconds that the next attempt is put off.
    pub(super) jitter: i64,
    /// The id of the record that the letter may leave.
    pub(super) record: Uuid,
}

/// What came of the attempt.
#[derive(Clone)]
pub(super) enum Fate {
    Sent(Accepted),
    Refused(Refused),
    /// Its letter saw no more point in it.
    Pointless,
}

impl Attempt {
    fn settled(&self) -> Settled<'_> {
        Settled { job: &self.job, became: self.became(), now: self.now, record: self.record }
    }

    fn became(&self) -> Became<'_> {
        let refused = match &self.fate {
            Fate::Sent(accepted) => return Became::Sent(&accepted.reply),
            Fate::Pointless => return Became::Pointless,
            Fate::Refused(refused) => refused,
        };
        let wait = if refused.is_untried { UNTRIED_SECONDS } else { retry_seconds(self.job.attempts) };
        let next = Timestamp(self.now.plus_seconds(wait).0 + self.jitter);
        match &refused.words {
            words if refused.permanent || next >= self.job.give_up_at => Became::GivenUp(words),
            _ if refused.is_untried => Became::Untried(next),
            words => Became::Waits(words, next),
        }
    }
}

fn retry_seconds(attempts: i64) -> i64 {
    let nth = usize::try_from(attempts - 1).unwrap_or(0).min(RETRY_SECONDS.len() - 1);
    RETRY_SECONDS[nth]
}

/// Writes what became of mails, and lets their letters write what follows from it. All of it in the order of the ids of
/// resets, in which a request supersedes them too: two who take rows in one order never wait for each other.
pub(super) fn settle(tx: &mut Tx<'_>, letters: &Letters, attempts: &[Attempt]) -> Result<()> {
    let mut all: Vec<_> = attempts.iter().map(Attempt::settled).collect();
    all.sort_by_key(|one| (one.job.reset, one.job.id));
    write(tx, &all)?;
    refused::note(tx, attempts)?;
    letters.settled(tx, &all)
}

fn write(tx: &mut Tx<'_>, all: &[Settled<'_>]) -> Result<()> {
    let (mut sent, mut failed, mut again, mut untried) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Settled { job, became, now, .. } in all {
        let (tenant, id) = (job.tenant, &job.id);
        match *became {
            Became::Sent(words) => sent.push(params![tenant, id, *now, words]),
            Became::GivenUp(words) => failed.push(params![tenant, id, *now, words]),
            Became::Pointless => failed.push(params![tenant, id, *now, "No longer needed."]),
            Became::Waits(words, next) => again.push(params![tenant, id, next, words]),
            Became::Untried(next) => untried.push(params![tenant, id, next]),
        }
    }
    tx.each(SENT, &sent)?;
    tx.each(FAILED, &failed)?;
    tx.each(AGAIN, &again)?;
    tx.each(UNTRIED, &untried).map(drop)
}
