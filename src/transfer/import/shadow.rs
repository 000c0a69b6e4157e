//! `passwd` and `shadow` of a Unix (passwd(5), shadow(5)): people are ids from 1000 with a login shell. The address is the login
//! name at a domain that the caller names.

use super::codes::Code;
use super::draft::{Brought, Draft, Drafted, Moment};
use super::encoding::{File, Text};
use super::join::Index;
use super::lines::{Lines, OneLine};
use super::options::Options;
use super::record::{FileTold, Key, Reason, State};
use super::source::Rows;
use super::times;
use crate::passwords::foreign::{Dialect, Refused};

/// The lowest id of a person.
const PERSON_MIN: u32 = 1_000;
/// Ends of shells that nobody signs in with.
const NO_SHELLS: [&str; 5] = ["/nologin", "/false", "/sync", "/halt", "/shutdown"];
const PASSWD_FIELDS: usize = 7;
const SHADOW_FIELDS: usize = 9;

/// What `shadow` tells of a user.
struct Secret {
    text: String,
    /// Days since 1970.
    changed: String,
    /// Days since 1970, from which the account is closed.
    closed: String,
}

/// The two files.
pub(super) struct Shadow {
    users: Lines,
    secrets: Option<Index<Secret>>,
}

impl Shadow {
    /// Opens the files; which is which is told by the number of fields of a line.
    ///
    /// # Errors
    /// `F_EMPTY`, `F_ENCODING`, `F_OTHER_FORMAT`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let (mut users, mut secrets) = (None, None);
        for file in files {
            let mut lines = Lines::new(Text::open(file, options.encoding)?);
            let first = lines.next_line()?.unwrap_or_default();
            let fields = first.bytes.split(|byte| *byte == b':').count();
            let is_blank = first.bytes.trim_ascii().is_empty();
            lines.rewind()?;
            match fields {
                PASSWD_FIELDS => users = Some(lines),
                SHADOW_FIELDS => secrets = Some(Index::new(lines, secret)?),
                1 if is_blank => return Err(lines.text().told(Code::FileEmpty, "")),
                _ => return Err(lines.text().told(Code::FileOtherFormat, "its first line has neither 7 nor 9 fields")),
            }
        }
        match users {
            Some(users) => Ok(Self { users, secrets }),
            None => {
                let file = secrets.as_ref().map_or("shadow", Index::name).into();
                Err(FileTold { file, code: Code::FileOtherFormat, detail: "passwd is missing beside it".into() })
            }
        }
    }
}

impl Rows for Shadow {
    fn next_row(&mut self, options: &Options) -> Result<Option<Drafted>, FileTold> {
        while let Some(line) = self.users.next_line()? {
            let Some((mut draft, own)) = person(&line, options) else { continue };
            let secret = match (&mut self.secrets, draft.keys.first()) {
                (Some(secrets), Some(key)) if own == "x" => secrets.find(&key.id)?,
                _ if own == "x" => None,
                _ => Some(Secret { text: own, changed: String::new(), closed: String::new() }),
            };
            if let Some(secret) = secret.filter(|_| draft.refused.is_none()) {
                add(&mut draft, secret, options);
            }
            return Ok(Some(Drafted::User(Box::new(draft))));
        }
        Ok(None)
    }
}

/// The person of a line and the second field; `None` for what is none.
fn person(line: &OneLine, options: &Options) -> Option<(Draft, String)> {
    let text = String::from_utf8_lossy(&line.bytes);
    // Lines of NIS begin with a sign and take in what is elsewhere.
    if text.trim().is_empty() || text.starts_with(['#', '+', '-']) {
        return None;
    }
    let mut draft = Draft { line: line.number, source: "shadow", email_field: "the login name", ..Draft::default() };
    let fields: Vec<_> = text.split(':').collect();
    let [login, own, id, _, gecos, _, shell] = fields[..] else {
        draft.refused = Some(Reason::row(Code::Shape).because("a line of passwd has seven fields"));
        return Some((draft, String::new()));
    };
    if id.parse::<u32>().is_ok_and(|id| id < PERSON_MIN) || NO_SHELLS.iter().any(|end| shell.trim().ends_with(end)) {
        return None;
    }
    draft.keys.push(Key::new("shadow", None, login));
    draft.email = options.domain.as_ref().map(|domain| format!("{login}@{domain}")).unwrap_or_default();
    let (name, more) = gecos.split_once(',').unwrap_or((gecos, ""));
    draft.name = Some(("gecos", name.into()));
    if more.contains(|c| c != ',') {
        draft.dropped.push("gecos".into());
    }
    draft.refused = if line.is_too_long {
        Some(Reason::row(Code::TooLong).because("at most 256 KiB"))
    } else if std::str::from_utf8(&line.bytes).is_err() {
        Some(Reason::row(Code::Encoding))
    } else {
        id.parse::<u32>().err().map(|_| Reason::field(Code::Shape, "the id"))
    };
    Some((draft, own.into()))
}

fn secret(line: &[u8]) -> Option<(String, Secret)> {
    let fields: Vec<_> = std::str::from_utf8(line).ok()?.split(':').collect();
    let [login, text, changed, _, _, _, _, closed, _] = fields[..] else { return None };
    Some((login.into(), Secret { text: text.into(), changed: changed.into(), closed: closed.into() }))
}

fn add(draft: &mut Draft, secret: Secret, options: &Options) {
    let field = || "the password".to_string();
    let text = secret.text.trim_start_matches('!');
    if text.len() < secret.text.len() || text == "*LK*" {
        draft.state = State::Disabled;
    }
    draft.password = match text {
        // Signed in without being asked for a password.
        "" if secret.text.is_empty() => Brought::Read { field: field(), read: Err(Refused::Unsafe) },
        "" | "x" => Brought::Nothing,
        _ if text.starts_with('*') => Brought::Nothing,
        _ => Brought::Text { field: field(), text: format!("{{CRYPT}}{text}"), dialect: Dialect::Usual },
    };
    if times::of_days(&secret.closed).is_some_and(|at| at <= options.now) {
        draft.state = State::Disabled;
    }
    match secret.changed.as_str() {
        "" => {}
        "0" => draft.must_change = true,
        days => draft.password_set_at = Some(Moment { field: "the last change".into(), at: times::of_days(days) }),
    }
}
