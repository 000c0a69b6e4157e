//! What the operators of an installation do while it runs: tenants, the mail that waits, keys, how the house stands.
//!
//! An operator is a user of the operators' tenant, or a caller by the socket in the data directory; the gate judges that
//! (`Permission::Operator`). A row of this room does what it says and nothing else: none tells or changes anything by which
//! the account of a user could be opened. The one way in is the first owner of a tenant that has none.
//!
//! An act on a tenant runs in a scope of two ([`crate::store::Scope::operating`]), so its record stands in both.

mod deed;
mod first_owner;
mod housekeeping_api;
mod incidents_api;
mod keys;
mod keys_api;
mod mails_api;
mod shown;
mod state_api;
mod tenants_api;

pub use self::keys::{KnownKey, list_keys, require_no_live_links};

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::Result;
use crate::housekeeping::Housekeeping;
use crate::http::{CursorKey, Operation};
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::random::Random;
use crate::store::{Scope, Store};
use crate::tenants::{self, NewTenant};

/// The parts of this room.
#[derive(Clone)]
pub struct Operating {
    config: Arc<Config>,
    keys: Keys,
    housekeeping: Housekeeping,
}

impl Operating {
    /// The room for an installation with these settings, keys and rounds.
    pub fn new(config: &Config, keys: &Keys, housekeeping: &Housekeeping) -> Self {
        Self { config: Arc::new(config.clone()), keys: keys.clone(), housekeeping: housekeeping.clone() }
    }
}

/// Makes the operators' tenant where there is none, as in a store of an earlier release.
///
/// # Errors
/// Those of the store; `Duplicate` when its names are taken.
pub async fn make_tenant(store: &Store, config: &Config, random: &Random, now: Timestamp) -> Result<()> {
    if store.glance(Scope::HOUSE, |tx| tenants::find_by_id(tx, TenantId::SYSTEM))?.is_some() {
        return Ok(());
    }
    let new = NewTenant::of_operators(tenants::usual_settings(config, "Tenantry"), random, now);
    store.write(Scope::of(TenantId::SYSTEM), move |tx| tenants::create_operators(tx, &new, now)).await
}

/// The operations of this room.
pub fn operations(room: &Operating) -> Vec<Operation> {
    let mut operations = tenants_api::operations(room);
    operations.extend(state_api::operations(room));
    operations.extend(housekeeping_api::operations(room));
    operations.extend(keys_api::operations(room));
    operations.extend(incidents_api::operations());
    operations.extend(mails_api::operations(&CursorKey::of(&room.keys)));
    operations
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::identity::{Actor, TenantSettings};
    use crate::store::{Settings, Tx};

    const NOW: Timestamp = Timestamp(1_772_615_727_000_000);

    #[tokio::test]
    async fn a_tenant_that_was_called_system_stays_what_it_is() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap();
        let random = Random::seeded(3);
        let config = Config::for_dev((Ipv4Addr::LOCALHOST, 0).into(), directory.path());
        let new = NewTenant::draw("system", TenantSettings::default(), &random, NOW).unwrap();
        let (theirs, address) = (new.id, Ipv4Addr::LOCALHOST.into());
        let actor = Actor { user: None, name: "test".into(), credential: None, address, request_id: random.uuid(NOW) };
        store.write(Scope::HOUSE, move |tx| tenants::create(tx, &new, &actor, NOW)).await.unwrap();
        for _ in 0..2 {
            make_tenant(&store, &config, &random, NOW).await.unwrap();
        }
        let names = |tx: &mut Tx<'_>| tenants::list_standings(tx);
        let names: Vec<_> = store.read(Scope::HOUSE, names).unwrap().into_iter().map(|one| one.tenant).collect();
        let names: Vec<_> = names.iter().map(|tenant| (tenant.name.as_str(), tenant.id)).collect();
        assert_eq!(names, [("system", theirs), ("tenantry-system", TenantId::SYSTEM)]);
    }
}
