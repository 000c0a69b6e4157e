//! Where an incident stands, which follows from its moments.

use super::rows::Incident;
use crate::clock::Timestamp;
use crate::terms::Word;

/// A plan that nobody begins is over after this time.
pub(super) const LIFE_SECONDS: i64 = 24 * 3_600;
/// So long a second person may agree.
pub(super) const ASKED_SECONDS: i64 = 3_600;

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, schemars::JsonSchema, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentState", rename_all = "snake_case")]
pub enum State {
    /// It waits for the parts of its list.
    Collecting,
    /// Its users are being looked for.
    Planning,
    /// They are all found, and nothing is changed.
    Planned,
    /// It has not been begun within a day.
    Lapsed,
    /// A second person has to agree.
    Awaiting,
    /// Passwords end.
    Ending,
    /// They have all ended, and the mails wait to be released.
    Held,
    /// Mails leave.
    Mailing,
    /// All mails have left, and links are alive.
    Mailed,
    /// No link is alive any more.
    Done,
    /// It was ended before; what was done stays.
    Cancelled,
}

impl Word for State {
    const ALL: &'static [Self] = &[
        Self::Collecting,
        Self::Planning,
        Self::Planned,
        Self::Lapsed,
        Self::Awaiting,
        Self::Ending,
        Self::Held,
        Self::Mailing,
        Self::Mailed,
        Self::Done,
        Self::Cancelled,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Planning => "planning",
            Self::Planned => "planned",
            Self::Lapsed => "lapsed",
            Self::Awaiting => "awaiting",
            Self::Ending => "ending",
            Self::Held => "held",
            Self::Mailing => "mailing",
            Self::Mailed => "mailed",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl State {
    /// The state of an incident at `now`.
    pub(super) fn of(incident: &Incident, now: Timestamp) -> Self {
        if incident.cancelled_at.is_some() {
            Self::Cancelled
        } else if incident.started_at.is_some() {
            Self::of_begun(incident, now)
        } else if incident.planning_at.is_none() {
            Self::Collecting
        } else if let Some(planned_at) = incident.planned_at {
            let is_asked = incident.asked_at.is_some_and(|at| at.lasts(ASKED_SECONDS, now));
            let is_alive = planned_at.lasts(LIFE_SECONDS, now);
            match (is_asked, is_alive) {
                (true, _) => Self::Awaiting,
                (false, true) => Self::Planned,
                (false, false) => Self::Lapsed,
            }
        } else {
            Self::Planning
        }
    }

    fn of_begun(incident: &Incident, now: Timestamp) -> Self {
        let Some(mailed_at) = incident.mailed_at else {
            return match (incident.ended_at, incident.released_at) {
                (None, _) => Self::Ending,
                (Some(_), None) => Self::Held,
                (Some(_), Some(_)) => Self::Mailing,
            };
        };
        if incident.reminders.since.is_some() {
            Self::Mailing
        } else if mailed_at.lasts(3_600 * incident.link_hours, now) {
            Self::Mailed
        } else {
            Self::Done
        }
    }

    /// Whether the passwords of its users have begun to end.
    pub(super) fn is_begun(self) -> bool {
        matches!(self, Self::Ending | Self::Held | Self::Mailing | Self::Mailed | Self::Done)
    }
}

/// Why nothing can be done in a state.
pub(super) fn said(state: State) -> &'static str {
    match state {
        State::Collecting => "The list of this incident is not complete. Send its parts, then make the plan.",
        State::Planning => "This plan is not made yet. Wait until all its users are found.",
        State::Lapsed => "This plan is older than 24 hours. Make it anew.",
        State::Cancelled => "This incident was cancelled. Make a new plan.",
        State::Done => "This incident is done already.",
        State::Planned => "This incident has not begun.",
        State::Awaiting => "This incident waits for a second person.",
        State::Ending => "This incident is ending passwords.",
        State::Held => "The passwords of this incident have ended, and its mails are held.",
        State::Mailing | State::Mailed => "The mails of this incident are leaving or have left.",
    }
}
