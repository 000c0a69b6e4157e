//! A row as its source has it. What holds for every source is judged once, in [`super::finish`].

use super::line::Line;
use super::picture::Picture;
use super::record::{Key, Reason, RoleAt, State, Subject, Told};
use crate::clock::Timestamp;
use crate::passwords::foreign::{Dialect, Foreign, Refused};

/// What a row brings as its password.
#[derive(Default)]
pub(super) enum Brought {
    /// Nothing, or what no password ever matches.
    #[default]
    Nothing,
    /// The text of a hash.
    Text { field: String, text: String, dialect: Dialect },
    /// A hash in several fields, read.
    Read { field: String, read: Result<Foreign, Refused> },
    /// Only the name of its scheme.
    Scheme(String),
    /// A hash that only one server can open.
    Sealed(String),
}

/// A time as it stands in a row.
pub(super) struct Moment {
    pub(super) field: String,
    /// `None` for what cannot be read.
    pub(super) at: Option<Timestamp>,
}

/// A line before a user in it is judged.
pub(super) enum Drafted {
    User(Box<Draft>),
    Other(Line),
}

/// A row as its source has it.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) row: u64,
    pub(super) line: u64,
    /// Why it is refused, whatever else it holds.
    pub(super) refused: Option<Reason>,
    pub(super) uid: Option<String>,
    /// Without any the address is the key.
    pub(super) keys: Vec<Key>,
    /// The source of a key that is an address.
    pub(super) source: &'static str,
    /// The name of the field of the address.
    pub(super) email_field: &'static str,
    pub(super) email: String,
    /// Whether blanks around the address are dropped.
    pub(super) trims: bool,
    /// Whether the address may have letters beyond ASCII: in our own format.
    pub(super) is_ours: bool,
    /// The name by which the user signed in at the source.
    pub(super) username: Option<String>,
    pub(super) first_name: (&'static str, String),
    pub(super) last_name: (&'static str, String),
    /// The whole name, where the source has no parts of it.
    pub(super) name: Option<(&'static str, String)>,
    pub(super) language: Option<(&'static str, String)>,
    pub(super) state: State,
    pub(super) verified: Option<bool>,
    pub(super) created_at: Option<Moment>,
    pub(super) password: Brought,
    pub(super) password_set_at: Option<Moment>,
    pub(super) must_change: bool,
    /// The user has no password here, whatever provider it is.
    pub(super) is_sso: bool,
    /// Provider and id at the source.
    pub(super) identity: Option<(String, String)>,
    /// Who the user is at a provider here: in our own format.
    pub(super) subject: Option<Subject>,
    pub(super) is_owner: bool,
    pub(super) is_service: bool,
    pub(super) picture: Option<Picture>,
    /// The field of roles and groups.
    pub(super) roles: Vec<RoleAt>,
    /// Names of roles at the source.
    pub(super) role_names: Vec<String>,
    /// Names or paths of groups at the source.
    pub(super) groups: Vec<String>,
    pub(super) told: Vec<Told>,
    /// Fields of the source that are left behind.
    pub(super) dropped: Vec<String>,
}

impl Draft {
    /// Whether the source has parts of the name.
    pub(super) fn has_names(&self) -> bool {
        !self.first_name.1.is_empty() || !self.last_name.1.is_empty()
    }

    /// The id by which a refusal names the row.
    pub(super) fn key_text(&self) -> String {
        match (self.keys.first(), self.is_ours) {
            (Some(key), false) => key.id.clone(),
            (Some(key), true) if key.source != Key::OURS => key.to_string(),
            (Some(key), true) => key.id.clone(),
            (None, _) => self.email.trim().to_lowercase(),
        }
    }
}
