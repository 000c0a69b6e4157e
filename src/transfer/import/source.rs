//! The sources that can be read, and the one reader over all of them: it counts the rows, notices repeated addresses and keys,
//! and keeps the bounds of a whole import.

use std::collections::{BTreeMap, HashSet};

use super::codes::Code;
use super::draft::{Draft, Drafted};
use super::encoding::File;
use super::join::mark;
use super::line::Line;
use super::options::Options;
use super::record::{FileTold, GROUPS_MAX, Reason, Record, Refusal};
use super::thing::{Thing, ThingKind};
use super::{auth0, authentik, csv, keycloak, kratos, ldif, okta, shadow, tenantry, zitadel};
use crate::address::Email;

/// Most names of dropped fields that are counted.
const NAMES_MAX: usize = 1_000;

/// A product, or a format, whose files can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A table with a header.
    Csv,
    /// Our own lines.
    Tenantry,
    /// Entries of a directory (RFC 2849).
    Ldif,
    /// An export of Keycloak: realm and users.
    Keycloak,
    /// An export of Auth0, and the file of hashes that its support sends.
    Auth0,
    /// A list of identities of Ory Kratos.
    Kratos,
    /// An export of Zitadel.
    Zitadel,
    /// Pages of the users of authentik, and a table of their hashes.
    Authentik,
    /// A list of the users of Okta.
    Okta,
    /// `passwd` and `shadow` of a Unix.
    Shadow,
}

impl Source {
    /// Every source, in the order in which a help lists them.
    pub const ALL: [Self; 10] = [
        Self::Csv,
        Self::Tenantry,
        Self::Ldif,
        Self::Keycloak,
        Self::Auth0,
        Self::Kratos,
        Self::Zitadel,
        Self::Authentik,
        Self::Okta,
        Self::Shadow,
    ];

    /// The name on the command line, in keys and in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tenantry => "tenantry",
            Self::Ldif => "ldif",
            Self::Keycloak => "keycloak",
            Self::Auth0 => "auth0",
            Self::Kratos => "kratos",
            Self::Zitadel => "zitadel",
            Self::Authentik => "authentik",
            Self::Okta => "okta",
            Self::Shadow => "shadow",
        }
    }

    /// The source of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == name)
    }
}

/// What is to be known of an import as a whole. Complete once the reader has come to its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notices {
    /// How many rows had each field that has no place here; of the first thousand names.
    pub dropped: BTreeMap<String, u64>,
    /// What is to be known of files.
    pub files: Vec<FileTold>,
}

/// The rows of one source.
pub(super) trait Rows: Send {
    /// The next row or line.
    ///
    /// # Errors
    /// Why nothing of the import is taken.
    fn next_row(&mut self, options: &Options) -> Result<Option<Drafted>, FileTold>;

    /// What there was to be known of the files.
    fn noticed(&mut self) -> Vec<FileTold> {
        Vec::new()
    }
}

/// Reads the files of one import. It answers users, refused rows and, from our own format, namespaces, roles, groups and
/// settings; after an error it answers nothing more.
pub struct Reader {
    rows: Box<dyn Rows>,
    options: Options,
    files: String,
    row: u64,
    /// Marks of the addresses and keys of earlier rows.
    addresses: HashSet<u64>,
    keys: HashSet<u64>,
    groups: HashSet<String>,
    notices: Notices,
    is_over: bool,
}

impl Reader {
    /// Opens the files of an import, in the order in which they are to be read.
    ///
    /// # Errors
    /// Why nothing of them is taken, as far as their beginnings tell.
    pub fn open(source: Source, files: Vec<File>, options: Options) -> Result<Self, FileTold> {
        let names = files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
        if files.is_empty() {
            return Err(FileTold {
                file: source.word().into(),
                code: Code::FileEmpty,
                detail: "no file is named".into(),
            });
        }
        let rows: Box<dyn Rows> = match source {
            Source::Csv => Box::new(csv::Csv::open(files, &options)?),
            Source::Tenantry => Box::new(tenantry::Tenantry::open(files, &options)?),
            Source::Ldif => Box::new(ldif::Ldif::open(files, &options)?),
            Source::Keycloak => Box::new(keycloak::Keycloak::open(files, &options)?),
            Source::Auth0 => Box::new(auth0::Auth0::open(files, &options)?),
            Source::Kratos => Box::new(kratos::open(files, &options)?),
            Source::Zitadel => Box::new(zitadel::open(files, &options)?),
            Source::Authentik => Box::new(authentik::Authentik::open(files, &options)?),
            Source::Okta => Box::new(okta::open(files, &options)?),
            Source::Shadow => Box::new(shadow::Shadow::open(files, &options)?),
        };
        Ok(Self {
            rows,
            options,
            files: names,
            row: 0,
            addresses: HashSet::new(),
            keys: HashSet::new(),
            groups: HashSet::new(),
            notices: Notices::default(),
            is_over: false,
        })
    }

