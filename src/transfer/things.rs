//! What comes with a whole tenant beside its users: judged by what its own call would ask of the caller. What is there
//! already and differs stays as it is and refuses its row, but for settings and for the namespaces that every tenant has.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::import::{About, Code, Reason, RoleAt, Thing, ThingKind, What};
use super::judge::{Judge, Verdict};
use super::objects::kind_of;
use super::targets::Brings;
use crate::access::{ApiGroup, Grant, SYSTEM};
use crate::error::{Error, Kind, Result};
use crate::objects::{self, AskedMetadata, KeptMetadata};
use crate::people::{self, Group};
use crate::store::Tx;
use crate::tenants::{self, OPERATORS, OWNERS};
use crate::{groups, namespaces, roles};

/// Until when hashes may come is set by a call of its own alone, for a few days.
const WINDOW: &str = "import.hashes_until";

/// A verdict, or why the row is refused.
pub(super) type Judged<T> = std::result::Result<T, Reason>;

impl Judge<'_> {
    /// What is to be done for a thing.
    pub(super) fn thing<'r>(&mut self, tx: &mut Tx<'_>, thing: &'r Thing) -> Result<Verdict<'r>> {
        let (needed, place) = match &thing.what {
            What::Settings(_) | What::Role(_) | What::MailText { .. } => (ApiGroup::UamAdminWrite, SYSTEM),
            What::Namespace => (ApiGroup::NamespaceWrite, SYSTEM),
            What::Group { .. } => (ApiGroup::UamWrite, SYSTEM),
            What::Object { namespace, of_kind, .. } => match kind_of(of_kind) {
                Some(kind) => (kind.write, namespace.as_str()),
                None => return Ok(Verdict::Refuse(Reason::field(Code::Shape, "type"))),
            },
        };
        if !self.mine.allow(needed, place) {
            let missing = format!("{} in the namespace {place}", needed.name());
            return Ok(Verdict::Refuse(Reason::row(Code::Rank).because(missing)));
        }
        if thing.kind() != ThingKind::Settings && self.targets.brought(tx, thing.kind(), &thing.key())?.is_some() {
            return Ok(Verdict::Refuse(Reason::row(Code::DuplicateInFile)));
        }
        let verdict = match &thing.what {
            What::Settings(settings) => self.settings(tx, thing, settings)?,
            What::Namespace => self.namespace(tx, thing)?,
            What::Role(groups) => self.role(tx, thing, groups)?,
            What::Group { roles, .. } => self.group(tx, thing, roles)?,
            What::MailText { language, words } => self.mail_text(tx, thing, language, words)?,
            What::Object { namespace, of_kind, spec } => self.object(tx, thing, (namespace, of_kind), spec)?,
        };
        Ok(verdict.unwrap_or_else(Verdict::Refuse))
    }

    fn settings<'r>(
        &self,
        tx: &mut Tx<'_>,
        thing: &'r Thing,
        settings: &Map<String, Value>,
    ) -> Result<Judged<Verdict<'r>>> {
        let changes = match changes(settings) {
            Ok(changes) => changes,
            Err(refused) => return shape(refused, "settings"),
        };
        let present = tenants::find_by_id(tx, self.act.tenant.id)?;
        let present = present.map_or_else(|| self.act.tenant.settings.clone(), |tenant| tenant.settings);
        let after = match tenants::changed(&present, &changes) {
            Ok(after) => after,
            Err(refused) => return shape(refused, "settings"),
        };
        let (before, after) = (tenants::named(&present)?, tenants::named(&after)?);
        let differing = before.iter().zip(&after).filter(|(before, after)| before != after);
        let differing: Vec<_> = differing.map(|((name, _), _)| name.as_str()).collect();
        let is_of = |name: &str, reserved: &[(&str, &str)]| reserved.iter().any(|(of, _)| *of == name);
        let of_operator = differing.iter().find(|name| **name == WINDOW || is_of(name, &OPERATORS));
        if let Some(name) = of_operator {
            return Ok(Err(Reason::field(Code::Rank, name).because("no import sets it")));
        }
        if let Some(name) = differing.iter().find(|name| is_of(name, &OWNERS))
            && !self.is_owner(tx)?
        {
            return Ok(Err(Reason::field(Code::Rank, name).because("only an owner sets it")));
        }
        Ok(Ok(if differing.is_empty() { Verdict::Leave } else { Verdict::ChangeThing(thing) }))
    }

    fn namespace<'r>(&mut self, tx: &mut Tx<'_>, thing: &'r Thing) -> Result<Judged<Verdict<'r>>> {
        let kept = match kept(&thing.about) {
            Ok(kept) => kept,
            Err(refused) => return shape(refused, "namespace"),
        };
        if let Some(there) = namespaces::find(tx, self.act.tenant.id, &thing.name)? {
            return Ok(match (there.metadata == kept, there.is_built_in()) {
                (true, _) => Ok(Verdict::Leave),
                (false, true) => Ok(Verdict::ChangeThing(thing)),
                (false, false) => Err(Reason::row(Code::ExistsDiffers)),
            });
        }
        if let Err(refused) = objects::check_name("name", &thing.name, objects::NAME_MAX) {
            return shape(refused, "name");
        }
        self.targets.bring(&thing.name, Brings::Namespace);
        Ok(Ok(Verdict::MakeThing(thing)))
    }

    fn role<'r>(&mut self, tx: &mut Tx<'_>, thing: &'r Thing, names: &[String]) -> Result<Judged<Verdict<'r>>> {
        let read = kept(&thing.about).and_then(|kept| Ok((kept, roles::read_groups(names)?)));
        let (kept, names) = match read {
            Ok(read) => read,
            Err(refused) => return shape(refused, "role"),
        };
        if let Some(there) = roles::find(tx, self.act.tenant.id, &self.act.tenant.uid, &thing.name)? {
            let is_same = there.kept == kept && there.spec == names;
            return Ok(if is_same { Ok(Verdict::Leave) } else { Err(Reason::row(Code::ExistsDiffers)) });
        }
        if let Err(refused) = roles::check_name(&thing.name) {
            return shape(refused, "name");
        }
        self.targets.bring(&thing.name, Brings::Role(names));
        Ok(Ok(Verdict::MakeThing(thing)))
    }

    fn group<'r>(&mut self, tx: &mut Tx<'_>, thing: &'r Thing, roles: &[RoleAt]) -> Result<Judged<Verdict<'r>>> {
        let group = group_of(thing, Uuid::nil(), self.act.now, "");
        let grants = grants_of(roles);
        if let Some(there) = people::find_group(tx, self.act.tenant.id, &thing.name)? {
            let held = people::grants_of_group(tx, self.act.tenant.id, &thing.name)?;
            let held: Vec<Grant> = held.into_iter().map(|held| held.grant).collect();
            let texts = |group: &Group| (group.display_name.clone(), group.description.clone(), group.sync_id.clone());
            let is_same = texts(&there) == texts(&group) && held == grants;
            return Ok(if is_same { Ok(Verdict::Leave) } else { Err(Reason::row(Code::ExistsDiffers)) });
        }
        if let Err(refused) = groups::check_brought(&group) {
            return shape(refused, "group");
        }
        if let Err(reason) = self.give(tx, roles, &[])? {
            return Ok(Err(reason));
        }
        self.targets.bring(&thing.name, Brings::Group(grants));
        Ok(Ok(Verdict::MakeThing(thing)))
    }

    fn mail_text<'r>(
        &mut self,
        tx: &mut Tx<'_>,
        thing: &'r Thing,
        language: &str,
        words: &Map<String, Value>,
    ) -> Result<Judged<Verdict<'r>>> {
        let moved = match self.mail_texts.moved(&thing.name, language, words) {
            Ok(moved) => moved,
            Err(refused) => return shape(refused, "words"),
        };
        if let Some(is_same) = moved.is_as_chosen(tx, self.act.tenant.id)? {
            return Ok(if is_same { Ok(Verdict::Leave) } else { Err(Reason::row(Code::ExistsDiffers)) });
        }
        self.targets.bring(&thing.key(), Brings::MailText);
        Ok(Ok(Verdict::MakeThing(thing)))
    }
}

