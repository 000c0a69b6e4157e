//! The export of users of Auth0, a JSON object a line or a list of them, and the file of hashes that its support sends.

use super::auth0_hash;
use super::codes::Code;
use super::draft::{Brought, Draft, Drafted, Moment};
use super::encoding::{File, Text};
use super::join::Index;
use super::json::{Elements, Step};
use super::lines::Lines;
use super::lists::Shape;
use super::members::Members;
use super::options::Options;
use super::record::{FileTold, Key, Reason, State, Told};
use super::source::Rows;
use super::times;
use crate::clock::Timestamp;
use crate::passwords::foreign::Dialect;

/// What says nothing of the person, or is dropped always.
const SILENT: [&str; 10] = [
    "updated_at",
    "last_login",
    "last_ip",
    "last_password_reset",
    "logins_count",
    "nickname",
    "picture",
    "phone_verified",
    "blocked_for",
    "guardian_authenticators",
];

const SHAPE: Shape = Shape { source: "auth0", email: "email", paths: &[&[Step::Each]], sure: "user_id", fill };

/// The users, one of two ways.
enum Users {
    Lines(Lines),
    List(Elements),
}

/// What the file of hashes tells of a user.
struct Hash {
    text: String,
    set_at: Option<Timestamp>,
}

/// Users and hashes.
pub(super) struct Auth0 {
    users: std::vec::IntoIter<Users>,
    now: Option<Users>,
    hashes: Option<Index<Hash>>,
    is_first: bool,
}

impl Auth0 {
    /// Opens the files. The one whose first row has a `passwordHash` or an `_id`, and no `user_id`, is the file of hashes.
    ///
    /// # Errors
    /// `F_EMPTY`, `F_ENCODING`, `F_OTHER_FORMAT`.
    pub(super) fn open(files: Vec<File>, options: &Options) -> Result<Self, FileTold> {
        let (mut users, mut hashes) = (Vec::new(), None);
        for file in files {
            let mut text = Text::open(file, options.encoding)?;
            let begins = text.chunk()?.iter().copied().find(|byte| !byte.is_ascii_whitespace());
            if begins.is_none() {
                return Err(text.told(Code::FileEmpty, ""));
            }
            let mut lines = Lines::new(text);
            if begins == Some(b'[') {
                users.push(Users::List(Elements::new(lines.into_text(), SHAPE.paths)));
                continue;
            }
            let first = lines.next_line()?.and_then(|line| Members::read(&line.bytes).ok());
            lines.rewind()?;
            match first {
                Some(first) if first.has("user_id") => users.push(Users::Lines(lines)),
                Some(first) if first.has("_id") => hashes = Some(Index::new(lines, hash)?),
                _ => {
                    return Err(lines.text().told(Code::FileOtherFormat, "its first line has neither user_id nor _id"));
                }
            }
        }
        Ok(Self { users: users.into_iter(), now: None, hashes, is_first: true })
    }

    fn next_draft(&mut self) -> Result<Option<Draft>, FileTold> {
        loop {
            let next = match &mut self.now {
                Some(Users::Lines(lines)) => next_in_lines(lines)?,
                Some(Users::List(elements)) => next_in_list(elements, &mut self.is_first)?,
                None => None,
            };
            if next.is_some() {
                return Ok(next);
            }
            self.now = self.users.next();
            self.is_first = true;
            if self.now.is_none() {
                return Ok(None);
            }
        }
    }
}

impl Rows for Auth0 {
    fn next_row(&mut self, _: &Options) -> Result<Option<Drafted>, FileTold> {
        let Some(mut draft) = self.next_draft()? else { return Ok(None) };
        if let (Some(hashes), Some(key)) = (&mut self.hashes, draft.keys.first())
            && matches!(draft.password, Brought::Nothing)
            && let Some(id) = key.id.strip_prefix("auth0|")
            && let Some(hash) = hashes.find(id)?
        {
            draft.password = Brought::Text { field: "passwordHash".into(), text: hash.text, dialect: Dialect::Usual };
            draft.password_set_at = hash.set_at.map(|at| Moment { field: "password_set_date".into(), at: Some(at) });
        }
        Ok(Some(Drafted::User(Box::new(draft))))
    }
}

