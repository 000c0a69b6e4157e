//! Creates a tenant with its first three namespaces.

use serde_json::json;
use uuid::Uuid;

use super::{is_taken, sleep};
use crate::access::{SHARED, SYSTEM};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::identity::{Actor, BrandSettings, ResetSettings, SessionSettings, Tenant, TenantId, TenantSettings};
use crate::params;
use crate::random::Random;
use crate::store::Tx;
use crate::text;

/// The values of a new tenant.
#[derive(Debug, Clone)]
pub struct NewTenant {
    /// Its random number.
    pub id: TenantId,
    /// The label in its host name.
    pub name: String,
    /// The tenant id of the API.
    pub uid: String,
    /// The settings chosen by its administrators.
    pub settings: TenantSettings,
    namespaces: [(&'static str, Uuid); 3],
}

impl NewTenant {
    /// Draws the numbers of a new tenant.
    ///
    /// # Errors
    /// `Invalid` for a name that cannot be part of a host name.
    pub fn draw(name: &str, settings: TenantSettings, random: &Random, now: Timestamp) -> Result<Self> {
        check_name(name)?;
        // 31 bits, so that it fits into the tokens that carry it.
        let id = TenantId(i64::from(u32::from_be_bytes(random.bytes()) >> 1).max(1));
        Ok(Self::numbered(id, name, settings, random, now))
    }

    /// Draws them until the number is free: with a hundred thousand tenants one in twenty thousand is taken. Runs in the
    /// house's scope, since inside a tenant no other is seen.
    ///
    /// # Errors
    /// `Duplicate` for a name that is taken, `Invalid` for one that cannot be part of a host name.
    pub fn draw_free(
        tx: &mut Tx<'_>,
        name: &str,
        settings: &TenantSettings,
        random: &Random,
        now: Timestamp,
    ) -> Result<Self> {
        if is_taken(tx, name)? {
            return Err(taken(name));
        }
        loop {
            let new = Self::draw(name, settings.clone(), random, now)?;
            if !has_number(tx, new.id)? {
                return Ok(new);
            }
        }
    }

    /// The tenant of the operators.
    pub fn of_operators(settings: TenantSettings, random: &Random, now: Timestamp) -> Self {
        Self::numbered(TenantId::SYSTEM, NAMES_OF_OPERATORS[0], settings, random, now)
    }

    fn numbered(id: TenantId, name: &str, settings: TenantSettings, random: &Random, now: Timestamp) -> Self {
        let uid = format!("{name}-{}", random.letters(8));
        let namespaces = [SYSTEM, SHARED, "default"].map(|namespace| (namespace, random.uuid(now)));
        Self { id, name: name.into(), uid, settings, namespaces }
    }
}

/// The names of the operators' tenant: the first that is free. A store may have a tenant of an earlier release by one of them.
const NAMES_OF_OPERATORS: [&str; 2] = ["system", "tenantry-system"];

/// Checks the name of a tenant.
///
/// # Errors
/// `Invalid` for a name that cannot be part of a host name.
pub(super) fn check_name(name: &str) -> Result<()> {
    let is_fit = !name.is_empty()
        && name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if is_fit {
        return Ok(());
    }
    Err(Error::invalid(
        "Field name of a tenant is a word of a host name: a small letter, then small letters, digits and hyphens, at most 63.",
    ))
}

/// The settings with which a tenant begins in this installation.
pub fn usual_settings(config: &Config, display_name: &str) -> TenantSettings {
    let Config { links, reset, sessions, .. } = config;
    let budget = reset.budget_per_person_per_hour;
    TenantSettings {
        brand: BrandSettings { display_name: display_name.into(), ..BrandSettings::default() },
        reset: ResetSettings {
            link_lifetime_minutes: links.lifetime_minutes.into(),
            repeat_seconds: reset.repeat_window_seconds.into(),
            mails_per_hour: reset.mails_per_user_per_hour.into(),
            budget_per_hour: if budget == u32::MAX { -1 } else { budget.into() },
            ..ResetSettings::default()
        },
        session: SessionSettings {
            idle_minutes: sessions.idle_minutes.into(),
            absolute_minutes: sessions.absolute_minutes.into(),
        },
        ..TenantSettings::default()
    }
}

fn taken(name: &str) -> Error {
    Error::duplicate(format!("A tenant with the name {} already exists.", text::shown(name)))
}

/// Creates the tenant.
///
/// # Errors
/// `Duplicate` if there is one of that name or number.
pub fn create(tx: &mut Tx<'_>, new: &NewTenant, actor: &Actor, now: Timestamp) -> Result<Tenant> {
    if !insert(tx, new, &new.name, &actor.name, now)? {
        return Err(taken(&new.name));
    }
    let event = Event {
        tenant: new.id,
        at: now,
        action: "tenant.create",
        outcome: Outcome::Accepted,
        actor,
        subject: &new.name,
        facts: json!({}),
    };
    audit::record(tx, &event)?;
    let NewTenant { id, name, uid, settings, .. } = new.clone();
    Ok(Tenant { id, name, uid, revision: 1, settings, is_suspended: false })
}

/// Makes the tenant of the operators where there is none. Nobody asked for it, so it leaves no record.
///
/// # Errors
/// `Duplicate` when each of its names is taken.
pub fn create_operators(tx: &mut Tx<'_>, new: &NewTenant, now: Timestamp) -> Result<()> {
    if has_number(tx, new.id)? {
        return Ok(());
    }
    for name in NAMES_OF_OPERATORS {
        if insert(tx, new, name, "tenantry", now)? {
            return Ok(());
        }
    }
    Err(Error::duplicate(format!(
        "The operators' tenant has no name: {} are taken by other tenants. Rename one of them.",
        NAMES_OF_OPERATORS.join(" and ")
    )))
}

fn has_number(tx: &mut Tx<'_>, id: TenantId) -> Result<bool> {
    Ok(tx.maybe("SELECT 1 FROM tenants WHERE id = $1", &params![id])?.is_some())
}

/// False if there is one of that name, or of that number.
fn insert(tx: &mut Tx<'_>, new: &NewTenant, name: &str, by: &str, now: Timestamp) -> Result<bool> {
    let settings = serde_json::to_string(&new.settings).map_err(Error::internal)?;
    let inserted = tx.run(
        "INSERT INTO tenants (id, name, uid, settings, user_count, revision, created_at, sleep_look_at)
         VALUES ($1, $2, $3, $4, 0, 1, $5, $6) ON CONFLICT DO NOTHING",
        &params![new.id, name, &new.uid, &settings, now, sleep::look_at(&new.settings)],
    )?;
    for (namespace, uid) in new.namespaces.iter().filter(|_| inserted == 1) {
        tx.run(
            "INSERT INTO namespaces (tenant, name, uid, metadata, created_at, created_by) VALUES ($1, $2, $3, '{}', $4, $5)",
            &params![new.id, *namespace, uid, now, by],
        )?;
    }
    Ok(inserted == 1)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::error::Kind;
    use crate::store::{Scope, Settings, Store};

    const NOW: Timestamp = Timestamp(1_772_615_727_000_000);

    #[tokio::test]
    async fn a_name_that_is_taken_is_told_and_a_number_that_is_taken_is_drawn_again() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::embedded(directory.path(), 10), NOW).unwrap();
        let random = Random::seeded(7);
        let acme = NewTenant::draw("acme", TenantSettings::default(), &random, NOW).unwrap();
        let (taken, address, request_id) = (acme.id, Ipv4Addr::LOCALHOST.into(), random.uuid(NOW));
        let actor = Actor { user: None, name: "test".into(), credential: None, address, request_id };
        store.write(Scope::HOUSE, move |tx| create(tx, &acme, &actor, NOW).map(drop)).await.unwrap();
        // The same seed draws the same number first.
        let draw = |name: &'static str| {
            let draw = move |tx: &mut Tx<'_>| {
                NewTenant::draw_free(tx, name, &TenantSettings::default(), &Random::seeded(7), NOW)
            };
            store.read(Scope::HOUSE, draw)
        };
        assert_eq!(draw("acme").unwrap_err().kind, Kind::Duplicate);
        assert_ne!(draw("other").unwrap().id, taken);
    }
}