/// A refusal of a room as the reason of a row; what is no refusal stays what it is.
pub(super) fn shape<T>(refused: Error, field: &str) -> Result<Judged<T>> {
    match refused.kind {
        Kind::Invalid | Kind::Duplicate | Kind::NotFound => {
            Ok(Err(Reason::field(Code::Shape, field).because(refused.message.trim_end_matches('.'))))
        }
        _ => Err(refused),
    }
}

/// Settings of a line as changes by their names.
pub(super) fn changes(settings: &Map<String, Value>) -> Result<Vec<(String, String)>> {
    let mut changes = Vec::new();
    for (name, value) in settings {
        match value {
            Value::Object(inner) => {
                for (member, value) in inner {
                    changes.push(change(format!("{name}.{member}"), value)?);
                }
            }
            value => changes.push(change(name.clone(), value)?),
        }
    }
    Ok(changes)
}

fn change(name: String, value: &Value) -> Result<(String, String)> {
    match value {
        // Nothing is chosen.
        Value::Null => Ok((name, String::new())),
        value => tenants::change_of(name, value.clone()),
    }
}

pub(super) fn kept(about: &About) -> Result<KeptMetadata> {
    let About { description, is_disabled, labels, annotations, .. } = about.clone();
    let asked = AskedMetadata {
        description: Some(description),
        disable: Some(is_disabled),
        labels: Some(labels),
        annotations: Some(annotations),
        ..AskedMetadata::default()
    };
    asked.keep()
}

pub(super) fn grants_of(roles: &[RoleAt]) -> Vec<Grant> {
    roles.iter().map(|at| Grant::new(&*at.namespace, &*at.role)).collect()
}

pub(super) fn group_of(thing: &Thing, uid: Uuid, created_at: crate::clock::Timestamp, created_by: &str) -> Group {
    let (display_name, sync_id) = match &thing.what {
        What::Group { display_name, sync_id, .. } => (display_name.clone(), sync_id.clone()),
        _ => (String::new(), String::new()),
    };
    Group {
        name: thing.name.clone(),
        uid,
        display_name,
        description: thing.about.description.clone(),
        sync_id,
        created_at,
        created_by: created_by.into(),
        modified_at: None,
    }
}
