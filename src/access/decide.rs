//! Whether a call is allowed, with the reason: the chain from the person over the role to the API group.

use super::{ApiGroup, BUILT_IN, Grant, Narrowing, Rights};
use crate::text;

/// The answer to whether a person may make the calls of an API group in a namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The API group.
    pub group: ApiGroup,
    /// The namespace.
    pub namespace: String,
    /// Every grant that allows it; none where it is refused.
    pub because: Vec<Because>,
    /// How the token is narrowed by which the person acts, if it is.
    pub narrowing: Option<Narrowing>,
}

/// One chain of rules that allows a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// The grant: its role has the API group.
    pub grant: Grant,
    /// The user group by which the grant is held; none for a grant to the person.
    pub through: Option<String>,
}

/// Decides whether a person with these rights may make the calls of `group` in `namespace`. [`Rights::allow`] answers the same
/// without the reason.
pub fn decide(rights: &Rights, group: ApiGroup, namespace: &str) -> Decision {
    let allows = rights.held_in(namespace).filter(|held| held.groups.contain(group));
    let because = allows.map(|held| Because { grant: held.grant.clone(), through: held.through.clone() }).collect();
    Decision { group, namespace: namespace.into(), because, narrowing: rights.narrowing().cloned() }
}

impl Decision {
    /// Whether it is allowed.
    pub fn is_allowed(&self) -> bool {
        !self.because.is_empty()
    }

    /// The sentence of a refusal: what `person` lacks, and the built-in roles that have it; or what the token lacks, whatever
    /// `person` has.
    pub fn refusal(&self, person: &str) -> String {
        let (group, namespace) = (self.group.name(), text::shown(&self.namespace));
        if let Some(narrowing) = self.narrowing.as_ref().filter(|by| !by.leaves(self.group, &self.namespace)) {
            return format!(
                "{person} may not do this by this token: it is narrowed to {narrowing}, and the call needs {group} in \
                 namespace {namespace}. Use a token that has it."
            );
        }
        let with_it = BUILT_IN.iter().filter(|(_, groups)| groups.contain(self.group)).map(|(role, _)| *role);
        let roles = with_it.collect::<Vec<_>>().join(", ");
        format!(
            "{person} may not do this: it needs a role with {group} in namespace {namespace}. Built-in roles with it: {roles}."
        )
    }

    /// The chain of rules, one line for each grant that allows it, or the refusal.
    pub fn chain(&self, person: &str) -> Vec<String> {
        if !self.is_allowed() {
            return vec![self.refusal(person)];
        }
        let lines = self.because.iter().map(|because| because.line(person, self.group));
        lines
            .chain(self.narrowing.iter().map(|by| format!("The token is narrowed to {by}, which leaves this.")))
            .collect()
    }
}

impl Because {
    fn line(&self, person: &str, group: ApiGroup) -> String {
        let Grant { namespace, role } = &self.grant;
        let holder = match &self.through {
            Some(user_group) => format!("{person} is in the group {user_group}, which"),
            None => person.to_string(),
        };
        let (role, namespace) = (text::shown(role), text::shown(namespace));
        format!("{holder} has the role {role} in {namespace}, and {role} has {}.", group.name())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::{ADMIN_ROLE, ApiGroups, Held, SYSTEM};

    fn held() -> impl Strategy<Value = Held> {
        let namespace = prop::sample::select(vec!["system", "shared", "*", "team-a"]);
        let role = prop::sample::select(vec!["own", "ves-io-default-role", ADMIN_ROLE]);
        let through = prop::option::of(Just("ops".to_string()));
        (namespace, role, 0_i64..256, through).prop_map(|(namespace, role, bits, through)| Held {
            through,
            ..Held::directly(Grant::new(namespace, role), Some(ApiGroups::kept(bits)))
        })
    }

    proptest! {
        #[test]
        fn the_decision_with_reasons_is_the_one_without(held in prop::collection::vec(held(), 0..5)) {
            let rights = Rights::of(held, Vec::new());
            for group in ApiGroup::ALL {
                for namespace in ["system", "shared", "team-a", "made-later"] {
                    let decision = decide(&rights, group, namespace);
                    prop_assert_eq!(decision.is_allowed(), rights.allow(group, namespace));
                }
            }
        }
    }

    #[test]
    fn the_chain_names_group_role_and_namespace() {
        let through = Some("ops".to_string());
        let by_group = Held { through, ..Held::directly(Grant::new("*", ADMIN_ROLE), None) };
        let rights = Rights::of(vec![by_group], vec!["ops".into()]);
        let allowed = decide(&rights, ApiGroup::UamRead, "team-a");
        let line = "jane is in the group ops, which has the role ves-io-admin-role in *, and ves-io-admin-role has \
                    ves-io-uam-read.";
        assert_eq!(allowed.chain("jane"), [line]);
        let refused = decide(&rights, ApiGroup::TenantOwner, SYSTEM);
        let line = "jane may not do this: it needs a role with ves-io-tenant-owner in namespace system. Built-in roles with \
                    it: ves-io-tenant-owner-role.";
        assert_eq!(refused.chain("jane"), [line]);
    }
}
