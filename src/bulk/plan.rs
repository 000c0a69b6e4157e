//! The list of a plan, made page by page: users are looked for and judged without holding up anyone who writes, and each page
//! is written with the place behind which the next one begins.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::change::Change;
use super::judge::{Judge, Reason};
use super::listed::{self, LEFT_OUT, Listed};
use super::rows::{self, Bulk, Due, State};
use crate::clock::Timestamp;
use crate::error::Result;
use crate::identity::{Tenant, UserId};
use crate::people;
use crate::store::{Scope, Store, Tx};
use crate::terms::Word;
use crate::users::{Place, search};

/// Users in a page, at most.
const PAGE: usize = 500;

/// A page of users who were found.
#[derive(Debug, Clone)]
struct Page {
    /// Behind which place it begins.
    behind: Option<Place>,
    users: Vec<(UserId, Option<Reason>)>,
    /// Where the next one begins; none at the end.
    next: Option<Place>,
}

/// Makes the next page of a plan. Whether there is another one.
///
/// # Errors
/// `Unauthenticated` or `Forbidden` when the person who plans may do this no more.
pub(super) async fn next(store: &Store, scope: Scope, due: Due, tenant: Arc<Tenant>, now: Timestamp) -> Result<bool> {
    let page = store.scan(scope, move |tx| look(tx, due, &tenant, now)).await?;
    let Some(page) = page else { return Ok(false) };
    store.write(scope, move |tx| note(tx, due, &page, now)).await
}

fn look(tx: &mut Tx<'_>, due: Due, tenant: &Arc<Tenant>, now: Timestamp) -> Result<Option<Page>> {
    let Some(bulk) = rows::find(tx, due.tenant, due.id)?.filter(|bulk| bulk.state == State::Planning) else {
        return Ok(None);
    };
    let act = bulk.act(tx, tenant, now)?;
    let (change, filter) = (Change::of(&bulk.terms)?, bulk.terms.filter.filter());
    change.check(tx, &act)?;
    let judge = Judge::new(tx, &act, &change, &filter)?;
    let found = search(tx, due.tenant, &filter, bulk.found_to.clone(), PAGE)?;
    let ids: Vec<_> = found.users.iter().map(|user| user.id).collect();
    let rights = people::rights_of_each(tx, due.tenant, &ids)?;
    let users = found.users.iter().zip(&rights).map(|(user, theirs)| (user.id, judge.found(user, theirs))).collect();
    Ok(Some(Page { behind: bulk.found_to, users, next: found.next }))
}

/// Writes a page, if the plan still stands where it begins.
fn note(tx: &mut Tx<'_>, due: Due, page: &Page, now: Timestamp) -> Result<bool> {
    let Some(mut bulk) = rows::find(tx, due.tenant, due.id)? else { return Ok(false) };
    if bulk.state != State::Planning || bulk.found_to != page.behind {
        // It was stopped, or another process was here first.
        return Ok(bulk.state == State::Planning);
    }
    let listed: Vec<_> = page.users.iter().map(|(user, reason)| list(&mut bulk, *user, *reason)).collect();
    listed::insert(tx, due.tenant, due.id, &listed)?;
    bulk.found_to.clone_from(&page.next);
    bulk.touched_at = now;
    if page.next.is_none() {
        bulk = Bulk { state: State::Planned, planned_at: Some(now), next_at: None, ..bulk };
    }
    rows::replace(tx, due.tenant, &bulk)?;
    Ok(page.next.is_some())
}

/// Adds a user to the counts and the digest of a plan.
fn list(bulk: &mut Bulk, user: UserId, reason: Option<Reason>) -> Listed {
    bulk.planned.add(reason);
    let place = match reason {
        None => bulk.planned.users,
        Some(_) => LEFT_OUT + bulk.planned.all_left_out(),
    };
    let word = reason.map(Word::word).unwrap_or_default();
    let digest = Sha256::new().chain_update(&bulk.digest).chain_update(user.0.to_be_bytes()).chain_update(word);
    bulk.digest = digest.finalize().to_vec();
    Listed { place, user, reason }
}
