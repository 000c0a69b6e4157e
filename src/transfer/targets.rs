//! What rows may name: what the tenant has, and what rows before them bring. A plan makes nothing, so what it would make is kept
//! beside it, and counts for the rows of later chunks as if it were there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::import::{RoleAt, ThingKind};
use super::rows::{Import, State};
use crate::access::{ApiGroups, EVERY, Grant, Held};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::giving;
use crate::identity::TenantId;
use crate::params;
use crate::store::{Batch, Tx};
use crate::{namespaces, people};

/// What a row brings that others may name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Brings {
    /// A namespace.
    Namespace,
    /// A role, with the names of its API groups.
    Role(Vec<String>),
    /// A group, with the roles of its members.
    Group(Vec<Grant>),
    /// The words of a mail in a language.
    MailText,
    /// An object in a namespace.
    Object,
}

impl Brings {
    fn kind(&self) -> ThingKind {
        match self {
            Self::Namespace => ThingKind::Namespace,
            Self::Role(_) => ThingKind::Role,
            Self::Group(_) => ThingKind::Group,
            Self::MailText => ThingKind::MailText,
            Self::Object => ThingKind::Object,
        }
    }
}

/// What a row may not name.
pub(super) enum Unknown {
    Role,
    Namespace,
}

/// What rows may name.
pub(super) struct Targets<'a> {
    act: &'a Act,
    import: &'a Import,
    /// Of rows of this slice.
    here: BTreeMap<(ThingKind, String), Brings>,
}

impl<'a> Targets<'a> {
    pub(super) fn new(act: &'a Act, import: &'a Import) -> Self {
        Self { act, import, here: BTreeMap::new() }
    }

    /// Notes what a row of this slice brings.
    pub(super) fn bring(&mut self, name: &str, brings: Brings) {
        self.here.insert((brings.kind(), name.into()), brings);
    }

    /// What rows of this slice bring.
    pub(super) fn into_brought(self) -> Vec<(String, Brings)> {
        self.here.into_iter().map(|((_, name), brings)| (name, brings)).collect()
    }

    /// What a row before brings under this name, if the tenant does not have it yet.
    pub(super) fn brought(&self, tx: &mut Tx<'_>, kind: ThingKind, name: &str) -> Result<Option<Brings>> {
        if let Some(here) = self.here.get(&(kind, name.to_owned())) {
            return Ok(Some(here.clone()));
        }
        match self.import.options.tenant && self.import.state == State::Planning {
            true => planned(tx, self.act.tenant.id, self.import.id, kind, name),
            false => Ok(None),
        }
    }

    /// The first role, else the first namespace, that there is not.
    pub(super) fn unknown(&self, tx: &mut Tx<'_>, roles: &[RoleAt]) -> Result<Option<Unknown>> {
        let tenant = self.act.tenant.id;
        for RoleAt { role, .. } in roles {
            let is_known = giving::is_foreign(role)
                || people::groups_of_roles(tx, tenant, &[role])?[0].is_some()
                || self.brought(tx, ThingKind::Role, role)?.is_some();
            if !is_known {
                return Ok(Some(Unknown::Role));
            }
        }
        for RoleAt { namespace, .. } in roles {
            let is_known = namespace == EVERY
                || namespaces::exists(tx, tenant, namespace)?
                || self.brought(tx, ThingKind::Namespace, namespace)?.is_some();
            if !is_known {
                return Ok(Some(Unknown::Namespace));
            }
        }
        Ok(None)
    }

    /// These grants with what their roles allow.
    pub(super) fn held(&self, tx: &mut Tx<'_>, grants: &[Grant]) -> Result<Vec<Held>> {
        let mut held = Vec::with_capacity(grants.len());
        for grant in grants {
            let groups = match people::groups_of_roles(tx, self.act.tenant.id, &[&grant.role])?[0] {
                Some(groups) => Some(groups),
                None => match self.brought(tx, ThingKind::Role, &grant.role)? {
                    Some(Brings::Role(names)) => Some(ApiGroups::of_names(&names)),
                    _ => None,
                },
            };
            held.push(Held::directly(grant.clone(), groups));
        }
        Ok(held)
    }

    /// What the members of a group hold by it; `None` where there is no such group.
    pub(super) fn held_by_group(&self, tx: &mut Tx<'_>, name: &str) -> Result<Option<Vec<Held>>> {
        if people::find_group(tx, self.act.tenant.id, name)?.is_some() {
            return people::grants_of_group(tx, self.act.tenant.id, name).map(Some);
        }
        match self.brought(tx, ThingKind::Group, name)? {
            Some(Brings::Group(grants)) => self.held(tx, &grants).map(Some),
            _ => Ok(None),
        }
    }
}

fn planned(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, kind: ThingKind, name: &str) -> Result<Option<Brings>> {
    let row = tx.maybe(
        "SELECT brings FROM import_things WHERE tenant = $1 AND import_id = $2 AND kind = $3 AND name = $4",
        &params![tenant, &import, kind.word(), name],
    )?;
    row.map(|row| serde_json::from_str(&row.get::<String>(0)?).map_err(Error::internal)).transpose()
}

const KEEP: Batch =
    Batch::new("INSERT INTO import_things (tenant, import_id, kind, name, brings) VALUES ($1, $2, $3, $4, $5)");

/// Keeps what a plan would make.
pub(super) fn keep(tx: &mut Tx<'_>, tenant: TenantId, import: Uuid, brought: &[(String, Brings)]) -> Result<()> {
    let texts = brought.iter().map(|(_, brings)| serde_json::to_string(brings).map_err(Error::internal));
    let texts: Vec<String> = texts.collect::<Result<_>>()?;
    let rows: Vec<_> = brought
        .iter()
        .zip(&texts)
        .map(|((name, brings), text)| params![tenant, &import, brings.kind().word(), name, text])
        .collect();
    tx.put(KEEP, &rows)
}
