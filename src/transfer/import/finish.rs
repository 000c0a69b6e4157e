//! How a row becomes a record: what holds for every source is judged here, once.

use super::bounds::{at_most, check_line, name};
use super::codes::Code;
use super::draft::{Brought, Draft, Moment};
use super::group_name;
use super::options::{BadHashes, FastHashes, Groups, Hashes, Options};
use super::password::Password;
use super::record::{GROUPS_OF_USER_MAX, KEY_BYTES_MAX, Key, Reason, Record, Refusal, RoleAt, State, Subject, Told};
use crate::address::Email;
use crate::clock::Timestamp;
use crate::language::Language;
use crate::passwords::foreign::{Foreign, Refused};
use crate::text;

/// Most characters of an address or a key that are shown of a row that is not taken.
const SHOWN_MAX: usize = 320;
/// Most things that are told of a row under one code.
const TOLD_MAX: usize = 20;

impl Draft {
    /// The record, or why there is none.
    ///
    /// # Errors
    /// The first reason against it.
    pub(super) fn finish(mut self, options: &Options) -> Result<Record, Refusal> {
        self.record(options).map_err(|reason| self.refusal(reason))
    }

    /// The row as one that is not taken.
    pub(super) fn refusal(&self, reason: Reason) -> Refusal {
        let Self { row, line, .. } = *self;
        let cut = |text: &str| text.chars().take(SHOWN_MAX).collect();
        Refusal { row, line, key: cut(&self.key_text()), email: cut(&self.email), reason }
    }

    fn record(&mut self, options: &Options) -> Result<Record, Reason> {
        if let Some(reason) = self.refused.take() {
            return Err(reason);
        }
        let email = self.address()?;
        self.program(&email, options)?;
        let (first_name, last_name) = self.names()?;
        let keys = self.checked_keys(&email)?;
        let (created_at, set_at) = (self.created_at.take(), self.password_set_at.take());
        let created_at = self.moment(created_at, options.now);
        let set_at = self.moment(set_at, options.now);
        let subject = self.subject(options)?;
        let is_sso = self.is_sso || subject.is_some();
        let password = self.password(options, is_sso)?;
        let roles = self.roles(options)?;
        let groups = self.groups(options)?;
        let language = self.language();
        self.user_name(&email);
        self.told
            .extend(std::mem::take(&mut self.dropped).into_iter().map(|field| Told::field(Code::FieldsDropped, field)));
        let mut record = Record {
            row: self.row,
            line: self.line,
            uid: self.uid.take(),
            keys,
            email,
            first_name,
            last_name,
            language,
            state: self.state,
            verified: self.verified,
            created_at,
            password_set_at: set_at.filter(|_| password.is_some()),
            must_change: self.must_change && password.is_some(),
            password,
            is_sso,
            subject,
            is_owner: self.is_owner,
            is_service: self.is_service,
            picture: self.picture.take(),
            roles,
            groups,
            told: std::mem::take(&mut self.told),
        };
        tell(&mut record, self.identity.is_some());
        Ok(record)
    }

    fn address(&self) -> Result<Email, Reason> {
        let field = self.email_field;
        let text = if self.trims { self.email.trim() } else { &self.email };
        if text.is_empty() {
            return Err(Reason::row(Code::NoAddress));
        }
        if text.contains('\0') {
            return Err(Reason::field(Code::Nul, field));
        }
        let local = text.rsplit_once('@').map_or(text, |(local, _)| local);
        if !local.is_ascii() && !self.is_ours {
            return Err(Reason::field(Code::AddressNotAscii, field));
        }
        // The reader of addresses drops blanks around them, which are right only where people type.
        let is_bare = text.trim() == text && !text.starts_with(INVISIBLE) && !text.ends_with(INVISIBLE);
        match Email::parse(text) {
            Ok(email) if is_bare => Ok(email),
            _ => Err(Reason::field(Code::AddressInvalid, field)),
        }
    }

