//! The file that proves what was done: who may have it and when, and its lines in the order in which they are written. It is made
//! while the client reads it, a thousand users at once, so it takes no more memory however long it is.

mod found;
mod hiding;
mod told;

use std::time::{Duration, Instant};

use http::header::{HeaderName, HeaderValue};
use serde_json::json;
use uuid::Uuid;

use self::hiding::Hiding;
use super::asks::{EvidenceAsk, EvidenceLine};
use super::people;
use super::rows::{self, Incident};
use super::state::State;
use crate::act::Act;
use crate::audit::{self, Link, link_hash};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::evidence::{Emails, LinkLine, Running, Totals};
use crate::hex::hex;
use crate::http::{Call, Lines};
use crate::identity::Tenant;
use crate::signing::Signer;
use crate::store::{Scope, Store, Tx};

/// Users in a part of the file.
const PAGE: i64 = 1_000;
/// Links in a part of the file.
const LINKS: usize = 8;
/// So long a call waits until the records so far are sealed.
const SEALED_WITHIN: Duration = Duration::from_secs(5);
/// The same where the file has begun: then it is cut short.
const SEALED_AT_LAST: Duration = Duration::from_secs(60);
/// How often to look whether they are.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The header that tells, this once, the key under which addresses are hidden.
pub(super) const KEY: &str = "tenantry-evidence-key";

/// A file under way.
struct Writing {
    store: Store,
    scope: Scope,
    tenant: std::sync::Arc<Tenant>,
    incident: Incident,
    signer: Signer,
    /// The number of the key that signs.
    key: i64,
    hiding: Hiding,
    now: Timestamp,
    /// Lies before the first link that has a record of the incident.
    behind_link: i64,
    running: Running,
    totals: Totals,
    /// The greatest id of a record that was told.
    greatest: Uuid,
    stage: Stage,
}

/// What comes next.
enum Stage {
    /// The first line, and the acts.
    Beginning,
    /// The users behind this place.
    Users(i64),
    /// The links behind this one, up to the last one and its hash.
    Links(i64, (i64, [u8; 32])),
}

/// Begins the file: it leaves its record first, and only then a line goes out.
///
/// # Errors
/// `NotFound`; `Conflict` for one that has not begun, or whose first records are not in the chain any more; `Unavailable` while
/// records wait to be sealed.
pub(super) async fn begin(call: &Call, id: Uuid, ask: &EvidenceAsk, signer: &Signer) -> Result<Lines<EvidenceLine>> {
    let (act, scope, now) = (Act::of(call)?, call.scope()?, call.now());
    let (tenant, store) = (act.tenant.clone(), call.store.clone());
    let incident = store.read(scope, |tx| rows::get(tx, tenant.id, id))?;
    require_begun(&incident, now)?;
    let acts = acts(&incident)?;
    let newest = acts.iter().copied().fold(call.head.request_id, |newest, id| newest.max(id));
    wait_until_sealed((&store, scope, &tenant), newest, SEALED_WITHIN).await?;
    let behind_link = found::before_links_of((&store, scope, tenant.id), &incident, &acts).await?;
    let emails = ask.emails;
    let facts = json!({ "name": incident.terms.name, "emails": emails });
    let verb = move |tx: &mut Tx<'_>| act.record(tx, "incident.evidence", &id.to_string(), facts.clone());
    store.write(scope, verb).await?;
    let hiding = Hiding::of(emails, &call.random);
    let header = hiding.key().map(|key| HeaderValue::from_str(&hex(key)).map_err(Error::internal)).transpose()?;
    let writing = Writing {
        store,
        scope,
        tenant,
        incident,
        signer: signer.clone(),
        key: signer.current(),
        hiding,
        now,
        behind_link,
        running: Running::default(),
        totals: Totals::default(),
        greatest: Uuid::nil(),
        stage: Stage::Beginning,
    };
    let lines = Lines::begin(call, writing, Writing::part).await?;
    Ok(match header {
        Some(key) => lines.with(HeaderName::from_static(KEY), key),
        None => lines,
    })
}

fn require_begun(incident: &Incident, now: Timestamp) -> Result<()> {
    match (incident.started_at, State::of(incident, now)) {
        (Some(_), _) => Ok(()),
        (None, State::Cancelled) => {
            Err(Error::conflict("This incident was cancelled before it began, so there is nothing to prove."))
        }
        (None, _) => Err(Error::conflict(
            "This incident has not begun, so there is nothing to prove. Begin it by tenantry incident start.",
        )),
    }
}

