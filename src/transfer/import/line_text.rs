//! How a user, and a row that is not taken, are written as lines of our own format. See [`super::line`].

use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::codes::Code;
use super::line::VERSION;
use super::password::Password;
use super::picture::Picture;
use super::record::{Key, Reason, Record, Refusal, RoleAt, Subject, Told};
use super::thing::{About, Thing, What, Words};
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
    picture: Option<&'r Picture>,
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
    sealed: Option<&'r str>,
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

/// A thing as its line has it.
#[derive(Serialize)]
struct ThingLine<'r> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<&'r Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'r str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'r str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'r str,
    #[serde(skip_serializing_if = "str::is_empty")]
    sync_id: &'r str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    disable: bool,
    #[serde(skip_serializing_if = "Words::is_empty")]
    labels: &'r Words,
    #[serde(skip_serializing_if = "Words::is_empty")]
    annotations: &'r Words,
    #[serde(skip_serializing_if = "Option::is_none")]
    api_groups: Option<&'r [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<&'r Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<&'r [RoleAt]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spec: Option<&'r Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
}

/// The line of a thing that is no user: with where it stood for the wire, without for a file.
pub fn thing_line(thing: &Thing, is_wire: bool) -> String {
    let Thing { row, line, name, about, what } = thing;
    let About { uid, created_at, description, is_disabled, labels, annotations } = about;
    let (settings, api_groups) = match what {
        What::Settings(settings) => (Some(settings), None),
        What::Role(groups) => (None, Some(groups.as_slice())),
        _ => (None, None),
    };
    let (display_name, sync_id, roles) = match what {
        What::Group { display_name, sync_id, roles } => {
            (Some(display_name.as_str()), sync_id.as_str(), Some(roles.as_slice()))
        }
        _ => (None, "", None),
    };
    let (language, words) = match what {
        What::MailText { language, words } => (Some(language.as_str()), Some(words)),
        _ => (None, None),
    };
    let (namespace, of_kind, spec) = match what {
        What::Object { namespace, of_kind, spec } => (Some(namespace.as_str()), Some(of_kind.as_str()), Some(spec)),
        _ => (None, None, None),
    };
    text(&ThingLine {
        kind: thing.kind().word(),
        settings,
        namespace,
        r#type: of_kind,
        name,
        uid: *uid,
        created_at: *created_at,
        display_name,
        description,
        sync_id,
        disable: *is_disabled,
        labels,
        annotations,
        api_groups,
        language,
        words,
        roles,
        spec,
        row: is_wire.then_some(*row),
        line: is_wire.then_some(*line),
    })
}

/// The first line of a file that is written out.
#[derive(Debug, Clone, Serialize)]
pub struct HeadLine<'r> {
    kind: &'static str,
    tenantry: u64,
    tenant: &'r str,
    at: Timestamp,
    hashes: &'static str,
    revision: i64,
}

impl<'r> HeadLine<'r> {
    /// Of a tenant at this revision of its settings, at this moment. No hash of a password follows, or only sealed ones.
    pub fn new(tenant: &'r str, at: Timestamp, revision: i64, has_hashes: bool) -> Self {
        let hashes = if has_hashes { "sealed" } else { "none" };
        Self { kind: "head", tenantry: VERSION, tenant, at, hashes, revision }
    }

    /// The line.
    pub fn text(&self) -> String {
        text(self)
    }
}

/// The last line of a file that is written out: how many lines lie between, and the SHA-256 of all before it in hexadecimal.
pub fn end_line(records: u64, sha256: &str) -> String {
    text(&serde_json::json!({ "kind": "end", "records": records, "sha256": sha256 }))
}

fn text(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("texts, numbers and lists of them are JSON")
}

/// Whether the reader of the line tells it again by itself.
fn follows(told: &Told, record: &Record) -> bool {
    let always =
        [Code::NoPassword, Code::NoCredential, Code::Wrapped, Code::MustChange, Code::Disabled, Code::Unverified];
    always.contains(&told.code) || (told.code == Code::Sso && record.is_sso)
}

fn password_member<'r>(password: &'r Password, hash: Option<&'r str>, set_at: Option<Timestamp>) -> PasswordMember<'r> {
    let sealed = match password {
        Password::Sealed(text) => Some(text.as_str()),
        _ => None,
    };
    let scheme = (hash.is_none() && sealed.is_none()).then(|| password.scheme());
    PasswordMember { hash, scheme, sealed, set_at }
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
        r#type: if record.is_service { "SERVICE" } else { "USER" },
        idm_type: if record.is_sso { "SSO" } else { "VOLTERRA_MANAGED" },
        state: record.state.word(),
        owner: record.is_owner,
        language: record.language.map(Language::tag),
        created_at: record.created_at,
        password: record.password.as_ref().map(|password| password_member(password, hash, record.password_set_at)),
        roles: &record.roles,
        groups: &record.groups,
        keys: record.keys.iter().filter(|key| !made.contains(key)).map(ToString::to_string).collect(),
        verified: record.verified,
        must_change: record.must_change,
        sso: record.subject.as_ref(),
        picture: record.picture.as_ref(),
        row: None,
        line: None,
        told: Vec::new(),
    }
}
