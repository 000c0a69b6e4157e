//! What every reader makes of a row: a person as they are to be here, or the reason why the row is not taken.

use std::fmt;

use serde::Serialize;

use super::codes::Code;
use super::password::Password;
use super::picture::{PICTURE_BYTES_MAX, Picture};
use crate::address::Email;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::passwords::foreign::Refused;
use crate::text::shown;

/// Most bytes of one row, however it is written.
pub const RECORD_BYTES_MAX: usize = 256 << 10;
/// Most bytes of a line of our own format, which may hold a picture.
pub const LINE_BYTES_MAX: usize = RECORD_BYTES_MAX + PICTURE_BYTES_MAX;
/// Most levels of lists and objects within each other.
pub const DEPTH_MAX: usize = 64;
/// Most groups of one user, and most roles.
pub const GROUPS_OF_USER_MAX: usize = 100;
/// Most groups that the files of one import may name.
pub const GROUPS_MAX: usize = 10_000;
/// Most bytes of a key.
pub const KEY_BYTES_MAX: usize = 512;
/// Most bytes of a hash that is sealed for one server.
pub const SEALED_MAX: usize = 1_024;

/// By what a second run knows a person: an id, and where it counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The source, such as `csv` or `keycloak:main`.
    pub source: String,
    /// The id at the source. It is text, whatever it looks like.
    pub id: String,
}

impl Key {
    /// The source of keys that another Tenantry, or this one, has made.
    pub const OURS: &'static str = "tenantry";

    /// A key of a source. For Keycloak `realm` is a part of it; colons in it are written `%3A`, so that a key can be read.
    pub fn new(source: &str, realm: Option<&str>, id: impl Into<String>) -> Self {
        let source = match realm {
            None => source.into(),
            Some(realm) => format!("{source}:{}", realm.replace('%', "%25").replace(':', "%3A")),
        };
        Self { source, id: id.into() }
    }

    /// Reads what [`Key`] has written: `source:id`, or `keycloak:realm:id`.
    pub fn read(text: &str) -> Option<Self> {
        let (first, rest) = text.split_once(':')?;
        let (source, id) = match first {
            "keycloak" => rest.split_once(':').map(|(realm, id)| (format!("{first}:{realm}"), id))?,
            _ => (first.into(), rest),
        };
        (!source.is_empty() && !id.is_empty()).then(|| Self { source, id: id.into() })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.id)
    }
}

/// Whether a user may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// They may.
    #[default]
    Active,
    /// They may not, until someone enables them.
    Disabled,
}

impl State {
    /// The word in our own format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
        }
    }
}

/// A role in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct RoleAt {
    /// The namespace here.
    pub namespace: String,
    /// The role here.
    pub role: String,
}

/// What a provider of single sign-on knows a person by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The name of the provider here.
    pub provider: String,
    /// The id of the person there.
    pub subject: String,
}

/// Something to know about a row that is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Told {
    /// What.
    pub code: Code,
    /// The name of the field at the source; empty where the code speaks of the whole row.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

impl Told {
    /// Of the whole row.
    pub fn row(code: Code) -> Self {
        Self { code, field: String::new() }
    }

    /// Of one field.
    pub fn field(code: Code, field: impl AsRef<str>) -> Self {
        Self { code, field: shown(field.as_ref()) }
    }

    /// The sentence; see [`Code::sentence`].
    pub fn sentence(&self, row: u64, line: u64) -> String {
        self.code.sentence(row, line, &self.field, "")
    }
}

