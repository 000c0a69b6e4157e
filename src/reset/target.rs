//! Looks up the users whose passwords are to be reset.

use uuid::Uuid;

use super::ask::Ask;
use super::limits::MailTimes;
use super::rows::Kind;
use crate::access::Rights;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::people::{self, SignInBy};
use crate::store::{Answer, Batch, Question, Row, Tx};

/// The facts that this verb needs of a user.
pub(super) struct Target {
    pub(super) user: UserId,
    pub(super) email: String,
    pub(super) is_local: bool,
    pub(super) is_service: bool,
    pub(super) is_disabled: bool,
    pub(super) is_owner: bool,
    /// Whether there is a password, valid or dead.
    pub(super) has_password: bool,
    pub(super) password_is_alive: bool,
    pub(super) last_login_at: Option<Timestamp>,
    pub(super) password_changed_at: Option<Timestamp>,
    pub(super) epoch: i64,
    pub(super) latest: Option<Uuid>,
    pub(super) open: Option<Open>,
    /// The user's one place for an open reset, even if that reset has expired.
    pub(super) place: Option<Uuid>,
    /// The incident that holds the mail of the reset in that place.
    pub(super) held_by: Option<Uuid>,
    pub(super) mail_times: MailTimes,
    /// The same, as stored in the row.
    pub(super) mail_times_stored: String,
    pub(super) rights: Rights,
}

/// The reset that is open when the request arrives.
pub(super) struct Open {
    pub(super) id: Uuid,
    pub(super) kind: Kind,
    pub(super) requested_at: Timestamp,
    pub(super) requested_by: String,
    pub(super) is_undeliverable: bool,
    /// Whether it ended the user's API credentials too.
    pub(super) revoked_credentials: bool,
}

impl Target {
    /// Whether the request ends this user's password; a user without one has none to end.
    pub(super) fn loses_password_by(&self, ask: &Ask) -> bool {
        ask.rules.kills_password && self.has_password
    }

    /// The reset that a new one takes the place of: the open one, or one whose mail is held.
    pub(super) fn replaces(&self) -> Option<&Uuid> {
        self.open.as_ref().map(|open| &open.id).or(self.place.as_ref().filter(|_| self.held_by.is_some()))
    }
}

/// The user of a request, if there is one.
pub(super) type Found = Option<Target>;

/// The user, the open reset, and a row for each grant (one row if there is none), in one query.
macro_rules! target_of {
    ($key:literal) => {
        concat!(
            "SELECT u.id, u.email, u.kind, u.idm_type, u.disabled_at, u.session_epoch, u.last_reset, u.open_reset,
                u.open_reset_expires_at, u.reset_mail_times, u.owner_since, r.requested_at, r.requested_by,
                r.undeliverable_at, r.kind, r.credentials_revoked, u.last_login_at, u.password_dead_at,
                CASE WHEN u.password_hash IS NULL THEN 0 ELSE 1 END, u.password_changed_at,
                CASE WHEN r.held_at IS NULL THEN NULL ELSE r.incident END,
                g.namespace, g.role, g.api_groups, u.group_roles
            FROM users u
            LEFT JOIN resets r ON r.tenant = u.tenant AND r.id = u.open_reset
            LEFT JOIN grants g ON g.tenant = u.tenant AND g.user_id = u.id
            WHERE u.tenant = $1 AND u.",
            $key,
            " = $2"
        )
    };
}
const FIND: Batch = Batch::new(target_of!("email_key"));
const FIND_BY_ID: Batch = Batch::new(target_of!("id"));

/// Asks for the user of each request.
pub(super) fn question(asks: &[Ask]) -> Question {
    let emails: Vec<String> = asks.iter().map(|ask| ask.email.key()).collect();
    Question::new(FIND, asks.iter().zip(&emails).map(|(ask, email)| params![ask.tenant, email]))
}

/// The user found for each request.
pub(super) fn read(asks: &[Ask], users: &[Answer]) -> Result<Vec<Found>> {
    let target =
        |(ask, user): (&Ask, &Answer)| user.rows.first().map(|row| read_target(row, &user.rows, ask.now)).transpose();
    asks.iter().zip(users).map(target).collect()
}

/// Looks up the user of one request.
pub(super) fn find(tx: &mut Tx<'_>, ask: &Ask) -> Result<Found> {
    let asks = std::slice::from_ref(ask);
    let [users] = tx.look([question(asks)])?;
    Ok(read(asks, &users)?.pop().flatten())
}

/// The users of these numbers, in their order; none for one who is gone.
pub(super) fn find_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId], now: Timestamp) -> Result<Vec<Found>> {
    let asked: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    let read = |answer: &Answer| answer.rows.first().map(|row| read_target(row, &answer.rows, now)).transpose();
    tx.each(FIND_BY_ID, &asked)?.iter().map(read).collect()
}

fn read_target(row: &Row, rows: &[Row], now: Timestamp) -> Result<Target> {
    let place: Option<Uuid> = row.get(7)?;
    let expires_at: Option<Timestamp> = row.get(8)?;
    let held_by: Option<Uuid> = row.get(20)?;
    let is_open = |(_, expires_at): &(Uuid, Timestamp)| held_by.is_none() && *expires_at > now;
    let open = match place.zip(expires_at).filter(is_open) {
        Some((id, _)) => {
            let word: String = row.get(14)?;
            let kind =
                Kind::from_word(&word).ok_or_else(|| Error::internal(format!("no reset is of a kind {word}")))?;
            Some(Open {
                id,
                kind,
                requested_at: row.get(11)?,
                requested_by: row.get(12)?,
                is_undeliverable: row.get::<Option<Timestamp>>(13)?.is_some(),
                revoked_credentials: row.get::<Option<i64>>(15)?.is_some(),
            })
        }
        None => None,
    };
    let (mail_times_stored, has_password) = (row.get::<String>(9)?, row.get(18)?);
    Ok(Target {
        user: row.get(0)?,
        email: row.get(1)?,
        is_service: row.get::<people::Kind>(2)? == people::Kind::Service,
        is_local: row.get::<SignInBy>(3)? == SignInBy::Password,
        is_disabled: row.get::<Option<Timestamp>>(4)?.is_some(),
        is_owner: row.get::<Option<Timestamp>>(10)?.is_some(),
        has_password,
        password_is_alive: has_password && row.get::<Option<Timestamp>>(17)?.is_none(),
        last_login_at: row.get(16)?,
        password_changed_at: row.get(19)?,
        epoch: row.get(5)?,
        latest: row.get(6)?,
        open,
        place,
        held_by,
        mail_times: MailTimes::parse(&mail_times_stored),
        mail_times_stored,
        rights: people::read_rights(rows, 21)?,
    })
}
