//! The API groups: sets of calls, each of which a role grants as a whole.

/// A set of calls that a role may make; every operation belongs to one.
///
/// The number of a group is its bit in [`ApiGroups`], which the store keeps: it never changes and is never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ApiGroup {
    /// Own identity, settings, sessions and password; the namespaces.
    GeneralRead = 0,
    /// Own credentials.
    GeneralWrite = 1,
    /// Users, groups, roles; when users signed in last.
    UamRead = 2,
    /// Create, change and remove users and groups.
    UamWrite = 3,
    /// Resets, audit, settings of the tenant, all credentials: reading.
    UamAdminRead = 4,
    /// Resets, enabling and disabling, roles, settings of the tenant.
    UamAdminWrite = 5,
    /// Create, change and remove namespaces.
    NamespaceWrite = 6,
    /// The tenant itself and its owner.
    TenantOwner = 7,
}

impl ApiGroup {
    /// Every group, by number.
    pub const ALL: [Self; 8] = [
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
    pub const fn name(self) -> &'static str {
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

    /// The group of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }
}

/// Several API groups: what a role grants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ApiGroups(u32);

impl ApiGroups {
    /// Every group.
    pub const ALL: Self = Self::of(&ApiGroup::ALL);

    /// These groups.
    pub const fn of(groups: &[ApiGroup]) -> Self {
        let (mut bits, mut nth) = (0, 0);
        while nth < groups.len() {
            bits |= 1 << groups[nth] as u32;
            nth += 1;
        }
        Self(bits)
    }

    /// The groups of these names; a name that is not known here grants nothing.
    pub fn of_names(names: &[String]) -> Self {
        names
            .iter()
            .filter_map(|name| ApiGroup::of_name(name))
            .fold(Self::default(), |all, one| all.with(Self::of(&[one])))
    }

    /// The groups that the store has kept as a number. Groups of a newer release, which are not known here, grant nothing.
    pub fn kept(bits: i64) -> Self {
        Self(u32::try_from(bits & i64::from(Self::ALL.0)).unwrap_or_default())
    }

    /// The number to keep.
    pub fn to_keep(self) -> i64 {
        self.0.into()
    }

    /// Whether the group is one of these.
    pub const fn contain(self, group: ApiGroup) -> bool {
        self.0 & (1 << group as u32) != 0
    }

    /// These and those.
    #[must_use]
    pub const fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// What is in both.
    #[must_use]
    pub const fn both(self, others: Self) -> Self {
        Self(self.0 & others.0)
    }

    /// These without those.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Each of them, by number.
    pub fn each(self) -> impl Iterator<Item = ApiGroup> {
        ApiGroup::ALL.into_iter().filter(move |group| self.contain(*group))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_a_newer_releases_groups_grant_nothing() {
        let some = ApiGroups::of(&[ApiGroup::UamRead, ApiGroup::TenantOwner]);
        assert_eq!(some.to_keep(), 0b1000_0100, "the store keeps these numbers");
        assert_eq!(ApiGroups::kept(some.to_keep()), some);
        assert_eq!(ApiGroups::kept(1 << 40 | 0b100), ApiGroups::of(&[ApiGroup::UamRead]));
        assert_eq!(ApiGroups::kept(-1), ApiGroups::ALL);
    }

    #[test]
    fn a_group_is_found_by_its_name() {
        for group in ApiGroup::ALL {
            assert_eq!(ApiGroup::of_name(group.name()), Some(group));
        }
        let names = ["ves-io-uam-read", "f5xc-billing"].map(String::from);
        assert_eq!(ApiGroups::of_names(&names), ApiGroups::of(&[ApiGroup::UamRead]));
    }
}
