//! Rank: whether someone may act on another person. An administrator who could reset, change or remove a person of more rights could
//! become that person, so every such operation asks this one question.

use super::{ApiGroup, Missing, Rights, SYSTEM};

/// Lets `actor` act on a user with the rights `target` who has no right that `actor` lacks. An owner of the tenant counts as
/// having the owner's right, whatever roles were left to them.
///
/// # Errors
/// The first right that `actor` lacks; the caller makes a sentence of it.
pub fn may_touch(actor: &Rights, target: &Rights, target_is_owner: bool) -> Result<(), Missing> {
    if let Some(missing) = actor.lack(target) {
        return Err(missing);
    }
    if target_is_owner && !actor.are_owners() {
        return Err(Missing { namespace: SYSTEM.into(), group: ApiGroup::TenantOwner.name() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::access::{BUILT_IN, Grant, OWNER_ROLE};

    fn rights() -> impl Strategy<Value = Rights> {
        let namespace = prop::sample::select(vec!["system", "shared", "*", "team-a", "team-b"]);
        let role = prop::sample::select(BUILT_IN.iter().map(|(role, _)| *role).collect::<Vec<_>>());
        let grants = prop::collection::vec((namespace, role), 0..4);
        grants.prop_map(|grants| Rights::built_in(grants.into_iter().map(|(at, role)| Grant::new(at, role)).collect()))
    }

    proptest! {
        #[test]
        fn who_may_touch_someone_has_every_right_of_theirs(actor in rights(), target in rights(), is_owner: bool) {
            let everywhere = ["system", "shared", "team-a", "team-b", "made-later"];
            let has_all = ApiGroup::ALL.into_iter().all(|group| {
                everywhere.into_iter().all(|at| actor.allow(group, at) || !target.allow(group, at))
            });
            match may_touch(&actor, &target, is_owner) {
                Ok(()) => prop_assert!(has_all && (!is_owner || actor.are_owners())),
                Err(missing) => prop_assert!(!missing.group.is_empty()),
            }
        }

        #[test]
        fn an_equal_is_not_out_of_reach(someone in rights()) {
            prop_assert_eq!(may_touch(&someone, &someone, someone.are_owners()), Ok(()));
        }
    }

    #[test]
    fn an_owner_without_a_role_is_an_owner_still() {
        let administrator = Rights::built_in(vec![Grant::new("system", "ves-io-admin-role")]);
        let owner = Rights::built_in(vec![Grant::new("system", OWNER_ROLE)]);
        let missing = may_touch(&administrator, &Rights::default(), true).unwrap_err();
        assert_eq!((missing.namespace.as_str(), missing.group), ("system", "ves-io-tenant-owner"));
        assert_eq!(may_touch(&owner, &Rights::default(), true), Ok(()));
    }
}
