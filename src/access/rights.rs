//! The roles that one person holds, and the calls that they allow in each namespace.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use super::{ADMIN_ROLE, ApiGroup, ApiGroups, EVERY, Narrowing, OWNER_ROLE, SHARED, SYSTEM, built_in_role};

/// A role given in a namespace.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub struct Grant {
    /// The namespace in which it counts, or `*`.
    #[schemars(example = &"default")]
    pub namespace: String,
    /// The role.
    #[schemars(example = &"ves-io-monitor-role")]
    pub role: String,
}

impl Grant {
    /// Whether it counts in this namespace.
    pub fn counts_in(&self, namespace: &str) -> bool {
        covers(&self.namespace, namespace)
    }

    /// A grant of `role` in `namespace`.
    pub fn new(namespace: impl Into<String>, role: impl Into<String>) -> Self {
        Self { namespace: namespace.into(), role: role.into() }
    }

    /// The grants of an owner of a tenant: to administer it everywhere, and to own it.
    pub fn of_an_owner() -> Vec<Self> {
        let everywhere = [SYSTEM, SHARED, EVERY].map(|namespace| Self::new(namespace, ADMIN_ROLE));
        everywhere.into_iter().chain([Self::new(SYSTEM, OWNER_ROLE)]).collect()
    }
}

/// A grant that a person holds, directly or as a member of a user group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The grant.
    pub grant: Grant,
    /// The calls that its role allows.
    pub groups: ApiGroups,
    /// The user group by which it is held; none for a grant to the person.
    pub through: Option<String>,
}

impl Held {
    /// A grant to the person. The store keeps the groups of a role of the tenant's own beside the grant; those of a built-in
    /// role are this release's. A role that is not known grants nothing.
    pub fn directly(grant: Grant, kept: Option<ApiGroups>) -> Self {
        let groups = built_in_role(&grant.role).or(kept).unwrap_or_default();
        Self { grant, groups, through: None }
    }
}

/// The grants that a person holds, and their sum; or what is left of them to a token that is narrowed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights {
    held: Vec<Held>,
    user_groups: Vec<String>,
    sum: BTreeMap<String, ApiGroups>,
    narrowed: Option<Arc<Narrowed>>,
}

/// What narrows a token, and the rights of its user.
#[derive(Debug, PartialEq, Eq)]
struct Narrowed {
    by: Narrowing,
    whole: Rights,
}

/// A right that a person lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The namespace.
    pub namespace: String,
    /// The name of the API group.
    pub group: &'static str,
}

impl Rights {
    /// The sum of these grants; `user_groups` are all user groups that the person is a member of.
    pub fn of(held: Vec<Held>, user_groups: Vec<String>) -> Self {
        let mut sum: BTreeMap<String, ApiGroups> = BTreeMap::new();
        for one in &held {
            let groups = sum.entry(one.grant.namespace.clone()).or_default();
            *groups = groups.with(one.groups);
        }
        Self { held, user_groups, sum, narrowed: None }
    }

    /// What is left of these to a token that is narrowed so; all of them to one that is not.
    #[must_use]
    pub fn narrowed(self, by: Option<Narrowing>) -> Self {
        let Some(by) = by else { return self };
        let held = self.held.iter().flat_map(|held| by.of(held)).collect();
        let left = Self::of(held, self.user_groups.clone());
        Self { narrowed: Some(Arc::new(Narrowed { by, whole: self })), ..left }
    }

    /// How the token is narrowed, if it is.
    pub fn narrowing(&self) -> Option<&Narrowing> {
        self.narrowed.as_ref().map(|narrowed| &narrowed.by)
    }

    /// Whether a token is narrowed by which the person acts.
    pub fn is_narrowed(&self) -> bool {
        self.narrowed.is_some()
    }

    /// The rights of the person, whatever the token leaves of them.
    pub fn whole(&self) -> &Self {
        self.narrowed.as_ref().map_or(self, |narrowed| &narrowed.whole)
    }

    /// What a refusal says further where the person acts by a narrowed token, else nothing.
    pub fn note(&self) -> String {
        self.narrowing().map(|by| format!(" The token of this call is narrowed to {by}.")).unwrap_or_default()
    }

    /// Whether a call may come from this address.
    pub fn take(&self, address: IpAddr) -> bool {
        self.narrowing().is_none_or(|by| by.takes(address))
    }

    /// The sum of these grants of built-in roles.
    pub fn built_in(grants: Vec<Grant>) -> Self {
        Self::of(grants.into_iter().map(|grant| Held::directly(grant, None)).collect(), Vec::new())
    }

    /// What they allow in each namespace, as it is kept. [`Rights::of_kept`] reads it.
    pub fn kept(&self) -> BTreeMap<String, i64> {
        self.sum.iter().map(|(namespace, groups)| (namespace.clone(), groups.to_keep())).collect()
    }

