//! The roles that every tenant has, and the API groups that each of them grants.

use super::ApiGroup::{GeneralRead, GeneralWrite, NamespaceWrite, UamAdminRead, UamAdminWrite, UamRead, UamWrite};
use super::ApiGroups;

/// The role that only the first user of a tenant and whom they appoint may hold.
pub const OWNER_ROLE: &str = "ves-io-tenant-owner-role";
/// The role that administers a tenant.
pub const ADMIN_ROLE: &str = "ves-io-admin-role";

/// The roles that every tenant has, each with the groups that it grants. They can be given, not changed.
pub const BUILT_IN: [(&str, ApiGroups); 7] = [
    ("ves-io-default-role", ApiGroups::of(&[GeneralRead, GeneralWrite])),
    ("ves-io-monitor-role", ApiGroups::of(&[GeneralRead, UamRead, UamAdminRead])),
    ("ves-io-power-developer-role", ApiGroups::of(&[GeneralRead, GeneralWrite, NamespaceWrite])),
    ("ves-io-billing-role", ApiGroups::of(&[GeneralRead, GeneralWrite])),
    ("ves-io-uam-admin-role", UAM_ADMIN),
    (ADMIN_ROLE, UAM_ADMIN.with(ApiGroups::of(&[NamespaceWrite]))),
    (OWNER_ROLE, ApiGroups::ALL),
];

const UAM_ADMIN: ApiGroups =
    ApiGroups::of(&[GeneralRead, GeneralWrite, UamRead, UamWrite, UamAdminRead, UamAdminWrite]);

/// The groups of a built-in role, or `None` if there is no such role.
pub fn built_in_role(name: &str) -> Option<ApiGroups> {
    let found = BUILT_IN.iter().find(|(role, _)| *role == name).map(|(_, groups)| *groups);
    found.or_else(|| is_product_role(name).then_some(ApiGroups::of(&[GeneralRead])))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_the_public_services_products_are_known_and_grant_reading_oneself() {
        assert_eq!(built_in_role("f5xc-waap-admin"), Some(ApiGroups::of(&[GeneralRead])));
        for unknown in ["f5xc--x", "f5xc-admin", "f5xc-WAAP-admin", "nobody"] {
            assert_eq!(built_in_role(unknown), None, "{unknown}");
        }
    }
}
