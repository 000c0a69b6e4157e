//! Whether a user is among the users who are changed, judged when the plan is made and again when the run comes to them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::change::Change;
use crate::access::{Rights, may_touch};
use crate::act::Act;
use crate::error::Result;
use crate::store::Tx;
use crate::terms::Word;
use crate::users::{Filter, FoundUser};

/// Why a user is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BulkReason")]
pub(super) enum Reason {
    /// It is the person who acts.
    Yourself,
    /// They are so already.
    Already,
    /// They own the tenant.
    Owner,
    /// They have a right that the person who acts lacks.
    AboveRank,
    /// They were removed since the plan.
    Gone,
    /// They do not pass the filter any more.
    NoMatch,
}

impl Word for Reason {
    const ALL: &'static [Self] =
        &[Self::Yourself, Self::Already, Self::Owner, Self::AboveRank, Self::Gone, Self::NoMatch];

    fn word(self) -> &'static str {
        match self {
            Self::Yourself => "yourself",
            Self::Already => "already",
            Self::Owner => "owner",
            Self::AboveRank => "above_rank",
            Self::Gone => "gone",
            Self::NoMatch => "no_match",
        }
    }
}

/// Judges users for a person who acts.
pub(super) struct Judge<'a> {
    act: &'a Act,
    change: &'a Change,
    filter: &'a Filter,
    mine: Rights,
}

impl<'a> Judge<'a> {
    /// # Errors
    /// `Unauthenticated` when the access of the person who acts has ended.
    pub(super) fn new(tx: &mut Tx<'_>, act: &'a Act, change: &'a Change, filter: &'a Filter) -> Result<Self> {
        Ok(Self { act, change, filter, mine: act.rights_now(tx)? })
    }

    /// Why a user whom the filter has found is left out, if so.
    pub(super) fn found(&self, user: &FoundUser, theirs: &Rights) -> Option<Reason> {
        if user.id == self.act.caller.user {
            return Some(Reason::Yourself);
        }
        if self.change.is_made(user) {
            return Some(Reason::Already);
        }
        if user.is_owner && self.change.spares_owners() {
            return Some(Reason::Owner);
        }
        may_touch(&self.mine, theirs, user.is_owner).is_err().then_some(Reason::AboveRank)
    }

    /// Why a user of a plan is left out of its run, if so.
    pub(super) fn listed(&self, user: Option<&FoundUser>, theirs: &Rights) -> Option<Reason> {
        let Some(user) = user else { return Some(Reason::Gone) };
        let reason = self.found(user, theirs);
        reason.or_else(|| (!self.filter.takes(user)).then_some(Reason::NoMatch))
    }
}

/// How many users came to what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// Users who are changed, or were.
    pub(super) users: i64,
    /// Users who are left out.
    pub(super) left_out: BTreeMap<Reason, i64>,
}

impl Counts {
    pub(super) fn add(&mut self, reason: Option<Reason>) {
        match reason {
            None => self.users += 1,
            Some(reason) => *self.left_out.entry(reason).or_default() += 1,
        }
    }

    /// All users who are left out.
    pub(super) fn all_left_out(&self) -> i64 {
        self.left_out.values().sum()
    }
}
