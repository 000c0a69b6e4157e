//! The list of a plan, made page by page: users are looked for and judged without holding up anyone who writes, and each page
//! is written with the place behind which the next one begins.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::chosen::{self, Chosen};
use super::counts::Planned;
use super::due::Due;
use super::judge::{Judge, Reason};
use super::listed::{self, Class, LEFT_OUT, Listed};
use super::rows::{self, Incident};
use super::state::State;
use super::terms::Terms;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::factors;
use crate::identity::{Tenant, TenantId, UserId};
use crate::params;
use crate::sessions;
use crate::store::{Batch, Scope, Store, Tx};
use crate::terms::Word;
use crate::users::Place;

/// Users in a page, at most.
const PAGE: usize = 500;

const FACTS: Batch = Batch::new(
    "SELECT session_epoch, password_dead_at, open_reset_expires_at, disabled_at FROM users WHERE tenant = $1 AND id = $2",
);

/// One who was looked at, judged.
#[derive(Debug, Clone)]
struct Judged {
    user: Option<UserId>,
    email: Option<String>,
    class: Result<Class, Reason>,
}

/// A page of them.
#[derive(Debug, Clone)]
struct Page {
    /// Behind which place it begins.
    behind: Option<Place>,
    judged: Vec<Judged>,
    /// What it adds to the sums of the plan.
    sums: Planned,
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
    let found = rows::find(tx, due.tenant, due.id)?;
    let Some(incident) = found.filter(|incident| State::of(incident, now) == State::Planning) else { return Ok(None) };
    let act = incident.authority.act(tx, tenant, incident.id, now)?;
    let judge = Judge::new(tx, &act, &incident.terms)?;
    let page = chosen::look(tx, due.tenant, &incident, PAGE)?;
    let judged: Vec<_> = page.chosen.into_iter().map(|chosen| judged(&judge, chosen)).collect();
    let sums = sums(tx, tenant, &incident.terms, &judged, now)?;
    Ok(Some(Page { behind: incident.found_to, judged, sums, next: page.next }))
}

fn judged(judge: &Judge<'_>, chosen: Chosen) -> Judged {
    match chosen {
        Chosen::Person(user, rights) => Judged { user: Some(user.id), email: None, class: judge.judge(&user, &rights) },
        Chosen::Service(user) => Judged { user: Some(user), email: None, class: Err(Reason::Service) },
        Chosen::Nobody(email) => Judged { user: None, email: Some(email), class: Err(Reason::Unknown) },
    }
}

/// What the users of a page have that would end.
fn sums(tx: &mut Tx<'_>, tenant: &Tenant, terms: &Terms, judged: &[Judged], now: Timestamp) -> Result<Planned> {
    let users: Vec<_> = judged.iter().filter(|one| one.class.is_ok()).filter_map(|one| one.user).collect();
    let asked: Vec<_> = users.iter().map(|user| params![tenant.id, *user]).collect();
    let (mut sums, mut epochs) = (Planned::default(), Vec::new());
    for (user, answer) in users.iter().zip(tx.each(FACTS, &asked)?) {
        let Some(row) = answer.rows.first() else { continue };
        epochs.push((*user, row.get(0)?));
        sums.already_dead += i64::from(row.get::<Option<Timestamp>>(1)?.is_some());
        sums.open_resets += i64::from(row.get::<Option<Timestamp>>(2)?.is_some_and(|expires_at| expires_at > now));
        sums.disabled += i64::from(row.get::<Option<Timestamp>>(3)?.is_some());
    }
    if let Some(since) = terms.remove_factors_since {
        let added = factors::set_up_since(tx, tenant.id, &users, since)?;
        sums.factors = added.iter().flatten().count() as i64;
    }
    sums.sessions = sessions::count_live_of_each(tx, tenant, &epochs, now)?.iter().sum();
    Ok(sums)
}

/// Writes a page, if the plan still stands where it begins.
fn note(tx: &mut Tx<'_>, due: Due, page: &Page, now: Timestamp) -> Result<bool> {
    let Some(mut incident) = rows::find(tx, due.tenant, due.id)? else { return Ok(false) };
    let is_planning = State::of(&incident, now) == State::Planning;
    if !is_planning || incident.found_to != page.behind {
        // It was cancelled, or another process was here first.
        return Ok(is_planning);
    }
    let listed: Vec<_> = page.judged.iter().map(|one| list(&mut incident, one)).collect();
    listed::insert(tx, due.tenant, due.id, &listed, now)?;
    add(&mut incident.planned, &page.sums);
    incident.found_to.clone_from(&page.next);
    incident.touched_at = now;
    if page.next.is_none() {
        incident = Incident { planned_at: Some(now), next_at: None, ..incident };
    }
    rows::replace(tx, due.tenant, &incident)?;
    Ok(page.next.is_some())
}

fn add(planned: &mut Planned, sums: &Planned) {
    planned.sessions += sums.sessions;
    planned.open_resets += sums.open_resets;
    planned.already_dead += sums.already_dead;
    planned.disabled += sums.disabled;
    planned.factors += sums.factors;
}

/// Adds one to the counts and the digest of a plan.
fn list(incident: &mut Incident, one: &Judged) -> Listed {
    let planned = &mut incident.planned;
    let place = match one.class {
        Ok(class) => {
            let count = planned.classes.entry(class).or_default();
            *count += 1;
            class.place(*count)
        }
        Err(reason) => {
            *planned.left_out.entry(reason).or_default() += 1;
            LEFT_OUT + planned.all_left_out()
        }
    };
    let reason = one.class.err();
    let digest = Sha256::new()
        .chain_update(&incident.digest)
        .chain_update(place.to_be_bytes())
        .chain_update(one.user.map_or(0, |user| user.0).to_be_bytes())
        .chain_update(one.email.as_deref().unwrap_or_default())
        .chain_update(reason.map(Word::word).unwrap_or_default());
    incident.digest = digest.finalize().to_vec();
    Listed { place, user: one.user, email: one.email.clone(), reason }
}

/// Deletes some users of a list that is of no use any more. Whether there may be others.
///
/// # Errors
/// Those of the store.
pub(super) fn forget(tx: &mut Tx<'_>, tenant: TenantId, incident: uuid::Uuid, most: i64) -> Result<bool> {
    let gone = tx.run(
        "DELETE FROM incident_users WHERE tenant = $1 AND incident = $2 AND place IN
            (SELECT place FROM incident_users WHERE tenant = $1 AND incident = $2 ORDER BY place LIMIT $3)",
        &params![tenant, &incident, most],
    )?;
    Ok(gone == most.unsigned_abs())
}
