//! The users of a plan. Users who are to be changed have the places from 1 on, so that a run walks through nobody else; users
//! who are left out from the beginning stand behind all of them.

use uuid::Uuid;

use super::judge::Reason;
use crate::error::Result;
use crate::identity::{TenantId, UserId};
use crate::params;
use crate::store::{Batch, Row, Tx};
use crate::terms::Word;

/// The places of users who are left out from the beginning come behind this one.
pub(super) const LEFT_OUT: i64 = 1 << 40;

const INSERT: Batch =
    Batch::new("INSERT INTO bulk_users (tenant, bulk_id, place, user_id, reason) VALUES ($1, $2, $3, $4, $5)");
const LEAVE_OUT: Batch =
    Batch::new("UPDATE bulk_users SET reason = $4 WHERE tenant = $1 AND bulk_id = $2 AND place = $3");

/// A user of a plan, with their place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    pub(super) place: i64,
    pub(super) user: UserId,
    pub(super) reason: Option<Reason>,
}

pub(super) fn insert(tx: &mut Tx<'_>, tenant: TenantId, bulk: Uuid, users: &[Listed]) -> Result<()> {
    let rows: Vec<_> =
        users.iter().map(|one| params![tenant, &bulk, one.place, one.user, one.reason.map(Word::word)]).collect();
    tx.put(INSERT, &rows)
}

/// The next users whom a run comes to.
pub(super) fn next(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    bulk: Uuid,
    behind: i64,
    most: i64,
) -> Result<Vec<(i64, UserId)>> {
    let rows = tx.all(
        "SELECT place, user_id FROM bulk_users WHERE tenant = $1 AND bulk_id = $2 AND place > $3 AND place < $4
         ORDER BY place LIMIT $5",
        &params![tenant, &bulk, behind, LEFT_OUT, most],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Notes who is left out of a run, and why.
pub(super) fn leave_out(tx: &mut Tx<'_>, tenant: TenantId, bulk: Uuid, users: &[(i64, Reason)]) -> Result<()> {
    let rows: Vec<_> = users.iter().map(|(place, reason)| params![tenant, &bulk, *place, reason.word()]).collect();
    tx.put(LEAVE_OUT, &rows)
}

/// A user of a plan as they are now.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) place: i64,
    pub(super) reason: Option<Reason>,
    /// Id outside, address, first and last name; none of one who was removed.
    pub(super) user: Option<(Uuid, String, String, String)>,
}

/// A page of the list, in its order; with `left_out`, those alone who are left out.
pub(super) fn page(
    tx: &mut Tx<'_>,
    tenant: TenantId,
    bulk: Uuid,
    left_out: bool,
    (behind, most): (i64, i64),
) -> Result<Vec<Seen>> {
    const ALL: &str = "SELECT l.place, l.reason, u.uid, u.email, u.first_name, u.last_name FROM bulk_users l
         LEFT JOIN users u ON u.tenant = l.tenant AND u.id = l.user_id
         WHERE l.tenant = $1 AND l.bulk_id = $2 AND l.place > $3 ORDER BY l.place LIMIT $4";
    const THOSE: &str = "SELECT l.place, l.reason, u.uid, u.email, u.first_name, u.last_name FROM bulk_users l
         LEFT JOIN users u ON u.tenant = l.tenant AND u.id = l.user_id
         WHERE l.tenant = $1 AND l.bulk_id = $2 AND l.place > $3 AND l.reason IS NOT NULL ORDER BY l.place LIMIT $4";
    let statement = if left_out { THOSE } else { ALL };
    tx.all(statement, &params![tenant, &bulk, behind, most])?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Seen> {
    let uid = row.get::<Option<Uuid>>(2)?;
    let user = uid.map(|uid| Ok((uid, row.get(3)?, row.get(4)?, row.get(5)?))).transpose()?;
    Ok(Seen { place: row.get(0)?, reason: row.get(1)?, user })
}