    /// What is to be known of the import as a whole.
    pub fn notices(&self) -> &Notices {
        &self.notices
    }

    /// How many rows were read.
    pub fn rows(&self) -> u64 {
        self.row
    }

    fn step(&mut self) -> Result<Option<Line>, FileTold> {
        let Some(drafted) = self.rows.next_row(&self.options)? else {
            self.notices.files = self.rows.noticed();
            return match self.row {
                0 => Err(self.told(Code::FileEmpty, "there is no user in it")),
                _ => Ok(None),
            };
        };
        let line = match drafted {
            Drafted::Other(Line::Thing(thing)) => self.thing(*thing)?,
            Drafted::Other(line) => line,
            Drafted::User(draft) => self.user(*draft)?,
        };
        Ok(Some(line))
    }

    fn user(&mut self, mut draft: Draft) -> Result<Line, FileTold> {
        self.row += 1;
        draft.row = self.row;
        let repeated = self.repeated(&draft);
        let refusal = repeated.map(|code| draft.refusal(Reason::row(code)));
        let record = match (draft.finish(&self.options), refusal) {
            (Ok(record), None) => record,
            (Ok(_), Some(refusal)) | (Err(refusal), _) => return Ok(Line::Refused(refusal)),
        };
        self.count_groups(&record.groups)?;
        self.count_dropped(&record);
        Ok(Line::User(Box::new(record)))
    }

    fn thing(&mut self, mut thing: Thing) -> Result<Line, FileTold> {
        if thing.kind() == ThingKind::Group {
            self.count_groups(std::slice::from_ref(&thing.name))?;
        }
        if !self.options.is_tenant {
            return Ok(Line::Thing(Box::new(thing)));
        }
        self.row += 1;
        thing.row = self.row;
        let (row, line, key) = (thing.row, thing.line, thing.title());
        let finished = match self.keys.insert(mark(&key)) {
            true => thing.finish(&self.options),
            false => Err(Reason::row(Code::DuplicateInFile)),
        };
        Ok(match finished {
            Ok(thing) => Line::Thing(Box::new(thing)),
            Err(reason) => Line::Refused(Refusal { row, line, key, email: String::new(), reason }),
        })
    }

    /// Which of address and key an earlier row had, taken or not.
    fn repeated(&mut self, draft: &Draft) -> Option<Code> {
        let address = Email::parse(&draft.email).ok();
        let is_new_address = address.is_none_or(|email| self.addresses.insert(mark(&email.key())));
        let is_new_key = draft.keys.first().is_none_or(|key| self.keys.insert(mark(&key.to_string())));
        match (is_new_address, is_new_key) {
            (false, _) => Some(Code::DuplicateInFile),
            (true, false) => Some(Code::DuplicateKey),
            (true, true) => None,
        }
    }

    fn count_groups(&mut self, groups: &[String]) -> Result<(), FileTold> {
        for group in groups {
            if !self.groups.contains(group) {
                self.groups.insert(group.clone());
            }
        }
        if self.groups.len() > GROUPS_MAX {
            return Err(self.told(Code::FileTooManyGroups, ""));
        }
        Ok(())
    }

    fn count_dropped(&mut self, record: &Record) {
        for told in record.told.iter().filter(|told| told.code == Code::FieldsDropped) {
            if let Some(rows) = self.notices.dropped.get_mut(&told.field) {
                *rows += 1;
            } else if self.notices.dropped.len() < NAMES_MAX {
                self.notices.dropped.insert(told.field.clone(), 1);
            }
        }
    }

    fn told(&self, code: Code, detail: &str) -> FileTold {
        FileTold { file: self.files.clone(), code, detail: detail.into() }
    }
}

impl Iterator for Reader {
    type Item = Result<Line, FileTold>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let next = self.step().transpose();
        self.is_over = !matches!(next, Some(Ok(_)));
        next
    }
}
