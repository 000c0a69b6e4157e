//! People whom an older copy of a store names although they were erased since: they are erased again. Of their addresses only codes
//! are known, so every address that the copy names is tried against them.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::erase::{Ask, begin, pseudonym};
use crate::audit;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::people::{self, AddressCode, ErasedKey};
use crate::random::Random;
use crate::store::Tx;

/// Rows read at once.
const READ: i64 = 1_000;

/// What becomes of people who were erased since a copy was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ErasedAgain {
    /// How many are erased again.
    pub people: u64,
    /// Owners, who are there again and are left, since a tenant always keeps its owners.
    pub owners: Vec<String>,
}

/// Erases again, in a tenant of a store that nobody serves yet, the people whose addresses have these codes. Records are rewritten
/// once the store is served.
///
/// # Errors
/// Those of the store.
pub fn erase_again(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    erased: &[(AddressCode, Timestamp)],
    (key, random): (&ErasedKey, &Random),
    (by, now): (&str, Timestamp),
) -> Result<ErasedAgain> {
    let codes: BTreeMap<_, _> = erased.iter().copied().collect();
    let mut told = ErasedAgain::default();
    if codes.is_empty() {
        return Ok(told);
    }
    for (code, erased_at) in erased {
        people::note_erased(tx, tenant, code, *erased_at)?;
    }
    for (code, email) in named(tx, tenant, key, &codes)? {
        let user = people::find_by_email(tx, tenant, &email)?;
        if let Some(owner) = user.as_ref().filter(|user| user.owner_since.is_some()) {
            told.owners.push(owner.email.clone());
            continue;
        }
        let ask = Ask { email, code, id: random.uuid(now), pseudonym: pseudonym(random) };
        let erased_at = codes.get(&code).copied().unwrap_or(now);
        begin(tx, tenant, &ask, user.as_ref(), (by, erased_at, now))?;
        told.people += 1;
    }
    Ok(told)
}

/// The addresses of these codes that the tenant names: of users, of users who were removed, and in records.
fn named(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    key: &ErasedKey,
    codes: &BTreeMap<AddressCode, Timestamp>,
) -> Result<BTreeMap<AddressCode, Email>> {
    let (mut found, mut tried) = (BTreeMap::new(), BTreeSet::new());
    let mut look = |text: &str| {
        if !tried.insert(text.to_owned()) {
            return;
        }
        if let Ok(email) = Email::parse(text) {
            let code = key.code(tenant, &email);
            if codes.contains_key(&code) {
                found.insert(code, email);
            }
        }
    };
    let mut after = String::new();
    loop {
        let keys = people::addresses_after(tx, tenant, &after, READ)?;
        keys.iter().for_each(|address| look(address));
        let Some(last) = keys.last().filter(|_| keys.len() as i64 == READ) else { break };
        after.clone_from(last);
    }
    people::former_addresses(tx, tenant)?.iter().for_each(|address| look(address));
    let mut before = Uuid::max();
    loop {
        let records = audit::list_before(tx, tenant, before, READ)?;
        for record in &records {
            look(&record.subject);
            look(&record.actor);
        }
        let Some(last) = records.last().filter(|_| records.len() as i64 == READ) else { break };
        before = last.id;
    }
    Ok(found)
}
