//! Roles by namespace, in the form of the public API.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::Held;

/// Roles by namespace.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NamespaceAccess {
    /// For each namespace, or `*`, the roles there.
    pub namespace_role_map: BTreeMap<String, RoleNames>,
}

/// Names of roles.
#[derive(Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RoleNames {
    /// The names.
    #[schemars(example = ["ves-io-monitor-role"])]
    pub names: Vec<String>,
}

impl NamespaceAccess {
    /// Each role that is held, once for a namespace, whether it is held directly or through user groups.
    pub fn of(held: &[Held]) -> Self {
        let mut namespace_role_map: BTreeMap<String, RoleNames> = BTreeMap::new();
        for one in held {
            let names = &mut namespace_role_map.entry(one.grant.namespace.clone()).or_default().names;
            if !names.contains(&one.grant.role) {
                names.push(one.grant.role.clone());
            }
        }
        Self { namespace_role_map }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Grant;

    #[test]
    fn roles_are_gathered_by_namespace_and_named_once() {
        let grants = [("*", "a"), ("system", "a"), ("system", "b"), ("system", "a")];
        let held = grants.map(|(namespace, role)| Held::directly(Grant::new(namespace, role), None));
        let map = NamespaceAccess::of(&held).namespace_role_map;
        assert_eq!(map["system"].names, ["a", "b"]);
        assert_eq!(map["*"].names, ["a"]);
    }
}
