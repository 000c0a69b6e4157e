//! What a tenant has beside its users, as lines of our own format have it: settings, words of mails, namespaces, roles, groups and
//! objects in namespaces.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::bounds::check_line;
use super::codes::Code;
use super::members::Members;
use super::options::Options;
use super::record::{Reason, RoleAt};
use crate::clock::Timestamp;
use crate::text;

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThingKind {
    /// The settings of the tenant.
    Settings,
    /// A namespace.
    Namespace,
    /// A role of the tenant's own.
    Role,
    /// A user group.
    Group,
    /// The words of a kind of mail in one language.
    MailText,
    /// An object in a namespace.
    Object,
}

impl ThingKind {
    /// The word in our own format.
    pub fn word(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Namespace => "namespace",
            Self::Role => "role",
            Self::Group => "group",
            Self::MailText => "mail_text",
            Self::Object => "object",
        }
    }

    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        [Self::Settings, Self::Namespace, Self::Role, Self::Group, Self::MailText, Self::Object]
            .into_iter()
            .find(|kind| kind.word() == word)
    }
}

/// Words with values, by which objects are described.
pub type Words = BTreeMap<String, String>;

/// What is said of a namespace, a role or a group beside what it is for. Each of it may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct About {
    /// The id outside that it had, and shall have here.
    pub uid: Option<Uuid>,
    /// When it was made, between 1970 and now.
    pub created_at: Option<Timestamp>,
    /// The description.
    pub description: String,
    /// Whether it is switched off.
    pub is_disabled: bool,
    /// Labels.
    pub labels: Words,
    /// Annotations.
    pub annotations: Words,
}

/// What a line holds of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The settings by their names, as the store nests them.
    Settings(Map<String, Value>),
    /// A namespace.
    Namespace,
    /// A role, with the names of its API groups.
    Role(Vec<String>),
    /// A group.
    Group {
        /// How people see it.
        display_name: String,
        /// The id in the directory that it is synchronised with.
        sync_id: String,
        /// The roles of its members, sorted, each once.
        roles: Vec<RoleAt>,
    },
    /// The words of the kind of mail of this name.
    MailText {
        /// The tag of the language.
        language: String,
        /// The subject and the other parts by their names.
        words: Map<String, Value>,
    },
    /// An object of this name.
    Object {
        /// The namespace in which it lives.
        namespace: String,
        /// The id of its kind.
        of_kind: String,
        /// What its kind reads.
        spec: Map<String, Value>,
    },
}

/// A thing with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    /// The row, counted from 1 over all files of the import; 0 where things are not counted.
    pub row: u64,
    /// The line of its file, from 1.
    pub line: u64,
    /// The name; none of settings.
    pub name: String,
    /// What else is said of it; nothing of settings.
    pub about: About,
    /// What it is.
    pub what: What,
}

impl Thing {
    /// Which of them.
    pub fn kind(&self) -> ThingKind {
        match self.what {
            What::Settings(_) => ThingKind::Settings,
            What::Namespace => ThingKind::Namespace,
            What::Role(_) => ThingKind::Role,
            What::Group { .. } => ThingKind::Group,
            What::MailText { .. } => ThingKind::MailText,
            What::Object { .. } => ThingKind::Object,
        }
    }

    /// What tells it from others of its kind.
    pub fn key(&self) -> String {
        match &self.what {
            What::MailText { language, .. } => format!("{} {language}", self.name),
            What::Object { namespace, of_kind, .. } => format!("{namespace} {of_kind} {}", self.name),
            _ => self.name.clone(),
        }
    }

    /// How a result names it: `group ops`.
    pub fn title(&self) -> String {
        format!("{} {}", self.kind().word(), self.key()).trim_end().into()
    }

    /// Judges what can be judged without the tenant, and leaves out a time that cannot be.
    ///
    /// # Errors
    /// The first reason against it.
    pub(super) fn finish(mut self, options: &Options) -> Result<Self, Reason> {
        self.about.created_at = self.about.created_at.filter(|at| at.0 > 0 && !at.is_ahead_of(options.now));
        if !matches!(self.what, What::Settings(_)) {
            check_line("name", &self.name)?;
        }
        let About { description, labels, annotations, .. } = &self.about;
        check_text("description", description)?;
        for (word, value) in labels.iter().chain(annotations) {
            check_text("labels", word)?;
            check_text("labels", value)?;
        }
        match &mut self.what {
            What::Group { display_name, sync_id, roles } => {
                for (field, text) in [("display_name", display_name), ("sync_id", sync_id)] {
                    text::check(field, text).map_err(|_| Reason::field(Code::Shape, field))?;
                }
                roles.sort();
                roles.dedup();
                for role in roles {
                    check_line("roles", &role.namespace)?;
                    check_line("roles", &role.role)?;
                }
            }
            What::Role(groups) => groups.iter().try_for_each(|group| check_line("api_groups", group))?,
            What::MailText { language, words } => {
                check_line("language", language)?;
                words.values().try_for_each(check_words)?;
            }
            What::Object { namespace, of_kind, spec } => {
                check_line("namespace", namespace)?;
                check_line("type", of_kind)?;
                spec.iter().try_for_each(|(name, value)| check_value(name, value))?;
            }
            What::Settings(_) | What::Namespace => {}
        }
        Ok(self)
    }
}

