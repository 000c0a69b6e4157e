//! What is asked for: an act, and the users whom it is about.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::users::FilterAsk;

/// What is asked for stands in three records.
const BYTES_MAX: usize = 4_096;

/// What is done to each user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "BulkActKind")]
pub(super) enum Kind {
    /// They are locked out.
    Disable,
    /// They are let in again.
    Enable,
    /// They are removed.
    Remove,
    /// They get a role in a namespace.
    AssignRole,
    /// They lose a role in a namespace.
    UnassignRole,
    /// They become members of a user group.
    JoinGroup,
    /// They are members of a user group no longer.
    LeaveGroup,
}

/// An act on many users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "BulkTerms")]
pub(super) struct Terms {
    /// What is done to each of them.
    pub(super) act: Kind,
    /// The role that is given or taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ves-io-monitor-role")]
    pub(super) role: Option<String>,
    /// The namespace in which it is given or taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"default")]
    pub(super) namespace: Option<String>,
    /// The user group that they join or leave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ops")]
    pub(super) group: Option<String>,
    /// Which users, by the members of the search.
    #[serde(default)]
    pub(super) filter: FilterAsk,
    /// Whether all users are meant: said instead of a filter.
    #[serde(default)]
    #[schemars(example = false)]
    pub(super) all: bool,
}

impl Terms {
    /// Refuses terms that choose nobody, and such as say two things at once.
    ///
    /// # Errors
    /// `Invalid`.
    pub(super) fn check(&self) -> Result<()> {
        if serde_json::to_string(self).map_err(Error::internal)?.len() > BYTES_MAX {
            return Err(Error::invalid(format!(
                "Field filter is longer than {BYTES_MAX} bytes with all that is asked."
            )));
        }
        match (self.filter.filter().asks_nothing(), self.all) {
            (true, false) => {
                Err(Error::invalid("Field filter chooses nobody. Say \"all\": true, or --all, for every user."))
            }
            (false, true) => Err(Error::invalid("Field all stands beside a filter. Leave one of them out.")),
            _ => Ok(()),
        }
    }
}
