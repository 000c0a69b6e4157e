//! The users of an incident with what has become of each.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::ids;
use super::judge::Reason;
use super::listed::{self, LEFT_OUT, Seen};
use super::rows::Incident;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::reset::{self, ResetOutcome};
use crate::store::Tx;
use crate::terms::Word;

/// Users that are looked at for one page.
const REACH: usize = 5_000;
/// Users that are read at once.
const WINDOW: i64 = 500;

/// What has become of a user of an incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentOutcome", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// Their password is as it was, and will end.
    Planned,
    /// They are left out.
    LeftOut,
    /// Their password has ended, and there is no link: they were disabled, or nothing waits for them.
    Ended,
    /// Their password has ended, and the mail waits.
    Waiting,
    /// The relay took the mail.
    Mailed,
    /// The page of the link was opened.
    Opened,
    /// They have chosen a new password.
    Redeemed,
    /// The relay did not take the mail.
    Stuck,
    /// A later reset has taken the place of this one.
    Superseded,
    /// The link has died of age, or was ended.
    Over,
}

impl Word for Outcome {
    const ALL: &'static [Self] = &[
        Self::Planned,
        Self::LeftOut,
        Self::Ended,
        Self::Waiting,
        Self::Mailed,
        Self::Opened,
        Self::Redeemed,
        Self::Stuck,
        Self::Superseded,
        Self::Over,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::LeftOut => "left_out",
            Self::Ended => "ended",
            Self::Waiting => "waiting",
            Self::Mailed => "mailed",
            Self::Opened => "opened",
            Self::Redeemed => "redeemed",
            Self::Stuck => "stuck",
            Self::Superseded => "superseded",
            Self::Over => "over",
        }
    }
}

/// A user of an incident.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) place: i64,
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Reason>,
    /// Of one of a list that belongs to nobody.
    pub(super) listed: Option<String>,
    pub(super) user: Option<(Uuid, String, String, String)>,
    pub(super) reset: Option<ResetOutcome>,
}

impl Person {
    /// Whether their password was to end when the plan was made.
    pub(super) fn was_to_end(&self) -> bool {
        self.place < LEFT_OUT
    }
}

