//! Our own format: one JSON object a line, members in a fixed order. It is what a tenant is written out in, and the one thing
//! that goes over the wire: before the run a line names only the scheme of a password, in the run it has the hash.

use serde_json::Value;

use super::codes::{Code, Kind};
use super::draft::{Brought, Draft, Drafted, Moment};
use super::members::Members;
use super::options::Options;
use super::picture::Picture;
use super::record::{
    Key, LINE_BYTES_MAX, RECORD_BYTES_MAX, Reason, Record, Refusal, RoleAt, SEALED_MAX, State, Subject, Told,
};
use super::thing::{self, Thing, ThingKind};
use crate::clock::Timestamp;
use crate::passwords::foreign::{Dialect, is_scheme};

/// The version of the format. Lower ones are read for ever, higher ones by no release that does not know them.
pub const VERSION: u64 = 1;

/// The first line of what was written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The version.
    pub tenantry: u64,
    /// The name of the tenant.
    pub tenant: String,
}

/// The last line of what was written out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// How many lines lie between the first and this one.
    pub records: u64,
    /// SHA-256 of all lines before this one with their ends, in hexadecimal.
    pub sha256: String,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The first.
    Head(Head),
    /// Settings, a namespace, a role or a group.
    Thing(Box<Thing>),
    /// A user.
    User(Box<Record>),
    /// A row that a reader has refused already, so that the numbers of rows agree at both ends.
    Refused(Refusal),
    /// What is known of a credential. None is made from it.
    Credential,
    /// The last.
    End(End),
}

/// Reads one line, as a server gets it. `row` and `line` are where it stands, unless it says so itself.
///
/// # Errors
/// Why it is not taken.
pub fn read_line(text: &[u8], row: u64, line: u64, options: &Options) -> Result<Line, Refusal> {
    let drafted = draft(text, row, line);
    let refusal = |row, line, reason| Refusal { row, line, key: String::new(), email: String::new(), reason };
    match drafted.map_err(|reason| refusal(row, line, reason))? {
        Drafted::Other(Line::Thing(thing)) => {
            let (row, line) = (thing.row, thing.line);
            let finished = thing.finish(options).map_err(|reason| refusal(row, line, reason));
            finished.map(|thing| Line::Thing(Box::new(thing)))
        }
        Drafted::Other(other) => Ok(other),
        Drafted::User(draft) => draft.finish(options).map(|record| Line::User(Box::new(record))),
    }
}

/// Reads one line.
///
/// # Errors
/// Why it is no line of this format.
pub(super) fn draft(text: &[u8], row: u64, line: u64) -> Result<Drafted, Reason> {
    if text.len() > LINE_BYTES_MAX {
        return Err(too_long());
    }
    if std::str::from_utf8(text).is_err() {
        return Err(Reason::row(Code::Encoding));
    }
    let mut members = Members::read(text)?;
    let kind = members.text("kind")?.ok_or_else(|| shape("kind"))?;
    if kind == "user" {
        return Ok(Drafted::User(Box::new(user(members, text.len(), (row, line)))));
    }
    if text.len() > RECORD_BYTES_MAX {
        return Err(too_long());
    }
    if let Some(kind) = ThingKind::of_word(&kind) {
        let thing = thing::read(&mut members, kind, row, line)?;
        return all_known(&members).map(|()| Drafted::Other(Line::Thing(Box::new(thing))));
    }
    let other = match kind.as_str() {
        // What a newer release writes there is not known here.
        "head" => return head(&mut members).and_then(|head| known_head(head, &members)),
        "refused" => Line::Refused(refused(&mut members)?),
        "credential" => return Ok(Drafted::Other(Line::Credential)),
        "end" => Line::End(End {
            records: members.number("records")?.ok_or_else(|| shape("records"))?,
            sha256: members.text("sha256")?.ok_or_else(|| shape("sha256"))?,
        }),
        _ => return Err(shape("kind").because("it is none of this format")),
    };
    all_known(&members)?;
    Ok(Drafted::Other(other))
}

fn too_long() -> Reason {
    Reason::row(Code::TooLong).because("at most 256 KiB")
}

fn shape(field: &str) -> Reason {
    Reason::field(Code::Shape, field)
}

fn all_known(members: &Members) -> Result<(), Reason> {
    match members.unknown() {
        None => Ok(()),
        Some(name) => Err(shape(&name).because("this format has no such member")),
    }
}

fn head(members: &mut Members) -> Result<Head, Reason> {
    let read = Head {
        tenantry: members.number("tenantry")?.ok_or_else(|| shape("tenantry"))?,
        tenant: members.text("tenant")?.unwrap_or_default(),
    };
    for known in ["at", "hashes", "revision"] {
        members.any(known);
    }
    Ok(read)
}

fn known_head(head: Head, members: &Members) -> Result<Drafted, Reason> {
    if head.tenantry <= VERSION {
        all_known(members)?;
    }
    Ok(Drafted::Other(Line::Head(head)))
}

/// Reads roles in namespaces.
///
/// # Errors
/// `SHAPE`.
pub(super) fn roles(members: &mut Members) -> Result<Vec<RoleAt>, Reason> {
    let read = members.objects("roles")?.into_iter().map(|mut role| {
        let read = RoleAt {
            namespace: role.text("namespace")?.ok_or_else(|| shape("roles.namespace"))?,
            role: role.text("role")?.ok_or_else(|| shape("roles.role"))?,
        };
        all_known(&role).map(|()| read)
    });
    read.collect()
}

