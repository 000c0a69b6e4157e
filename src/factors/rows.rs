//! A second factor as stored.

use uuid::Uuid;

use super::codes::RECOVERY_CODES;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Row, Tx};

/// Behind this many wrong codes in a row an app is dead (NIST SP 800-63B-4 § 3.2.2).
pub(super) const FAILURES_MAX: i64 = 100;

/// What a user has, or had, beside the password.
#[derive(Debug, Clone)]
pub struct Factor {
    /// Whose.
    pub user: UserId,
    /// What the secret of the app is made from; none where there is no app.
    pub seed: Option<Uuid>,
    /// When the first code of the app was there.
    pub confirmed_at: Option<Timestamp>,
    /// The last step whose code was used.
    pub last_step: i64,
    /// What the recovery codes are made from.
    pub recovery_seed: Option<Uuid>,
    /// A bit for each recovery code that was used.
    pub recovery_used: i64,
    /// Wrong codes since the last right one.
    pub failures: i64,
    /// When the last of them was sent.
    pub last_failure_at: Timestamp,
    /// Since when another app needs a link, because an administrator took this one away.
    pub taken_away_at: Option<Timestamp>,
    /// What the link is known by.
    pub link: Option<Uuid>,
    /// The key under which it was made.
    pub link_key: Option<i64>,
    /// Until when it works.
    pub link_expires_at: Option<Timestamp>,
}

impl Factor {
    /// Whether there is an app, so that a code is asked for.
    pub fn is_on(&self) -> bool {
        self.seed.is_some()
    }

    /// Whether so many wrong codes came in a row that no code of the app counts any more.
    pub fn is_dead(&self) -> bool {
        self.failures >= FAILURES_MAX
    }

    /// The recovery codes that can still be used.
    pub fn codes_left(&self) -> u32 {
        if self.recovery_seed.is_none() { 0 } else { u32::from(RECOVERY_CODES) - self.recovery_used.count_ones() }
    }

    /// Whether this link may set up another app now.
    pub fn takes_link(&self, link: Option<Uuid>, now: Timestamp) -> bool {
        self.link.is_some() && self.link == link && self.link_expires_at.is_some_and(|end| end > now)
    }
}

/// Reads the columns that every look-up of this file selects.
pub(super) fn read(row: &Row) -> Result<Factor> {
    let mut row = row.columns();
    Ok(Factor {
        user: row.take()?,
        seed: row.take()?,
        confirmed_at: row.take()?,
        last_step: row.take()?,
        recovery_seed: row.take()?,
        recovery_used: row.take()?,
        failures: row.take()?,
        last_failure_at: row.take()?,
        taken_away_at: row.take()?,
        link: row.take()?,
        link_key: row.take()?,
        link_expires_at: row.take()?,
    })
}

/// The second factor of a user, which is held until the transaction ends: of two that judge a code at once, the later one
/// sees what the earlier one has used up and counted.
pub(super) fn hold(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Option<Factor>> {
    // What is read by itself is not held on PostgreSQL, and what is read before the row is held may be old.
    let row = tx.maybe(
        "UPDATE second_factors SET failures = failures WHERE tenant = $1 AND user_id = $2
         RETURNING user_id, seed, confirmed_at, last_step, recovery_seed, recovery_used, failures, last_failure_at,
             taken_away_at, link_id, link_key, link_expires_at",
        &params![tenant, user],
    )?;
    row.map(|row| read(&row)).transpose()
}

/// The second factor of a user; also the trace of one that was taken away.
///
/// # Errors
/// Those of the store.
pub fn find(tx: &mut Tx<'_>, tenant: TenantId, user: UserId) -> Result<Option<Factor>> {
    let row = tx.maybe(
        "SELECT user_id, seed, confirmed_at, last_step, recovery_seed, recovery_used, failures, last_failure_at,
             taken_away_at, link_id, link_key, link_expires_at
         FROM second_factors WHERE tenant = $1 AND user_id = $2",
        &params![tenant, user],
    )?;
    row.map(|row| read(&row)).transpose()
}