    /// A program comes with a whole tenant alone, under an address that no mail reaches, and with nothing to sign in by.
    fn program(&mut self, email: &Email, options: &Options) -> Result<(), Reason> {
        if !self.is_service {
            return Ok(());
        }
        if !options.is_tenant {
            return Err(Reason::row(Code::ServiceUser));
        }
        let has_more = self.is_owner || self.is_sso || self.subject.is_some() || self.picture.is_some();
        if !email.key().ends_with(OF_PROGRAMS) || has_more {
            return Err(Reason::field(Code::Shape, "type").because("a program has nothing of a person"));
        }
        self.password = Brought::Nothing;
        Ok(())
    }

    fn names(&mut self) -> Result<(String, String), Reason> {
        if let Some((field, whole)) = self.name.take() {
            let whole = name(field, whole)?;
            let whole = whole.trim();
            if let Some((first, last)) = whole.split_once(char::is_whitespace) {
                self.told.push(Told::field(Code::NameSplit, field));
                return Ok((first.into(), last.trim_start().into()));
            }
            return Ok((whole.into(), String::new()));
        }
        let (first, last) = (std::mem::take(&mut self.first_name), std::mem::take(&mut self.last_name));
        Ok((name(first.0, first.1)?, name(last.0, last.1)?))
    }

    fn checked_keys(&self, email: &Email) -> Result<Vec<Key>, Reason> {
        let mut keys = self.keys.clone();
        if keys.is_empty() {
            keys.push(Key::new(self.source, None, email.key()));
        }
        if keys.len() > GROUPS_OF_USER_MAX {
            return Err(Reason::field(Code::TooLong, "keys"));
        }
        for key in &keys {
            let text = key.to_string();
            if text.len() > KEY_BYTES_MAX {
                return Err(Reason::field(Code::TooLong, "key").because(format!("at most {KEY_BYTES_MAX} bytes")));
            }
            if text.contains('\0') {
                return Err(Reason::field(Code::Nul, "key"));
            }
            text::check("key", &text).map_err(|_| Reason::field(Code::Shape, "key"))?;
        }
        Ok(keys)
    }

    /// A time between 1970 and now; any other is left out and told.
    fn moment(&mut self, moment: Option<Moment>, now: Timestamp) -> Option<Timestamp> {
        let moment = moment?;
        let at = moment.at.filter(|at| at.0 > 0 && !at.is_ahead_of(now));
        if at.is_none() {
            self.told.push(Told::field(Code::TimeOdd, moment.field));
        }
        at
    }

    fn subject(&mut self, options: &Options) -> Result<Option<Subject>, Reason> {
        let mapped = self.identity.as_ref().and_then(|(provider, subject)| {
            let provider = options.providers.get(provider)?.clone();
            Some(Subject { provider, subject: subject.clone() })
        });
        let subject = self.subject.take().or(mapped);
        if let Some(Subject { provider, subject }) = &subject {
            check_line("the provider", provider)?;
            check_line("the id at the provider", subject)?;
        }
        Ok(subject)
    }

    fn password(&mut self, options: &Options, is_sso: bool) -> Result<Option<Password>, Reason> {
        let (field, read) = match std::mem::take(&mut self.password) {
            Brought::Nothing => return Ok(None),
            Brought::Scheme(name) => return Ok(Some(Password::Scheme(name)).filter(|_| !is_sso)),
            Brought::Sealed(_) if is_sso || options.hashes == Hashes::Drop => {
                self.told.push(Told::field(Code::HashDropped, "password"));
                return Ok(None);
            }
            Brought::Sealed(text) => return Ok(Some(Password::Sealed(text))),
            Brought::Text { field, text, dialect } => (field, Foreign::read(&text, dialect)),
            Brought::Read { field, read } => (field, read),
        };
        let is_left = match &read {
            Ok(foreign) => {
                let is_unwanted = foreign.is_fast() && options.fast_hashes == FastHashes::Invite;
                is_sso || is_unwanted || options.hashes == Hashes::Drop
            }
            // A plain password is never passed over: the file must not lie about.
            Err(Refused::Plain) => false,
            Err(_) => options.bad_hashes == BadHashes::Invite || options.hashes == Hashes::Drop,
        };
        if is_left {
            self.told.push(Told::field(Code::HashDropped, field));
            return Ok(None);
        }
        read.map(|foreign| Some(Password::Hash(foreign))).map_err(|refused| Reason::of_hash(refused, &field))
    }

