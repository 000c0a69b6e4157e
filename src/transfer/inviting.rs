//! Invites the users of imports, some at a time. Each link is made when its mail is due, so that it has its whole life before
//! it; where this stands is written in the transaction that makes the links, so that nobody is invited twice.

use std::time::Duration;

use serde_json::json;
use tokio::sync::watch;
use uuid::Uuid;

use super::invitations::{Invitations, find};
use crate::audit::{self, Event, Outcome};
use crate::clock::{Clock, Timestamp};
use crate::error::{Error, Result};
use crate::identity::{Actor, Tenant, TenantId, UserId};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::params;
use crate::people::{self, User};
use crate::random::Random;
use crate::reset::{self, Invitation};
use crate::store::{Scope, Store, Tx};
use crate::tenants;

/// How often to look for what is due.
const EVERY: Duration = Duration::from_secs(2);
/// A suspended tenant is looked at again after this time.
const SUSPENDED_SECONDS: i64 = 600;
/// Users who are looked at in one transaction, most of whom need no link where an import is invited again.
const LOOKED_AT: i64 = 256;
/// Links that are made in one transaction.
const LINKS_MAX: usize = 64;
/// No pause between two slices is longer, so one that is was written by a clock that ran ahead.
const PAUSE_SECONDS_MAX: i64 = 3_600;

/// Where invitations are due.
#[derive(Clone, Copy)]
struct Due {
    tenant: TenantId,
    import: Uuid,
}

