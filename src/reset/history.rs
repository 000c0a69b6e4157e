//! Lists the resets of a tenant, or of one user, newest first.

use uuid::Uuid;

use super::answers::Shown;
use super::rows::{Reset, join_place, reset_columns};
use super::state::{State, state_word};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::params;
use crate::store::Tx;
use crate::terms::Word;

/// Which resets to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Only those in this state.
    pub state: Option<State>,
    /// Only those of the user of this address.
    pub email: Option<Email>,
    /// Only those not requested before this moment.
    pub since: Option<Timestamp>,
    /// Only those requested before this moment.
    pub until: Option<Timestamp>,
    /// Only those before this one.
    pub before: Uuid,
    /// The most resets.
    pub limit: i64,
    /// The present time, by which they are in a state.
    pub now: Timestamp,
}

/// The rest of the filter, behind the tenant, and the page.
macro_rules! page {
    () => {
        concat!(
            " AND r.id < $2 AND r.requested_at >= $3 AND r.requested_at < $4 AND (",
            state_word!("$5"),
            " = $6 OR $6 IS NULL) ORDER BY r.id DESC LIMIT $7"
        )
    };
}

const OF_ALL: &str =
    concat!("SELECT ", reset_columns!(), " FROM resets r", join_place!(), " WHERE r.tenant = $1", page!());
/// The user knows the latest reset, and each reset the one before it. `COALESCE` stands in a query of its own: behind
/// row-level security PostgreSQL compares a key with nothing that it does not know to be leakproof, and would walk.
const OF_USER: &str = concat!(
    "WITH RECURSIVE chain AS (
         SELECT l.* FROM resets l WHERE l.tenant = $1 AND l.id = (SELECT COALESCE(
             (SELECT h.last_reset FROM users h WHERE h.tenant = $1 AND h.email_key = $8),
             (SELECT f.last_reset FROM former_users f WHERE f.tenant = $1 AND f.email_key = $8)))
         UNION ALL
         SELECT p.* FROM chain c JOIN resets p ON p.tenant = $1 AND p.id = c.previous_id)
     SELECT ",
    reset_columns!(),
    " FROM chain r",
    join_place!(),
    " WHERE r.tenant = $1",
    page!()
);

/// Up to so many resets of the user of an address, the newest first, as they are shown.
///
/// # Errors
/// Those of the store.
pub fn shown_of(tx: &mut Tx<'_>, tenant: TenantId, email: &Email, limit: i64, now: Timestamp) -> Result<Vec<Shown>> {
    let (email, before) = (Some(email.clone()), Uuid::max());
    let filter = Filter { state: None, email, since: None, until: None, before, limit, now };
    Ok(list(tx, tenant, &filter)?.into_iter().map(|reset| Shown::of(reset, now)).collect())
}

/// The newest resets whose mails were given up, unless a later one has taken their place since.
///
/// # Errors
/// Those of the store.
pub fn given_up(tx: &mut Tx<'_>, tenant: TenantId, limit: i64) -> Result<Vec<Reset>> {
    const NEWEST: &str = concat!(
        "SELECT ",
        reset_columns!(),
        " FROM resets r",
        join_place!(),
        " WHERE r.tenant = $1 AND r.undeliverable_at IS NOT NULL ORDER BY r.id DESC LIMIT $2"
    );
    let found = tx.all(NEWEST, &params![tenant, limit])?;
    let resets = found.iter().map(Reset::read).collect::<Result<Vec<_>>>()?;
    Ok(resets.into_iter().filter(|reset| reset.is_open && reset.redeemed_at.is_none()).collect())
}

/// A page of the resets that pass the filter. Ids are ordered by time, so the key of the table is the order of the list.
///
/// # Errors
/// Those of the store.
pub fn list(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<Vec<Reset>> {
    let key = filter.email.as_ref().map(Email::key);
    let [tenant, before, since, until, now, state, limit] = params![
        tenant,
        &filter.before,
        filter.since.map_or(i64::MIN, |since| since.0),
        filter.until.map_or(i64::MAX, |until| until.0),
        filter.now,
        filter.state.map(Word::word),
        filter.limit,
    ];
    let rows = match &key {
        None => tx.all(OF_ALL, &[tenant, before, since, until, now, state, limit])?,
        Some(key) => tx.all(OF_USER, &[tenant, before, since, until, now, state, limit, key.into()])?,
    };
    rows.iter().map(Reset::read).collect()
}
