//! The users who were told that they will be disabled unless they sign in, and those who were disabled so: since when, and when
//! they are looked at next.

use uuid::Uuid;

use super::quiet::stay_awake;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The columns of [`Sleeper`], in its order; a macro so that statements stay static texts.
macro_rules! columns {
    () => {
        "user_id, mail, inactive_since, told_at, mailed_at, asleep_at, going_at"
    };
}

const DUE: &str =
    concat!("SELECT ", columns!(), " FROM sleepers WHERE tenant = $1 AND due_at <= $2 ORDER BY due_at LIMIT $3");
const BY_USER: Batch = Batch::new(concat!("SELECT ", columns!(), " FROM sleepers WHERE tenant = $1 AND user_id = $2"));
const FIRST_DUE: &str = "SELECT due_at FROM sleepers WHERE tenant = $1 AND due_at > $2 ORDER BY due_at LIMIT 1";
const INSERT: Batch = Batch::new(
    "INSERT INTO sleepers (tenant, user_id, mail, inactive_since, told_at, due_at) VALUES ($1, $2, $3, $4, $5, $6)",
);
const FORGET: Batch = Batch::new("DELETE FROM sleepers WHERE tenant = $1 AND user_id = $2");
const PUT_OFF: Batch = Batch::new("UPDATE sleepers SET due_at = $3 WHERE tenant = $1 AND user_id = $2");
const ASLEEP: Batch =
    Batch::new("UPDATE sleepers SET asleep_at = $3, going_at = NULL, due_at = $4 WHERE tenant = $1 AND user_id = $2");
const GOING: Batch = Batch::new("UPDATE sleepers SET going_at = $3, due_at = $4 WHERE tenant = $1 AND user_id = $2");
/// A mail that was replaced by another one says nothing.
const MAILED: Batch = Batch::new(
    "UPDATE sleepers SET mailed_at = $4, due_at = $4
     WHERE tenant = $1 AND user_id = $2 AND mail = $3 AND asleep_at IS NULL",
);

/// A user who was told, or is asleep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sleeper {
    /// The user.
    pub user: UserId,
    /// The mail that tells them.
    pub mail: Uuid,
    /// When they were active last.
    pub inactive_since: Timestamp,
    /// When the mail was queued.
    pub told_at: Timestamp,
    /// When the relay took it.
    pub mailed_at: Option<Timestamp>,
    /// Since when they are disabled for it.
    pub asleep_at: Option<Timestamp>,
    /// Since when it is known that they are removed soon.
    pub going_at: Option<Timestamp>,
}

impl Sleeper {
    fn read(row: &Row) -> Result<Self> {
        let mut row = row.columns();
        Ok(Self {
            user: row.take()?,
            mail: row.take()?,
            inactive_since: row.take()?,
            told_at: row.take()?,
            mailed_at: row.take()?,
            asleep_at: row.take()?,
            going_at: row.take()?,
        })
    }
}

/// Up to `most` of the users who are due to be looked at, the longest overdue first.
///
/// # Errors
/// Those of the store.
pub fn due_sleepers(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp, most: i64) -> Result<Vec<Sleeper>> {
    tx.all(DUE, &params![tenant, now, most])?.iter().map(Sleeper::read).collect()
}

/// When the next user is due who is not due yet.
///
/// # Errors
/// Those of the store.
pub fn first_due(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<Option<Timestamp>> {
    tx.maybe(FIRST_DUE, &params![tenant, now])?.map(|row| row.get(0)).transpose()
}

/// The row of each of these users; none for a user who was not told.
///
/// # Errors
/// Those of the store.
pub fn sleepers(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<Vec<Option<Sleeper>>> {
    let rows: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    tx.each(BY_USER, &rows)?.iter().map(|answer| answer.rows.first().map(Sleeper::read).transpose()).collect()
}

/// Notes that each of these users is told by a mail, each since when they were inactive; they are looked at again at `due`, should
/// the mail not leave. Until then no other look concerns them.
///
/// # Errors
/// Those of the store.
pub fn tell_each(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    told: &[(UserId, Uuid, Timestamp)],
    now: Timestamp,
    due: Timestamp,
) -> Result<()> {
    let users: Vec<_> = told.iter().map(|(user, ..)| *user).collect();
    forget(tx, tenant, &users)?;
    let rows: Vec<_> = told.iter().map(|(user, mail, since)| params![tenant, *user, mail, *since, now, due]).collect();
    tx.each(INSERT, &rows)?;
    stay_awake(tx, tenant, &users.into_iter().map(|user| (user, now)).collect::<Vec<_>>())
}

/// Notes that the relay has taken these mails; each with its user and when that was. What follows is looked at then.
///
/// # Errors
/// Those of the store.
pub fn note_mailed(tx: &mut Tx<'_>, mails: &[(TenantId, UserId, Uuid, Timestamp)]) -> Result<()> {
    let rows: Vec<_> = mails.iter().map(|(tenant, user, mail, at)| params![*tenant, *user, mail, *at]).collect();
    tx.each(MAILED, &rows).map(drop)
}

/// Looks at these users again then, and not before.
///
/// # Errors
/// Those of the store.
pub fn put_off(tx: &mut Tx<'_>, tenant: TenantId, until: &[(UserId, Timestamp)]) -> Result<()> {
    let rows: Vec<_> = until.iter().map(|(user, due)| params![tenant, *user, *due]).collect();
    tx.each(PUT_OFF, &rows).map(drop)
}

/// Notes that this user, who was told, is disabled from now on; looked at again at `due`.
///
/// # Errors
/// Those of the store.
pub fn fell_asleep(tx: &mut Tx<'_>, tenant: TenantId, user: UserId, now: Timestamp, due: Timestamp) -> Result<()> {
    tx.each(ASLEEP, &[params![tenant, user, now, due]]).map(drop)
}

/// Notes that these users are removed soon, and not before `due`.
///
/// # Errors
/// Those of the store.
pub fn will_go(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId], now: Timestamp, due: Timestamp) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|user| params![tenant, *user, now, due]).collect();
    tx.each(GOING, &rows).map(drop)
}

/// Begins anew with each of these users, who were active then.
///
/// # Errors
/// Those of the store.
pub fn wake_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[(UserId, Timestamp)]) -> Result<()> {
    forget(tx, tenant, &users.iter().map(|(user, _)| *user).collect::<Vec<_>>())?;
    stay_awake(tx, tenant, users)
}

/// Deletes the rows of these users.
///
/// # Errors
/// Those of the store.
pub(super) fn forget(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    tx.each(FORGET, &rows).map(drop)
}

/// Moves what a clock that ran ahead has stamped back to now: what was told then counts as not told, and who was disabled then was
/// disabled now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    let moments = params![tenant, now, now.with_skew()];
    tx.run("UPDATE users SET awake_since = $2 WHERE tenant = $1 AND awake_since > $3", &moments)?;
    tx.run(
        "UPDATE sleepers SET mailed_at = NULL, due_at = $2
         WHERE tenant = $1 AND asleep_at IS NULL AND (told_at > $3 OR mailed_at > $3)",
        &moments,
    )?;
    tx.run(
        "UPDATE sleepers SET asleep_at = CASE WHEN asleep_at > $3 THEN $2 ELSE asleep_at END, going_at = NULL, due_at = $2
         WHERE tenant = $1 AND (asleep_at > $3 OR going_at > $3)",
        &moments,
    )
    .map(drop)
}