fn check_text(field: &str, text: &str) -> Result<(), Reason> {
    if text.contains('\0') {
        return Err(Reason::field(Code::Nul, field));
    }
    text::check(field, text).map_err(|_| Reason::field(Code::Shape, field))
}

/// A part of a mail's words: a text, or a list of them.
fn check_words(part: &Value) -> Result<(), Reason> {
    match part {
        Value::String(text) => check_text("words", text),
        Value::Array(paragraphs) => paragraphs.iter().try_for_each(check_words),
        _ => Err(shape("words")),
    }
}

/// Every text in a spec, however deep.
fn check_value(name: &str, value: &Value) -> Result<(), Reason> {
    check_text("spec", name)?;
    match value {
        Value::String(text) => check_text("spec", text),
        Value::Array(list) => list.iter().try_for_each(|value| check_value("", value)),
        Value::Object(members) => members.iter().try_for_each(|(name, value)| check_value(name, value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Reads the members of a thing.
///
/// # Errors
/// `SHAPE`.
pub(super) fn read(members: &mut Members, kind: ThingKind, row: u64, line: u64) -> Result<Thing, Reason> {
    let row = members.number("row")?.unwrap_or(row);
    let line = members.number("line")?.unwrap_or(line);
    if kind == ThingKind::Settings {
        let settings = match members.any("settings") {
            None => Map::new(),
            Some(Value::Object(settings)) => settings,
            Some(_) => return Err(shape("settings")),
        };
        return Ok(Thing { row, line, name: String::new(), about: About::default(), what: What::Settings(settings) });
    }
    let name = members.text("name")?.filter(|name| !name.is_empty()).ok_or_else(|| shape("name"))?;
    if kind == ThingKind::MailText {
        let language = members.text("language")?.ok_or_else(|| shape("language"))?;
        let Some(Value::Object(words)) = members.any("words") else { return Err(shape("words")) };
        return Ok(Thing { row, line, name, about: About::default(), what: What::MailText { language, words } });
    }
    let mut about = About {
        uid: members.text("uid")?.map(|uid| Uuid::parse_str(&uid).map_err(|_| shape("uid"))).transpose()?,
        created_at: members.text("created_at")?.and_then(|at| Timestamp::parse(&at)),
        description: members.text("description")?.unwrap_or_default(),
        ..About::default()
    };
    if kind != ThingKind::Group {
        about.is_disabled = members.flag("disable")?.unwrap_or_default();
        about.labels = words(members, "labels")?;
        about.annotations = words(members, "annotations")?;
    }
    let what = match kind {
        ThingKind::Group => What::Group {
            display_name: members.text("display_name")?.unwrap_or_default(),
            sync_id: members.text("sync_id")?.unwrap_or_default(),
            roles: super::line::roles(members)?,
        },
        ThingKind::Role => What::Role(members.texts("api_groups")?),
        ThingKind::Object => What::Object {
            namespace: members.text("namespace")?.ok_or_else(|| shape("namespace"))?,
            of_kind: members.text("type")?.ok_or_else(|| shape("type"))?,
            spec: match members.any("spec") {
                None => Map::new(),
                Some(Value::Object(spec)) => spec,
                Some(_) => return Err(shape("spec")),
            },
        },
        _ => What::Namespace,
    };
    Ok(Thing { row, line, name, about, what })
}

fn words(members: &mut Members, name: &str) -> Result<Words, Reason> {
    match members.any(name) {
        None => Ok(Words::new()),
        Some(Value::Object(map)) => {
            let words = map.into_iter().map(|(word, value)| match value {
                Value::String(value) => Some((word, value)),
                _ => None,
            });
            words.collect::<Option<_>>().ok_or_else(|| shape(name))
        }
        Some(_) => Err(shape(name)),
    }
}

fn shape(field: &str) -> Reason {
    Reason::field(Code::Shape, field)
}
