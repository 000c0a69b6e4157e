//! The users of a plan, in the order in which their passwords end. A place is a class and a number in it: the owners come first
//! and the people who act last, so that somebody can act until the end. Users who are left out from the beginning stand behind
//! all others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::judge::Reason;
use crate::access::Rights;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::terms::Word;

/// Places of a class; no tenant has so many users.
const CLASS: i64 = 1 << 28;
/// The places of users who are left out from the beginning come behind this one.
pub(super) const LEFT_OUT: i64 = 7 * CLASS;
/// The places of the people who act come behind this one.
pub(super) const ACTING: i64 = 3 * CLASS;

/// Whose passwords end together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "IncidentClass")]
pub(super) enum Class {
    /// Owners of the tenant.
    Owners,
    /// Users who administer others.
    Administrators,
    /// All others.
    Others,
    /// The person who has agreed.
    Agreed,
    /// The person who has begun it.
    Acting,
}

impl Class {
    pub(super) fn of(is_me: bool, is_owner: bool, rights: &Rights) -> Self {
        match (is_me, is_owner, rights.administer()) {
            (true, ..) => Self::Acting,
            (_, true, _) => Self::Owners,
            (_, _, true) => Self::Administrators,
            _ => Self::Others,
        }
    }

    /// The place of the user who is the `nth` of this class, from 1 on.
    pub(super) fn place(self, nth: i64) -> i64 {
        self as i64 * CLASS + nth
    }
}

const INSERT: Batch = Batch::new(
    "INSERT INTO incident_users (tenant, incident, place, user_id, email, reason, listed_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)",
);
const LEAVE_OUT: Batch =
    Batch::new("UPDATE incident_users SET reason = $4 WHERE tenant = $1 AND incident = $2 AND place = $3");

/// A user of a plan, with their place.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) place: i64,
    /// None for an address of a list that belongs to nobody.
    pub(super) user: Option<UserId>,
    /// The address of one that belongs to nobody.
    pub(super) email: Option<String>,
    pub(super) reason: Option<Reason>,
}

pub(super) fn insert(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: Uuid,
    users: &[Listed],
    now: Timestamp,
) -> Result<()> {
    let row = |one: &'_ Listed| (one.place, one.user, one.email.clone(), one.reason.map(Word::word));
    let rows: Vec<_> = users.iter().map(row).collect();
    let rows: Vec<_> = rows
        .iter()
        .map(|(place, user, email, reason)| params![tenant, &incident, *place, *user, email.as_deref(), *reason, now])
        .collect();
    tx.put(INSERT, &rows)
}

/// The next users of a plan, behind a place and before another.
pub(super) fn next(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: Uuid,
    (behind, before): (i64, i64),
    most: i64,
) -> Result<Vec<(i64, UserId)>> {
    let rows = tx.all(
        "SELECT place, user_id FROM incident_users
         WHERE tenant = $1 AND incident = $2 AND place > $3 AND place < $4 AND user_id IS NOT NULL
         ORDER BY place LIMIT $5",
        &params![tenant, &incident, behind, before, most],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Notes who is left alone when their password was to end, and why.
pub(super) fn leave_out(tx: &mut Tx<'_>, tenant: TenantId, incident: Uuid, users: &[(i64, Reason)]) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|(place, reason)| params![tenant, &incident, *place, reason.word()]).collect();
    tx.put(LEAVE_OUT, &rows)
}

/// The place of a user among those whose passwords are to end; none where they are not among them.
pub(super) fn place_of(tx: &mut Tx<'_>, tenant: TenantId, incident: Uuid, user: UserId) -> Result<Option<i64>> {
    let found = tx.maybe(
        "SELECT place FROM incident_users
         WHERE tenant = $1 AND incident = $2 AND place < $3 AND user_id = $4 AND reason IS NULL ORDER BY place LIMIT 1",
        &params![tenant, &incident, LEFT_OUT, user],
    )?;
    found.map(|row| row.get(0)).transpose()
}

/// Gives a user of the list another place.
pub(super) fn move_to(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: Uuid,
    (user, from): (UserId, i64),
    to: i64,
) -> Result<bool> {
    let moved = tx.run(
        "UPDATE incident_users SET place = $5
         WHERE tenant = $1 AND incident = $2 AND place = $3 AND user_id = $4 AND reason IS NULL",
        &params![tenant, &incident, from, user, to],
    )?;
    Ok(moved == 1)
}

/// A user of a plan as they are now.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) place: i64,
    pub(super) reason: Option<Reason>,
    /// Of one of a list that belongs to nobody.
    pub(super) listed: Option<String>,
    /// Id outside, address, first and last name; none of one who was removed.
    pub(super) user: Option<(Uuid, String, String, String)>,
}

/// A part of the list, in its order; with `left_out`, those alone who are left out.
pub(super) fn page(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    incident: Uuid,
    left_out: bool,
    (behind, most): (i64, i64),
) -> Result<Vec<Seen>> {
    const ALL: &str =
        "SELECT l.place, l.reason, l.email, u.uid, u.email, u.first_name, u.last_name FROM incident_users l
         LEFT JOIN users u ON u.tenant = l.tenant AND u.id = l.user_id
         WHERE l.tenant = $1 AND l.incident = $2 AND l.place > $3 ORDER BY l.place LIMIT $4";
    const THOSE: &str = "SELECT l.place, l.reason, l.email, u.uid, u.email, u.first_name, u.last_name
         FROM incident_users l LEFT JOIN users u ON u.tenant = l.tenant AND u.id = l.user_id
         WHERE l.tenant = $1 AND l.incident = $2 AND l.place > $3 AND l.reason IS NOT NULL ORDER BY l.place LIMIT $4";
    let statement = if left_out { THOSE } else { ALL };
    tx.all(statement, &params![tenant, &incident, behind, most])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Seen> {
    let uid = row.get::<Option<Uuid>>(3)?;
    let user = uid.map(|uid| Ok((uid, row.get(4)?, row.get(5)?, row.get(6)?))).transpose()?;
    Ok(Seen { place: row.get(0)?, reason: row.get(1)?, listed: row.get(2)?, user })
}