    /// Rights that were kept: what they allow, without the roles that it comes from.
    pub fn of_kept(kept: &BTreeMap<String, i64>) -> Self {
        let sum = kept.iter().map(|(namespace, bits)| (namespace.clone(), ApiGroups::kept(*bits))).collect();
        Self { sum, ..Self::default() }
    }

    /// Whether other people can be administered by them: their access, their accounts, or namespaces.
    pub fn administer(&self) -> bool {
        const ADMINISTERING: [ApiGroup; 4] =
            [ApiGroup::UamWrite, ApiGroup::UamAdminWrite, ApiGroup::NamespaceWrite, ApiGroup::TenantOwner];
        self.sum.values().any(|groups| ADMINISTERING.into_iter().any(|group| groups.contain(group)))
    }

    /// Every grant held.
    pub fn held(&self) -> &[Held] {
        &self.held
    }

    /// The grants that count in a namespace.
    pub fn held_in<'r>(&'r self, namespace: &'r str) -> impl Iterator<Item = &'r Held> {
        self.held.iter().filter(move |held| covers(&held.grant.namespace, namespace))
    }

    /// The grants to the person, without those through user groups.
    pub fn direct(&self) -> impl Iterator<Item = &Grant> {
        self.held.iter().filter(|held| held.through.is_none()).map(|held| &held.grant)
    }

    /// The user groups that the person is a member of, by name.
    pub fn user_groups(&self) -> &[String] {
        &self.user_groups
    }

    /// Whether the group's calls may be made in the namespace.
    pub fn allow(&self, group: ApiGroup, namespace: &str) -> bool {
        self.in_namespace(namespace).contain(group)
    }

    /// Whether any role is held in the namespace, by its name or by `*`.
    pub fn know(&self, namespace: &str) -> bool {
        self.sum.contains_key(namespace) || (is_application(namespace) && self.sum.contains_key(EVERY))
    }

    /// Whether these are the rights of an owner of the tenant.
    pub fn are_owners(&self) -> bool {
        self.allow(ApiGroup::TenantOwner, SYSTEM)
    }

    /// The first right that is missing here of what an operator needs among the users of the operators' tenant: all that its
    /// administrators may do.
    pub fn lack_to_operate(&self) -> Option<Missing> {
        built_in_role(ADMIN_ROLE).and_then(|groups| self.lack_of(groups, SYSTEM))
    }

    /// The first right of `other` that is missing here; none when `other` has no more than these.
    pub fn lack(&self, other: &Self) -> Option<Missing> {
        other.sum.iter().find_map(|(namespace, theirs)| self.lack_of(*theirs, namespace))
    }

    /// The first of these groups whose calls may not be made in the namespace.
    pub fn lack_of(&self, groups: ApiGroups, namespace: &str) -> Option<Missing> {
        let group = groups.without(self.in_namespace(namespace)).each().next()?;
        Some(Missing { namespace: namespace.into(), group: group.name() })
    }

    fn in_namespace(&self, namespace: &str) -> ApiGroups {
        let sum = |name| self.sum.get(name).copied().unwrap_or_default();
        if is_application(namespace) { sum(namespace).with(sum(EVERY)) } else { sum(namespace) }
    }
}

/// Whether a grant in `given` counts in `namespace`. `*` counts in every namespace but those of the tenant itself.
pub(super) fn covers(given: &str, namespace: &str) -> bool {
    given == namespace || (given == EVERY && is_application(namespace))
}

fn is_application(namespace: &str) -> bool {
    namespace != SYSTEM && namespace != SHARED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ApiGroup::{NamespaceWrite, UamAdminWrite, UamRead};

    fn rights(grants: &[(&str, &str)]) -> Rights {
        Rights::built_in(grants.iter().map(|(namespace, role)| Grant::new(*namespace, *role)).collect())
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

    #[test]
    fn a_role_of_the_tenants_own_grants_as_kept_and_cannot_take_the_name_of_a_built_in_one() {
        let kept = Some(ApiGroups::of(&[UamRead]));
        let own = Rights::of(vec![Held::directly(Grant::new(SYSTEM, "auditor"), kept)], Vec::new());
        assert!(own.allow(UamRead, SYSTEM) && !own.allow(UamAdminWrite, SYSTEM));
        let default = Held::directly(Grant::new(SYSTEM, "ves-io-default-role"), Some(ApiGroups::ALL));
        assert!(!default.groups.contain(UamAdminWrite));
        assert_eq!(Held::directly(Grant::new(SYSTEM, "auditor"), None).groups, ApiGroups::default());
    }

    #[test]
    fn a_grant_through_a_user_group_counts_and_is_no_direct_one() {
        let through = Some("ops".to_string());
        let held = Held { grant: Grant::new("team-a", ADMIN_ROLE), groups: ApiGroups::of(&[UamRead]), through };
        let member = Rights::of(vec![held], vec!["ops".into()]);
        assert!(member.allow(UamRead, "team-a"));
        assert_eq!(member.direct().count(), 0);
    }
}
