//! What changes of a user who came from the same source before.

use serde_json::{Map, Value, json};

use super::chosen::{Options, Part};
use super::import::{Code, Reason, Record, State};
use crate::access::{Grant, Rights, may_touch};
use crate::act::Act;
use crate::error::Result;
use crate::people::{self, GroupChange, User};
use crate::reset;
use crate::store::Tx;

/// A change of a user, each part only if it is one.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// First and last name.
    names: Option<(String, String)>,
    is_disabled: Option<bool>,
    grants: Option<(Vec<Grant>, Vec<Grant>)>,
    groups: Option<(Vec<String>, Vec<String>)>,
}

/// Why the caller may not change this user, if that is so. Nobody changes their own account by an import.
pub(super) fn outranked(tx: &mut Tx<'_>, act: &Act, mine: &Rights, user: &User) -> Result<Option<Reason>> {
    if user.id == act.caller.user {
        return Ok(Some(Reason::row(Code::Outranked).because("it is your own account")));
    }
    let theirs = people::rights_of(tx, act.tenant.id, user.id)?;
    let touched = may_touch(mine, &theirs, user.owner_since.is_some());
    Ok(touched.err().map(|missing| {
        Reason::row(Code::Outranked).because(format!("{} in the namespace {}", missing.group, missing.namespace))
    }))
}

/// What changes of a user by this record, of the parts that were asked for.
pub(super) fn change(
    tx: &mut Tx<'_>,
    act: &Act,
    options: &Options,
    user: &User,
    record: &Record,
    grants: &[Grant],
) -> Result<Change> {
    let (tenant, mut change) = (act.tenant.id, Change::default());
    let asks = |part| options.update.contains(&part);
    if asks(Part::Names) && (&user.first_name, &user.last_name) != (&record.first_name, &record.last_name) {
        change.names = Some((record.first_name.clone(), record.last_name.clone()));
    }
    let is_disabled = record.state == State::Disabled;
    if asks(Part::State) && user.disabled_at.is_some() != is_disabled {
        change.is_disabled = Some(is_disabled);
    }
    if asks(Part::Roles) {
        let before = people::grants_of(tx, tenant, user.id)?;
        let mut after = grants.to_vec();
        after.sort();
        change.grants = (before != after).then_some((before, after));
    }
    if asks(Part::Groups) {
        let before = people::rights_of(tx, tenant, user.id)?.user_groups().to_vec();
        change.groups = (before != record.groups).then_some((before, record.groups.clone()));
    }
    Ok(change)
}

impl Change {
    /// Whether nothing changes.
    pub(super) fn is_none(&self) -> bool {
        self.names.is_none() && self.is_disabled.is_none() && self.grants.is_none() && self.groups.is_none()
    }

    /// Whether it would take an owner's access: a tenant keeps its owners.
    pub(super) fn ends_an_owner(&self, user: &User) -> bool {
        user.owner_since.is_some() && (self.is_disabled == Some(true) || self.grants.is_some())
    }

    /// Carries it out; the facts of its record.
    pub(super) fn make(&self, tx: &mut Tx<'_>, act: &Act, user: &User) -> Result<Map<String, Value>> {
        let (tenant, mut facts) = (act.tenant.id, Map::new());
        let mut tell = |name: &str, before: Value, after: Value| {
            facts.insert(name.into(), json!({ "before": before, "after": after }));
        };
        if let Some((first, last)) = &self.names {
            people::rename(tx, tenant, user, first, last, act.now)?;
            tell("names", json!([user.first_name, user.last_name]), json!([first, last]));
        }
        if let Some((before, after)) = &self.grants {
            people::replace_grants(tx, tenant, user.id, after)?;
            tell("namespace_roles", json!(before), json!(after));
        }
        if let Some((before, after)) = &self.groups {
            for group in before.iter().filter(|group| !after.contains(group)) {
                let change = GroupChange { leave: vec![user.id], ..GroupChange::default() };
                people::change_group(tx, tenant, group, &change)?;
            }
            for group in after.iter().filter(|group| !before.contains(group)) {
                let change = GroupChange { join: vec![user.id], ..GroupChange::default() };
                people::change_group(tx, tenant, group, &change)?;
            }
            tell("group_names", json!(before), json!(after));
        }
        match self.is_disabled {
            Some(true) => {
                if let Some(reset) = &user.open_reset {
                    reset::end_unless_held(tx, tenant, user.id, reset, &act.actor.name, act.now)?;
                }
                people::disable(tx, tenant, user.id, &act.actor.name, act.now)?;
                tell("state", json!("active"), json!("disabled"));
            }
            Some(false) => {
                people::enable(tx, tenant, user.id, act.now)?;
                tell("state", json!("disabled"), json!("active"));
            }
            None => {}
        }
        Ok(facts)
    }
}
