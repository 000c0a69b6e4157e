//! The roles given to one person, and the calls they allow in each namespace.

use std::collections::BTreeMap;

use super::{ADMIN_ROLE, ApiGroup, EVERY, OWNER_ROLE, SHARED, SYSTEM, built_in_role};

/// A role given in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Grant {
    /// The namespace in which it counts, or `*`.
    #[schemars(example = &"default")]
    pub namespace: String,
    /// The role.
    #[schemars(example = &"ves-io-monitor-role")]
    pub role: String,
}

impl Grant {
    /// A grant of `role` in `namespace`.
    pub fn new(namespace: impl Into<String>, role: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), role: role.into() }
    }

    /// What whoever owns a tenant is given: to administer it everywhere, and to own it.
    pub fn of_an_owner() -> Vec<Self> {
        let everywhere = [SYSTEM, SHARED, EVERY].map(|namespace| Self::new(namespace, ADMIN_ROLE));
        everywhere.into_iter().chain([Self::new(SYSTEM, OWNER_ROLE)]).collect()
    }
}

/// The grants of someone and what they come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    grants: Vec<Grant>,
    groups: BTreeMap<String, u32>,
}

/// A right that someone lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// Where.
    pub namespace: String,
    /// What.
    pub group: &'static str,
}

impl Rights {
    /// What these grants come to. Roles that are not known grant nothing.
    pub fn new(grants: Vec<Grant>) -> Self {
        let mut groups: BTreeMap<String, u32> = BTreeMap::new();
        for grant in &grants {
            let bits = built_in_role(&grant.role).unwrap_or_default().iter().fold(0, |bits, group| bits | group.bit());
            *groups.entry(grant.namespace.clone()).or_default() |= bits;
        }
        Self { grants, groups }
    }

    /// The grants themselves.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// Whether the group's calls may be made in the namespace.
    pub fn allow(&self, group: ApiGroup, namespace: &str) -> bool {
        self.in_namespace(namespace) & group.bit() != 0
    }

    /// Whether any role was given in the namespace, by name or by `*`.
    pub fn know(&self, namespace: &str) -> bool {
        self.groups.contains_key(namespace) || (is_application(namespace) && self.groups.contains_key(EVERY))
    }

    /// Whether these are the rights of an owner of the tenant.
    pub fn are_owners(&self) -> bool {
        self.allow(ApiGroup::TenantOwner, SYSTEM)
    }

    /// The first right of `other` that is missing here; none when `other` has no more than these.
    pub fn lack(&self, other: &Self) -> Option<Missing> {
        other.groups.iter().find_map(|(namespace, theirs)| {
            let missing = theirs & !self.in_namespace(namespace);
            let group = ApiGroup::ALL.into_iter().find(|group| missing & group.bit() != 0)?;
            Some(Missing { namespace: namespace.clone(), group: group.name() })
        })
    }

    fn in_namespace(&self, namespace: &str) -> u32 {
        let named = self.groups.get(namespace).copied().unwrap_or(0);
        let every = if is_application(namespace) { self.groups.get(EVERY).copied().unwrap_or(0) } else { 0 };
        named | every
    }
}

fn is_application(namespace: &str) -> bool {
    namespace != SYSTEM && namespace != SHARED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ApiGroup::{NamespaceWrite, UamAdminWrite, UamRead};

    fn rights(grants: &[(&str, &str)]) -> Rights {
        Rights::new(grants.iter().map(|(namespace, role)| Grant::new(*namespace, *role)).collect())
    }

    #[test]
    fn every_namespace_means_applications_only() {
        let everywhere = rights(&[("*", ADMIN_ROLE)]);
        assert!(everywhere.allow(NamespaceWrite, "team-a"));
        assert!(!everywhere.allow(UamAdminWrite, SYSTEM));
        assert!(!everywhere.allow(UamAdminWrite, SHARED));
    }

    #[test]
    fn a_role_counts_only_where_it_was_given() {
        let somewhere = rights(&[("team-a", ADMIN_ROLE)]);
        assert!(somewhere.allow(UamRead, "team-a"));
        assert!(!somewhere.allow(UamRead, "team-b"));
    }

    #[test]
    fn a_helper_lacks_what_an_owner_has_and_is_told_which() {
        let helper = rights(&[(SYSTEM, "ves-io-uam-admin-role")]);
        let owner = rights(&[(SYSTEM, OWNER_ROLE)]);
        assert_eq!(helper.lack(&owner), Some(Missing { namespace: SYSTEM.into(), group: "ves-io-namespace-write" }));
        assert_eq!(owner.lack(&helper), None);
    }

    #[test]
    fn named_grants_do_not_cover_a_grant_for_every_namespace() {
        let some = rights(&[("team-a", ADMIN_ROLE), ("team-b", ADMIN_ROLE)]);
        let every = rights(&[("*", ADMIN_ROLE)]);
        assert!(some.lack(&every).is_some());
        assert_eq!(every.lack(&some), None);
    }
}
