//! The calls about webhooks.

use uuid::Uuid;

use super::change::{self, Terms, see};
use super::deliveries::{self, State};
use super::rows::{self, Seed, Webhook};
use super::secret;
use super::trial::{self, Trials};
use super::wire::{Ask, DeliveryList, DeliveryShown, List, OnAsk, Seen, Shown, Tested, WithSecret};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Clock;
use crate::error::Result;
use crate::http::{Call, Created, CursorKey, Empty, Json, Nothing, Operation, PageSize, Permission, bind, bind_body};
use crate::identity::TenantId;
use crate::keys::Keys;
use crate::outbound::Outbound;
use crate::store::Tx;

const ALL: &str = "/api/tenantry/v1/webhooks";
const ONE: &str = "/api/tenantry/v1/webhooks/{id}";
const PAGE: &str = "/account";
const LIMIT_USUAL: i64 = 50;

/// What the room needs.
#[derive(Clone)]
pub struct Webhooks {
    pub(super) keys: Keys,
    pub(super) outbound: Outbound,
    pub(super) clock: Clock,
    pub(super) cursors: CursorKey,
    pub(super) trials: Trials,
}

impl Webhooks {
    /// Signs by these keys and sends by this way.
    pub fn new(keys: &Keys, outbound: &Outbound, clock: &Clock) -> Self {
        let (keys, outbound, clock) = (keys.clone(), outbound.clone(), clock.clone());
        Self { cursors: CursorKey::of(&keys), keys, outbound, clock, trials: Trials::default() }
    }
}

/// The operations of this room.
pub fn operations(room: &Webhooks) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post(ALL, write, bind_body(room, create))
            .fresh(PAGE)
            .id("tenantry.webhooks.create")
            .summary("Create a webhook; its secret is shown once."),
        Operation::get(ALL, read, list).id("tenantry.webhooks.list").summary("List the webhooks of the tenant."),
        Operation::get(ONE, read, show)
            .id("tenantry.webhooks.show")
            .summary("Show a webhook: whether it is on, and what waits."),
        Operation::put(ONE, write, bind_body(room, replace))
            .fresh(PAGE)
            .id("tenantry.webhooks.replace")
            .summary("Give a webhook another name, address or choice of events."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/rotate", write, bind_body(room, rotate))
            .fresh(PAGE)
            .id("tenantry.webhooks.rotate")
            .summary("Give a webhook another secret, shown once; the former one signs too for a day."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/test", write, bind_body(room, test))
            .id("tenantry.webhooks.test")
            .summary("Send a ping to a webhook now, and answer what came of it."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/on", write, switch_on)
            .fresh(PAGE)
            .id("tenantry.webhooks.on")
            .summary("Switch a webhook on again: on from where it stood, or from now on."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/off", write, switch_off)
            .fresh(PAGE)
            .id("tenantry.webhooks.off")
            .summary("Switch a webhook off; what happens meanwhile waits in the audit log."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/remove", write, remove)
            .fresh(PAGE)
            .id("tenantry.webhooks.remove")
            .summary("Remove a webhook, with what waits."),
        Operation::get("/api/tenantry/v1/webhooks/{id}/deliveries", read, bind(room, list_deliveries))
            .id("tenantry.webhooks.deliveries")
            .summary("List the events that were sent to a webhook, or wait, with each attempt; kept for 30 days.")
            .query::<State>("state", "Only those in this state.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 50 unless said."),
        Operation::post("/api/tenantry/v1/webhooks/{id}/deliveries/{delivery}/resend", write, resend)
            .id("tenantry.webhooks.resend")
            .summary("Send an event once more, with the same id."),
    ]
}

fn id_of(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| rows::not_found())
}

async fn create(room: Webhooks, call: Call, ask: Ask) -> Result<Created<WithSecret>> {
    let (act, terms) = (Act::of(&call)?, Terms::of(ask, room.outbound.allows_http())?);
    let (id, seed): (Uuid, Seed) = (call.random.uuid(act.now), call.random.bytes());
    let seen = call.store.write(call.scope()?, move |tx| change::create(tx, (id, seed), &terms, &act)).await?;
    Ok(Created { value: with_secret(&room, &call, seen)?, location: format!("{ALL}/{id}") })
}

async fn rotate(room: Webhooks, call: Call, _: Nothing) -> Result<Json<WithSecret>> {
    let (act, id, seed): (_, _, Seed) = (Act::of(&call)?, id_of(&call)?, call.random.bytes());
    let seen = call.store.write(call.scope()?, move |tx| change::rotate(tx, id, seed, &act)).await?;
    Ok(Json(with_secret(&room, &call, seen)?))
}

fn with_secret(room: &Webhooks, call: &Call, seen: Seen) -> Result<WithSecret> {
    let Webhook { id, seed, .. } = &seen.webhook;
    let secret = secret::shown(&room.keys, call.tenant()?.id, *id, seed);
    Ok(WithSecret { secret, webhook: Shown::new(seen, call.now()) })
}

async fn list(call: Call) -> Result<Json<List>> {
    listed(&call).await.map(Json)
}

/// The webhooks of the tenant, the oldest first.
///
/// # Errors
/// Those of the store.
pub(crate) async fn listed(call: &Call) -> Result<List> {
    let tenant = call.tenant()?.id;
    let verb = move |tx: &mut Tx<'_>| {
        let all = rows::list(tx, tenant)?;
        all.into_iter().map(|webhook| see(tx, tenant, webhook)).collect::<Result<Vec<_>>>()
    };
    let seen = call.store.scan(call.scope()?, verb).await?;
    Ok(List { items: seen.into_iter().map(|seen| Shown::new(seen, call.now())).collect() })
}

fn look(tx: &mut Tx<'_>, tenant: TenantId, id: Uuid) -> Result<Seen> {
    let webhook = rows::get(tx, tenant, id)?;
    see(tx, tenant, webhook)
}

async fn show(call: Call) -> Result<Json<Shown>> {
    shown(&call).map(Json)
}

/// The webhook of the path.
///
/// # Errors
/// `NotFound`.
pub(crate) fn shown(call: &Call) -> Result<Shown> {
    let (tenant, id) = (call.tenant()?.id, id_of(call)?);
    let seen = call.store.read(call.scope()?, |tx| look(tx, tenant, id))?;
    Ok(Shown::new(seen, call.now()))
}

async fn replace(room: Webhooks, call: Call, ask: Ask) -> Result<Json<Shown>> {
    let terms = Terms::of(ask, room.outbound.allows_http())?;
    changed(call, move |tx, id, act| change::replace(tx, id, &terms, act)).await
}

async fn switch_on(call: Call, ask: OnAsk) -> Result<Json<Shown>> {
    changed(call, move |tx, id, act| change::switch_on(tx, id, ask.from_now, act)).await
}

async fn switch_off(call: Call, _: Nothing) -> Result<Json<Shown>> {
    changed(call, change::switch_off).await
}

async fn changed(
    call: Call,
    verb: impl Fn(&mut Tx<'_>, Uuid, &Act) -> Result<Seen> + Send + 'static,
) -> Result<Json<Shown>> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    let seen = call.store.write(call.scope()?, move |tx| verb(tx, id, &act)).await?;
    Ok(Json(Shown::new(seen, call.now())))
}

async fn remove(call: Call, _: Nothing) -> Result<Empty> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    call.store.write(call.scope()?, move |tx| change::remove(tx, id, &act)).await?;
    Ok(Empty::default())
}

