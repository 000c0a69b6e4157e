//! How many users came to what, in the plan, at the end of their passwords, and with the mails.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::judge::Reason;
use super::listed::Class;

/// What a plan has found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Planned {
    /// Users in each class.
    pub(super) classes: BTreeMap<Class, i64>,
    /// Users who are left out.
    pub(super) left_out: BTreeMap<Reason, i64>,
    /// Sessions that would end.
    pub(super) sessions: i64,
    /// Resets that are open, and would be replaced.
    pub(super) open_resets: i64,
    /// Users whose password is dead already.
    pub(super) already_dead: i64,
    /// Users who are disabled: their password ends without a mail.
    pub(super) disabled: i64,
    /// Code apps that would be taken away.
    pub(super) factors: i64,
}

impl Planned {
    /// Users whose passwords would end.
    pub(super) fn users(&self) -> i64 {
        self.classes.values().sum()
    }

    /// Users who are left out.
    pub(super) fn all_left_out(&self) -> i64 {
        self.left_out.values().sum()
    }
}

/// What has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ended {
    /// Passwords that have ended, those without a link among them.
    pub(super) users: i64,
    /// Of these, passwords of users who are disabled, for whom there is no link.
    pub(super) alone: i64,
    /// Users of the plan who were left alone.
    pub(super) dropped: BTreeMap<Reason, i64>,
    /// Sessions that have ended.
    pub(super) sessions: i64,
    /// API credentials that have ended.
    pub(super) credentials: i64,
    /// Code apps that were taken away.
    pub(super) factors: i64,
    /// Transactions that it took.
    pub(super) slices: i64,
}

/// How many users came to one reason.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "IncidentLeftOut")]
pub(super) struct LeftOut {
    reason: Reason,
    #[schemars(example = 3)]
    users: i64,
}

/// Reasons with their users, as they are shown.
pub(super) fn shown(reasons: &BTreeMap<Reason, i64>) -> Vec<LeftOut> {
    reasons.iter().map(|(reason, users)| LeftOut { reason: *reason, users: *users }).collect()
}
