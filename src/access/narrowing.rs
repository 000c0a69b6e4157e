//! What an API token may do at most, beneath what its user may do.

use std::fmt;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rights::covers;
use super::{ApiGroup, ApiGroups, Held};
use crate::network::Network;
use crate::text;

/// How a token is narrowed; what is absent is not. This is also the form that the store keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Narrowing {
    /// The API groups whose calls it may make.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>", example = ["ves-io-uam-read"])]
    pub api_groups: Option<Vec<String>>,
    /// The namespaces in which it may act; `*` stands for every one but `system` and `shared`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>", example = ["system"])]
    pub namespaces: Option<Vec<String>>,
    /// The networks from which it is taken: addresses, or ranges in CIDR notation (RFC 4632 § 3.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Vec<String>", example = ["192.0.2.0/24"])]
    pub networks: Option<Vec<String>>,
}

impl Narrowing {
    /// Whether calls of the group in the namespace are left to it.
    pub fn leaves(&self, group: ApiGroup, namespace: &str) -> bool {
        let is_there = |names: &Vec<String>| names.iter().any(|name| covers(name, namespace));
        self.groups().is_none_or(|groups| groups.contain(group)) && self.namespaces.as_ref().is_none_or(is_there)
    }

    /// Whether a call may come from this address.
    pub fn takes(&self, address: IpAddr) -> bool {
        self.networks.as_ref().is_none_or(|_| self.each_network().any(|network| network.contains(address)))
    }

    /// Whether it leaves no more than `wider` does.
    pub fn is_within(&self, wider: &Self) -> bool {
        let has_no_further_group = match (self.groups(), wider.groups()) {
            (_, None) => true,
            (None, Some(_)) => false,
            (Some(mine), Some(theirs)) => mine.without(theirs) == ApiGroups::default(),
        };
        let holds = |name: &String| wider.namespaces.iter().flatten().any(|known| covers(known, name));
        let has_no_further_namespace =
            wider.namespaces.is_none() || self.namespaces.as_ref().is_some_and(|names| names.iter().all(holds));
        let has_no_further_network = wider.networks.is_none()
            || self.networks.is_some()
                && self.each_network().all(|mine| wider.each_network().any(|theirs| theirs.holds(&mine)));
        has_no_further_group && has_no_further_namespace && has_no_further_network
    }

    /// What is left of a grant: for each namespace in which it still counts, one.
    pub(super) fn of(&self, held: &Held) -> Vec<Held> {
        let groups = self.groups().map_or(held.groups, |groups| held.groups.both(groups));
        let there = |namespace: &str| {
            let mut left = Held { groups, ..held.clone() };
            left.grant.namespace = namespace.into();
            left
        };
        let given = held.grant.namespace.as_str();
        match &self.namespaces {
            None => vec![there(given)],
            Some(names) if names.iter().any(|name| covers(name, given)) => vec![there(given)],
            Some(names) => names.iter().filter(|name| covers(given, name)).map(|name| there(name)).collect(),
        }
    }

    fn groups(&self) -> Option<ApiGroups> {
        self.api_groups.as_deref().map(ApiGroups::of_names)
    }

    /// What the store has kept and cannot be read leaves nothing.
    fn each_network(&self) -> impl Iterator<Item = Network> {
        self.networks.iter().flatten().filter_map(|text| text.parse().ok())
    }
}

