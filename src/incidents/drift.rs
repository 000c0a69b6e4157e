//! Who would be in a plan that is made now, beside the plan that was read: it changes nothing, but one who begins has to know.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::chosen::{self, Chosen};
use super::judge::Judge;
use super::listed::{self, LEFT_OUT};
use super::rows::Incident;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Tenant, UserId};
use crate::store::{Scope, Store, Tx};
use crate::users::Place;

/// So long one counts; a tenant whose users cannot be looked at within this is not counted.
const TAKES: Duration = Duration::from_secs(2);
/// Users that are looked at once.
const PAGE: usize = 500;

/// How a plan differs from one that would be made now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Drift {
    /// Users who would be in it, and are not.
    joined: usize,
    /// Users who are in it, and would not be.
    left: usize,
}

impl Drift {
    /// Refuses where users came or went.
    ///
    /// # Errors
    /// `Conflict`.
    pub(super) fn check(self) -> Result<()> {
        let Self { joined, left } = self;
        if self == Self::default() {
            return Ok(());
        }
        Err(Error::conflict(format!(
            "Since the plan was made, users who match now and are not in it: {joined}; users in it who match no longer: {left}. \
             Make the plan anew, or say accept_drift to go on with it as it is."
        )))
    }
}

/// How this plan has drifted; `None` where that could not be counted in time.
///
/// # Errors
/// Those of the store; `Unauthenticated` when the access of the person who has planned it has ended.
pub(super) async fn of(
    store: &Store,
    tenant: &Arc<Tenant>,
    incident: &Incident,
    now: Timestamp,
) -> Result<Option<Drift>> {
    let began = Instant::now();
    let (scope, mut matching, mut found_to) = (Scope::of(tenant.id), HashSet::new(), None);
    loop {
        let (tenant, one) = (Arc::clone(tenant), Incident { found_to, ..incident.clone() });
        let (page, next) = store.scan(scope, move |tx| look(tx, &tenant, &one, now)).await?;
        matching.extend(page);
        if began.elapsed() > TAKES {
            return Ok(None);
        }
        if next.is_none() {
            break;
        }
        found_to = next;
    }
    let (mut listed, mut behind, (id, tenant)) = (HashSet::new(), 0, (incident.id, tenant.id));
    loop {
        let page = store.scan(scope, move |tx| listed::next(tx, tenant, id, (behind, LEFT_OUT), PAGE as i64)).await?;
        listed.extend(page.iter().map(|(_, user)| *user));
        match page.last().filter(|_| page.len() == PAGE) {
            Some((place, _)) => behind = *place,
            None => break,
        }
    }
    let (joined, left) = (matching.difference(&listed).count(), listed.difference(&matching).count());
    Ok(Some(Drift { joined, left }))
}

fn look(
    tx: &mut Tx<'_>,
    tenant: &Arc<Tenant>,
    incident: &Incident,
    now: Timestamp,
) -> Result<(Vec<UserId>, Option<Place>)> {
    let act = incident.authority.act(tx, tenant, incident.id, now)?;
    let judge = Judge::new(tx, &act, &incident.terms)?;
    let page = chosen::look(tx, tenant.id, incident, PAGE)?;
    let matches = |chosen| match chosen {
        Chosen::Person(user, rights) => judge.judge(&user, &rights).is_ok().then_some(user.id),
        Chosen::Service(_) | Chosen::Nobody(_) => None,
    };
    Ok((page.chosen.into_iter().filter_map(matches).collect(), page.next))
}
