//! Incidents as callers see them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::counts::{LeftOut, Planned, shown};
use super::listed::Class;
use super::rows::Incident;
use super::state::{ASKED_SECONDS, LIFE_SECONDS, State};
use super::tally::Tally;
use super::terms_shown::TermsShown;
use crate::clock::Timestamp;
use crate::hex::hex;

/// Users whose passwords end together.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentClassCount")]
struct ClassCount {
    class: Class,
    #[schemars(example = 22)]
    users: i64,
}

/// The list that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentPlan")]
struct PlanShown {
    /// Of terms and list, once all its users are found: it is what the start asks for.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    digest: Option<String>,
    made_at: Option<Timestamp>,
    /// When nobody may begin it any more.
    lapses_at: Option<Timestamp>,
    /// Users whose passwords end, so far.
    #[schemars(example = 9871)]
    users: i64,
    /// The same, in the order in which they end.
    classes: Vec<ClassCount>,
    /// Users who are left out, by reason.
    left_out: Vec<LeftOut>,
    /// Addresses of its list, where there is one.
    #[schemars(example = 10000)]
    listed: i64,
    /// Sessions that end.
    #[schemars(example = 4102)]
    sessions: i64,
    /// Open resets that are replaced.
    #[schemars(example = 6)]
    open_resets: i64,
    /// Users whose password is dead already.
    #[schemars(example = 0)]
    already_dead: i64,
    /// Disabled users, whose password ends without a mail.
    #[schemars(example = 38)]
    disabled: i64,
    /// Code apps that are taken away.
    #[schemars(example = 3)]
    factors: i64,
    /// How many minutes the mails take at the pace; null without one.
    #[schemars(example = 42)]
    mail_minutes: Option<i64>,
}

impl PlanShown {
    fn new(incident: &Incident) -> Self {
        let Planned { classes, left_out, sessions, open_resets, already_dead, disabled, factors } = &incident.planned;
        let lapses_at = incident.planned_at.filter(|_| incident.started_at.is_none());
        let users = incident.planned.users();
        Self {
            digest: incident.planned_at.is_some().then(|| hex(&incident.digest)),
            made_at: incident.planned_at,
            lapses_at: lapses_at.map(|at| at.plus_seconds(LIFE_SECONDS)),
            users,
            classes: classes.iter().map(|(class, users)| ClassCount { class: *class, users: *users }).collect(),
            left_out: shown(left_out),
            listed: incident.lines,
            sessions: *sessions,
            open_resets: *open_resets,
            already_dead: *already_dead,
            disabled: *disabled,
            factors: *factors,
            mail_minutes: incident.mailed.minutes(incident.pace, users - disabled),
        }
    }
}

/// The second person.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentApproval")]
struct Approval {
    asked_at: Option<Timestamp>,
    /// Until when somebody may agree.
    lapses_at: Option<Timestamp>,
    agreed_at: Option<Timestamp>,
    #[schemars(example = &"second@example.com")]
    agreed_by: Option<String>,
}

/// How far it has come.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentProgress")]
struct Progress {
    /// Passwords that have ended.
    #[schemars(example = 9871)]
    ended: i64,
    /// Of these, passwords of disabled users, for whom there is no link.
    #[schemars(example = 38)]
    without_mail: i64,
    /// Users of the plan who were left alone, by reason.
    dropped: Vec<LeftOut>,
    #[schemars(example = 4102)]
    sessions_ended: i64,
    #[schemars(example = 12)]
    credentials_revoked: i64,
    /// Code apps that were taken away.
    #[schemars(example = 3)]
    factors_removed: i64,
    #[schemars(example = 155)]
    slices: i64,
    /// Mails that were handed to the queue.
    #[schemars(example = 9854)]
    queued: i64,
    /// Users for whom no mail was, since a link would be of no use to them.
    #[schemars(example = 2)]
    passed: i64,
    /// Rounds of reminders that were begun, of three.
    #[schemars(example = 1)]
    rounds: u8,
    /// Reminders of all rounds.
    #[schemars(example = 812)]
    reminded: i64,
    /// What has become of the links.
    links: Option<Tally>,
    /// The mails in a minute now; 0 without a bound.
    #[schemars(example = 240)]
    pace_now: i64,
    /// The words of the relay that made it slower.
    #[schemars(example = &"450 4.7.1 Try again later")]
    slowed_by: Option<String>,
    /// The minutes that the mails take yet; null where it cannot be told.
    #[schemars(example = 14)]
    minutes_left: Option<i64>,
}

impl Progress {
    fn new(incident: &Incident, links: Option<Tally>) -> Self {
        let (ended, mailed) = (&incident.ended, &incident.mailed);
        let left = (ended.users - ended.alone - mailed.users - mailed.passed).max(0);
        Self {
            ended: ended.users,
            without_mail: ended.alone,
            dropped: shown(&ended.dropped),
            sessions_ended: ended.sessions,
            credentials_revoked: ended.credentials,
            factors_removed: ended.factors,
            slices: ended.slices,
            queued: mailed.users,
            passed: mailed.passed,
            rounds: incident.reminders.rounds,
            reminded: incident.reminders.users,
            links,
            pace_now: mailed.slowed_to.unwrap_or(incident.pace),
            slowed_by: mailed.slowed_by.clone(),
            minutes_left: incident.mailed.minutes(incident.pace, left),
        }
    }
}

/// An incident.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Incident")]
pub(super) struct Shown {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    #[schemars(example = &"Leaked laptop backup")]
    name: String,
    #[schemars(example = &"A laptop with the table of users was stolen.")]
    reason: String,
    state: State,
    /// What was asked for.
    terms: TermsShown,
    /// What the mails say besides, by language.
    #[schemars(example = BTreeMap::from([("en", "We have reset all passwords that were in the copy.")]))]
    words: BTreeMap<String, String>,
    #[schemars(example = &"security@example.com")]
    contact: Option<String>,
    created_at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    plan: PlanShown,
    approval: Approval,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    released_at: Option<Timestamp>,
    mailed_at: Option<Timestamp>,
    paused_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
    #[schemars(example = &"owner@example.com")]
    cancelled_by: Option<String>,
    /// Why it ended before its time.
    #[schemars(example = &"owner@example.com has cancelled it.")]
    why: Option<String>,
    progress: Progress,
}

impl Shown {
    pub(super) fn new(incident: Incident, links: Option<Tally>, now: Timestamp) -> Self {
        let asked_at = incident.asked_at;
        Self {
            id: incident.id.to_string(),
            state: State::of(&incident, now),
            terms: TermsShown::from(&incident.terms),
            plan: PlanShown::new(&incident),
            approval: Approval {
                asked_at,
                lapses_at: asked_at.map(|at| at.plus_seconds(ASKED_SECONDS)),
                agreed_at: incident.agreed_at,
                agreed_by: incident.agreed_by.clone(),
            },
            progress: Progress::new(&incident, links),
            name: incident.terms.name,
            reason: incident.terms.reason,
            words: incident.words,
            contact: incident.contact,
            created_at: incident.created_at,
            created_by: incident.created_by,
            started_at: incident.started_at,
            ended_at: incident.ended_at,
            released_at: incident.released_at,
            mailed_at: incident.mailed_at,
            paused_at: incident.paused_at,
            cancelled_at: incident.cancelled_at,
            cancelled_by: incident.cancelled_by,
            why: incident.why,
        }
    }
}

/// The latest incidents of a tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Incidents")]
pub(super) struct IncidentList {
    /// Newest first.
    pub(super) items: Vec<Shown>,
    /// What to give as `cursor` for those behind these.
    pub(super) next: Option<String>,
}
