//! A tenant with one user, for the tests of this room.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use uuid::Uuid;

use super::SignIn;
use super::attempt::{Arrival, Guess, House};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::http::{Admitted, Bucket, Call, Head, Namespace};
use crate::identity::{Actor, Caller, Proof, Tenant, TenantId, TenantSettings, UserId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::passwords::{Cost, Hasher};
use crate::people::{self, NewUser, User};
use crate::random::Random;
use crate::secret::Secret;
use crate::sessions::NewSession;
use crate::store::{Param, Scope, Settings, Store, Tx, Value};
use crate::tenants::{self, NewTenant};

pub(super) const START: Timestamp = Timestamp(1_772_615_727_004_211);
pub(super) const PASSWORD: &str = "glacier-tuba-orbit-sandal";

pub(super) struct Scene {
    pub store: Store,
    pub hasher: Hasher,
    pub random: Random,
    pub tenant: TenantId,
    pub jane: UserId,
    dir: tempfile::TempDir,
}

impl Scene {
    /// Jane has a password.
    pub async fn set() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let settings = Settings::embedded(dir.path().join("data"), 2_000);
        let store = Store::open(&settings, START).unwrap();
        let random = Random::seeded(11);
        let cheap = Cost { memory_kib: 8, iterations: 1, parallelism: 1 };
        let hasher = Hasher::start(cheap, 1, 1_000, random.clone()).unwrap();
        let hash = hasher.hash(Secret::new(PASSWORD.into()), later()).await.unwrap();
        let new = NewTenant::draw("example", TenantSettings::default(), &random, START).unwrap();
        let mut person = NewUser::person(Email::parse("Jane@example.com").unwrap(), &random, START);
        person.password_hash = Some(hash);
        let (tenant, jane, actor) = (new.id, person.id, actor(&random));
        let verb = move |tx: &mut Tx<'_>| {
            tenants::create(tx, &new, &actor, START)?;
            people::insert(tx, tenant, &person, "setup", START)
        };
        store.write(Scope::HOUSE, verb).await.unwrap();
        Self { store, hasher, random, tenant, jane, dir }
    }

    pub async fn write<T: Send + 'static>(
        &self,
        verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.store.write(Scope::of(self.tenant), verb).await
    }

    pub fn actor(&self) -> Actor {
        actor(&self.random)
    }

    pub fn jane(&self) -> User {
        self.store.read(Scope::HOUSE, |tx| people::find_by_id(tx, self.tenant, self.jane)).unwrap().unwrap()
    }

    pub fn session(&self, secret_hash: [u8; 32]) -> NewSession {
        NewSession {
            uid: self.random.uuid(START),
            secret_hash,
            user: self.jane,
            epoch: self.jane().session_epoch,
            ends_at: START.plus_seconds(3600),
            address: "192.0.2.1".into(),
            method: "PASSWORD",
        }
    }

    pub fn arrival(&self, guess: &Guess, secret_hash: [u8; 32]) -> Arrival {
        let user = guess.user.clone().unwrap();
        let session = self.session(secret_hash);
        let mail = self.random.uuid(START);
        let (subject, step) = (guess.subject, None);
        Arrival { user, subject, session, replaced: None, rehashed: None, code: None, step, mail }
    }

    /// Runs a statement in the house's scope.
    pub async fn run(&self, statement: &'static str) {
        self.store.write(Scope::HOUSE, move |tx| tx.run(statement, &[])).await.unwrap();
    }

    /// The first column of the result.
    pub fn column(&self, statement: &'static str) -> Vec<Value> {
        let none: [Param<'_>; 0] = [];
        let rows = self.store.read(Scope::HOUSE, |tx| tx.all(statement, &none)).unwrap();
        rows.into_iter().map(|mut row| row.0.remove(0)).collect()
    }
}

pub(super) fn later() -> Instant {
    Instant::now() + Duration::from_secs(600)
}

pub(super) fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn actor(random: &Random) -> Actor {
    let request_id: Uuid = random.uuid(START);
    Actor { user: None, name: "anonymous".into(), credential: None, address: [192, 0, 2, 1].into(), request_id }
}

impl Scene {
    /// A JSON call of one of the tenant's pages, with these cookies, optionally in Jane's session.
    pub fn call(&self, cookies: &str, session: Option<[u8; 32]>) -> Call {
        let settings = TenantSettings::default();
        let (name, uid) = ("example".to_string(), "example-abcdefgh".to_string());
        let tenant = Some(Arc::new(Tenant { id: self.tenant, name, uid, revision: 1, settings, is_suspended: false }));
        let caller = session.map(|hash| {
            let (email, proof) = (self.jane().email, Proof::Session(hash.to_vec()));
            Arc::new(Caller { user: self.jane, email, proof, rights: Arc::default(), proved_at: Some(START) })
        });
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, cookies.parse().unwrap());
        let head = Head {
            method: Method::POST,
            host: Default::default(),
            path: "".into(),
            query: String::new(),
            headers,
            params: Vec::new(),
            address: [192, 0, 2, 1].into(),
            is_local: false,
            request_id: self.random.uuid(START),
            now: START,
            deadline: later(),
        };
        let (store, random) = (self.store.clone(), self.random.clone());
        let admitted = Admitted { tenant, caller, presumed: None };
        Call {
            head: head.into(),
            namespace: Namespace::system(),
            body: Bytes::new(),
            is_form: false,
            store,
            random,
            admitted,
            operation: "",
            contents: Default::default(),
        }
    }

    fn keys(&self) -> Keys {
        Keys::open(&self.dir.path().join("link.keys"), true, &self.random).unwrap()
    }

    pub fn house(&self, tenant: TenantId) -> House {
        let tenant = self.store.read(Scope::HOUSE, |tx| tenants::find_by_id(tx, tenant)).unwrap().unwrap();
        House { tenant: Arc::new(tenant), keys: self.keys() }
    }

    pub fn parts(&self) -> SignIn {
        let (attempts, keys) = (Arc::new(Bucket::new(1_000, 1_000)), self.keys());
        SignIn { hasher: self.hasher.clone(), is_https: true, attempts, keys, device_key: [3; 32] }
    }
}
