//! Addresses of which the relay has said that there is no such mailbox. For a day, mail that users or strangers can set off is
//! not tried there: a relay that is asked again and again for addresses that are none soon takes nothing from this server.
//! What an administrator asks for is tried all the same, and what arrives takes the address off.

use serde_json::json;

use super::compose::{Drafted, Made};
use super::fate::Job;
use super::letter::Letters;
use super::settle::{Attempt, Fate};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::mail::address::Email;
use crate::params;
use crate::store::{Batch, Row, Tx};

/// So long the word of a relay counts: the mailbox may be made meanwhile.
const COUNTS_SECONDS: i64 = 24 * 3600;

const FIND: Batch = Batch::new(
    "SELECT refused_at, relay_words FROM refused_addresses WHERE tenant = $1 AND email_key = $2 AND refused_at > $3",
);
const NOTE: &str = "INSERT INTO refused_addresses (tenant, email_key, email, refused_at, relay_words)
    VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant, email_key) DO UPDATE
    SET email = excluded.email, refused_at = excluded.refused_at, relay_words = excluded.relay_words";
const TAKE_OFF: &str = "DELETE FROM refused_addresses WHERE tenant = $1 AND email_key = $2";
const PAGE: &str = "SELECT email, email_key, refused_at, relay_words FROM refused_addresses
    WHERE tenant = $1 AND email_key > $2 AND refused_at > $3 ORDER BY email_key LIMIT $4";
const FORGET: &str = "DELETE FROM refused_addresses WHERE refused_at < $1";

/// An address to which a mail was tried.
#[derive(Debug, Clone)]
pub(super) struct Tried {
    pub(super) email: String,
    /// Whether the relay had refused it within the day before.
    pub(super) was_refused: bool,
}

/// An address that the relay has refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedAddress {
    /// The address.
    pub email: String,
    /// Its place in the list.
    pub key: String,
    /// When it was refused last.
    pub refused_at: Timestamp,
    /// Until when mail is held back.
    pub until: Timestamp,
    /// The relay's words.
    pub relay_words: String,
}

impl RefusedAddress {
    fn read(row: &Row) -> Result<Self> {
        let refused_at: Timestamp = row.get(2)?;
        let until = refused_at.plus_seconds(COUNTS_SECONDS);
        Ok(Self { email: row.get(0)?, key: row.get(1)?, refused_at, until, relay_words: row.get(3)? })
    }
}

/// Holds back the mails to addresses that were refused within a day, and marks those that are tried all the same.
pub(super) fn hold_back<'a>(
    tx: &mut Tx<'_>,
    letters: &Letters,
    tenant: TenantId,
    mails: impl Iterator<Item = (&'a Job, &'a mut Drafted)>,
    now: Timestamp,
) -> Result<()> {
    let made = mails.filter_map(|(job, drafted)| {
        let Ok(Made::Draft(draft)) = &*drafted else { return None };
        Email::parse(&draft.to).ok().map(|email| (job, email.key(), drafted))
    });
    let made: Vec<_> = made.collect();
    let since = now.plus_seconds(-COUNTS_SECONDS);
    let rows: Vec<_> = made.iter().map(|(_, key, _)| params![tenant, key, since]).collect();
    let found = tx.each(FIND, &rows)?;
    for ((job, _, drafted), answer) in made.into_iter().zip(found) {
        let Some(row) = answer.rows.first() else { continue };
        if letters.insist(job) {
            if let Ok(Made::Draft(draft)) = drafted {
                draft.was_refused = true;
            }
        } else {
            *drafted = Ok(Made::HeldBack(held_back(row.get(0)?, row.get(1)?)));
        }
    }
    Ok(())
}

fn held_back(refused_at: Timestamp, words: String) -> String {
    format!("Not tried: the relay refused this address on {refused_at}: {words}")
}

/// Writes which addresses were refused, and takes off those where a mail has arrived after all.
pub(super) fn note(tx: &mut Tx<'_>, attempts: &[Attempt]) -> Result<()> {
    for Attempt { job, to, fate, now, .. } in attempts {
        let Some((tried, email)) = to.as_ref().and_then(|tried| Some((tried, Email::parse(&tried.email).ok()?))) else {
            continue;
        };
        match fate {
            Fate::Refused(refused) if refused.is_no_address => {
                tx.run(NOTE, &params![job.tenant, &email.key(), &tried.email, *now, &refused.words])?;
            }
            Fate::Sent(_) if tried.was_refused => {
                tx.run(TAKE_OFF, &params![job.tenant, &email.key()])?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Addresses of a tenant to which mail is held back, behind the one of this key.
///
/// # Errors
/// Those of the store.
pub fn list_refused(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    after: &str,
    limit: i64,
    now: Timestamp,
) -> Result<Vec<RefusedAddress>> {
    let since = now.plus_seconds(-COUNTS_SECONDS);
    tx.all(PAGE, &params![tenant, after, since, limit])?.iter().map(RefusedAddress::read).collect()
}

/// Lets mail go to an address again.
///
/// # Errors
/// `NotFound` for an address that is not held back.
pub fn allow_address(tx: &mut Tx<'_>, tenant: TenantId, email: &Email, actor: &Actor, now: Timestamp) -> Result<()> {
    if tx.run(TAKE_OFF, &params![tenant, &email.key()])? == 0 {
        return Err(Error::not_found("No mail to this address is held back in this tenant."));
    }
    let (action, outcome, facts) = ("mail.allow_address", Outcome::Accepted, json!({}));
    audit::record(tx, &Event { tenant, at: now, action, outcome, actor, subject: email.as_str(), facts })
}

/// Forgets that the relay has refused an address.
///
/// # Errors
/// Those of the store.
pub fn forget_refusal(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<()> {
    tx.run(TAKE_OFF, &params![tenant, &email.key()]).map(drop)
}

/// Deletes what was refused before a moment, in all tenants.
///
/// # Errors
/// Those of the store.
pub fn forget_refused(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.run(FORGET, &params![before]).map(drop)
}
