//! What the store knows of the users whose passwords are to be reset.

use uuid::Uuid;

use super::limits::MailTimes;
use super::request::Ask;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::UserId;
use crate::params;
use crate::rights::Grant;
use crate::store::{Answer, Question, Row, Tx};

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
    /// What stands in the user's one place for an open reset, even if its time is over.
    pub(super) place: Option<Uuid>,
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
    /// What was asked before under the same idempotency key.
    pub(super) under_key: Option<UnderKey>,
}

/// The digest of what was asked, and the reset that came of it.
pub(super) type UnderKey = (Vec<u8>, Uuid);

/// The user, the reset that is open, and a row for each grant (one without, where there is none): one look for all.
const FIND: &str =
    "SELECT u.id, u.email, u.kind, u.idm_type, u.disabled_at, u.session_epoch, u.last_reset, u.open_reset,
        u.open_reset_expires_at, u.reset_mail_times, u.owner_since, r.requested_at, r.requested_by, r.undeliverable_at,
        g.namespace, g.role
    FROM users u
    LEFT JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
    LEFT JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
    WHERE u.tenant = $1 AND u.email_key = $2";
const UNDER_KEY: &str =
    "SELECT body_digest, reset_id FROM reset_keys WHERE tenant = $1 AND actor = $2 AND idempotency_key = $3";

/// What to look up for each ask: its user, and whether its idempotency key was used before.
pub(super) fn questions(asks: &[Ask]) -> [Question; 2] {
    let emails: Vec<String> = asks.iter().map(|ask| ask.email.key()).collect();
    let keyed = asks.iter().filter_map(|ask| Some((ask, ask.idempotency.as_ref()?)));
    [
        Question::new(FIND, asks.iter().zip(&emails).map(|(ask, email)| params![ask.tenant, email])),
        Question::new(UNDER_KEY, keyed.map(|(ask, (key, _))| params![ask.tenant, &ask.actor.name, key])),
    ]
}

/// What was found for each ask.
pub(super) fn read(asks: &[Ask], users: &[Answer], under_keys: &[Answer]) -> Result<Vec<Found>> {
    let mut under_keys = under_keys.iter();
    let found = asks.iter().zip(users).map(|(ask, user)| {
        let under_key = ask.idempotency.as_ref().and_then(|_| under_keys.next()).map(read_under_key).transpose()?;
        let target = user.rows.first().map(|row| read_target(ask, row, &user.rows)).transpose()?;
        Ok(Found { target, under_key: under_key.flatten() })
    });
    found.collect()
}

/// Looks every ask up.
pub(super) fn find(tx: &mut Tx<'_>, asks: &[Ask]) -> Result<Vec<Found>> {
    let [users, under_keys] = tx.look(questions(asks))?;
    read(asks, &users, &under_keys)
}

fn read_under_key(answer: &Answer) -> Result<Option<UnderKey>> {
    answer.rows.first().map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

fn read_target(ask: &Ask, row: &Row, rows: &[Row]) -> Result<Target> {
    let place: Option<Uuid> = row.get(7)?;
    let expires_at: Option<Timestamp> = row.get(8)?;
    let open = match place.zip(expires_at).filter(|(_, expires_at)| *expires_at > ask.now) {
        Some((id, _)) => {
            let is_undeliverable = row.get::<Option<Timestamp>>(13)?.is_some();
            Some(Open { id, requested_at: row.get(11)?, requested_by: row.get(12)?, is_undeliverable })
        }
        None => None,
    };
    Ok(Target {
        user: row.get(0)?,
        email: row.get(1)?,
        is_service: row.get::<String>(2)? != "USER",
        is_local: row.get::<String>(3)? == "VOLTERRA_MANAGED",
        is_disabled: row.get::<Option<Timestamp>>(4)?.is_some(),
        is_owner: row.get::<Option<Timestamp>>(10)?.is_some(),
        epoch: row.get(5)?,
        latest: row.get(6)?,
        open,
        place,
        mail_times: MailTimes::parse(&row.get::<String>(9)?),
        grants: rows.iter().filter_map(|row| grant(row).transpose()).collect::<Result<_>>()?,
    })
}

/// The grant in a row; none in the one row of a user without any.
fn grant(row: &Row) -> Result<Option<Grant>> {
    let (namespace, role) = (row.get::<Option<String>>(14)?, row.get::<Option<String>>(15)?);
    Ok(namespace.zip(role).map(|(namespace, role)| Grant { namespace, role }))
}
