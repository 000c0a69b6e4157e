//! What callers say of an incident, and what is answered to a part of its list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lines::{Bad, Part};
use crate::evidence::Emails;

/// Which plan is meant, and how many users it names: who begins it knows.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IncidentStart")]
pub(super) struct StartAsk {
    /// The plan, as it was answered.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    pub(super) plan: String,
    /// How many users it names.
    #[schemars(example = 9871)]
    pub(super) users: i64,
    /// Whether to go on though other users match now than when the plan was made.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) accept_drift: bool,
}

/// Which plan is agreed to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IncidentAgreement")]
pub(super) struct AgreeAsk {
    /// The plan, as it was answered.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    pub(super) plan: String,
}

/// Why a plan is declined.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "IncidentRefusal")]
pub(super) struct DeclineAsk {
    /// For the person who asked, and for the record.
    #[schemars(example = &"The list holds last year's users.")]
    pub(super) why: String,
}

/// Whose mails are let go.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "IncidentRelease")]
pub(super) struct ReleaseAsk {
    /// The users of these addresses alone, at once; without any, all at the pace.
    #[schemars(example = &["jane@example.com"])]
    pub(super) emails: Vec<String>,
}

/// How many mails are tried again.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentRetried")]
pub(super) struct Retried {
    #[schemars(example = 17)]
    pub(super) users: i64,
}

/// What was taken of a part of a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentPart")]
pub(super) struct PartShown {
    /// Lines that hold anything.
    #[schemars(example = 30112)]
    lines: usize,
    /// Addresses of the part, each once.
    #[schemars(example = 30098)]
    kept: usize,
    /// Lines without an address.
    #[schemars(example = 3)]
    bad_lines: usize,
    /// The first of them.
    bad: Vec<Bad>,
    /// Addresses of the whole list so far.
    #[schemars(example = 30098)]
    listed: i64,
}

impl PartShown {
    pub(super) fn new(part: Part, listed: i64) -> Self {
        Self { lines: part.lines, kept: part.emails.len(), bad_lines: part.bad_lines, bad: part.bad, listed }
    }
}

/// How a file of evidence is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "IncidentEvidence")]
pub(super) struct EvidenceAsk {
    /// How it tells addresses of people.
    pub(super) emails: Emails,
}

/// A line of a file of evidence; what else is in it follows from its first member.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "EvidenceLine", extend("additionalProperties" = true))]
pub(super) struct EvidenceLine {
    /// The check value of this line and of all before it; the last line has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"0b7a3f6e1d9c4852a6f0e3b1c7d92846")]
    h: Option<String>,
}