fn next_in_lines(lines: &mut Lines) -> Result<Option<Draft>, FileTold> {
    while let Some(line) = lines.next_line()? {
        if !line.bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Some(SHAPE.draft(0, line.number, &line.bytes, line.is_too_long)));
        }
    }
    Ok(None)
}

fn next_in_list(elements: &mut Elements, is_first: &mut bool) -> Result<Option<Draft>, FileTold> {
    let Some(element) = elements.next_element()? else { return Ok(None) };
    if std::mem::take(is_first) && !element.is_too_long && !SHAPE.is_sure(&element.bytes) {
        return Err(elements.text().told(Code::FileOtherFormat, "its first user has no member user_id"));
    }
    Ok(Some(SHAPE.draft(element.path, element.line, &element.bytes, element.is_too_long)))
}

/// A row of the file of hashes: the id at the database, or the one that takes its place, and the hash.
fn hash(line: &[u8]) -> Option<(String, Hash)> {
    let mut row = Members::read(line).ok()?;
    let id = row.object("_id").ok()??.text("$oid").ok()?;
    let key = row.text("alt_id").ok()?.or(id)?;
    let set_at = row.object("password_set_date").ok()?.and_then(|mut date| date.text("$date").ok()?);
    let text = row.text("passwordHash").ok()??;
    Some((key, Hash { text, set_at: set_at.and_then(|text| times::read(&text)) }))
}

fn fill(_: usize, draft: &mut Draft, mut user: Members) -> Result<(), Reason> {
    draft.keys = user.text("user_id")?.map(|id| Key::new("auth0", None, id)).into_iter().collect();
    draft.email = user.text("email")?.unwrap_or_default();
    draft.verified = user.flag("email_verified")?;
    for mut identifier in user.objects("identifiers")? {
        let (kind, value) = (identifier.text("type")?, identifier.text("value")?.unwrap_or_default());
        if draft.email.is_empty() && kind.as_deref() == Some("email") {
            draft.email = value;
        }
    }
    draft.username = user.text("username")?;
    draft.first_name = ("given_name", user.text("given_name")?.unwrap_or_default());
    draft.last_name = ("family_name", user.text("family_name")?.unwrap_or_default());
    draft.name = user.text("name")?.filter(|_| !draft.has_names()).map(|name| ("name", name));
    draft.language = user.text("locale")?.map(|tag| ("locale", tag));
    draft.created_at = user.moment("created_at")?;
    if user.flag("blocked")? == Some(true) {
        draft.state = State::Disabled;
    }
    for mut identity in user.objects("identities")? {
        let (provider, id) = (identity.text("provider")?.unwrap_or_default(), identity.text("user_id")?);
        if provider != "auth0" && !provider.is_empty() && !matches!(provider.as_str(), "sms" | "email") {
            draft.identity.get_or_insert((provider, id.unwrap_or_default()));
        }
    }
    for factor in ["multifactor", "mfa_factors"] {
        if !user.list(factor)?.is_empty() {
            draft.told.push(Told::field(Code::SecondFactorDropped, factor));
        }
    }
    if let Some(hash) = user.object("custom_password_hash")? {
        draft.password = auth0_hash::read(hash)?;
    }
    if let Some(text) = user.text("password_hash")?.or(user.text("passwordHash")?) {
        draft.password = Brought::Text { field: "password_hash".into(), text, dialect: Dialect::Usual };
    }
    if user.any("password").is_some() {
        return Err(Reason::field(Code::PasswordPlain, "password"));
    }
    user.forget(&SILENT);
    draft.dropped.extend(user.left());
    Ok(())
}
