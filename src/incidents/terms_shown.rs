//! What was asked for, as callers see it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::terms::{Notice, Terms};
use crate::clock::Timestamp;

/// What was asked for.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "IncidentTermsShown")]
pub(super) struct TermsShown {
    /// The members of the filter that ask something, as text.
    #[schemars(example = json!({ "group": "ops" }))]
    filter: BTreeMap<String, String>,
    #[schemars(example = false)]
    all: bool,
    /// Whether only users of a list are meant.
    #[schemars(example = false)]
    by_list: bool,
    /// How many users were named as exceptions.
    #[schemars(example = 1)]
    excepted: usize,
    #[schemars(example = true)]
    hold: bool,
    #[schemars(example = 24)]
    link_hours: i64,
    #[schemars(example = true)]
    include_me: bool,
    #[schemars(example = true)]
    include_disabled: bool,
    #[schemars(example = false)]
    revoke_credentials: bool,
    /// Code apps set up since then are taken away.
    remove_factors_since: Option<Timestamp>,
    notice: Notice,
}

impl From<&Terms> for TermsShown {
    fn from(terms: &Terms) -> Self {
        let members = match json!(terms.filter) {
            Value::Object(members) => members,
            _ => serde_json::Map::new(),
        };
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), String::from);
        Self {
            filter: members.into_iter().map(|(name, value)| (name, text(value))).collect(),
            all: terms.all,
            by_list: terms.is_by_list(),
            excepted: terms.except.len(),
            hold: terms.hold,
            link_hours: terms.link_hours,
            include_me: terms.include_me,
            include_disabled: terms.include_disabled,
            revoke_credentials: terms.revoke_credentials,
            remove_factors_since: terms.remove_factors_since,
            notice: terms.notice,
        }
    }
}
