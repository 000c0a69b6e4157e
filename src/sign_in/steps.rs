//! A sign-in whose password was right and that waits for the rest, or a code app that is being set up, in one browser. The
//! cookie is known by its hash; the row opens nothing by itself, and the statement that uses it deletes it.

use http::header::HeaderValue;
use uuid::Uuid;

use super::{SignIn, header_value};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::Call;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people::{self, User};
use crate::sessions::Cookie;
use crate::store::Tx;
use crate::tenants;

/// What a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A code, to sign in.
    Code,
    /// A new app and its first code, to sign in.
    Enrol,
    /// The first code of a new app of someone who is signed in.
    Own,
}

impl Purpose {
    /// The word that is stored.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Enrol => "enrol",
            Self::Own => "own",
        }
    }

    fn of(word: &str) -> Result<Self> {
        let known = [Self::Code, Self::Enrol, Self::Own].into_iter().find(|purpose| purpose.word() == word);
        known.ok_or_else(|| Error::internal("a step of a sign-in waits for something unknown"))
    }

    /// For how long. An app has to be installed first.
    fn life_seconds(self) -> i64 {
        match self {
            Self::Code => 5 * 60,
            Self::Enrol | Self::Own => 15 * 60,
        }
    }
}

/// What a step is made from.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// The hash of its cookie.
    pub secret_hash: [u8; 32],
    /// What the secret of the new app is made from.
    pub seed: Option<Uuid>,
    /// The link by which the app is set up.
    pub link: Option<Uuid>,
}

/// A step that waits.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) secret_hash: [u8; 32],
    pub(super) purpose: Purpose,
    pub(super) seed: Option<Uuid>,
    pub(super) link: Option<Uuid>,
    /// Its user, as they are now.
    pub(super) user: User,
}

/// The name of the cookie.
pub(super) fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-tenantry-step" } else { "tenantry-step" }
}

/// Draws a cookie with its step, which has a new seed.
pub(super) fn draw(call: &Call, tenant: TenantId) -> (Cookie, NewStep) {
    let cookie = Cookie::draw(tenant, &call.random);
    let seed = Some(Uuid::from_bytes(call.random.bytes()));
    let step = NewStep { secret_hash: cookie.hash(), seed, link: None };
    (cookie, step)
}

/// The header that sets the cookie of a step.
pub(super) fn set(parts: &SignIn, purpose: Purpose, cookie: &Cookie) -> Result<HeaderValue> {
    header_value(&cookie.set_as(cookie_name(parts.is_https), purpose.life_seconds(), parts.is_https))
}

/// The header that removes it.
pub(super) fn unset(parts: &SignIn) -> Result<HeaderValue> {
    header_value(&Cookie::unset_as(cookie_name(parts.is_https), parts.is_https))
}

/// The step whose cookie this browser sent, if it still waits. Its password was right, so its holder is told where the tenant is
/// suspended.
pub(super) fn presented(parts: &SignIn, call: &Call) -> Result<Option<Step>> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let mut cookies = call.head.cookies(cookie_name(parts.is_https)).filter_map(Cookie::parse);
    let Some(cookie) = cookies.find(|cookie| cookie.tenant == tenant) else { return Ok(None) };
    let step = call.store.read(call.scope()?, |tx| waiting(tx, tenant, &cookie.hash(), now))?;
    if step.is_some() {
        tenants::check_served(call.tenant()?)?;
    }
    Ok(step)
}

/// The step with this hash, if nothing has ended it: its time, a change of the password, or the end of all sessions.
pub(super) fn waiting(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    secret_hash: &[u8; 32],
    now: Timestamp,
) -> Result<Option<Step>> {
    let row = tx.maybe(
        "SELECT user_id, session_epoch, password_changed_at, purpose, seed, link_id, began_at
         FROM sign_in_steps WHERE tenant = $1 AND secret_hash = $2",
        &params![tenant, secret_hash],
    )?;
    let Some(row) = row else { return Ok(None) };
    let user: UserId = row.get(0)?;
    let (epoch, changed_at): (i64, Timestamp) = (row.get(1)?, row.get(2)?);
    let purpose = Purpose::of(&row.get::<String>(3)?)?;
    let is_going_on = row.get::<Timestamp>(6)?.lasts(purpose.life_seconds(), now);
    let user = people::find_by_id(tx, tenant, user)?.filter(|user| {
        let is_same = user.session_epoch == epoch && user.password_changed_at.unwrap_or_default() == changed_at;
        let may_enter = user.disabled_at.is_none() && user.password_dead_at.is_none() && user.has_local_password();
        is_going_on && is_same && may_enter
    });
    let Some(user) = user else { return Ok(None) };
    Ok(Some(Step { secret_hash: *secret_hash, purpose, seed: row.get(4)?, link: row.get(5)?, user }))
}

/// Inserts a step of a user.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    user: &User,
    purpose: Purpose,
    new: &NewStep,
    now: Timestamp,
) -> Result<()> {
    tx.run(
        "INSERT INTO sign_in_steps (tenant, secret_hash, user_id, session_epoch, password_changed_at, purpose, seed, link_id,
             began_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        &params![
            tenant,
            &new.secret_hash,
            user.id,
            user.session_epoch,
            user.password_changed_at.unwrap_or_default(),
            purpose.word(),
            new.seed.as_ref(),
            new.link.as_ref(),
            now,
            now.plus_seconds(purpose.life_seconds())
        ],
    )
    .map(drop)
}

/// Uses a step up; false where it was used before.
pub(super) fn take(tx: &mut Tx<'_>, tenant: TenantId, step: &Step) -> Result<bool> {
    let statement = "DELETE FROM sign_in_steps WHERE tenant = $1 AND secret_hash = $2";
    tx.run(statement, &params![tenant, &step.secret_hash]).map(|gone| gone == 1)
}

/// Deletes the expired steps of all tenants. Runs in the house's scope.
///
/// # Errors
/// Those of the store.
pub fn forget_steps(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    tx.run("DELETE FROM sign_in_steps WHERE expires_at < $1", &params![before]).map(drop)
}
