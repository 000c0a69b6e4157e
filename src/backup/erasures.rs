//! Who was erased since a backup was made: known to the store that is replaced, and to a later backup.

use std::collections::BTreeMap;

use super::Restore;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, TenantId};
use crate::people::{self, AddressCode, ErasedKey};
use crate::person::{self, ErasedAgain};
use crate::random::Random;
use crate::store::{Scope, Store, Tx};

/// The codes of their addresses, by tenant.
pub(super) struct Erasures {
    key: ErasedKey,
    codes: BTreeMap<TenantId, BTreeMap<AddressCode, Timestamp>>,
    /// Whether anything could tell.
    pub(super) are_known: bool,
}

impl Erasures {
    /// What the store that is replaced knows, and the later backup that was named. A person who was erased before the backup that
    /// is restored is not in it; whom it has under the address is another.
    ///
    /// # Errors
    /// One sentence when that backup cannot be read.
    pub(super) fn known_to(ask: &Restore, tenants: &[Tenant], made_at: Timestamp) -> Result<Self> {
        let mut known = Self { key: ErasedKey::of(&ask.keys), codes: BTreeMap::new(), are_known: false };
        if let Some(later) = &ask.erasures {
            let backup = Store::look_at_backup(later)?.store;
            known.read(&backup, tenants, made_at).map_err(|cause| {
                let sentence = format!("{} does not tell who was erased. Nothing was changed.", later.display());
                Error::invalid(sentence).caused_by(cause)
            })?;
        }
        // One that is damaged, or of another release, tells nothing: it may be why there is a restore.
        if ask.replaces && Store::is_there(&ask.to)? {
            let _ = Store::look(&ask.to, ask.now).and_then(|store| {
                let read = known.read(&store, tenants, made_at);
                store.close();
                read
            });
        }
        Ok(known)
    }

    fn read(&mut self, store: &Store, tenants: &[Tenant], made_at: Timestamp) -> Result<()> {
        for tenant in tenants {
            let erased = store.read(Scope::of(tenant.id), |tx| people::erased_addresses(tx, tenant.id))?;
            let since = erased.into_iter().filter(|(_, erased_at)| *erased_at > made_at);
            self.codes.entry(tenant.id).or_default().extend(since);
        }
        self.are_known = true;
        Ok(())
    }

    /// Erases them again in a tenant.
    pub(super) fn again(
        &self,
        tx: &mut Tx<'_>,
        tenant: TenantId,
        random: &Random,
        by: (&str, Timestamp),
    ) -> Result<ErasedAgain> {
        let codes: Vec<_> = self.codes.get(&tenant).into_iter().flatten().map(|(code, at)| (*code, *at)).collect();
        person::erase_again(tx, tenant, &codes, (&self.key, random), by)
    }
}
