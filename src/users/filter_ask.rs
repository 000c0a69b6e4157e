//! Which users a body asks for, by the words of the search.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::search::{Filter, Span};
use super::state::UserState;
use crate::clock::Timestamp;
use crate::people::{self, SignInBy};

/// Which users are meant, as the search asks for them; what is absent asks nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "UserFilter")]
pub struct FilterAsk {
    /// How the address or a part of the name begins; letter case and width do not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"jane")]
    pub q: Option<String>,
    /// Only users who stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<UserState>,
    /// Only users who sign in so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idm_type: Option<SignInBy>,
    /// Only users who hold this role, themselves or by a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ves-io-monitor-role")]
    pub role: Option<String>,
    /// Only users of whom a role counts in this namespace; with `role`, that one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"default")]
    pub namespace: Option<String>,
    /// Only users who are in this group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"ops")]
    pub group: Option<String>,
    /// Only users who signed in at this moment or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in_after: Option<Timestamp>,
    /// Only users who have not signed in since, or never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in_before: Option<Timestamp>,
    /// Only users whose password was set at this moment or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_after: Option<Timestamp>,
    /// Only users who have a password that was set before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_before: Option<Timestamp>,
    /// Only users who have a second factor, or only users who have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(example = false)]
    pub second_factor: Option<bool>,
}

impl FilterAsk {
    /// The same for a search. An empty text asks nothing, as in a query.
    pub fn filter(&self) -> Filter {
        let text = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let beginning = self.q.as_deref().map(people::beginning).filter(|text| !text.is_empty());
        Filter {
            beginning,
            state: self.state,
            sign_in_by: self.idm_type,
            role: text(&self.role),
            namespace: text(&self.namespace),
            group: text(&self.group),
            signed_in: Span { after: self.signed_in_after, before: self.signed_in_before },
            password: Span { after: self.password_after, before: self.password_before },
            second_factor: self.second_factor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_asks_nothing_and_every_member_asks_something() {
        let read = |text: &str| serde_json::from_str::<FilterAsk>(text).unwrap();
        for empty in ["{}", r#"{"q":""}"#, r#"{"q":"  ","role":"","namespace":"","group":""}"#] {
            assert!(read(empty).filter().asks_nothing(), "{empty}");
        }
        let moment = r#""2026-03-04T09:15:27Z""#;
        let members = [
            ("q", r#""j""#),
            ("state", r#""disabled""#),
            ("idm_type", r#""SSO""#),
            ("role", r#""r""#),
            ("namespace", r#""n""#),
            ("group", r#""g""#),
            ("signed_in_after", moment),
            ("signed_in_before", moment),
            ("password_after", moment),
            ("password_before", moment),
            ("second_factor", "false"),
        ];
        for (name, value) in members {
            let ask = read(&format!("{{\"{name}\":{value}}}"));
            assert!(!ask.filter().asks_nothing(), "{name}");
            assert_eq!(read(&serde_json::to_string(&ask).unwrap()), ask, "{name}");
        }
        assert!(serde_json::from_str::<FilterAsk>(r#"{"stat":"disabled"}"#).is_err());
    }
}
