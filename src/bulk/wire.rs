//! Acts on many users as callers see them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::judge::{Counts, Reason};
use super::listed::{LEFT_OUT, Seen};
use super::rows::{Bulk, LIFE_SECONDS, State};
use super::terms::{Kind, Terms};
use crate::clock::Timestamp;
use crate::hex::hex;

/// By which plan to act.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BulkActAsk")]
pub(super) struct ActAsk {
    /// The plan, as it was answered.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    pub(super) plan: String,
    /// How many users it names: who acts knows.
    #[schemars(example = 42)]
    pub(super) users: i64,
}

/// Users who are left out for one reason.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BulkLeftOut")]
struct LeftOut {
    reason: Reason,
    #[schemars(example = 3)]
    users: i64,
}

fn left_out(counts: &Counts) -> Vec<LeftOut> {
    counts.left_out.iter().map(|(reason, users)| LeftOut { reason: *reason, users: *users }).collect()
}

/// What was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BulkTermsShown")]
struct TermsShown {
    act: Kind,
    #[schemars(example = &"ves-io-monitor-role")]
    role: Option<String>,
    #[schemars(example = &"default")]
    namespace: Option<String>,
    #[schemars(example = &"ops")]
    group: Option<String>,
    /// The members of the filter that ask something, as text.
    #[schemars(example = json!({ "group": "ops" }))]
    filter: BTreeMap<String, String>,
    #[schemars(example = false)]
    all: bool,
}

impl From<Terms> for TermsShown {
    fn from(Terms { act, role, namespace, group, filter, all }: Terms) -> Self {
        let members = match json!(filter) {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), String::from);
        let filter = members.into_iter().map(|(name, value)| (name, text(value))).collect();
        Self { act, role, namespace, group, filter, all }
    }
}

/// An act on many users.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Bulk")]
pub(super) struct Shown {
    #[schemars(example = &"0194f3a1-5c2e-7b60-8d4f-3a9e6c71b208")]
    id: String,
    state: State,
    /// What was asked for.
    terms: TermsShown,
    created_at: Timestamp,
    #[schemars(example = &"owner@example.com")]
    created_by: String,
    /// The plan, once all its users are found: it is what the act asks for.
    #[schemars(example = &"7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab7f3c90ab")]
    plan: Option<String>,
    planned_at: Option<Timestamp>,
    /// When nobody may act by it any more.
    lapses_at: Option<Timestamp>,
    /// Users whom the plan names, so far.
    #[schemars(example = 42)]
    users: i64,
    /// Users who pass the filter and are left out of the plan, by reason.
    left_out: Vec<LeftOut>,
    acted_at: Option<Timestamp>,
    #[schemars(example = &"owner@example.com")]
    acted_by: Option<String>,
    /// Users who are changed.
    #[schemars(example = 40)]
    done: i64,
    /// Users of the plan who were left out when the run came to them, by reason.
    dropped: Vec<LeftOut>,
    ended_at: Option<Timestamp>,
    /// Why it ended before its time.
    #[schemars(example = &"The access of jane@example.com, who asked for it, has ended.")]
    why: Option<String>,
    /// The seconds that are left of a run, as far as can be told.
    seconds_left: Option<i64>,
}

impl Shown {
    pub(super) fn new(bulk: Bulk, now: Timestamp) -> Self {
        let state = bulk.state_at(now);
        let gone = bulk.acted.users + bulk.acted.all_left_out();
        let seconds = bulk.acted_at.map(|at| now.seconds_since(at).max(1));
        let seconds = seconds.filter(|_| state == State::Running && gone > 0);
        Self {
            id: bulk.id.to_string(),
            state,
            plan: bulk.planned_at.is_some().then(|| hex(&bulk.digest)),
            lapses_at: bulk.planned_at.filter(|_| bulk.run.is_none()).map(|at| at.plus_seconds(LIFE_SECONDS)),
            users: bulk.planned.users,
            left_out: left_out(&bulk.planned),
            done: bulk.acted.users,
            dropped: left_out(&bulk.acted),
            seconds_left: seconds.map(|seconds| (bulk.planned.users - gone).max(0) * seconds / gone),
            terms: bulk.terms.into(),
            created_at: bulk.created_at,
            created_by: bulk.created_by,
            planned_at: bulk.planned_at,
            acted_at: bulk.acted_at,
            acted_by: bulk.acted_by,
            ended_at: bulk.ended_at,
            why: bulk.why,
        }
    }
}

/// The latest acts of a tenant.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Bulks")]
pub(super) struct BulkList {
    /// Newest first.
    pub(super) items: Vec<Shown>,
    /// What to give as `cursor` for those behind these.
    pub(super) next: Option<String>,
}

/// What becomes of a user of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BulkOutcome")]
enum Outcome {
    /// They are in the plan, and no run has come to them.
    Planned,
    /// They are changed.
    Done,
    /// They are left out.
    LeftOut,
}

/// A user of a plan, as they are now.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BulkUser")]
pub(super) struct UserShown {
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
}

impl UserShown {
    /// `acted_to` is the place up to which the run has come.
    pub(super) fn new(seen: Seen, acted_to: i64) -> Self {
        let outcome = match seen.reason {
            Some(_) => Outcome::LeftOut,
            None if seen.place <= acted_to && seen.place < LEFT_OUT => Outcome::Done,
            None => Outcome::Planned,
        };
        let reason = seen.reason;
        match seen.user {
            None => Self { outcome, reason, uid: None, email: None, first_name: None, last_name: None },
            Some((uid, email, first, last)) => Self {
                outcome,
                reason,
                uid: Some(uid.to_string()),
                email: Some(email),
                first_name: Some(first),
                last_name: Some(last),
            },
        }
    }
}

/// Users of a plan.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "BulkUsers")]
pub(super) struct UserList {
    /// Users who are in the plan, then users who were left out of it.
    pub(super) items: Vec<UserShown>,
    /// What to give as `cursor` for those behind these.
    pub(super) next: Option<String>,
}
