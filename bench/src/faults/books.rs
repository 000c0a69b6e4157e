//! Reads the store while no product runs on it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

use serde_json::Value;
use tenantry::identity::TenantId;
use tenantry::params;
use tenantry::store::{Row, Scope, Settings, Store, Tx};
use uuid::Uuid;

use super::ledger::{Ask, Findings, Found};
use super::place;
use crate::Result;

/// Rows read at once.
const BATCH: i64 = 20_000;
/// The administrator of every case.
const ADMINISTRATOR: &str = "admin@example.com";

const RESETS: &str = "SELECT r.id, r.email, r.kills_password, u.open_reset, u.password_dead_at
    FROM resets r JOIN users u ON u.tenant = r.tenant AND u.id = r.user_id
    WHERE r.tenant = $1 AND r.id > $2 ORDER BY r.id LIMIT $3";
const MAILS: &str = "SELECT id, reset_id FROM mails WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
const RECORDS: &str = "SELECT id, action, outcome, facts FROM audit WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
const UNDER_KEY: &str = "SELECT reset_id FROM reset_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";
const PASSWORDS: &str = "SELECT email, password_hash FROM users WHERE tenant = $1";
const PENDING: &str = "SELECT id FROM mails WHERE sent_at IS NULL AND failed_at IS NULL";
const OPEN_TWICE: &str = "SELECT user_id FROM resets WHERE redeemed_at IS NULL AND superseded_at IS NULL
    AND cancelled_at IS NULL AND undeliverable_at IS NULL GROUP BY tenant, user_id HAVING COUNT(*) > 1";
/// Sessions that still do something, or have begun something.
const BUSY: &str = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND backend_type = 'client backend' AND (state <> 'idle' OR xact_start IS NOT NULL)";
/// How long a server may take to notice that a client is gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// Everything of the other tenant that a case could spoil.
const OF_OTHERS: [&str; 6] = [
    "SELECT email, password_hash, password_dead_at, session_epoch, open_reset, last_reset FROM users
        WHERE tenant <> $1 ORDER BY tenant, id",
    "SELECT id, redeemed_at, superseded_at, cancelled_at FROM resets WHERE tenant <> $1 ORDER BY tenant, id",
    "SELECT id, sent_at, failed_at FROM mails WHERE tenant <> $1 ORDER BY tenant, id",
    "SELECT id, action, outcome, facts FROM audit WHERE tenant <> $1 ORDER BY tenant, id",
    "SELECT tenant, user_id, namespace, role FROM grants WHERE tenant <> $1 ORDER BY tenant, user_id, namespace, role",
    "SELECT tenant, name, secret_hash FROM credentials WHERE tenant <> $1 ORDER BY tenant, name",
];

/// The store of a place, opened without the product.
pub struct Books {
    store: Store,
    tenant: TenantId,
    is_embedded: bool,
}

/// The state that must not change beside the requested changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Before {
    passwords: BTreeMap<String, Option<String>>,
    others: u64,
}

/// The resets that were found.
#[derive(Debug, Default)]
pub struct View {
    /// The resets.
    pub found: HashMap<Uuid, Found>,
    /// Which reset stands under which key.
    pub keys: HashMap<String, Uuid>,
    /// Where the next look may begin.
    pub mark: Uuid,
}

impl Books {
    /// Opens a store; an embedded one must have been left by the product.
    pub fn open(settings: &Settings) -> Result<Self> {
        let store = Store::open(settings, place::now())?;
        let tenant = store.read(Scope::HOUSE, |tx| {
            tx.one("SELECT id FROM tenants WHERE name = 'example-corp'", &[])?.get::<TenantId>(0)
        })?;
        Ok(Self { store, tenant, is_embedded: settings.postgres.is_none() })
    }

