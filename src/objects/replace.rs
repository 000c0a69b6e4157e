//! An object of any kind, said anew. Its name and its namespace stay.

use serde_json::{Map, Value, json};

use super::{KeptObject, Place, Said, get};
use crate::act::Act;
use crate::error::{Error, Result};
use crate::params;
use crate::store::Tx;

/// Sets the whole of an object's metadata and spec. The record names the members of the spec that changed and not their
/// values, which may be personal data.
///
/// # Errors
/// `NotFound`: a replacement never creates.
pub fn replace(tx: &mut Tx<'_>, place: &Place, name: &str, said: &Said, act: &Act) -> Result<()> {
    let before = overwrite(tx, place, name, said, act)?;
    let changed = changed(&before.spec, &said.spec)?;
    let facts = json!({ "namespace": place.namespace, "metadata": said.metadata, "spec_changed": changed });
    act.record(tx, &place.action("replace"), name, facts)
}

/// As [`replace`], without a record: for a verb whose own record tells what else it does. Returns what was there before.
///
/// # Errors
/// As [`replace`].
pub fn overwrite(tx: &mut Tx<'_>, place: &Place, name: &str, said: &Said, act: &Act) -> Result<KeptObject> {
    let before = get(tx, act.tenant.id, place, name)?;
    let metadata = serde_json::to_string(&said.metadata).map_err(Error::internal)?;
    tx.run(
        "UPDATE objects SET metadata = $5, spec = $6, modified_at = $7
         WHERE tenant = $1 AND namespace = $2 AND kind = $3 AND name = $4",
        &params![act.tenant.id, &place.namespace, place.kind, name, &metadata, &said.spec, act.now],
    )?;
    Ok(before)
}

/// The members that differ between two specs.
fn changed(before: &str, after: &str) -> Result<Vec<String>> {
    let members = |spec: &str| serde_json::from_str::<Map<String, Value>>(spec).map_err(Error::internal);
    let (before, after) = (members(before)?, members(after)?);
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    Ok(names.filter(|name| before.get(*name) != after.get(*name)).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_has_changed_if_it_is_another_or_there_on_one_side_only() {
        let changed = |before: &str, after: &str| changed(before, after).unwrap();
        assert_eq!(changed(r#"{"a":1,"b":2,"c":3}"#, r#"{"a":1,"b":3,"d":4}"#), ["b", "c", "d"]);
        assert!(changed(r#"{"a":{"b":1}}"#, r#"{"a":{"b":1}}"#).is_empty());
    }
}