fn refused(members: &mut Members) -> Result<Refusal, Reason> {
    let code = members.text("code")?.as_deref().and_then(Code::read).ok_or_else(|| shape("code"))?;
    let reason = Reason::field(code, members.text("field")?.unwrap_or_default());
    let reason = reason.because(members.text("detail")?.unwrap_or_default());
    Ok(Refusal {
        row: members.number("row")?.ok_or_else(|| shape("row"))?,
        line: members.number("line")?.ok_or_else(|| shape("line"))?,
        key: String::new(),
        email: String::new(),
        reason,
    })
}

/// Reads the members of a user. What is wrong with them is kept with what could be read, so that the refusal can name them.
fn user(mut members: Members, bytes: usize, (row, line): (u64, u64)) -> Draft {
    let mut draft = Draft { row, line, source: Key::OURS, email_field: "email", is_ours: true, ..Draft::default() };
    let picture = Picture::read(&mut members);
    let read = fill(&mut draft, &mut members).and_then(|()| all_known(&members)).and(picture);
    draft.refused = match read {
        Ok((picture, of_picture)) if bytes - of_picture <= RECORD_BYTES_MAX => {
            draft.picture = picture;
            None
        }
        Ok(_) => Some(too_long()),
        Err(reason) => Some(reason),
    };
    draft
}

fn fill(draft: &mut Draft, members: &mut Members) -> Result<(), Reason> {
    draft.row = members.number("row")?.unwrap_or(draft.row);
    draft.line = members.number("line")?.unwrap_or(draft.line);
    draft.email = members.text("email")?.unwrap_or_default();
    draft.uid = members.text("uid")?;
    if let Some(uid) = draft.uid.take() {
        draft.keys.push(Key::new(Key::OURS, None, uid.clone()));
        draft.uid = Some(uuid::Uuid::parse_str(&uid).map_err(|_| shape("uid"))?.to_string());
    }
    for key in members.texts("keys")? {
        draft.keys.push(Key::read(&key).ok_or_else(|| shape("keys"))?);
    }
    draft.first_name = ("first_name", members.text("first_name")?.unwrap_or_default());
    draft.last_name = ("last_name", members.text("last_name")?.unwrap_or_default());
    draft.language = members.text("language")?.map(|tag| ("language", tag));
    draft.verified = members.flag("verified")?;
    draft.must_change = members.flag("must_change")?.unwrap_or_default();
    draft.is_owner = members.flag("owner")?.unwrap_or_default();
    draft.created_at = moment(members, "created_at")?;
    draft.roles = roles(members)?;
    draft.groups = members.texts("groups")?;
    draft.told = told(members)?;
    kinds(draft, members)?;
    password(draft, members)
}

fn kinds(draft: &mut Draft, members: &mut Members) -> Result<(), Reason> {
    match members.text("type")?.as_deref() {
        None | Some("USER") => {}
        Some("SERVICE") => draft.is_service = true,
        Some(_) => return Err(shape("type")),
    }
    draft.is_sso = match members.text("idm_type")?.as_deref() {
        None | Some("VOLTERRA_MANAGED" | "UNDEFINED") => false,
        Some("SSO") => true,
        Some(_) => return Err(shape("idm_type")),
    };
    if let Some(mut sso) = members.object("sso")? {
        let provider = sso.text("provider")?.ok_or_else(|| shape("sso.provider"))?;
        let subject = sso.text("subject")?.ok_or_else(|| shape("sso.subject"))?;
        all_known(&sso)?;
        draft.subject = Some(Subject { provider, subject });
    }
    draft.state = match members.text("state")?.as_deref() {
        None | Some("active") => State::Active,
        Some("disabled") => State::Disabled,
        Some(_) => return Err(shape("state")),
    };
    Ok(())
}

fn password(draft: &mut Draft, members: &mut Members) -> Result<(), Reason> {
    let mut password = match members.any("password") {
        None => return Ok(()),
        Some(Value::String(_)) => return Err(Reason::field(Code::PasswordPlain, "password")),
        Some(value) => Members::of(value, "password")?,
    };
    draft.password_set_at = moment(&mut password, "set_at")?;
    let (hash, scheme) = (password.text("hash")?, password.text("scheme")?);
    draft.password = match (hash, scheme, password.text("sealed")?) {
        (Some(text), None, None) => Brought::Text { field: "password.hash".into(), text, dialect: Dialect::Usual },
        (None, Some(name), None) if is_scheme(&name) => Brought::Scheme(name),
        (None, None, Some(text)) if is_sealed(&text) => Brought::Sealed(text),
        _ => return Err(shape("password")),
    };
    all_known(&password)
}

/// Whether a text can be a hash that is sealed: no other is passed on.
fn is_sealed(text: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    text.len() <= SEALED_MAX && text.contains('.') && text.bytes().all(is_fit)
}

fn moment(members: &mut Members, name: &str) -> Result<Option<Moment>, Reason> {
    let field = members.name(name);
    Ok(members.text(name)?.map(|text| Moment { field, at: Timestamp::parse(&text) }))
}

fn told(members: &mut Members) -> Result<Vec<Told>, Reason> {
    let read = members.objects("told")?.into_iter().map(|mut one| {
        let code = one.text("code")?.as_deref().and_then(Code::read).filter(|code| code.kind() == Kind::Told);
        let code = code.ok_or_else(|| shape("told.code"))?;
        Ok(Told::field(code, one.text("field")?.unwrap_or_default()))
    });
    read.collect()
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