    /// Waits until a database server has finished or rolled back the statements of clients that are gone.
    pub fn wait_for_the_dead(&self) -> Result<()> {
        let (began, mut quiet) = (Instant::now(), 0);
        while !self.is_embedded && quiet < 3 {
            let busy = self.store.read(Scope::HOUSE, |tx| Ok(tx.all(BUSY, &[])?.len()))?;
            quiet = if busy == 0 { quiet + 1 } else { 0 };
            if began.elapsed() > PATIENCE {
                return Err("Sessions of a killed process stay on the server.".into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// Reads the resets made since `mark`, and those stored under the keys of `asks`.
    pub fn since(&self, mark: Uuid, asks: &[Ask]) -> Result<View> {
        let tenant = self.tenant;
        Ok(self.store.read(Scope::HOUSE, |tx| {
            let mut view = View { mark, ..View::default() };
            read_resets(tx, tenant, mark, &mut view)?;
            count_mails(tx, tenant, mark, &mut view)?;
            count_records(tx, tenant, mark, &mut view)?;
            for key in asks.iter().filter_map(|ask| ask.key.as_ref()) {
                if let Some(row) = tx.maybe(UNDER_KEY, &params![tenant, ADMINISTRATOR, key])? {
                    view.keys.insert(key.clone(), row.get(0)?);
                }
            }
            Ok(view)
        })?)
    }

    /// Reads something else of the sample tenant.
    pub fn read<T>(&self, look: impl FnOnce(&mut Tx<'_>, TenantId) -> Read<T>) -> Result<T> {
        Ok(self.store.read(Scope::HOUSE, |tx| look(tx, self.tenant))?)
    }

    /// Mails that neither left nor were given up.
    pub fn pending(&self) -> Result<usize> {
        Ok(self.store.read(Scope::HOUSE, |tx| Ok(tx.all(PENDING, &[])?.len()))?)
    }

    /// The state before a case.
    pub fn before(&self) -> Result<Before> {
        let tenant = self.tenant;
        Ok(self.store.read(Scope::HOUSE, |tx| {
            let rows = tx.all(PASSWORDS, &params![tenant])?;
            let passwords = rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?)));
            let passwords = passwords.collect::<tenantry::error::Result<_>>()?;
            let mut others = DefaultHasher::new();
            for statement in OF_OTHERS {
                format!("{:?}", tx.all(statement, &params![tenant])?).hash(&mut others);
            }
            Ok(Before { passwords, others: others.finish() })
        })?)
    }

    /// Unrequested changes and damage. The users in `chose` may have a new password.
    pub fn compare(&self, before: &Before, chose: &HashSet<String>) -> Result<Findings> {
        let mut findings = Findings::default();
        let after = self.before()?;
        findings.demand(after.others == before.others, || "I6: the other tenant's rows have changed".into());
        for (email, hash) in &after.passwords {
            let is_as_before = before.passwords.get(email) == Some(hash);
            findings.demand(is_as_before || chose.contains(email), || {
                format!("I1: {email} has another password than before, and nobody chose one")
            });
        }
        let twice = self.store.read(Scope::HOUSE, |tx| tx.all(OPEN_TWICE, &[]))?;
        findings.doubled.extend(twice.iter().map(|row| format!("a user has two open resets: {row:?}")));
        findings.broken.extend(self.damage()?);
        Ok(findings)
    }

    /// Damage of the database itself.
    pub fn damage(&self) -> Result<Vec<String>> {
        Ok(self.store.check()?.into_iter().map(|line| format!("the database is damaged: {line}")).collect())
    }

    /// Gives the data directory back.
    pub fn close(self) {
        self.store.close();
    }
}

type Read<T> = tenantry::error::Result<T>;

/// All rows of a statement that pages by the id in its first column.
fn pages(tx: &mut Tx<'_>, tenant: TenantId, statement: &'static str, from: Uuid) -> Read<Vec<Row>> {
    let (mut rows, mut from) = (Vec::new(), from);
    loop {
        let page = tx.all(statement, &params![tenant, &from, BATCH])?;
        let Some(last) = page.last() else { return Ok(rows) };
        from = last.get(0)?;
        rows.extend(page);
    }
}

fn read_resets(tx: &mut Tx<'_>, tenant: TenantId, from: Uuid, view: &mut View) -> Read<()> {
    for row in pages(tx, tenant, RESETS, from)? {
        let id: Uuid = row.get(0)?;
        let (kills, open, dead) = (row.get::<i64>(2)? == 1, row.get::<Option<Uuid>>(3)?, row.get::<Option<i64>>(4)?);
        let password_alive = kills && open == Some(id) && dead.is_none();
        view.found.insert(id, Found { email: row.get(1)?, password_alive, ..Found::default() });
        view.mark = view.mark.max(id);
    }
    // Ids grow by the millisecond; within the last one another may still come.
    view.mark = Uuid::from_u128(view.mark.as_u128() >> 80 << 80);
    Ok(())
}

fn count_mails(tx: &mut Tx<'_>, tenant: TenantId, from: Uuid, view: &mut View) -> Read<()> {
    for row in pages(tx, tenant, MAILS, from)? {
        let reset: Option<Uuid> = row.get(1)?;
        if let Some(found) = reset.and_then(|reset| view.found.get_mut(&reset)) {
            found.mails += 1;
        }
    }
    Ok(())
}

fn count_records(tx: &mut Tx<'_>, tenant: TenantId, from: Uuid, view: &mut View) -> Read<()> {
    for row in pages(tx, tenant, RECORDS, from)? {
        let (action, outcome, facts) = (row.get::<String>(1)?, row.get::<String>(2)?, row.get::<String>(3)?);
        let facts: Value = serde_json::from_str(&facts).unwrap_or_default();
        let reset = facts["reset"].as_str().and_then(|id| Uuid::parse_str(id).ok());
        let Some(found) = reset.and_then(|reset| view.found.get_mut(&reset)) else { continue };
        match (action.as_str(), outcome.as_str()) {
            ("reset.request", "accepted") => found.records += 1,
            ("reset.redeem", "accepted") => found.redemptions += 1,
            _ => {}
        }
    }
    Ok(())
}
