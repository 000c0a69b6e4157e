//! Lets the links of many resets go that an incident holds: each gets its life from now on, and its mail is queued.

use uuid::Uuid;

use super::end::end_open;
use super::letters::NO_FACTS;
use super::limits::{Bound, MailTimes};
use super::rows::Kind;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::mails::{self, NewMail};
use crate::params;
use crate::people::SignInBy;
use crate::store::{Answer, Batch, Tx};

const FIND: Batch = Batch::new(
    "SELECT u.disabled_at, u.idm_type, u.reset_mail_times FROM users u
    JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
    WHERE u.tenant = $1 AND u.id = $2 AND u.open_reset = $3 AND r.held_at IS NOT NULL AND r.incident = $4",
);
const OPEN: Batch = Batch::new(
    "UPDATE users SET open_reset_expires_at = $4, reset_mail_times = $5
    WHERE tenant = $1 AND id = $2 AND open_reset = $3",
);
const LET_GO: Batch =
    Batch::new("UPDATE resets SET held_at = NULL, expires_at = $3, key_id = $4 WHERE tenant = $1 AND id = $2");

/// A reset whose link is to go.
#[derive(Debug, Clone, Copy)]
pub struct Mailing {
    /// To whom.
    pub user: UserId,
    /// The reset, and the id of its mail.
    pub reset: Uuid,
}

/// How links go.
#[derive(Debug, Clone, Copy)]
pub struct Releasing {
    /// In which tenant.
    pub tenant: TenantId,
    /// The incident that holds them.
    pub incident: Uuid,
    /// How long a link lives from its mail, in hours.
    pub link_hours: i64,
    /// The key that makes the links.
    pub key: i64,
    /// The present moment.
    pub now: Timestamp,
}

impl Releasing {
    /// Until when a link lives whose mail is queued now.
    pub(super) fn expires_at(&self) -> Timestamp {
        self.now.plus_seconds(3_600 * self.link_hours)
    }
}

/// The name of an incident in the timeline of a reset that it ends.
const BY: &str = "incident";

/// Queues the mails of those that are held still: whether each was. A reset of a user who cannot use a link any more ends.
///
/// # Errors
/// Those of the store; then nothing was done.
pub fn mail_each(tx: &mut Tx<'_>, resets: &[Mailing], releasing: &Releasing) -> Result<Vec<bool>> {
    let Releasing { tenant, incident, now, .. } = *releasing;
    let asked: Vec<_> = resets.iter().map(|one| params![tenant, one.user, &one.reset, &incident]).collect();
    let answers = tx.each(FIND, &asked)?;
    let (mut going, mut went) = (Vec::new(), Vec::new());
    for (one, answer) in resets.iter().zip(&answers) {
        let stands = stand(answer)?;
        went.push(matches!(stands, Stands::Held(_)));
        match stands {
            Stands::Held(times) => going.push((one, times.noted(Bound::Asked, now).text())),
            Stands::Unusable => drop(end_open(tx, tenant, one.user, &one.reset, BY, now)?),
            Stands::Passed => {}
        }
    }
    let expires_at = releasing.expires_at();
    let rows: Vec<_> =
        going.iter().map(|(one, times)| params![tenant, one.user, &one.reset, expires_at, times]).collect();
    tx.put(OPEN, &rows)?;
    let rows: Vec<_> = going.iter().map(|(one, _)| params![tenant, &one.reset, expires_at, releasing.key]).collect();
    tx.put(LET_GO, &rows)?;
    let mails: Vec<_> = going.iter().map(|(one, _)| mail(one, releasing, expires_at)).collect();
    mails::queue_each(tx, &mails)?;
    Ok(went)
}

/// How a reset stands when its turn comes.
enum Stands {
    /// Held, with the times of the mails to its user.
    Held(MailTimes),
    /// Held for a user who may not choose a password.
    Unusable,
    /// It was mailed alone, ended, or another one has taken its place.
    Passed,
}

fn stand(answer: &Answer) -> Result<Stands> {
    let Some(row) = answer.rows.first() else { return Ok(Stands::Passed) };
    let is_disabled = row.get::<Option<Timestamp>>(0)?.is_some();
    if is_disabled || row.get::<SignInBy>(1)? != SignInBy::Password {
        return Ok(Stands::Unusable);
    }
    Ok(Stands::Held(MailTimes::parse(&row.get::<String>(2)?)))
}

fn mail(one: &Mailing, releasing: &Releasing, expires_at: Timestamp) -> NewMail<'static> {
    NewMail {
        tenant: releasing.tenant,
        id: one.reset,
        kind: Kind::Incident.word(),
        user: one.user,
        reset: Some(one.reset),
        facts: NO_FACTS,
        now: releasing.now,
        due_at: releasing.now,
        give_up_at: expires_at,
    }
}
