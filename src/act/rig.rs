//! For tests: a store in a directory that goes away, a tenant with an owner, and acts of any user of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::Act;
use crate::access::Grant;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::{Admitted, Call, Head, Namespace};
use crate::identity::{Actor, Caller, Proof, Tenant, TenantSettings};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::people::{self, NewUser};
use crate::random::Random;
use crate::store::{Scope, Settings, Store, Tx};
use crate::tenants::{self, NewTenant};

pub(crate) const NOW: Timestamp = Timestamp(1_772_615_727_004_211);
pub(crate) const OWNER: &str = "owner@example.com";

pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) random: Random,
    runtime: tokio::runtime::Runtime,
    directory: tempfile::TempDir,
}

impl Rig {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = Settings::embedded(directory.path(), 100);
        let store = Store::open(&settings, NOW).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let random = Random::seeded(7);
        let new = NewTenant::draw("acme", TenantSettings::default(), &random, NOW).unwrap();
        let actor = actor("house", &random);
        let tenant = runtime.block_on(store.write(Scope::HOUSE, move |tx| tenants::create(tx, &new, &actor, NOW)));
        let rig = Self { store, tenant: Arc::new(tenant.unwrap()), random, runtime, directory };
        rig.add(OWNER, &Grant::of_an_owner(), true);
        rig
    }

    /// The server's own keys.
    pub(crate) fn keys(&self) -> Keys {
        Keys::open(&self.directory.path().join("keys"), true, &self.random).unwrap()
    }

    /// A user who is simply there.
    pub(crate) fn add(&self, email: &str, grants: &[Grant], is_owner: bool) {
        let email = Email::parse(email).unwrap();
        let person = NewUser::person(email, &self.random, NOW);
        let new = NewUser { grants: grants.to_vec(), is_owner, ..person };
        let tenant = self.tenant.id;
        self.write(move |tx| people::insert(tx, tenant, &new, "house", NOW)).unwrap();
    }

    /// An act of that user, with the rights they have at this moment.
    pub(crate) fn act_of(&self, email: &str) -> Act {
        let (tenant, key) = (self.tenant.id, Email::parse(email).unwrap());
        let (user, rights) = self.read(|tx| {
            let user = people::get_by_email(tx, tenant, &key)?;
            Ok((user.id, people::rights_of(tx, tenant, user.id)?))
        });
        let proof = Proof::Credential("test".into());
        let caller = Caller { user, email: email.into(), proof, rights: Arc::new(rights), proved_at: None };
        let actor = Actor { user: Some(user), ..actor(email, &self.random) };
        Act { tenant: Arc::clone(&self.tenant), caller: Arc::new(caller), actor, now: NOW, part_of: None }
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.runtime.block_on(self.store.write(Scope::of(self.tenant.id), verb))
    }

    pub(crate) fn read<T>(&self, verb: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> T {
        self.store.read(Scope::of(self.tenant.id), verb).unwrap()
    }

    /// A call of that user that the gate has let in.
    pub(crate) fn call(&self, email: &str, params: &[(&str, &str)], query: &str) -> Call {
        let act = self.act_of(email);
        let head = Head {
            method: http::Method::GET,
            host: Default::default(),
            path: "".into(),
            query: query.into(),
            headers: http::HeaderMap::new(),
            params: params.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            address: act.actor.address,
            is_local: false,
            request_id: act.actor.request_id,
            now: NOW,
            deadline: std::time::Instant::now() + std::time::Duration::from_secs(600),
        };
        Call {
            head: head.into(),
            namespace: Namespace::system(),
            body: bytes::Bytes::new(),
            is_form: false,
            operation: "",
            contents: Default::default(),
            store: self.store.clone(),
            random: self.random.clone(),
            admitted: Admitted { tenant: Some(act.tenant), caller: Some(act.caller), presumed: None },
        }
    }

    /// Runs a handler to its end.
    pub(crate) fn run<T>(&self, handling: impl Future<Output = T>) -> T {
        self.runtime.block_on(handling)
    }

    /// How many audit records of that action there are.
    pub(crate) fn records(&self, action: &str) -> i64 {
        let tenant = self.tenant.id;
        self.read(|tx| {
            tx.one("SELECT COUNT(*) FROM audit WHERE tenant = $1 AND action = $2", &crate::params![tenant, action])?
                .get(0)
        })
    }
}

fn actor(name: &str, random: &Random) -> Actor {
    Actor {
        user: None,
        name: name.into(),
        credential: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        request_id: random.uuid(NOW),
    }
}