    fn roles(&mut self, options: &Options) -> Result<Vec<RoleAt>, Reason> {
        let mut roles = std::mem::take(&mut self.roles);
        for name in std::mem::take(&mut self.role_names) {
            match options.roles.get(&name) {
                Some(role) => roles.push(role.clone()),
                None => self.told.push(Told::field(Code::RoleDropped, name)),
            }
        }
        roles.sort();
        roles.dedup();
        for role in &roles {
            for name in [&role.namespace, &role.role] {
                check_line("roles", name)?;
            }
        }
        at_most("roles", roles)
    }

    fn groups(&mut self, options: &Options) -> Result<Vec<String>, Reason> {
        let mut groups = Vec::new();
        for path in std::mem::take(&mut self.groups) {
            let read = match self.is_ours {
                true => group_name::of_name(&path).filter(|name| *name == path).map(|name| (name, false)),
                false => group_name::of_path(&path),
            };
            match read {
                _ if options.groups == Groups::Drop => self.told.push(Told::field(Code::GroupDropped, path)),
                Some((name, is_within)) => {
                    if is_within {
                        self.told.push(Told::field(Code::GroupFlattened, path));
                    }
                    groups.push(name);
                }
                None if self.is_ours => return Err(Reason::field(Code::Shape, "groups")),
                None => self.told.push(Told::field(Code::GroupDropped, path)),
            }
        }
        groups.sort();
        groups.dedup();
        at_most("groups", groups)
    }

    /// Tells that a user name is left behind, unless it is the address or its first part.
    fn user_name(&mut self, email: &Email) {
        let known = [email.as_str(), email.local_part()];
        let is_other = |name: &String| !name.is_empty() && !known.iter().any(|known| name.eq_ignore_ascii_case(known));
        if self.username.take().is_some_and(|name| is_other(&name)) {
            self.told.push(Told::row(Code::UsernameDropped));
        }
    }

    fn language(&mut self) -> Option<Language> {
        let (field, tag) = self.language.take().filter(|(_, tag)| !tag.is_empty())?;
        let language = Language::from_tag(&tag);
        if language.is_none() {
            self.told.push(Told::field(Code::FieldsDropped, field));
        }
        language
    }
}

/// How the addresses of programs end.
const OF_PROGRAMS: &str = "@service.invalid";
/// Signs that are not seen, and that the reader of addresses drops.
const INVISIBLE: [char; 3] = ['\u{200b}', '\u{2060}', '\u{feff}'];

/// Adds what follows from the record itself.
fn tell(record: &mut Record, has_identity: bool) {
    let is_sso = record.is_sso || has_identity || record.codes().contains(&Code::Sso);
    let follows = [
        (Code::NoPassword, record.password.is_none() && !is_sso && !record.is_service),
        (Code::NoCredential, record.is_service),
        (Code::Wrapped, record.password.as_ref().is_some_and(Password::is_wrapped)),
        (Code::MustChange, record.must_change),
        (Code::Disabled, record.state == State::Disabled),
        (Code::Unverified, record.verified == Some(false)),
        (Code::Sso, is_sso),
    ];
    record.told.extend(follows.into_iter().filter(|(_, holds)| *holds).map(|(code, _)| Told::row(code)));
    record.told.sort();
    record.told.dedup();
    let mut last = (None, 0);
    record.told.retain(|told| {
        last = if last.0 == Some(told.code) { (last.0, last.1 + 1) } else { (Some(told.code), 1) };
        last.1 <= TOLD_MAX
    });
}
