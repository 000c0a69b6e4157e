//! Who has not been active for long, found by an index and judged by what they did last.
//!
//! A sign-in does not move the index: `awake_since` is a moment up to which a user was not inactive as far as was looked. Only a
//! user whose moment is long ago is looked at, and then it is moved to what they did last.

use super::kinds::Kind;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};

/// The columns of [`Quiet`], in its order; a macro so that statements stay static texts. What a user did last stands in the rows
/// of the user, the sessions and the credentials.
macro_rules! quiet_columns {
    () => {
        "u.id, u.email, u.kind, u.owner_since IS NOT NULL, u.disabled_at IS NOT NULL,
            COALESCE(u.awake_since, u.created_at), u.last_login_at,
            (SELECT MAX(s.last_seen_at) FROM sessions s WHERE s.tenant = u.tenant AND s.user_id = u.id),
            (SELECT MAX(c.used_at) FROM credentials c WHERE c.tenant = u.tenant AND c.user_id = u.id)"
    };
}

const UNKNOWN: &str =
    concat!("SELECT ", quiet_columns!(), " FROM users u WHERE u.tenant = $1 AND u.awake_since IS NULL LIMIT $2");
const LONG_AGO: &str = concat!(
    "SELECT ",
    quiet_columns!(),
    " FROM users u WHERE u.tenant = $1 AND u.awake_since <= $2 ORDER BY u.awake_since LIMIT $3"
);
const BY_ID: Batch =
    Batch::new(concat!("SELECT ", quiet_columns!(), " FROM users u WHERE u.tenant = $1 AND u.id = $2"));
const FIRST: &str = "SELECT awake_since FROM users
    WHERE tenant = $1 AND awake_since > $2 ORDER BY awake_since LIMIT 1";
const STAY_AWAKE: Batch = Batch::new("UPDATE users SET awake_since = $3 WHERE tenant = $1 AND id = $2");

/// A user, with what they did last.
#[derive(Debug, Clone)]
pub struct Quiet {
    /// The number.
    pub id: UserId,
    /// The address, as first written.
    pub email: String,
    /// What they are.
    pub kind: Kind,
    /// Whether an owner of the tenant.
    pub is_owner: bool,
    /// Whether locked out.
    pub is_disabled: bool,
    /// A moment up to which they were not inactive: when they were made, enabled or last looked at.
    pub awake_since: Timestamp,
    /// When they signed in last, or used a session or a credential (that to a day), whatever was last.
    pub done_at: Option<Timestamp>,
}

impl Quiet {
    fn read(row: &Row) -> Result<Self> {
        let done = (6..9).map(|at| row.get::<Option<Timestamp>>(at)).collect::<Result<Vec<_>>>()?;
        Ok(Self {
            id: row.get(0)?,
            email: row.get(1)?,
            kind: row.get(2)?,
            is_owner: row.get(3)?,
            is_disabled: row.get(4)?,
            awake_since: row.get(5)?,
            done_at: done.into_iter().flatten().max(),
        })
    }

    /// When they were active last.
    pub fn active_at(&self) -> Timestamp {
        self.done_at.map_or(self.awake_since, |done| done.max(self.awake_since))
    }
}

/// Up to `most` users of whom it is not known that they were active after `before`. What they did last may be younger.
///
/// # Errors
/// Those of the store.
pub fn find_quiet(tx: &mut Tx<'_>, tenant: TenantId, before: Timestamp, most: i64) -> Result<Vec<Quiet>> {
    let mut rows = tx.all(UNKNOWN, &params![tenant, most])?;
    if rows.is_empty() {
        rows = tx.all(LONG_AGO, &params![tenant, before, most])?;
    }
    rows.iter().map(Quiet::read).collect()
}

/// What each of these users did last; none for one who is there no more.
///
/// # Errors
/// Those of the store.
pub fn activity_of_each(tx: &mut Tx<'_>, tenant: TenantId, users: &[UserId]) -> Result<Vec<Option<Quiet>>> {
    let rows: Vec<_> = users.iter().map(|user| params![tenant, *user]).collect();
    tx.each(BY_ID, &rows)?.iter().map(|answer| answer.rows.first().map(Quiet::read).transpose()).collect()
}

/// The first moment after `before` of whose user it must be asked what they did last.
///
/// # Errors
/// Those of the store.
pub fn first_awake(tx: &mut Tx<'_>, tenant: TenantId, before: Timestamp) -> Result<Option<Timestamp>> {
    tx.maybe(FIRST, &params![tenant, before])?.map(|row| row.get(0)).transpose()
}

/// Notes up to when each of these users was not inactive.
///
/// # Errors
/// Those of the store.
pub fn stay_awake(tx: &mut Tx<'_>, tenant: TenantId, users: &[(UserId, Timestamp)]) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|(user, at)| params![tenant, *user, *at]).collect();
    tx.each(STAY_AWAKE, &rows).map(drop)
}