/// A person as they are to be here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The row, counted from 1 over all files of the import.
    pub row: u64,
    /// The line of its file on which it begins, from 1.
    pub line: u64,
    /// The id that the user had at another Tenantry and shall have here.
    pub uid: Option<String>,
    /// The keys, at least one; the first is that of this import.
    pub keys: Vec<Key>,
    /// The address.
    pub email: Email,
    /// One line of at most 256 bytes.
    pub first_name: String,
    /// One line of at most 256 bytes.
    pub last_name: String,
    /// The language, if it is one of ours.
    pub language: Option<Language>,
    /// Whether they may sign in.
    pub state: State,
    /// Whether the source has verified the address, where it says so.
    pub verified: Option<bool>,
    /// When the user came to the source, between 1970 and now.
    pub created_at: Option<Timestamp>,
    /// The hash of the password.
    pub password: Option<Password>,
    /// When the password was set, between 1970 and now.
    pub password_set_at: Option<Timestamp>,
    /// Whether the password must be replaced at the first sign-in.
    pub must_change: bool,
    /// Whether the user signed in at a provider of single sign-on and has no password here.
    pub is_sso: bool,
    /// Who the user is at a provider that is known here.
    pub subject: Option<Subject>,
    /// Whether the user owns the tenant that was written out.
    pub is_owner: bool,
    /// Whether it is a program, which comes with a whole tenant alone, and without its credential.
    pub is_service: bool,
    /// The picture: in our own format.
    pub picture: Option<Picture>,
    /// Roles here, sorted, each once.
    pub roles: Vec<RoleAt>,
    /// Names of groups here, sorted, each once.
    pub groups: Vec<String>,
    /// What is to be known about the row, sorted, each once.
    pub told: Vec<Told>,
}

impl Record {
    /// The key of this import.
    pub fn key(&self) -> &Key {
        &self.keys[0]
    }

    /// Leaves a hash behind that turned out not to count, and tells why.
    pub fn leave_password_behind(&mut self, told: Told) {
        (self.password, self.password_set_at, self.must_change) = (None, None, false);
        self.told.retain(|told| told.code != Code::MustChange);
        self.told.extend([Told::row(Code::NoPassword), told]);
        self.told.sort();
        self.told.dedup();
    }

    /// The codes of what is told, each once.
    pub fn codes(&self) -> Vec<Code> {
        let mut codes: Vec<_> = self.told.iter().map(|told| told.code).collect();
        codes.dedup();
        codes
    }
}

/// A row that is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The row, counted from 1 over all files of the import.
    pub row: u64,
    /// The line of its file on which it begins, from 1.
    pub line: u64,
    /// The id at the source, as far as it could be read.
    pub key: String,
    /// The address as it stands there, as far as it could be read.
    pub email: String,
    /// Why.
    pub reason: Reason,
}

impl Refusal {
    /// The sentence; see [`Code::sentence`].
    pub fn sentence(&self) -> String {
        self.reason.code.sentence(self.row, self.line, &self.reason.field, &self.reason.detail)
    }
}

/// Why a row is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The code.
    pub code: Code,
    /// The name of the field at the source; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// What more there is to say; may be empty. Nothing from the field of a password is in it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

impl Reason {
    /// Of the whole row.
    pub fn row(code: Code) -> Self {
        Self::field(code, "")
    }

    /// Of one field.
    pub fn field(code: Code, field: impl AsRef<str>) -> Self {
        Self { code, field: shown(field.as_ref()), detail: String::new() }
    }

    /// With more to say.
    #[must_use]
    pub fn because(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// Of the hash in a field.
    pub fn of_hash(refused: Refused, field: &str) -> Self {
        let reason = Self::field(Code::read(refused.code()).unwrap_or(Code::HashUnknown), field);
        match refused {
            Refused::TooCostly { asked, most, of } => reason.because(format!("{asked} {of}; at most {most} are taken")),
            _ => reason,
        }
    }
}

/// Why nothing of a file is taken, or what is to be known about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileTold {
    /// The name of the file.
    pub file: String,
    /// The code.
    pub code: Code,
    /// What more there is to say; may be empty.
    pub detail: String,
}

impl FileTold {
    /// The sentence; see [`Code::sentence_of_file`].
    pub fn sentence(&self) -> String {
        self.code.sentence_of_file(&shown(&self.file), &self.detail)
    }
}
