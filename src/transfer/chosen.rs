//! What a caller chooses for an import.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::import;
use crate::error::{Error, Result};
use crate::terms::Word;

/// Longest name of a source, in bytes.
const SOURCE_MAX: usize = 64;

/// What becomes of groups that a row names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ImportGroups")]
pub enum Groups {
    /// A row joins those that exist; any other refuses it.
    #[default]
    Existing,
    /// What does not exist is made, without roles.
    Create,
    /// They are left out.
    Drop,
}

impl Word for Groups {
    const ALL: &'static [Self] = &[Self::Existing, Self::Create, Self::Drop];

    fn word(self) -> &'static str {
        match self {
            Self::Existing => "existing",
            Self::Create => "create",
            Self::Drop => "drop",
        }
    }
}

impl From<Groups> for import::Groups {
    fn from(groups: Groups) -> Self {
        match groups {
            Groups::Existing => Self::Existing,
            Groups::Create => Self::Create,
            Groups::Drop => Self::Drop,
        }
    }
}

/// What is taken over of a user who came from the same source before, and differs now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ImportUpdate")]
pub enum Part {
    /// First and last name.
    Names,
    /// Whether the user may sign in.
    State,
    /// The groups, all of them.
    Groups,
    /// The roles given to the user, all of them.
    Roles,
}

impl Word for Part {
    const ALL: &'static [Self] = &[Self::Names, Self::State, Self::Groups, Self::Roles];

    fn word(self) -> &'static str {
        match self {
            Self::Names => "names",
            Self::State => "state",
            Self::Groups => "groups",
            Self::Roles => "roles",
        }
    }
}

/// What becomes of a new row whose person was erased here.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ImportErased")]
pub enum Erased {
    /// It is refused: the source has not heard of it.
    #[default]
    Refuse,
    /// It is taken, as of anyone else.
    Allow,
}

impl Word for Erased {
    const ALL: &'static [Self] = &[Self::Refuse, Self::Allow];

    fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Allow => "allow",
        }
    }
}

impl Erased {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// The options of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(rename = "ImportOptions")]
pub struct Options {
    /// What becomes of groups that a row names: `existing` unless said.
    #[schemars(example = &"existing")]
    pub groups: Groups,
    /// What is taken over of users who came from this source before and differ now; nothing unless said. Never the address,
    /// never the password.
    #[schemars(example = ["names"])]
    pub update: Vec<Part>,
    /// Whether the file is a whole tenant: its settings, words of mails, namespaces, roles and groups come too, users keep their ids, and owners
    /// come where an owner imports them into an empty tenant.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub tenant: bool,
    /// What becomes of rows whose person was erased here: `refuse` unless said.
    #[serde(skip_serializing_if = "Erased::is_usual")]
    #[schemars(example = &"allow")]
    pub erased: Erased,
}

/// A name of a source: where the keys of its users count, such as `csv` or `keycloak:main`.
///
/// # Errors
/// `Invalid`.
pub(super) fn source(name: &str) -> Result<String> {
    let is_fit = |byte: u8| byte.is_ascii_graphic();
    if !name.is_empty() && name.len() <= SOURCE_MAX && name.bytes().all(is_fit) {
        return Ok(name.into());
    }
    Err(Error::invalid(format!(
        "Field source must be 1 to {SOURCE_MAX} letters, digits and signs of ASCII, without blanks."
    )))
}
