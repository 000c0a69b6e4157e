//! The record of a mail that was given up.

use serde_json::json;

use super::fate::{Became, Settled};
use crate::audit::{self, Event, Outcome};
use crate::error::Result;
use crate::identity::Actor;
use crate::store::Tx;

/// Records each of these mails that was given up, so that the administrator learns of it. The record is about the mail's
/// reset, or about the mail where there is none.
///
/// # Errors
/// Those of the store.
pub(super) fn record_given_up<'a>(tx: &mut Tx<'_>, settled: impl Iterator<Item = &'a Settled<'a>>) -> Result<()> {
    for Settled { job, became, now, record } in settled {
        let Became::GivenUp(words) = became else { continue };
        let actor = Actor {
            user: None,
            name: "mail".into(),
            credential: None,
            address: std::net::Ipv4Addr::UNSPECIFIED.into(),
            request_id: *record,
        };
        let event = Event {
            tenant: job.tenant,
            at: *now,
            action: "mail.give_up",
            outcome: Outcome::Refused,
            actor: &actor,
            subject: &job.reset.unwrap_or(job.id).to_string(),
            facts: json!({ "mail": job.kind, "attempts": job.attempts, "relay": words }),
        };
        audit::record(tx, &event)?;
    }
    Ok(())
}
