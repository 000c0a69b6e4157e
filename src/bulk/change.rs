//! What becomes of one user, by the verbs that change one user.

use std::slice;

use super::terms::{Kind, Terms};
use crate::access::{ApiGroup, Grant, SYSTEM, decide};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::mail::address::Email;
use crate::store::Tx;
use crate::text::shown_or_empty;
use crate::users::{self, FoundUser, UserAsk, UserState};
use crate::{giving, people};

/// A change of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    Disable,
    Enable,
    Remove,
    Assign(Grant),
    Unassign(Grant),
    Join(String),
    Leave(String),
}

impl Change {
    /// # Errors
    /// `Invalid` where a role, a namespace or a group is missing, or is one too many.
    pub(super) fn of(terms: &Terms) -> Result<Self> {
        let grant = || match (&terms.namespace, &terms.role) {
            (Some(namespace), Some(role)) => Ok(Grant::new(namespace, role)),
            _ => Err(Error::invalid("Fields namespace and role must say which role is meant.")),
        };
        let group = || terms.group.clone().ok_or_else(|| Error::invalid("Field group must say which group is meant."));
        let change = match terms.act {
            Kind::Disable => Self::Disable,
            Kind::Enable => Self::Enable,
            Kind::Remove => Self::Remove,
            Kind::AssignRole => Self::Assign(grant()?),
            Kind::UnassignRole => Self::Unassign(grant()?),
            Kind::JoinGroup => Self::Join(group()?),
            Kind::LeaveGroup => Self::Leave(group()?),
        };
        let is_of_role = matches!(change, Self::Assign(_) | Self::Unassign(_));
        let is_of_group = matches!(change, Self::Join(_) | Self::Leave(_));
        let idle = [
            ("namespace", terms.namespace.is_some() && !is_of_role),
            ("role", terms.role.is_some() && !is_of_role),
            ("group", terms.group.is_some() && !is_of_group),
        ];
        match idle.into_iter().find(|(_, is_idle)| *is_idle) {
            Some((field, _)) => Err(Error::invalid(format!(
                "Field {field} means nothing for this act. Members that choose users belong into filter."
            ))),
            None => Ok(change),
        }
    }

    /// Refuses a caller who may not do the same to a single user, and what would be refused for every user.
    ///
    /// # Errors
    /// `Forbidden`; `Invalid` for a role, a namespace or a group that does not exist.
    pub(super) fn check(&self, tx: &mut Tx<'_>, act: &Act) -> Result<()> {
        let mine = act.rights_now(tx)?;
        let single = match self {
            Self::Disable | Self::Enable => ApiGroup::UamAdminWrite,
            _ => ApiGroup::UamWrite,
        };
        // The first is asked for by the call itself; a run asks for it as it goes on.
        if let Some(missing) = [ApiGroup::UamAdminWrite, single].into_iter().find(|group| !mine.allow(*group, SYSTEM)) {
            return Err(Error::forbidden(decide(&mine, missing, SYSTEM).refusal(&act.caller.email)));
        }
        match self {
            Self::Assign(grant) => giving::check(tx, act, slice::from_ref(grant), &[]).map(drop),
            Self::Join(group) => {
                self.check_group(tx, act, group)?;
                let held = people::grants_of_group(tx, act.tenant.id, group)?;
                giving::require(tx, act, &held.into_iter().map(|held| held.grant).collect::<Vec<_>>())
            }
            Self::Leave(group) => self.check_group(tx, act, group),
            Self::Disable | Self::Enable | Self::Remove | Self::Unassign(_) => Ok(()),
        }
    }

    fn check_group(&self, tx: &mut Tx<'_>, act: &Act, group: &str) -> Result<()> {
        match people::find_group(tx, act.tenant.id, group)? {
            Some(_) => Ok(()),
            None => {
                let group = shown_or_empty(group);
                Err(Error::invalid(format!("Field group names the group {group}, which does not exist.")))
            }
        }
    }

    /// Whether the user is so already.
    pub(super) fn is_made(&self, user: &FoundUser) -> bool {
        match self {
            Self::Disable => user.state == UserState::Disabled,
            Self::Enable => user.state != UserState::Disabled,
            Self::Remove => false,
            Self::Assign(grant) => user.grants.contains(grant),
            Self::Unassign(grant) => !user.grants.contains(grant),
            Self::Join(group) => user.groups.contains(group),
            Self::Leave(group) => !user.groups.contains(group),
        }
    }

    /// Whether it is never done to an owner: a tenant always keeps its owners, with their roles.
    pub(super) fn spares_owners(&self) -> bool {
        matches!(self, Self::Disable | Self::Remove | Self::Unassign(_))
    }

    /// Makes the change, with its one record.
    ///
    /// # Errors
    /// Those of the verb.
    pub(super) fn make(&self, tx: &mut Tx<'_>, user: &FoundUser, act: &Act) -> Result<()> {
        let email = Email::parse(&user.email)?;
        match self {
            Self::Disable => users::disable(tx, &email, act).map(drop),
            Self::Enable => users::enable(tx, &email, act).map(drop),
            Self::Remove => users::remove(tx, &email, act).map(drop),
            Self::Assign(grant) => users::give_role(tx, &[email], slice::from_ref(grant), act),
            Self::Unassign(grant) => {
                let left = user.grants.iter().filter(|held| *held != grant).cloned().collect();
                let ask =
                    UserAsk { email: Some(user.email.clone()), namespace_roles: Some(left), ..UserAsk::default() };
                users::replace(tx, &ask, act).map(drop)
            }
            Self::Join(group) => users::group_add(tx, &email, slice::from_ref(group), act),
            Self::Leave(group) => users::group_remove(tx, &email, slice::from_ref(group), act),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn each_act_takes_what_it_needs_and_nothing_else() {
        let read = |body: Value| Change::of(&serde_json::from_value(body).unwrap());
        let grant = Grant::new("default", "viewer");
        let role = |act: &str| json!({ "act": act, "namespace": "default", "role": "viewer" });
        let group = |act: &str| json!({ "act": act, "group": "ops" });
        assert_eq!(read(json!({ "act": "disable" })).unwrap(), Change::Disable);
        assert_eq!(read(role("assign_role")).unwrap(), Change::Assign(grant.clone()));
        assert_eq!(read(role("unassign_role")).unwrap(), Change::Unassign(grant));
        assert_eq!(read(group("join_group")).unwrap(), Change::Join("ops".into()));
        assert_eq!(read(group("leave_group")).unwrap(), Change::Leave("ops".into()));
        for (wrong, said) in [
            (json!({ "act": "assign_role", "role": "viewer" }), "namespace and role"),
            (json!({ "act": "join_group" }), "Field group"),
            (role("disable"), "Field namespace means nothing"),
            (json!({ "act": "remove", "role": "viewer" }), "Field role means nothing"),
            (group("enable"), "Field group means nothing"),
        ] {
            let refused = read(wrong.clone()).unwrap_err();
            assert!(refused.message.contains(said), "{wrong}: {}", refused.message);
        }
    }
}