/// For sentences: the API groups …, the namespaces …, the networks ….
impl fmt::Display for Narrowing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("API groups", &self.api_groups), ("namespaces", &self.namespaces), ("networks", &self.networks)];
        let mut is_first = true;
        for (what, names) in parts {
            let Some(names) = names else { continue };
            let names = names.iter().map(|name| text::shown(name)).collect::<Vec<_>>().join(", ");
            write!(f, "{}the {what} {names}", if is_first { "" } else { "; " })?;
            is_first = false;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::{ADMIN_ROLE, Grant, Rights, SYSTEM};

    fn names(of: &[&'static str]) -> impl Strategy<Value = Option<Vec<String>>> {
        let one = prop::sample::select(of.to_vec()).prop_map(String::from);
        prop::option::of(prop::collection::vec(one, 1..4))
    }

    fn narrowing() -> impl Strategy<Value = Narrowing> {
        let groups = names(&["ves-io-general-read", "ves-io-uam-read", "ves-io-uam-write", "unknown"]);
        let namespaces = names(&["system", "shared", "*", "team-a", "team-b"]);
        let networks = names(&["10.0.0.0/8", "10.1.0.0/16", "192.0.2.1", "::/0"]);
        (groups, namespaces, networks).prop_map(|(api_groups, namespaces, networks)| Narrowing {
            api_groups,
            namespaces,
            networks,
        })
    }

    fn rights() -> impl Strategy<Value = Rights> {
        let namespace = prop::sample::select(vec!["system", "shared", "*", "team-a"]);
        let grants = prop::collection::vec((namespace, 0_i64..256), 0..4);
        grants.prop_map(|grants| {
            let held = |(at, bits)| Held::directly(Grant::new(at, "own"), Some(ApiGroups::kept(bits)));
            Rights::of(grants.into_iter().map(held).collect(), Vec::new())
        })
    }

    const SOMEWHERE: [&str; 5] = ["system", "shared", "team-a", "team-b", "made-later"];

    proptest! {
        #[test]
        fn a_narrowed_token_may_do_what_both_it_and_its_user_may(rights in rights(), narrowing in narrowing()) {
            let narrowed = rights.clone().narrowed(Some(narrowing.clone()));
            for group in ApiGroup::ALL {
                for at in SOMEWHERE {
                    let both = rights.allow(group, at) && narrowing.leaves(group, at);
                    prop_assert_eq!(narrowed.allow(group, at), both, "{} in {}", group.name(), at);
                }
            }
            prop_assert_eq!(narrowed.whole(), &rights);
        }

        #[test]
        fn what_is_within_another_leaves_nothing_more(one in narrowing(), other in narrowing(), address: u32) {
            prop_assert!(one.is_within(&one) && one.is_within(&Narrowing::default()));
            if one.is_within(&other) {
                for group in ApiGroup::ALL {
                    for at in SOMEWHERE {
                        prop_assert!(!one.leaves(group, at) || other.leaves(group, at));
                    }
                }
                let address = IpAddr::from(address.to_be_bytes());
                prop_assert!(!one.takes(address) || other.takes(address));
            }
        }
    }

    #[test]
    fn a_call_comes_from_one_of_its_networks() {
        let networks = Some(vec!["10.0.0.0/8".into(), "2001:db8::/32".into()]);
        let narrowing = Narrowing { networks, ..Narrowing::default() };
        for (address, is_taken) in
            [("10.1.2.3", true), ("::ffff:10.1.2.3", true), ("2001:db8::1", true), ("192.0.2.1", false)]
        {
            assert_eq!(narrowing.takes(address.parse().unwrap()), is_taken, "{address}");
        }
        let damaged = Narrowing { networks: Some(vec!["anywhere".into()]), ..Narrowing::default() };
        assert!(!damaged.takes("10.1.2.3".parse().unwrap()));
    }

    #[test]
    fn it_is_told_in_words() {
        let groups = Some(vec!["ves-io-uam-read".into(), "ves-io-uam-write".into()]);
        let narrowing = Narrowing { api_groups: groups, networks: Some(vec!["10.0.0.0/8".into()]), namespaces: None };
        let words = "the API groups ves-io-uam-read, ves-io-uam-write; the networks 10.0.0.0/8";
        assert_eq!(narrowing.to_string(), words);
        let rights = Rights::built_in(vec![Grant::new(SYSTEM, ADMIN_ROLE)]).narrowed(Some(narrowing));
        assert!(rights.is_narrowed() && rights.note().contains(words), "{}", rights.note());
    }
}
