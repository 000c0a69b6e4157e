//! The changes of a webhook by its administrators.

use serde_json::{Value, json};
use uuid::Uuid;

use super::deliveries;
use super::events::Wanted;
use super::fan_out::WAITING_MAX;
use super::rows::{self, Seed, WEBHOOKS_MAX, Webhook};
use super::secret::OVERLAP_SECONDS;
use super::wire::{Ask, Seen};
use crate::access::{ApiGroup, SYSTEM, decide};
use crate::act::Act;
use crate::audit;
use crate::error::{Error, Result};
use crate::identity::TenantId;
use crate::outbound::Target;
use crate::store::Tx;
use crate::text;

/// Characters of a name.
const NAME_MAX: usize = 64;

/// What a webhook is to be, verified.
#[derive(Debug, Clone)]
pub(super) struct Terms {
    name: String,
    url: String,
    /// The host and its port. Records keep no more of a URL, since its path may be a secret of the receiver's.
    authority: String,
    events: Wanted,
    people: bool,
}

impl Terms {
    /// `allows_http` where the operator allows networks.
    ///
    /// # Errors
    /// `Invalid`, one sentence that names the field.
    pub(super) fn of(ask: Ask, allows_http: bool) -> Result<Self> {
        let name = ask.name.trim().to_owned();
        text::check("name", &name)?;
        if name.is_empty() || name.chars().count() > NAME_MAX {
            return Err(Error::invalid(format!("Field name must have 1 to {NAME_MAX} characters.")));
        }
        let authority = Target::parse(&ask.url, allows_http)?.authority().to_owned();
        Ok(Self { name, url: ask.url, authority, events: Wanted::parse(ask.events)?, people: ask.people })
    }

    fn facts(&self, webhook: Uuid) -> Value {
        json!({ "webhook": webhook, "host": self.authority, "events": self.events.0, "people": self.people })
    }
}

/// A caller who decides where records are sent must be allowed to read them: a role or a token may hold the one right without the other.
fn require_reader(tx: &mut Tx<'_>, act: &Act) -> Result<()> {
    let (rights, group) = (act.rights_now(tx)?, ApiGroup::UamAdminRead);
    if rights.allow(group, SYSTEM) {
        return Ok(());
    }
    Err(Error::forbidden(decide(&rights, group, SYSTEM).refusal(&act.caller.email)))
}

/// Makes a webhook, which is told of what is sealed from now on.
///
/// # Errors
/// `Forbidden` for one who may not read records; `Conflict` where the tenant has as many as it may.
pub(super) fn create(tx: &mut Tx<'_>, (id, seed): (Uuid, Seed), terms: &Terms, act: &Act) -> Result<Seen> {
    let tenant = act.tenant.id;
    require_reader(tx, act)?;
    if rows::list(tx, tenant)?.len() >= WEBHOOKS_MAX {
        return Err(Error::conflict(format!(
            "This tenant has {WEBHOOKS_MAX} webhooks, which is as many as it may. Remove one first."
        )));
    }
    let webhook = Webhook {
        id,
        name: terms.name.clone(),
        url: terms.url.clone(),
        events: terms.events.clone(),
        people: terms.people,
        seed,
        old_seed: None,
        old_until: None,
        place: audit::end_of_sealed(tx, tenant)?,
        created_at: act.now,
        created_by: act.actor.name.clone(),
        failing_since: None,
        told_at: None,
        last_error: None,
        off_at: None,
        off_why: None,
    };
    rows::insert(tx, tenant, &webhook)?;
    act.record(tx, "webhook.create", &webhook.name, terms.facts(id))?;
    Ok(Seen { webhook, waiting: 0, links_behind: 0 })
}

/// Gives a webhook another name, address or choice of events. At another address it is tried as if it had never failed.
///
/// # Errors
/// `NotFound`, or `Forbidden` for one who may not read records.
pub(super) fn replace(tx: &mut Tx<'_>, id: Uuid, terms: &Terms, act: &Act) -> Result<Seen> {
    let mut webhook = rows::get(tx, act.tenant.id, id)?;
    require_reader(tx, act)?;
    if webhook.url != terms.url {
        webhook.forgive();
    }
    webhook.name.clone_from(&terms.name);
    webhook.url.clone_from(&terms.url);
    webhook.events = terms.events.clone();
    webhook.people = terms.people;
    rows::replace(tx, act.tenant.id, &webhook)?;
    act.record(tx, "webhook.change", &webhook.name, terms.facts(id))?;
    see(tx, act.tenant.id, webhook)
}

