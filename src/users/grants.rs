//! What may be granted: roles that exist, where there is a namespace, by one who has all that they give.

use std::collections::BTreeSet;

use crate::access::{self, EVERY, Grant, Rights};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::namespaces;
use crate::store::Tx;
use crate::text;

/// Longest name of a role or a namespace in a grant.
const NAME_MAX: usize = 256;

/// The grants that were asked for, each once and sorted, if this caller may give those that are new.
///
/// # Errors
/// `Invalid` for a role or namespace that does not exist, `Forbidden` for a right that the caller lacks.
pub(super) fn check(tx: &mut Tx<'_>, act: &Act, asked: &[Grant], held: &[Grant]) -> Result<Vec<Grant>> {
    let asked: BTreeSet<Grant> = asked.iter().cloned().collect();
    let new: Vec<Grant> = asked.iter().filter(|grant| !held.contains(grant)).cloned().collect();
    for grant in &new {
        check_role(&grant.role)?;
    }
    let named: BTreeSet<&str> = new.iter().map(|grant| grant.namespace.as_str()).collect();
    for namespace in named {
        check_namespace(tx, act, namespace)?;
    }
    if let Some(missing) = act.rights_now(tx)?.lack(&Rights::new(new)) {
        return Err(Error::forbidden(format!(
            "You cannot give what you do not have: the right {} in the namespace {}.",
            missing.group,
            shown(&missing.namespace)
        )));
    }
    Ok(asked.into_iter().collect())
}

/// Exports of the public service name roles that are not known here; they are kept and grant nothing.
fn check_role(role: &str) -> Result<()> {
    let is_foreign = (role.starts_with("ves-io-") || role.starts_with("f5xc-")) && role.len() <= NAME_MAX;
    if is_foreign || access::built_in_role(role).is_some() {
        return Ok(());
    }
    Err(Error::invalid(format!("Field namespace_roles names the role {}, which does not exist.", shown(role))))
}

fn check_namespace(tx: &mut Tx<'_>, act: &Act, namespace: &str) -> Result<()> {
    if namespace == EVERY || namespaces::exists(tx, act.tenant.id, namespace)? {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Field namespace_roles names the namespace {}, which does not exist.",
        shown(namespace)
    )))
}

/// A name in a sentence.
fn shown(name: &str) -> String {
    if name.is_empty() { "\"\"".into() } else { text::shown(name) }
}

/// Groups are not served yet; whoever names one would be told nothing if it were dropped.
///
/// # Errors
/// `Invalid`, with their names.
pub(super) fn check_groups(names: Option<&[String]>) -> Result<()> {
    let names = names.unwrap_or_default();
    if names.is_empty() {
        return Ok(());
    }
    let list: Vec<String> = names.iter().take(5).map(|name| shown(name)).collect();
    Err(Error::invalid(format!("Field group_names names groups that do not exist: {}.", list.join(", "))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_of_the_public_service_is_kept_and_another_unknown_one_refused() {
        for kept in ["ves-io-admin-role", "ves-io-some-new-role", "f5xc-billing", "f5xc-waap-admin"] {
            assert!(check_role(kept).is_ok(), "{kept}");
        }
        for refused in ["", "admin", "VES-IO-admin-role"] {
            assert!(check_role(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_group_that_is_named_is_named_in_the_refusal() {
        assert!(check_groups(None).is_ok());
        assert!(check_groups(Some(&[])).is_ok());
        let refused = check_groups(Some(&["ops".into()])).unwrap_err();
        assert_eq!(refused.message, "Field group_names names groups that do not exist: ops.");
    }
}
