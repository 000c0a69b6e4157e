//! The API groups: sets of calls, each of which a role grants as a whole.

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
    pub(super) const ALL: [Self; 8] = [
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

    pub(super) const fn bit(self) -> u32 {
        1 << self as u32
    }
}
