//! Lists the resets of a tenant, or of one user, newest first.

use uuid::Uuid;

use super::rows::{self, Reset, State};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::TenantId;
use crate::mail::address::Email;
use crate::params;
use crate::store::Tx;

/// The most rows read for one page, however many the filter drops.
const READ_MAX: usize = 20_000;
const BATCH: i64 = 500;

/// Which resets to list.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) state: Option<State>,
    pub(super) email: Option<Email>,
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
    /// Only those before this one.
    pub(super) before: Uuid,
    pub(super) limit: usize,
    pub(super) now: Timestamp,
}

impl Filter {
    fn lets_through(&self, reset: &Reset) -> bool {
        self.state.is_none_or(|state| reset.state(self.now) == state)
            && self.since.is_none_or(|since| reset.requested_at >= since)
            && self.until.is_none_or(|until| reset.requested_at < until)
    }
}

/// The resets that pass the filter, and where to continue.
pub(super) fn list(tx: &mut Tx<'_>, tenant: TenantId, filter: &Filter) -> Result<(Vec<Reset>, Option<Uuid>)> {
    let (mut found, mut read, mut before) = (Vec::new(), 0, filter.before);
    let mut chain = match &filter.email {
        Some(email) => Some(latest(tx, tenant, email)?),
        None => None,
    };
    loop {
        let batch = match &mut chain {
            Some(next) => follow(tx, tenant, next)?,
            None => rows::page(tx, tenant, &before, BATCH)?,
        };
        if batch.is_empty() {
            return Ok((found, None));
        }
        for reset in batch {
            before = reset.id;
            read += 1;
            if reset.id < filter.before && filter.lets_through(&reset) {
                found.push(reset);
            }
            if found.len() == filter.limit || read == READ_MAX {
                return Ok((found, Some(before)));
            }
        }
    }
}

fn latest(tx: &mut Tx<'_>, tenant: TenantId, email: &Email) -> Result<Option<Uuid>> {
    const OF_USER: &str = "SELECT last_reset FROM users WHERE tenant = $1 AND email_key = $2";
    const OF_FORMER_USER: &str = "SELECT last_reset FROM former_users WHERE tenant = $1 AND email_key = $2";
    let key = email.key();
    let mut find = |statement| tx.maybe(statement, &params![tenant, &key]);
    let row = match find(OF_USER)? {
        Some(row) => Some(row),
        None => find(OF_FORMER_USER)?,
    };
    row.map_or(Ok(None), |row| row.get(0))
}

/// One step back in the history of a user.
fn follow(tx: &mut Tx<'_>, tenant: TenantId, next: &mut Option<Uuid>) -> Result<Vec<Reset>> {
    let Some(id) = next.take() else { return Ok(Vec::new()) };
    let reset = rows::find(tx, tenant, &id)?;
    *next = reset.as_ref().and_then(|reset| reset.previous);
    Ok(reset.into_iter().collect())
}