/// Gives a webhook another secret. The one before signs beside it for a day, whatever was before that one counts no more.
///
/// # Errors
/// `NotFound`.
pub(super) fn rotate(tx: &mut Tx<'_>, id: Uuid, seed: Seed, act: &Act) -> Result<Seen> {
    let mut webhook = rows::get(tx, act.tenant.id, id)?;
    webhook.old_seed = Some(webhook.seed);
    webhook.old_until = Some(act.now.plus_seconds(OVERLAP_SECONDS));
    webhook.seed = seed;
    rows::replace(tx, act.tenant.id, &webhook)?;
    act.record(tx, "webhook.rotate", &webhook.name, json!({ "webhook": id }))?;
    see(tx, act.tenant.id, webhook)
}

/// Lets a webhook send again: on from where it stood, with what waits due at once, or from now on, with what waits given up.
///
/// # Errors
/// `NotFound`, or `Conflict` where it is on.
pub(super) fn switch_on(tx: &mut Tx<'_>, id: Uuid, from_now: bool, act: &Act) -> Result<Seen> {
    let tenant = act.tenant.id;
    let mut webhook = rows::get(tx, tenant, id)?;
    if webhook.off_at.is_none() {
        return Err(Error::conflict("This webhook is on. Switch it off first."));
    }
    webhook.forgive();
    (webhook.off_at, webhook.off_why) = (None, None);
    rows::replace(tx, tenant, &webhook)?;
    if from_now {
        webhook.place = audit::end_of_sealed(tx, tenant)?;
        rows::put_at(tx, tenant, id, webhook.place)?;
        deliveries::give_up(tx, tenant, id, act.now)?;
    } else {
        deliveries::resume(tx, tenant, id, act.now)?;
    }
    act.record(tx, "webhook.on", &webhook.name, json!({ "webhook": id, "from_now": from_now }))?;
    see(tx, tenant, webhook)
}

/// Lets a webhook send nothing more. What is on its way arrives.
///
/// # Errors
/// `NotFound`, or `Conflict` where it is off.
pub(super) fn switch_off(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<Seen> {
    let mut webhook = rows::get(tx, act.tenant.id, id)?;
    if webhook.off_at.is_some() {
        return Err(Error::conflict("This webhook is off already."));
    }
    webhook.off_at = Some(act.now);
    rows::replace(tx, act.tenant.id, &webhook)?;
    act.record(tx, "webhook.off", &webhook.name, json!({ "webhook": id }))?;
    see(tx, act.tenant.id, webhook)
}

/// Takes a webhook away. Its deliveries are no more to be seen, and forgotten in time.
///
/// # Errors
/// `NotFound`.
pub(super) fn remove(tx: &mut Tx<'_>, id: Uuid, act: &Act) -> Result<()> {
    let webhook = rows::get(tx, act.tenant.id, id)?;
    rows::delete(tx, act.tenant.id, id)?;
    act.record(tx, "webhook.remove", &webhook.name, json!({ "webhook": id }))
}

/// Sends a delivery once more, with the same id.
///
/// # Errors
/// `NotFound`, or `Conflict` where the webhook is off.
pub(super) fn resend(tx: &mut Tx<'_>, (id, delivery): (Uuid, Uuid), act: &Act) -> Result<deliveries::Delivery> {
    let tenant = act.tenant.id;
    let webhook = rows::get(tx, tenant, id)?;
    let found = deliveries::get(tx, tenant, id, delivery)?;
    if webhook.off_at.is_some() {
        return Err(Error::conflict("This webhook is off. Switch it on first."));
    }
    deliveries::resend(tx, tenant, delivery, act.now)?;
    act.record(
        tx,
        "webhook.resend",
        &webhook.name,
        json!({ "webhook": id, "delivery": delivery, "event": found.event }),
    )?;
    deliveries::get(tx, tenant, id, delivery)
}

/// A webhook with how far it has come.
pub(super) fn see(tx: &mut Tx<'_>, tenant: TenantId, webhook: Webhook) -> Result<Seen> {
    let waiting = deliveries::count_waiting(tx, tenant, webhook.id, WAITING_MAX)?;
    let links_behind = audit::end_of_sealed(tx, tenant)?.link - webhook.place.link;
    Ok(Seen { webhook, waiting, links_behind })
}
