//! Who may do what, decided by pure functions over plain values.
//!
//! A role counts in the namespace where it was given. `*` stands for every application namespace,
//! now and later, and never for `system` or `shared`. The sum of all grants holds; nothing denies.

mod rank;

use std::collections::BTreeMap;

pub use self::rank::may_touch;

/// The namespace in which a tenant is administered.
pub const SYSTEM: &str = "system";
/// The namespace whose objects all others may use.
pub const SHARED: &str = "shared";
/// Every application namespace, as a grant names it.
pub const EVERY: &str = "*";
/// The role that only the first user of a tenant and whom they appoint may hold.
pub const OWNER_ROLE: &str = "ves-io-tenant-owner-role";
/// The role that administers a tenant.
pub const ADMIN_ROLE: &str = "ves-io-admin-role";

/// A set of calls that a role may make; every operation belongs to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApiGroup {
    /// Own identity, settings, sessions and password; the namespaces.
    GeneralRead,
    /// Own credentials and settings.
    GeneralWrite,
    /// Users, groups, roles; when users signed in last.
    UamRead,
    /// Create, change and remove users and groups.
    UamWrite,
    /// Resets, audit, settings of the tenant, all credentials: reading.
    UamAdminRead,
    /// Resets, enabling and disabling, settings of the tenant.
    UamAdminWrite,
    /// Create, change and remove namespaces.
    NamespaceWrite,
    /// The tenant itself and its owner.
    TenantOwner,
}

impl ApiGroup {
    const ALL: [Self; 8] = [
        Self::GeneralRead,
        Self::GeneralWrite,
        Self::UamRead,
        Self::UamWrite,
        Self::UamAdminRead,
        Self::UamAdminWrite,
        Self::NamespaceWrite,
        Self::TenantOwner,
    ];

    /// The name under which the API knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GeneralRead => "ves-io-general-read",
            Self::GeneralWrite => "ves-io-general-write",
            Self::UamRead => "ves-io-uam-read",
            Self::UamWrite => "ves-io-uam-write",
            Self::UamAdminRead => "ves-io-uam-admin-read",
            Self::UamAdminWrite => "ves-io-uam-admin-write",
            Self::NamespaceWrite => "ves-io-namespace-write",
            Self::TenantOwner => "ves-io-tenant-owner",
        }
    }

    const fn bit(self) -> u32 {
        1 << self as u32
    }
}

use ApiGroup::{
    GeneralRead, GeneralWrite, NamespaceWrite, TenantOwner, UamAdminRead, UamAdminWrite, UamRead, UamWrite,
};

/// The roles that every tenant has. They can be given, not changed.
const BUILT_IN: &[(&str, &[ApiGroup])] = &[
    ("ves-io-default-role", &[GeneralRead, GeneralWrite]),
    ("ves-io-monitor-role", &[GeneralRead, UamRead, UamAdminRead]),
    ("ves-io-power-developer-role", &[GeneralRead, GeneralWrite, NamespaceWrite]),
    ("ves-io-billing-role", &[GeneralRead, GeneralWrite]),
    ("ves-io-uam-admin-role", &[GeneralRead, GeneralWrite, UamRead, UamWrite, UamAdminRead, UamAdminWrite]),
    (ADMIN_ROLE, &[GeneralRead, GeneralWrite, UamRead, UamWrite, UamAdminRead, UamAdminWrite, NamespaceWrite]),
    (OWNER_ROLE, &ApiGroup::ALL),
];

/// The groups of a built-in role, or `None` if there is no such role.
pub fn built_in_role(name: &str) -> Option<&'static [ApiGroup]> {
    let found = BUILT_IN.iter().find(|(role, _)| *role == name).map(|(_, groups)| *groups);
    found.or_else(|| is_product_role(name).then_some(&[GeneralRead] as &[ApiGroup]))
}

/// The public service has a family of roles for each of its products; exports and scripts assign
/// them, so they are known, and grant no more than reading oneself.
fn is_product_role(name: &str) -> bool {
    let middle = name
        .strip_prefix("f5xc-")
        .and_then(|rest| ["-monitor", "-user", "-admin"].into_iter().find_map(|ending| rest.strip_suffix(ending)));
    middle.is_some_and(|service| {
        !service.is_empty() && service.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

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
        self.allow(TenantOwner, SYSTEM)
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

    #[test]
    fn roles_of_the_public_services_products_are_known_and_grant_reading_oneself() {
        assert_eq!(built_in_role("f5xc-waap-admin"), Some(&[GeneralRead] as &[ApiGroup]));
        for unknown in ["f5xc--x", "f5xc-admin", "f5xc-WAAP-admin", "nobody"] {
            assert_eq!(built_in_role(unknown), None, "{unknown}");
        }
    }
}
