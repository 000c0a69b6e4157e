//! The keys from which links are made: which there are, and what each of them still opens.

use schemars::JsonSchema;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::keys::Keys;
use crate::store::Tx;
use crate::{addresses, factors, reset, tenants};

/// A key, by its number: the key itself is told to nobody.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "KeyOfLinks")]
pub struct KnownKey {
    /// Its number.
    pub key: i64,
    /// Whether new links are made by it.
    pub makes_links: bool,
    /// Whether it signs the audit records, as the oldest one does.
    pub signs_audit_records: bool,
    /// Valid links that it has made, in all tenants.
    pub live_links: i64,
    /// When the last of them expires.
    pub last_link_dies_at: Option<Timestamp>,
}

/// All keys, the newest first. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn list_keys(tx: &mut Tx<'_>, keys: &Keys, now: Timestamp) -> Result<Vec<KnownKey>> {
    let (numbers, current) = (keys.numbers(), keys.current());
    let oldest = numbers.last().copied();
    let known = numbers.into_iter().map(|key| {
        let (live_links, last_link_dies_at) = live_links(tx, key, now)?;
        let signs_audit_records = oldest == Some(key);
        Ok(KnownKey { key, makes_links: key == current, signs_audit_records, live_links, last_link_dies_at })
    });
    known.collect()
}

/// Refuses a key whose links are still valid: without it they would be dead. Runs in the house's scope.
///
/// # Errors
/// `Conflict`.
pub fn require_no_live_links(tx: &mut Tx<'_>, key: i64, now: Timestamp) -> Result<()> {
    match live_links(tx, key, now)? {
        (_, None) => Ok(()),
        (links, Some(last)) => {
            Err(Error::conflict(format!("Key {key} has {links} live links; the last of them dies at {last}.")))
        }
    }
}

/// The number of valid links that a key has made, in all tenants, and when the last of them expires.
fn live_links(tx: &mut Tx<'_>, key: i64, now: Timestamp) -> Result<(i64, Option<Timestamp>)> {
    let mut all = (0, None);
    for tenant in tenants::list_all(tx)? {
        for of_key in [reset::links_of_key, addresses::links_of_key, factors::links_of_key] {
            let (links, last) = of_key(tx, tenant.id, key, now)?;
            all = (all.0 + links, all.1.max(last));
        }
    }
    Ok(all)
}
