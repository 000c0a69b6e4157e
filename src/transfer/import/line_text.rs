//! How a user, and a row that is not taken, are written as lines of our own format. See [`super::line`].

use serde::Serialize;

use super::codes::Code;
use super::record::{Key, Reason, Record, Refusal, RoleAt, Subject, Told};
use crate::clock::Timestamp;
use crate::language::Language;

/// A user as their line has them; the order of the fields is that of the members.
#[derive(Serialize)]
struct UserLine<'r> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'r str>,
    email: &'r str,
    first_name: &'r str,
    last_name: &'r str,
    r#type: &'static str,
    idm_type: &'static str,
    state: &'static str,
    owner: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    password: Option<PasswordMember<'r>>,
    roles: &'r [RoleAt],
    groups: &'r [String],
    keys: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    must_change: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    sso: Option<&'r Subject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    told: Vec<&'r Told>,
}

#[derive(Serialize)]
struct PasswordMember<'r> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hash: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scheme: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    set_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct RefusedLine<'r> {
    kind: &'static str,
    row: u64,
    line: u64,
    #[serde(flatten)]
    reason: &'r Reason,
}

/// The line of a user for the wire. Without `hash`, which is what will lie in the store, it names the scheme alone: all else
/// is the same, letter for letter.
pub fn wire_line(record: &Record, hash: Option<&str>) -> String {
    let told = record.told.iter().filter(|told| !follows(told, record)).collect();
    text(&UserLine { row: Some(record.row), line: Some(record.line), told, ..user_line(record, hash) })
}

/// The line of a user for a file: as [`wire_line`], but for where the row stood and what was told of it.
pub fn file_line(record: &Record, hash: Option<&str>) -> String {
    text(&user_line(record, hash))
}

/// The line of a row that is not taken, for the wire. Key and address stay behind.
pub fn refused_line(refusal: &Refusal) -> String {
    let Refusal { row, line, reason, .. } = refusal;
    text(&RefusedLine { kind: "refused", row: *row, line: *line, reason })
}

fn text(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts, numbers and lists of them are JSON")
}

/// Whether the reader of the line tells it again by itself.
fn follows(told: &Told, record: &Record) -> bool {
    let always = [Code::NoPassword, Code::Wrapped, Code::MustChange, Code::Disabled, Code::Unverified];
    always.contains(&told.code) || (told.code == Code::Sso && record.is_sso)
}

fn user_line<'r>(record: &'r Record, hash: Option<&'r str>) -> UserLine<'r> {
    // A key that is made from the row itself is not written.
    let made =
        [record.uid.clone(), Some(record.email.key())].map(|id| Key::new(Key::OURS, None, id.unwrap_or_default()));
    UserLine {
        kind: "user",
        uid: record.uid.as_deref(),
        email: record.email.as_str(),
        first_name: &record.first_name,
        last_name: &record.last_name,
        r#type: "USER",
        idm_type: if record.is_sso { "SSO" } else { "VOLTERRA_MANAGED" },
        state: record.state.word(),
        owner: record.is_owner,
        language: record.language.map(Language::tag),
        created_at: record.created_at,
        password: record.password.as_ref().map(|password| PasswordMember {
            hash,
            scheme: hash.is_none().then(|| password.scheme()),
            set_at: record.password_set_at,
        }),
        roles: &record.roles,
        groups: &record.groups,
        keys: record.keys.iter().filter(|key| !made.contains(key)).map(ToString::to_string).collect(),
        verified: record.verified,
        must_change: record.must_change,
        sso: record.subject.as_ref(),
        row: None,
        line: None,
        told: Vec::new(),
    }
}
