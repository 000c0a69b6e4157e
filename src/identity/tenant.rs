//! The tenant of a call.

use super::settings::TenantSettings;

/// The number of a tenant. Random, so that it does not reveal how many there are; never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub i64);

impl TenantId {
    /// The tenant of the operators. The number is what marks it, whatever its name; no other tenant is ever given it.
    pub const SYSTEM: Self = Self(0);
}

/// A tenant as every call needs it.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// The label in its host name.
    pub name: String,
    /// The tenant id of the API: the name and eight letters.
    pub uid: String,
    /// Grows with every change of the tenant.
    pub revision: i64,
    /// The settings chosen by its administrators.
    pub settings: TenantSettings,
    /// Whether it is out of service: suspended, or removed and not yet deleted. Only a caller who has proved to be one of its
    /// users is told.
    pub is_suspended: bool,
}
