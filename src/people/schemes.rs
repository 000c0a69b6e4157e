//! How many users of a tenant have a hash of which scheme and cost, where it is not ours: so many of the addresses without a
//! hash take as long. Counted with whatever brings such a hash, replaces or removes it.

use std::collections::BTreeMap;

use crate::error::Result;
use crate::identity::TenantId;
use crate::params;
use crate::passwords::foreign;
use crate::store::{self, Tx};

/// A release without this migration takes a hash from elsewhere for a wrong password.
const MIGRATION: &str = "hash_schemes";
/// But for these, at any cost.
const KNOWN_BEFORE: &str = "argon2id$";

/// So many schemes are told apart. Users of further ones are counted as users with a hash of ours.
const SCHEMES_MAX: i64 = 16;

/// The schemes of a tenant's users.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schemes {
    /// Each scheme from elsewhere with the number of its users.
    pub foreign: Vec<(String, i64)>,
    /// All users of the tenant.
    pub users: i64,
}

/// Reads the schemes.
///
/// # Errors
/// Those of the store.
pub fn schemes(tx: &mut Tx<'_>, tenant: TenantId) -> Result<Schemes> {
    let rows = tx.all(
        "SELECT s.scheme, s.users, (SELECT t.user_count FROM tenants t WHERE t.id = s.tenant)
         FROM hash_schemes s WHERE s.tenant = $1",
        &params![tenant],
    )?;
    let mut schemes = Schemes::default();
    for row in &rows {
        schemes.foreign.push((row.get(0)?, row.get(1)?));
        schemes.users = row.get(2)?;
    }
    Ok(schemes)
}

/// Counts hashes that have come with new users.
pub(super) fn came<'a>(tx: &mut Tx<'_>, tenant: TenantId, hashes: impl Iterator<Item = &'a str>) -> Result<()> {
    let mut counts: BTreeMap<String, i64> = BTreeMap::new();
    for class in hashes.filter_map(foreign::class) {
        *counts.entry(class).or_default() += 1;
    }
    if counts.keys().any(|class| !class.starts_with(KNOWN_BEFORE)) {
        store::counts_on(tx, MIGRATION)?;
    }
    for (class, users) in counts {
        let others = tx.one(
            "SELECT COUNT(*) FROM hash_schemes WHERE tenant = $1 AND scheme <> $2",
            &params![tenant, class.as_str()],
        )?;
        if others.get::<i64>(0)? < SCHEMES_MAX {
            tx.run(
                "INSERT INTO hash_schemes (tenant, scheme, users) VALUES ($1, $2, $3)
                 ON CONFLICT (tenant, scheme) DO UPDATE SET users = hash_schemes.users + excluded.users",
                &params![tenant, class.as_str(), users],
            )?;
        }
    }
    Ok(())
}

/// Counts a hash that is replaced, or goes with its user.
pub(super) fn left(tx: &mut Tx<'_>, tenant: TenantId, hash: &str) -> Result<()> {
    let Some(class) = foreign::class(hash) else { return Ok(()) };
    let of_the_scheme = params![tenant, class.as_str()];
    tx.run("UPDATE hash_schemes SET users = users - 1 WHERE tenant = $1 AND scheme = $2", &of_the_scheme)?;
    tx.run("DELETE FROM hash_schemes WHERE tenant = $1 AND scheme = $2 AND users <= 0", &of_the_scheme).map(drop)
}