/// The records of what was done to an incident as a whole, one at least. An older release noted none: then those that are known by
/// their ids.
fn acts(incident: &Incident) -> Result<Vec<Uuid>> {
    let (noted, run) = (incident.acts.ids(), incident.run()?);
    let derived = ["incident.end", "incident.mail"].map(|action| crate::ids::derived(&run, action, 0));
    let known = std::iter::once(run).chain(derived).filter(|id| !noted.contains(id));
    Ok(if noted.contains(&run) { noted } else { known.chain(noted.iter().copied()).collect() })
}

/// Waits until all records up to this one are sealed.
async fn wait_until_sealed(
    (store, scope, tenant): (&Store, Scope, &Tenant),
    up_to: Uuid,
    within: Duration,
) -> Result<()> {
    let (began, id) = (Instant::now(), tenant.id);
    while store.read(scope, |tx| audit::has_unsealed(tx, id, up_to))? {
        if began.elapsed() > within {
            return Err(Error::unavailable("The last records are being sealed. Try again in a second.", 1));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(())
}

impl Writing {
    /// The next part, and what is behind it.
    async fn part(mut self) -> Result<(Vec<u8>, Option<Self>)> {
        let mut text = Vec::new();
        match self.stage {
            Stage::Beginning => self.beginning(&mut text).await?,
            Stage::Users(behind) => self.users(&mut text, behind).await?,
            Stage::Links(behind, head) => {
                if self.links(&mut text, behind, head).await? {
                    let suffix = format!("{}/evidence", self.tenant.name);
                    let sign = |lines: &str| self.signer.sign_by(self.key, &suffix, lines);
                    self.running.close(&mut text, (head.0, &head.1), sign)?;
                    return Ok((text, None));
                }
            }
        }
        Ok((text, Some(self)))
    }

    async fn beginning(&mut self, text: &mut Vec<u8>) -> Result<()> {
        let (tenant, ids) = (self.tenant.id, acts(&self.incident)?);
        let found = self.store.scan(self.scope, move |tx| audit::find_each(tx, tenant, &ids)).await?;
        self.running.write(text, &self.header()?)?;
        for record in found.into_iter().flatten() {
            self.greatest = self.greatest.max(record.id);
            self.running.act(text, self.hiding.act(&record))?;
        }
        self.running.shared(text, self.shared()?)?;
        self.stage = Stage::Users(0);
        Ok(())
    }

    async fn users(&mut self, text: &mut Vec<u8>, behind: i64) -> Result<()> {
        let (tenant, incident, now) = (self.tenant.id, self.incident.clone(), self.now);
        let verb = move |tx: &mut Tx<'_>| {
            let people = people::window(tx, tenant, &incident, (behind, PAGE), now)?;
            found::records_of(tx, tenant, &incident, people, now)
        };
        let found = self.store.scan(self.scope, verb).await?;
        let (shared, is_last) = (self.shared()?, (found.len() as i64) < PAGE);
        for user in &found {
            self.greatest = user.ids().fold(self.greatest, |greatest, id| greatest.max(id));
            let line = self.hiding.user(self.totals.listed + 1, user, &shared);
            self.totals.add(&line);
            self.running.user(text, &line)?;
        }
        self.stage = Stage::Users(found.last().map_or(behind, |last| last.person.place));
        if is_last {
            self.running.totals(text, self.totals.clone())?;
            self.stage = self.head().await?;
        }
        Ok(())
    }

    /// Fixes the last link of the file, once all that was told is sealed.
    async fn head(&self) -> Result<Stage> {
        wait_until_sealed((&self.store, self.scope, &self.tenant), self.greatest, SEALED_AT_LAST).await?;
        let tenant = self.tenant.id;
        let last = self.store.read(self.scope, |tx| audit::last_link(tx, tenant))?;
        let last = last.ok_or_else(|| Error::internal("a chain has no link, and its records are sealed"))?;
        Ok(Stage::Links(self.behind_link, (last.number, link_hash(tenant, &last))))
    }

    /// Writes the next links; whether the last one is among them.
    async fn links(&mut self, text: &mut Vec<u8>, behind: i64, head: (i64, [u8; 32])) -> Result<bool> {
        let tenant = self.tenant.id;
        let verb = move |tx: &mut Tx<'_>| {
            let (mut links, mut at): (Vec<Link>, i64) = (Vec::new(), behind);
            while links.len() < LINKS && at < head.0 {
                let next = audit::link_behind(tx, tenant, at)?;
                let next = next.ok_or_else(|| Error::internal("a link was taken out of the chain"))?;
                at = next.number;
                links.push(next);
            }
            Ok(links)
        };
        let links = self.store.scan(self.scope, verb).await?;
        for link in &links {
            self.running.link(text, &LinkLine::from(link))?;
        }
        let at = links.last().map_or(behind, |last| last.number);
        self.stage = Stage::Links(at, head);
        Ok(at >= head.0)
    }

    fn emails(&self) -> Emails {
        self.hiding.emails()
    }
}