/// Invites until told to stop.
pub async fn keep_inviting(store: Store, keys: Keys, clock: Clock, random: Random, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        if turn(&store, &keys, &clock, &random).await {
            continue;
        }
        tokio::select! {
            _ = stop.changed() => {}
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Invites one slice of each import of which some are due. Whether more may be due already.
async fn turn(store: &Store, keys: &Keys, clock: &Clock, random: &Random) -> bool {
    let now = clock.now();
    let due = match store.read(Scope::HOUSE, |tx| find_due(tx, now)) {
        Ok(due) => due,
        Err(failure) => {
            store.tell(&failure, "invitations that are due could not be looked for");
            return false;
        }
    };
    let mut is_more = false;
    for due in due {
        let (key, random) = (keys.current(), random.clone());
        match store.write(Scope::of(due.tenant), move |tx| invite_some(tx, due, key, &random, now)).await {
            Ok(()) => is_more = true,
            Err(failure) => store.tell(&failure, "users of an import are not invited yet"),
        }
    }
    is_more
}

fn find_due(tx: &mut Tx<'_>, now: Timestamp) -> Result<Vec<Due>> {
    let due = "SELECT tenant, import_id FROM import_invitations WHERE next_at <= $1 ORDER BY next_at LIMIT 16";
    tx.all(due, &params![now])?.iter().map(|row| Ok(Due { tenant: row.get(0)?, import: row.get(1)? })).collect()
}

fn invite_some(tx: &mut Tx<'_>, due: Due, key: i64, random: &Random, now: Timestamp) -> Result<()> {
    let Some(was) = find(tx, due.tenant, due.import)? else { return Ok(()) };
    // Another process may have been here first.
    if was.next_at.is_none_or(|next_at| next_at > now) {
        return Ok(());
    }
    let Some(tenant) = tenants::find_by_id(tx, due.tenant)? else {
        let later = Invitations { next_at: Some(now.plus_seconds(SUSPENDED_SECONDS)), ..was.clone() };
        return note(tx, due, &was, &later);
    };
    let slice = next_slice(tx, due, &was)?;
    let invited = invite(tx, &Links { tenant: &tenant, of: &was, key, random, now }, &slice.users)?;
    let pause = (invited * 3_600 / was.per_hour).min(PAUSE_SECONDS_MAX);
    let next_at = (!slice.is_last).then(|| now.plus_seconds(pause));
    let later = Invitations { after: slice.after, invited: was.invited + invited, next_at, ..was.clone() };
    note(tx, due, &was, &later)
}

/// What is invited at once.
struct Slice {
    users: Vec<User>,
    /// The row up to which all were looked at.
    after: i64,
    /// Whether there is no row behind it.
    is_last: bool,
}

fn next_slice(tx: &mut Tx<'_>, due: Due, of: &Invitations) -> Result<Slice> {
    let behind = users_behind(tx, due, of.after)?;
    let most = usize::try_from(of.per_hour / 60).unwrap_or_default().clamp(1, LINKS_MAX);
    let ids: Vec<UserId> = behind.iter().map(|(_, user)| *user).collect();
    let is_all = (behind.len() as i64) < LOOKED_AT;
    let mut slice = Slice { users: Vec::new(), after: of.after, is_last: is_all };
    for ((number, id), user) in behind.iter().zip(people::find_each_by_id(tx, due.tenant, &ids)?) {
        // One who is known by two keys stands there twice.
        let is_new = slice.users.iter().all(|user| user.id != *id);
        if let Some(user) = user.filter(|user| is_new && of.whom.holds(user)) {
            if slice.users.len() == most {
                slice.is_last = false;
                break;
            }
            slice.users.push(user);
        }
        slice.after = *number;
    }
    Ok(slice)
}

/// Rows of the import behind one, with their users.
fn users_behind(tx: &mut Tx<'_>, due: Due, after: i64) -> Result<Vec<(i64, UserId)>> {
    let rows = tx.all(
        "SELECT number, user_id FROM import_keys WHERE tenant = $1 AND import_id = $2 AND number > $3
         ORDER BY number LIMIT $4",
        &params![due.tenant, &due.import, after, LOOKED_AT],
    )?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// What the links of a slice are made from.
struct Links<'a> {
    tenant: &'a Tenant,
    of: &'a Invitations,
    key: i64,
    random: &'a Random,
    now: Timestamp,
}

/// Makes the links of these users, with one record of each; how many were made.
fn invite(tx: &mut Tx<'_>, links: &Links<'_>, users: &[User]) -> Result<i64> {
    let Links { tenant, of, key, random, now } = *links;
    let actors: Vec<_> = users.iter().map(|_| Actor { request_id: random.uuid(now), ..of.actor.clone() }).collect();
    let invitations =
        actors.iter().map(|actor| Invitation { tenant, actor, id: random.uuid(now), mail: random.uuid(now), key, now });
    let emails = users.iter().map(|user| Email::parse(&user.email)).collect::<Result<Vec<_>>>()?;
    reset::invite_each(tx, &emails.iter().zip(invitations).collect::<Vec<_>>())?;
    let events: Vec<_> = users
        .iter()
        .zip(&actors)
        .map(|(user, actor)| Event {
            tenant: tenant.id,
            at: now,
            action: "user.invite",
            outcome: Outcome::Accepted,
            actor,
            subject: &user.email,
            facts: json!({ "import": of.import }),
        })
        .collect();
    audit::record_each(tx, &events)?;
    Ok(users.len() as i64)
}

/// Writes where it stands, if it still stands where it stood.
fn note(tx: &mut Tx<'_>, due: Due, was: &Invitations, is: &Invitations) -> Result<()> {
    let noted = tx.run(
        "UPDATE import_invitations SET after = $3, invited = $4, next_at = $5
         WHERE tenant = $1 AND import_id = $2 AND after = $6 AND asked_at = $7",
        &params![due.tenant, &due.import, is.after, is.invited, is.next_at, was.after, was.asked_at],
    )?;
    if noted == 1 { Ok(()) } else { Err(Error::conflict("Another process invites these users.")) }
}

/// Moves times that lie too far ahead back to now.
///
/// # Errors
/// Those of the store.
pub fn bring_back(tx: &mut Tx<'_>, tenant: TenantId, now: Timestamp) -> Result<()> {
    tx.run(
        "UPDATE import_invitations SET next_at = $2 WHERE tenant = $1 AND next_at > $3",
        &params![tenant, now, now.plus_seconds(PAUSE_SECONDS_MAX)],
    )
    .map(drop)
}