/// A page of users behind a place, those of one outcome if it is said. The place up to which was looked, unless there are no
/// others.
///
/// # Errors
/// Those of the store.
pub(super) fn page(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: &Incident,
    wanted: Option<Outcome>,
    (mut behind, limit): (i64, usize),
    now: Timestamp,
) -> Result<(Vec<Person>, Option<i64>)> {
    let (mut found, mut left) = (Vec::new(), REACH);
    while left > 0 {
        let window = WINDOW.min(left as i64);
        let seen = listed::page(tx, tenant, incident.id, wanted == Some(Outcome::LeftOut), (behind, window))?;
        let is_last = (seen.len() as i64) < window;
        left -= seen.len().min(left);
        for person in people(tx, tenant, incident, seen, now)? {
            behind = person.place;
            if wanted.is_none_or(|wanted| wanted == person.outcome) {
                found.push(person);
            }
            if found.len() == limit {
                return Ok((found, Some(behind)));
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
    Ok((found, Some(behind)))
}

/// The users behind a place, in their order, so many at most.
///
/// # Errors
/// Those of the store.
pub(super) fn window(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: &Incident,
    (behind, most): (i64, i64),
    now: Timestamp,
) -> Result<Vec<Person>> {
    let seen = listed::page(tx, tenant, incident.id, false, (behind, most))?;
    people(tx, tenant, incident, seen, now)
}

fn people(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: &Incident,
    seen: Vec<Seen>,
    now: Timestamp,
) -> Result<Vec<Person>> {
    let own = incident.run.map(|run| ids::bounds_of_all(&run));
    let id_of = |seen: &Seen| incident.run.map(|run| ids::of_place(&run, 0, seen.place));
    let has_come = |seen: &Seen| seen.reason.is_none() && seen.place < LEFT_OUT && seen.place <= incident.ended_to;
    let asked: Vec<Uuid> = seen.iter().filter(|seen| has_come(seen)).filter_map(id_of).collect();
    let mut resets = reset::outcomes(tx, tenant, &asked, now)?.into_iter().peekable();
    let person = |seen: Seen| {
        let reset = id_of(&seen).and_then(|id| resets.next_if(|reset| reset.id == id));
        let outcome = match (&seen.reason, has_come(&seen), &reset) {
            (Some(_), ..) => Outcome::LeftOut,
            (None, false, _) => Outcome::Planned,
            (None, true, None) => Outcome::Ended,
            (None, true, Some(reset)) => outcome(reset, own),
        };
        let Seen { place, reason, listed, user } = seen;
        Person { place, outcome, reason, listed, user, reset }
    };
    Ok(seen.into_iter().map(person).collect())
}

/// Where a link has died and its user was reminded, another of the incident's own has come in its place.
fn outcome(reset: &ResetOutcome, own: Option<(Uuid, Uuid)>) -> Outcome {
    use crate::reset::State;
    let is_own = |open: Uuid| own.is_some_and(|(least, greatest)| (least..=greatest).contains(&open));
    let is_reminded = reset.open.is_some_and(|open| open != reset.id && is_own(open));
    match reset.state {
        _ if reset.is_chosen => Outcome::Redeemed,
        _ if is_reminded => Outcome::Mailed,
        State::Requested => Outcome::Waiting,
        State::Mailed => Outcome::Mailed,
        State::Opened => Outcome::Opened,
        State::Redeemed => Outcome::Redeemed,
        State::Superseded => Outcome::Superseded,
        State::Undeliverable => Outcome::Stuck,
        State::Expired | State::Cancelled => Outcome::Over,
    }
}

/// A user of an incident, as they are now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentPerson")]
pub(super) struct PersonShown {
    outcome: Outcome,
    /// Why they are left out.
    reason: Option<Reason>,
    /// The id; null once they are removed.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    uid: Option<String>,
    /// The address; null once they are removed.
    #[schemars(example = &"jane@example.com")]
    email: Option<String>,
    #[schemars(example = &"Jane")]
    first_name: Option<String>,
    #[schemars(example = &"Roe")]
    last_name: Option<String>,
    /// The reset that their link is of.
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    reset: Option<String>,
    /// Whether the incident holds its mail.
    #[schemars(example = false)]
    held: bool,
    /// When the password ended.
    ended_at: Option<Timestamp>,
    mailed_at: Option<Timestamp>,
    /// The relay's last words.
    #[schemars(example = &"250 2.0.0 Ok: queued")]
    relay_words: Option<String>,
    opened_at: Option<Timestamp>,
    redeemed_at: Option<Timestamp>,
}

impl From<Person> for PersonShown {
    fn from(person: Person) -> Self {
        let Person { outcome, reason, listed, user, reset, .. } = person;
        let (uid, email, first_name, last_name) = match user {
            Some((uid, email, first, last)) => (Some(uid.to_string()), Some(email), Some(first), Some(last)),
            None => (None, listed, None, None),
        };
        let reset = reset.as_ref();
        Self {
            outcome,
            reason,
            uid,
            email,
            first_name,
            last_name,
            held: reset.is_some_and(|reset| reset.is_held),
            ended_at: reset.map(|reset| reset.requested_at),
            mailed_at: reset.and_then(|reset| reset.mailed_at),
            relay_words: reset.and_then(|reset| reset.relay_words.clone()),
            opened_at: reset.and_then(|reset| reset.opened_at),
            redeemed_at: reset.and_then(|reset| reset.redeemed_at),
            reset: reset.map(|reset| reset.id.to_string()),
        }
    }
}

/// Users of an incident.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentPeople")]
pub(super) struct PersonList {
    /// In the order in which their passwords end; then users who are left out.
    pub(super) items: Vec<PersonShown>,
    /// What to give as `cursor` for those behind these.
    pub(super) next: Option<String>,
}
