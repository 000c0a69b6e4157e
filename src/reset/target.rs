//! What the store knows of the users whose passwords are to be reset.

use uuid::Uuid;

use super::limits::MailTimes;
use super::request::Ask;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::UserId;
use crate::params;
use crate::rights::Grant;
use crate::store::{Row, Tx};

/// A user as this verb needs one.
pub(super) struct Target {
    pub(super) user: UserId,
    pub(super) email: String,
    pub(super) is_local: bool,
    pub(super) is_service: bool,
    pub(super) is_disabled: bool,
    pub(super) is_owner: bool,
    pub(super) epoch: i64,
    pub(super) latest: Option<Uuid>,
    pub(super) open: Option<Open>,
    pub(super) mail_times: MailTimes,
    pub(super) grants: Vec<Grant>,
}

/// The reset that is open when the ask arrives.
pub(super) struct Open {
    pub(super) id: Uuid,
    pub(super) requested_at: Timestamp,
    pub(super) requested_by: String,
    pub(super) is_undeliverable: bool,
}

/// What was found for an ask.
pub(super) struct Found {
    pub(super) target: Option<Target>,
    /// The digest and the reset of an earlier ask under the same idempotency key.
    pub(super) under_key: Option<(Vec<u8>, Uuid)>,
}

const FIND: &str = "SELECT id, email, kind, idm_type, disabled_at, session_epoch, last_reset, open_reset,
        open_reset_expires_at, reset_mail_times, owner_since
    FROM users WHERE tenant = $1 AND email_key = $2";
const GRANTS: &str = "SELECT namespace, role FROM grants WHERE tenant = $1 AND user_id = $2";
const OPEN: &str = "SELECT requested_at, requested_by, undeliverable_at FROM resets WHERE tenant = $1 AND id = $2";
const UNDER_KEY: &str =
    "SELECT body_digest, reset_id FROM reset_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";

/// Looks every ask up: its user, and whether its idempotency key was used before.
pub(super) fn find(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Vec<Found>> {
    let keys: Vec<String> = asks.iter().map(|ask| ask.email.key()).collect();
    let rows: Vec<_> = asks.iter().zip(&keys).map(|(ask, key)| params![ask.tenant, key]).collect();
    let users = tx.each(FIND, &rows)?;
    let mut found = Vec::with_capacity(asks.len());
    for (ask, user) in asks.iter().zip(users) {
        let target = user.rows.first().map(|row| read_target(tx, ask, row)).transpose()?;
        let under_key = match &ask.idempotency {
            Some((key, _)) => tx.maybe(UNDER_KEY, &params![ask.tenant, &ask.actor.name, key])?,
            None => None,
        };
        let under_key = under_key.map(|row| Ok::<_, Error>((row.get(0)?, row.get(1)?))).transpose()?;
        found.push(Found { target, under_key });
    }
    Ok(found)
}

fn read_target(tx: &mut Tx<'_>, ask: &Ask, row: &Row) -> Result<Target> {
    let user = row.get(0)?;
    let open: Option<Uuid> = row.get(7)?;
    let expires_at: Option<Timestamp> = row.get(8)?;
    let open = match open.zip(expires_at).filter(|(_, expires_at)| *expires_at > ask.now) {
        Some((id, _)) => {
            let row = tx.one(OPEN, &params![ask.tenant, &id])?;
            let is_undeliverable = row.get::<Option<Timestamp>>(2)?.is_some();
            Some(Open { id, requested_at: row.get(0)?, requested_by: row.get(1)?, is_undeliverable })
        }
        None => None,
    };
    let grants = match ask.rights {
        Some(_) => tx.all(GRANTS, &params![ask.tenant, user])?.iter().map(grant).collect::<Result<_>>()?,
        None => Vec::new(),
    };
    Ok(Target {
        user,
        email: row.get(1)?,
        is_service: row.get::<String>(2)? != "USER",
        is_local: row.get::<String>(3)? == "VOLTERRA_MANAGED",
        is_disabled: row.get::<Option<Timestamp>>(4)?.is_some(),
        is_owner: row.get::<Option<Timestamp>>(10)?.is_some(),
        epoch: row.get(5)?,
        latest: row.get(6)?,
        open,
        mail_times: MailTimes::parse(&row.get::<String>(9)?),
        grants,
    })
}

fn grant(row: &Row) -> Result<Grant> {
    Ok(Grant { namespace: row.get(0)?, role: row.get(1)? })
}
