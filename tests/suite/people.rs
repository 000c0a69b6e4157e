//! Further users, tenants and tokens for a rig, written straight into the store. And a writer that can be blocked.

use std::net::Ipv4Addr;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use tenantry::access::{Grant, OWNER_ROLE, SYSTEM};
use tenantry::clock::Timestamp;
use tenantry::credentials::{self, CredentialKind, NewCredential, Token};
use tenantry::error::Result;
use tenantry::identity::{Actor, TenantId, TenantSettings};
use tenantry::mail::address::Email;
use tenantry::params;
use tenantry::people::{self, NewUser};
use tenantry::random::Random;
use tenantry::store::{Param, Scope, Store, Tx};
use tenantry::tenants::{self, NewTenant};

use crate::rig::{Rig, START};

/// All grants of an owner.
pub fn owner() -> Vec<Grant> {
    Grant::of_an_owner()
}

/// One role in `system`.
pub fn in_system(role: &str) -> Vec<Grant> {
    vec![Grant::new(SYSTEM, role)]
}

impl Rig {
    /// Writes to the store directly.
    pub fn write<T: Send + 'static>(&self, verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        block_on(&self.store, verb).unwrap()
    }

    /// The number in the first row, first column.
    pub fn number(&self, statement: &'static str, params: &[Param<'_>]) -> i64 {
        self.store.read(Scope::HOUSE, |tx| tx.one(statement, params)?.get(0)).unwrap()
    }

    /// The sample tenant.
    pub fn tenant(&self) -> TenantId {
        let found = self.store.read(Scope::HOUSE, |tx| tenants::find_by_name(tx, self.sample.tenant));
        found.unwrap().unwrap().id
    }

    /// Changes the settings of the sample tenant.
    pub fn choose(&self, change: impl Fn(&mut TenantSettings) + Send + 'static) {
        let id = self.tenant();
        self.write(move |tx| {
            let tenant = tenants::find_by_id(tx, id)?.expect("the sample tenant");
            let mut settings = tenant.settings.clone();
            change(&mut settings);
            tenants::replace_settings(tx, &tenant, &settings)
        });
    }

    /// A second tenant with nobody in it.
    pub fn add_tenant(&self, name: &str) -> TenantId {
        let random = Random::system();
        let mut settings = TenantSettings::default();
        (settings.brand.display_name, settings.reset.budget_per_hour) = (name.into(), -1);
        let new = NewTenant::draw(name, settings, &random, START).unwrap();
        let (id, actor) = (
            new.id,
            Actor {
                user: None,
                name: "test".into(),
                credential: None,
                address: Ipv4Addr::LOCALHOST.into(),
                request_id: random.uuid(START),
            },
        );
        self.write(move |tx| tenants::create(tx, &new, &actor, START).map(drop));
        id
    }

    /// A user as `change` wants them.
    pub fn add_user(&self, tenant: TenantId, email: &str, change: impl FnOnce(&mut NewUser)) -> NewUser {
        let now = self.clock.now();
        let mut new = NewUser::person(Email::parse(email).unwrap(), &Random::system(), now);
        change(&mut new);
        let inserted = new.clone();
        self.write(move |tx| people::insert(tx, tenant, &inserted, "test", now));
        new
    }

    /// A user with these grants, and their token.
    pub fn add_member(&self, tenant: TenantId, email: &str, grants: Vec<Grant>) -> String {
        let is_owner = grants.iter().any(|grant| grant.role == OWNER_ROLE);
        let user = self.add_user(tenant, email, |new| (new.grants, new.is_owner) = (grants, is_owner));
        self.add_token(tenant, &user, self.clock.now().plus_seconds(3600 * 24 * 30))
    }

    /// Gives a user exactly these grants, without an audit record.
    pub fn give(&self, email: &str, grants: Vec<Grant>) {
        let (tenant, email) = (self.tenant(), Email::parse(email).unwrap());
        self.write(move |tx| {
            let user = people::get_by_email(tx, tenant, &email)?;
            people::replace_grants(tx, tenant, user.id, &grants)
        });
    }

    /// A further token of a user.
    pub fn add_token(&self, tenant: TenantId, user: &NewUser, expires_at: Timestamp) -> String {
        let (random, now, token) = (Random::system(), self.clock.now(), Token::draw(&Random::system()));
        let new = NewCredential {
            name: format!("token-{}", random.letters(8)),
            uid: random.uuid(now),
            kind: CredentialKind::Token,
            user: user.id,
            secret_hash: token.hash(),
            expires_at,
            narrowed_to: None,
        };
        self.write(move |tx| credentials::insert(tx, tenant, &new, "test", now));
        token.expose().into()
    }

    /// Changes the database behind the server's back.
    pub fn tamper(&self, statement: &str) {
        let data = self.data.as_ref().unwrap().path();
        let changed = match crate::engine::database_of(data) {
            Some(url) => {
                let counted = format!("WITH done AS ({statement} RETURNING 1) SELECT COUNT(*) FROM done");
                let name = url.rsplit('/').next().unwrap();
                crate::postgres::server().ask(name, &counted).unwrap().parse().unwrap()
            }
            None => {
                let database = rusqlite::Connection::open(data.join("tenantry.db")).unwrap();
                database.busy_timeout(std::time::Duration::from_secs(20)).unwrap();
                database.execute(statement, []).unwrap()
            }
        };
        assert_ne!(changed, 0, "{statement} meets nothing");
    }

    /// Waits until the sealer has nothing to do, so that no worker of the house writes beside a test.
    pub fn wait_until_sealed(&self) {
        self.wait_until_none("SELECT COUNT(*) FROM audit_waiting", &[]);
    }

    /// Waits until every wish is carried out and the fate of every mail is written that is due now or under way: only
    /// then nothing changes by itself.
    pub fn let_background_rest(&self) {
        self.wait_until_none("SELECT COUNT(*) FROM link_wishes", &[]);
        // Mails that are under way are leased for a minute.
        let soon = self.clock.now().plus_seconds(61);
        let due = "SELECT COUNT(*) FROM mails WHERE due_at < $1 AND sent_at IS NULL AND failed_at IS NULL";
        self.wait_until_none(due, &params![soon]);
        self.wait_until_sealed();
    }

    /// Waits until this statement counts nothing.
    pub fn wait_until_none(&self, count: &'static str, params: &[Param<'_>]) {
        for _ in 0..1_000 {
            if self.number(count, params) == 0 {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("there is work that nobody does: {count}");
    }

    /// Blocks all writes to the sample tenant until the returned value is let go.
    pub fn hold_writer(&self) -> HeldWriter {
        let (let_go, wait) = channel::<()>();
        let (begun, has_begun) = channel();
        let (store, tenant) = (self.store.clone(), self.tenant());
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let hold = move |tx: &mut Tx<'_>| {
                tx.one("SELECT user_count FROM tenants WHERE id = $1", &params![tenant])?;
                let _ = begun.send(());
                let _ = wait.recv();
                Ok(())
            };
            runtime.block_on(store.write(Scope::of(tenant), hold)).unwrap();
        });
        has_begun.recv().unwrap();
        HeldWriter { let_go, thread }
    }
}

/// A change that holds the writer until it is let go.
pub struct HeldWriter {
    let_go: Sender<()>,
    thread: JoinHandle<()>,
}

impl HeldWriter {
    /// Unblocks the writer.
    pub fn let_go(self) {
        drop(self.let_go);
        self.thread.join().unwrap();
    }
}

fn block_on<T: Send + 'static>(
    store: &Store,
    verb: impl FnMut(&mut Tx<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(store.write(Scope::HOUSE, verb))
}
