//! Tokens that may do less than their user: how that is asked for, and that none makes a wider one.

use crate::access::{ApiGroup, EVERY, Narrowing};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::namespaces;
use crate::network::Network;
use crate::store::Tx;
use crate::text::shown_or_empty;

/// Entries of one list.
const ENTRIES_MAX: usize = 64;
/// Unknown names that a refusal tells.
const TOLD_MAX: usize = 10;

/// What was asked for, each entry once and sorted.
///
/// # Errors
/// `Invalid` for an empty or too long list, for nothing at all, and for an API group or a network that is none.
pub(super) fn read(asked: Option<&Narrowing>) -> Result<Option<Narrowing>> {
    let Some(Narrowing { api_groups, namespaces, networks }) = asked.cloned() else { return Ok(None) };
    let read = Narrowing {
        api_groups: entries("api_groups", api_groups)?,
        namespaces: entries("namespaces", namespaces)?,
        networks: entries("networks", networks)?,
    };
    if read == Narrowing::default() {
        return Err(Error::invalid(
            "Field narrowed_to must name api_groups, namespaces or networks. Leave it out for a token that is not narrowed.",
        ));
    }
    let unknown = |name: &&String| ApiGroup::of_name(name).is_none();
    refuse("api_groups", "API groups that do not exist", read.api_groups.iter().flatten().filter(unknown))?;
    let unreadable = |text: &&String| text.parse::<Network>().is_err();
    let networks = read.networks.iter().flatten().filter(unreadable);
    refuse("networks", "what is neither an address nor a range such as 192.0.2.0/24", networks)?;
    Ok(Some(read))
}

fn entries(field: &str, list: Option<Vec<String>>) -> Result<Option<Vec<String>>> {
    let Some(mut list) = list else { return Ok(None) };
    list.sort();
    list.dedup();
    if list.is_empty() || list.len() > ENTRIES_MAX {
        return Err(Error::invalid(format!(
            "Field narrowed_to.{field} must have 1 to {ENTRIES_MAX} entries. Leave it out where the token is not to be \
             narrowed by it."
        )));
    }
    Ok(Some(list))
}

fn refuse<'n>(field: &str, what: &str, names: impl Iterator<Item = &'n String>) -> Result<()> {
    let told: Vec<_> = names.take(TOLD_MAX).map(|name| shown_or_empty(name)).collect();
    if told.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!("Field narrowed_to.{field} names {what}: {}.", told.join(", "))))
}

/// Lets a new credential be narrowed so: to namespaces that exist, and to no more than the token by which it is made.
///
/// # Errors
/// `Invalid` for a namespace that does not exist; those of [`stay_within`].
pub(super) fn check(tx: &mut Tx<'_>, asked: Option<&Narrowing>, act: &Act) -> Result<()> {
    let mut unknown = Vec::new();
    for name in asked.and_then(|asked| asked.namespaces.as_ref()).into_iter().flatten() {
        if name != EVERY && !namespaces::exists(tx, act.tenant.id, name)? {
            unknown.push(name);
        }
    }
    refuse("namespaces", "namespaces that do not exist", unknown.into_iter())?;
    stay_within(asked, act)
}

/// Refuses an act on a credential that is narrowed less than the token of the call: whoever holds that token could act by
/// the other.
///
/// # Errors
/// `Forbidden`, with what the token of the call is narrowed to.
pub(super) fn stay_within(narrowed_to: Option<&Narrowing>, act: &Act) -> Result<()> {
    let Some(mine) = act.caller.rights.narrowing() else { return Ok(()) };
    if narrowed_to.is_some_and(|theirs| theirs.is_within(mine)) {
        return Ok(());
    }
    Err(Error::forbidden(format!(
        "The token of this call is narrowed to {mine}, and the credential would be or is wider. Narrow it by narrowed_to to no \
         more than that, or use a token that is not narrowed."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Option<Vec<String>> {
        Some(names.iter().map(|name| (*name).to_string()).collect())
    }

    #[test]
    fn what_is_asked_for_is_kept_once_and_sorted() {
        let asked = Narrowing { namespaces: list(&["team-b", "*", "team-b"]), ..Narrowing::default() };
        assert_eq!(read(Some(&asked)).unwrap().unwrap().namespaces, list(&["*", "team-b"]));
        assert_eq!(read(None).unwrap(), None);
    }

    #[test]
    fn a_token_for_nothing_and_names_that_are_none_are_refused() {
        let many: Vec<String> = (0..=ENTRIES_MAX).map(|number| format!("team-{number}")).collect();
        let refused = [
            (Narrowing::default(), "must name api_groups"),
            (Narrowing { api_groups: list(&[]), ..Narrowing::default() }, "api_groups must have 1 to 64"),
            (Narrowing { namespaces: Some(many), ..Narrowing::default() }, "namespaces must have 1 to 64"),
            (Narrowing { api_groups: list(&["ves-io-uam-read", "ves"]), ..Narrowing::default() }, "do not exist: ves."),
            (Narrowing { networks: list(&["10.0.0.0/33", ""]), ..Narrowing::default() }, ": \"\", 10.0.0.0/33."),
        ];
        for (asked, sentence) in refused {
            let refusal = read(Some(&asked)).unwrap_err();
            assert!(refusal.message.contains(sentence), "{}", refusal.message);
        }
    }
}