async fn test(room: Webhooks, call: Call, _: Nothing) -> Result<Json<Tested>> {
    tested(&room, &call).await.map(Json)
}

/// Sends a ping to the webhook of the path, and says what came of it.
///
/// # Errors
/// `NotFound`; `TooMany` where others are under way.
pub(crate) async fn tested(room: &Webhooks, call: &Call) -> Result<Tested> {
    trial::test(room, call, id_of(call)?).await.map(Tested::from)
}

async fn list_deliveries(room: Webhooks, call: Call) -> Result<Json<DeliveryList>> {
    delivered(&room, &call).await.map(Json)
}

/// What was sent to the webhook of the path, or waits: those that the query asks for, the newest first.
///
/// # Errors
/// `NotFound`; `Invalid` for a query that cannot be read.
pub(crate) async fn delivered(room: &Webhooks, call: &Call) -> Result<DeliveryList> {
    let (tenant, id, limit) = (call.tenant()?.id, id_of(call)?, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let (state, before) = (call.one_of::<State>("state")?, room.cursors.read(call)?.unwrap_or(Uuid::max()));
    let verb = move |tx: &mut Tx<'_>| {
        rows::get(tx, tenant, id)?;
        let found = deliveries::list(tx, (tenant, id), state, before, limit)?;
        let attempts = deliveries::attempts_of(tx, tenant, &found)?;
        Ok((found, attempts))
    };
    let (found, attempts) = call.store.scan(call.scope()?, verb).await?;
    let next = room.cursors.behind(call, found.last().map(|last| last.id), found.len(), limit)?;
    let items = found.into_iter().zip(attempts).map(|(one, attempts)| DeliveryShown::new(one, attempts)).collect();
    Ok(DeliveryList { items, next })
}

async fn resend(call: Call, _: Nothing) -> Result<Json<DeliveryShown>> {
    sent_again(&call).await.map(Json)
}

/// Sends the event of the path once more.
///
/// # Errors
/// `NotFound`; `Conflict` where it waits anyway, or its webhook is off.
pub(crate) async fn sent_again(call: &Call) -> Result<DeliveryShown> {
    let (act, id, tenant) = (Act::of(call)?, id_of(call)?, call.tenant()?.id);
    let delivery = Uuid::parse_str(call.param("delivery")).map_err(|_| deliveries::not_found())?;
    let verb = move |tx: &mut Tx<'_>| {
        let delivery = change::resend(tx, (id, delivery), &act)?;
        let attempts = deliveries::attempts_of(tx, tenant, std::slice::from_ref(&delivery))?;
        Ok((delivery, attempts.into_iter().flatten().collect()))
    };
    let (delivery, attempts) = call.store.write(call.scope()?, verb).await?;
    Ok(DeliveryShown::new(delivery, attempts))
}
