//! The lines of a file of evidence. Each is a JSON object in one line, with its members in this order and without spaces; all but
//! the last one end with the member `h` (see [`super::Running`]).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::record::{Said, Shared};
use crate::audit::Link;
use crate::clock::Timestamp;
use crate::hex::{from_hex, hex};

/// How addresses of people are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EvidenceEmails", rename_all = "snake_case")]
pub enum Emails {
    /// As they are.
    Plain,
    /// Each as a number that stands for it in this file alone: HMAC-SHA256 under a key that was drawn for the file.
    Hidden,
}

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the file: 1.
    pub evidence: u32,
    /// The domain of the installation.
    pub installation: String,
    /// The name of the tenant.
    pub tenant: String,
    /// Its number, which goes into the digest of each record.
    pub tenant_id: i64,
    /// The incident.
    pub incident: Uuid,
    /// What it is called; none where addresses are hidden.
    pub name: Option<String>,
    /// What was asked for; none where addresses are hidden.
    pub terms: Option<Value>,
    /// Where it stood when the file was made.
    pub state: String,
    /// How addresses are told.
    pub emails: Emails,
    /// When the file was made.
    pub made_at: Timestamp,
    /// The public key by which it is signed.
    pub key: String,
}

/// The line of an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ActLine {
    pub(super) act: Said,
}

/// The line of shared fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SharedLine {
    pub(super) shared: Shared,
}

/// What became of the password of a user of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It has ended.
    Ended,
    /// It was to end, and was left alone when its turn came.
    Dropped,
    /// It was not to end from the beginning.
    LeftOut,
    /// Its turn has not come.
    NotReached,
}

/// The line of a user, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserLine {
    /// Counted from 1.
    pub n: i64,
    /// The address: of the record, or else of now. None of a user who is gone, of whom there is no record.
    pub email: Option<String>,
    /// What became of the password.
    pub outcome: Outcome,
    /// Why, where it was left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Where the link stood when the file was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// When it ended, in microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<i64>,
    /// The record of its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Said>,
    /// When the relay took the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Timestamp>,
    /// The relay's last words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// When the page of the link was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When a password was chosen by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeemed_at: Option<Timestamp>,
    /// The record of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeem: Option<Said>,
    /// The record of the code app that was taken away with the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_app: Option<Said>,
    /// The links that came in the place of dead ones, when the user was reminded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reminders: Vec<Reminder>,
}

/// A link that came in the place of one that had died.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// The round of reminders, counted from 1.
    pub round: u8,
    /// The record of its reset, which names the incident and the reset before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Said>,
    /// When the relay took the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mailed_at: Option<Timestamp>,
    /// The relay's last words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<String>,
    /// When the page of the link was opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<Timestamp>,
    /// When a password was chosen by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeemed_at: Option<Timestamp>,
    /// The record of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redeem: Option<Said>,
}

/// What the lines of the users come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Users of the list.
    pub listed: i64,
    /// Passwords that have ended.
    pub ended: i64,
    /// Users who were left alone when their turn came, by reason.
    pub dropped: BTreeMap<String, i64>,
    /// Users who were left out from the beginning, by reason.
    pub left_out: BTreeMap<String, i64>,
    /// Users whose turn has not come.
    pub not_reached: i64,
    /// Sessions that have ended.
    pub sessions: i64,
    /// Users of whom the relay took a mail with a link.
    pub mailed: i64,
    /// Users who have chosen a password by a link of the incident, with the record of that.
    pub redeemed: i64,
    /// Links that came in the place of dead ones, when users were reminded.
    pub renewed: i64,
    /// Code apps that were taken away with the password.
    pub code_apps: i64,
}

impl Totals {
    /// Adds the line of a user.
    pub fn add(&mut self, user: &UserLine) {
        self.listed += 1;
        let reason = || user.reason.clone().unwrap_or_default();
        match user.outcome {
            Outcome::Ended => self.ended += 1,
            Outcome::Dropped => *self.dropped.entry(reason()).or_default() += 1,
            Outcome::LeftOut => *self.left_out.entry(reason()).or_default() += 1,
            Outcome::NotReached => self.not_reached += 1,
        }
        self.sessions += user.record.as_ref().and_then(sessions).unwrap_or_default();
        let reminders = &user.reminders;
        let is_mailed = user.mailed_at.is_some() || reminders.iter().any(|one| one.mailed_at.is_some());
        let has_chosen = user.redeem.is_some() || reminders.iter().any(|one| one.redeem.is_some());
        self.mailed += i64::from(is_mailed);
        self.redeemed += i64::from(has_chosen);
        self.renewed += reminders.len() as i64;
        self.code_apps += i64::from(user.code_app.is_some());
    }
}

/// The sessions that have ended, as a record tells.
fn sessions(record: &Said) -> Option<i64> {
    record.fact("sessions")?.as_i64()
}

/// The line of the totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TotalsLine {
    pub(super) totals: Totals,
}

/// The line of a link of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkLine {
    link: LinkSaid,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LinkSaid {
    number: i64,
    records: i64,
    entries: String,
    previous: String,
    sealed_at: i64,
}

impl From<&Link> for LinkLine {
    fn from(link: &Link) -> Self {
        let (entries, previous) = (STANDARD.encode(&link.entries), hex(&link.previous));
        let (number, records, sealed_at) = (link.number, link.records, link.sealed_at.0);
        Self { link: LinkSaid { number, records, entries, previous, sealed_at } }
    }
}

impl LinkLine {
    /// The link; `None` if its texts are not those of bytes.
    pub(super) fn read(&self) -> Option<Link> {
        Some(Link {
            number: self.link.number,
            records: self.link.records,
            entries: STANDARD.decode(&self.link.entries).ok()?,
            previous: from_hex(&self.link.previous)?,
            sealed_at: Timestamp(self.link.sealed_at),
        })
    }
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The number of lines before this one.
    pub lines: u64,
    /// The signed note (C2SP) over these lines and the last link.
    pub note: String,
}
