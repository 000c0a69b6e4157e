//! The link without which nobody sets up an app in the place of one that an administrator took away.

use serde_json::json;
use uuid::Uuid;

use super::letters::{self, Letter};
use super::rows::{Factor, find, read};
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Kind, Result, Told};
use crate::identity::{Actor, Tenant, TenantId};
use crate::keys::Keys;
use crate::pages::told;
use crate::params;
use crate::people::User;
use crate::random::Random;
use crate::reset;
use crate::store::Tx;

/// For how long a link works.
pub(super) const LIFE_SECONDS: i64 = 3_600;

/// What a link is made from.
#[derive(Debug, Clone, Copy)]
pub struct NewLink {
    pub(super) id: Uuid,
    pub(super) key: i64,
    pub(super) mail: Uuid,
}

impl NewLink {
    /// Draws the ids of the link and of its mail.
    pub fn draw(keys: &Keys, random: &Random, now: Timestamp) -> Self {
        Self { id: random.uuid(now), key: keys.current(), mail: random.uuid(now) }
    }
}

/// The factor whose present link is known by this id, whatever its age.
///
/// # Errors
/// Those of the store.
pub fn find_by_link(tx: &mut Tx<'_>, tenant: TenantId, link: &Uuid) -> Result<Option<Factor>> {
    let row = tx.maybe(
        "SELECT user_id, seed, confirmed_at, last_step, recovery_seed, recovery_used, failures, last_failure_at,
             taken_away_at, link_id, link_key, link_expires_at
         FROM second_factors WHERE tenant = $1 AND link_id = $2",
        &params![tenant, link],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// Mails a fresh link to a user whose app was taken away, who asks for it. The older link ends.
///
/// # Errors
/// `Conflict` where nothing waits for a link; `TooMany` beyond the bound of mails.
pub fn mail_link(
    tx: &mut Tx<'_>,
    tenant: &Tenant,
    user: &User,
    new: &NewLink,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    let waits = find(tx, tenant.id, user.id)?.is_some_and(|factor| factor.taken_away_at.is_some());
    if !waits {
        return Err(told::error(Kind::Conflict, Told::NoFactorLink));
    }
    reset::count_mail(tx, tenant, user.id, true, now)?;
    give(tx, tenant.id, user, new, actor, now)?;
    let (outcome, subject, facts) = (Outcome::Accepted, user.email.as_str(), json!({ "link": new.id }));
    let action = "second_factor.link";
    audit::record(tx, &Event { tenant: tenant.id, at: now, action, outcome, actor, subject, facts })
}

/// Puts a link in the place of an older one, and queues its mail.
pub(super) fn give(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: &User,
    new: &NewLink,
    actor: &Actor,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "UPDATE second_factors SET link_id = $3, link_key = $4, link_expires_at = $5
         WHERE tenant = $1 AND user_id = $2 AND taken_away_at IS NOT NULL",
        &params![tenant, user.id, &new.id, new.key, now.plus_seconds(LIFE_SECONDS)],
    )?;
    let told = letters::Told::taken_away(new.id, actor, now);
    letters::queue(tx, tenant, new.mail, (Letter::TakenAway, user.id), &told, now)
}
