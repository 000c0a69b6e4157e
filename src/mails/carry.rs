//! One mail on its way to the relay.

use super::compose::{Draft, Drafted, Made};
use super::fate::Job;
use super::settle::{Attempt, Fate};
use super::worker::Worker;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::mail::message::{Mailbox, Message};
use crate::mail::smtp::Refused;

impl Worker {
    /// Brings a mail to the relay and returns with what came of it.
    pub(super) async fn carry(&self, job: Job, draft: Drafted) -> Attempt {
        let to = draft.as_ref().ok().and_then(Made::tried);
        let fate = match draft {
            Ok(Made::Draft(draft)) => self.send(&job, draft).await.unwrap_or_else(|failure| unmade(&failure)),
            Ok(Made::Pointless) => Fate::Pointless,
            Ok(Made::HeldBack(words)) => Fate::Refused(Refused { permanent: true, ..Refused::for_now(words) }),
            Ok(Made::Suspended) => waits("The tenant is suspended.", true),
            Err(failure) => unmade(&failure),
        };
        let now = self.clock.now();
        // Spread, so that what was refused together does not come back together.
        let jitter = i64::from(self.random.bytes::<1>()[0]) * 4_000;
        Attempt { job, to, fate, now, jitter, record: self.random.uuid(now) }
    }

    async fn send(&self, job: &Job, draft: Draft) -> Result<Fate> {
        let message = self.message(job, draft)?;
        Ok(match self.carrier.send(&message).await {
            Ok(accepted) => Fate::Sent(accepted),
            Err(refused) => Fate::Refused(refused),
        })
    }

    fn message(&self, job: &Job, draft: Draft) -> Result<Message> {
        let from = draft.from.as_deref().map(Email::parse).transpose()?.unwrap_or_else(|| self.from.clone());
        let to = Email::parse(&draft.to)?;
        let name = |name: String| (!name.is_empty()).then_some(name);
        Ok(Message {
            message_id: format!("{}@{}", job.id.simple(), self.from.domain()),
            from: Mailbox { name: name(draft.sender_name), address: from },
            reply_to: draft.reply_to.as_deref().map(Email::parse).transpose()?.map(Mailbox::bare),
            to: Mailbox { name: name(draft.to_name), address: to },
            subject: draft.text.subject,
            text: draft.text.text,
            html: draft.text.html,
            date: job.queued_at,
        })
    }
}

/// The fate of a mail that is tried again.
fn waits(words: &str, is_untried: bool) -> Fate {
    Fate::Refused(Refused { is_untried, ..Refused::for_now(words) })
}

fn unmade(failure: &Error) -> Fate {
    tracing::error!(cause = ?failure.cause, "a mail could not be made: {failure}");
    waits("The mail could not be made.", false)
}
