//! The calls by which users are brought here by the thousand: an import is begun, its chunks are sent to be judged, it gets a
//! plan, and by that plan the same chunks are sent to be carried out.

use serde_json::json;
use uuid::Uuid;

use super::chosen::source;
use super::course::{self, New};
use super::feed::Feed;
use super::outcome::Outcome;
use super::rows::{self, Import, State};
use super::sealed::TransferKey;
use super::wire::{
    Ask, CHUNK_MAX, ChunkShown, Hashes, HashesAsk, ImportList, KeyShown, RowList, RowShown, RunAsk, Shown,
};
use super::{Parts, chunk, export, invitations, noted, upload};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::hex::digest_from_hex;
use crate::http::{Call, Created, Json, Nothing, Operation, PageSize, Permission, bind, bind_body};
use crate::store::Tx;
use crate::tenants;

pub(super) const IMPORTS: &str = "/api/tenantry/v1/imports";
const LIMIT_USUAL: i64 = 100;

/// The operations of this room.
pub fn operations(parts: &Parts) -> Vec<Operation> {
    let write = Permission::Group(ApiGroup::UamAdminWrite);
    vec![
        Operation::post(IMPORTS, write, bind_body(parts, begin))
            .id("tenantry.imports.begin")
            .summary("Begin an import of users: its chunks are judged first, and nothing is changed."),
        Operation::put_lines("/api/tenantry/v1/imports/{id}/chunks/{number}", write, bind(parts, take_chunk))
            .id("tenantry.imports.chunk")
            .summary("Send the next chunk of an import: one JSON object a line. A chunk may be sent again.")
            .body_max(CHUNK_MAX)
            .imports(),
        Operation::post("/api/tenantry/v1/imports/{id}/plan", write, bind_body(parts, plan))
            .id("tenantry.imports.plan")
            .summary("Make the plan of an import whose chunks are all judged."),
        Operation::post("/api/tenantry/v1/imports/{id}/run", write, bind_body(parts, run))
            .id("tenantry.imports.run")
            .summary("Run a plan: the same chunks are sent again, with their hashes, and carried out."),
        Operation::post("/api/tenantry/v1/imports/{id}/end", write, bind_body(parts, end))
            .id("tenantry.imports.end")
            .summary("End an import whose chunks are all carried out."),
        Operation::post("/api/tenantry/v1/imports/{id}/stop", write, bind_body(parts, stop))
            .id("tenantry.imports.stop")
            .summary("End an import before its time; what was done stays."),
        Operation::post("/api/tenantry/v1/imports/{id}/invite", write, invite)
            .id("tenantry.imports.invite")
            .summary("Invite users of an import that has ended by mail, some at a time; or end that."),
        Operation::put("/api/tenantry/v1/imports/hashes", Permission::Group(ApiGroup::TenantOwner), let_hashes_in)
            .fresh("/account")
            .id("tenantry.imports.hashes")
            .summary("Set until when imports may bring hashes of passwords, at most 7 days ahead."),
        Operation::post(
            "/api/tenantry/v1/imports/key",
            Permission::Group(ApiGroup::TenantOwner),
            bind_body(parts, make_key),
        )
        .fresh("/account")
        .id("tenantry.imports.key")
        .summary("Make a key by which another Tenantry seals hashes of passwords for this tenant, for 7 days."),
        export::sealed_operation(parts),
        upload::operation(parts),
    ]
    .into_iter()
    .chain(reading(parts))
    .collect()
}

fn reading(parts: &Parts) -> Vec<Operation> {
    let read = Permission::Group(ApiGroup::UamAdminRead);
    vec![
        export::operation(parts),
        Operation::get(IMPORTS, read, bind(parts, list))
            .id("tenantry.imports.list")
            .summary("List the imports of the tenant, newest first.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::get("/api/tenantry/v1/imports/{id}", read, bind(parts, show))
            .id("tenantry.imports.show")
            .summary("Show an import: where it stands, and what became of its rows so far."),
        Operation::get("/api/tenantry/v1/imports/{id}/invitations", read, show_invitations)
            .id("tenantry.imports.invitations")
            .summary("Show who of an import is invited, and how many were."),
        Operation::get("/api/tenantry/v1/imports/{id}/rows", read, list_rows)
            .id("tenantry.imports.rows")
            .summary(
                "List the rows of an import that were refused or of which something is told, by number, for 30 days.",
            )
            .query::<Outcome>("outcome", "Only rows that came to this.")
            .query::<i64>("after", "Only rows behind this number.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
    ]
}

/// The import that the path names.
fn id_of(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| rows::not_found())
}

async fn begin(parts: Parts, call: Call, ask: Ask) -> Result<Created<Shown>> {
    let act = Act::of(&call)?;
    if ask.rows.is_some_and(|rows| rows < 0) {
        return Err(Error::invalid("Field rows must not be negative."));
    }
    let id = call.random.uuid(act.now);
    let new = New { id, source: source(&ask.source)?, options: ask.options, expected: ask.rows, is_uploaded: false };
    let (now, cost) = (act.now, parts.cost);
    let import = call.store.write(call.scope()?, move |tx| course::begin(tx, &new, &act)).await?;
    Ok(Created { value: Shown::new(import, cost, now), location: format!("{IMPORTS}/{id}") })
}

async fn take_chunk(parts: Parts, call: Call) -> Result<Json<ChunkShown>> {
    let number = call.param("number").parse::<i64>().ok().filter(|number| *number > 0);
    let number =
        number.ok_or_else(|| Error::invalid("The number of a chunk in the path must be a whole number from 1."))?;
    let (tenant, id) = (call.tenant()?.id, id_of(&call)?);
    if call.store.read(call.scope()?, |tx| rows::get(tx, tenant, id))?.uploaded_at.is_some() {
        return Err(Error::conflict(
            "The file of this import was uploaded, and is gone on with by itself. Send no chunks.",
        ));
    }
    let done = chunk::take(&Feed::of(&call)?, &call.body, id, number, &parts).await?;
    Ok(Json(done.into()))
}

async fn plan(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change(&parts, &call, course::plan_as_asked).await
}

async fn run(parts: Parts, call: Call, ask: RunAsk) -> Result<Json<Shown>> {
    let plan = digest_from_hex(&ask.plan).ok_or_else(|| Error::invalid("Field plan must be 64 hexadecimal digits."))?;
    let running = change(&parts, &call, move |tx, id, act| course::run(tx, id, &plan, act)).await?;
    // A server goes on with an uploaded file.
    parts.nudge.notify_one();
    Ok(running)
}

async fn end(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change(&parts, &call, course::end).await
}

async fn stop(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change(&parts, &call, course::stop).await
}

async fn change(
    parts: &Parts,
    call: &Call,
    verb: impl Fn(&mut Tx<'_>, Uuid, &Act) -> Result<Import> + Send + 'static,
) -> Result<Json<Shown>> {
    let (act, id) = (Act::of(call)?, id_of(call)?);
    let import = call.store.write(call.scope()?, move |tx| verb(tx, id, &act)).await?;
    Ok(Json(Shown::new(import, parts.cost, call.now())))
}

async fn invite(call: Call, ask: invitations::Ask) -> Result<Json<invitations::Shown>> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    call.store.write(call.scope()?, move |tx| invitations::ask(tx, id, &ask, &act)).await.map(Json)
}

async fn show_invitations(call: Call) -> Result<Json<invitations::Shown>> {
    let (tenant, id) = (call.tenant()?.id, id_of(&call)?);
    call.store.read(call.scope()?, |tx| invitations::show(tx, tenant, id)).map(Json)
}

async fn let_hashes_in(call: Call, ask: HashesAsk) -> Result<Json<Hashes>> {
    let act = Act::of(&call)?;
    let changes = [("import.hashes_until".to_string(), ask.until.unwrap_or_default())];
    let verb = move |tx: &mut Tx<'_>| {
        act.require_owner(tx)?;
        tenants::set_by_id(tx, act.tenant.id, &changes, &act.actor, act.now)
    };
    let tenant = call.store.write(call.scope()?, verb).await?;
    Ok(Json(Hashes { until: tenant.settings.import.hashes_until }))
}

async fn make_key(parts: Parts, call: Call, _: Nothing) -> Result<Json<KeyShown>> {
    let act = Act::of(&call)?;
    let (key, made, expires_at) = TransferKey::make(&parts.keys, &act.tenant.uid, &call.random, act.now)?;
    let verb = move |tx: &mut Tx<'_>| {
        act.require_owner(tx)?;
        act.record(tx, "import.make_key", &made.id, json!({ "expires_at": expires_at }))
    };
    call.store.write(call.scope()?, verb).await?;
    Ok(Json(KeyShown { key, expires_at }))
}

async fn list(parts: Parts, call: Call) -> Result<Json<ImportList>> {
    let (tenant, limit) = (call.tenant()?.id, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let before = parts.cursors.read(&call)?.unwrap_or(Uuid::max());
    let found = call.store.scan(call.scope()?, move |tx| rows::list(tx, tenant, before, limit)).await?;
    let next = parts.cursors.behind(&call, found.last().map(|last| last.id), found.len(), limit)?;
    let items = found.into_iter().map(|import| Shown::new(import, parts.cost, call.now())).collect();
    Ok(Json(ImportList { items, next }))
}

async fn show(parts: Parts, call: Call) -> Result<Json<Shown>> {
    let (tenant, id) = (call.tenant()?.id, id_of(&call)?);
    let import = call.store.read(call.scope()?, |tx| rows::get(tx, tenant, id))?;
    Ok(Json(Shown::new(import, parts.cost, call.now())))
}

async fn list_rows(call: Call) -> Result<Json<RowList>> {
    let (tenant, id, limit) = (call.tenant()?.id, id_of(&call)?, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let outcome = call.one_of::<Outcome>("outcome")?;
    let after = call.text("after").map(|text| text.parse::<i64>());
    let after =
        after.transpose().map_err(|_| Error::invalid("Field after must be a whole number."))?.unwrap_or_default();
    let verb = move |tx: &mut Tx<'_>| {
        let import = rows::get(tx, tenant, id)?;
        let phase = i64::from(import.run_at.is_some() && import.state != State::Planned);
        noted::noted(tx, tenant, id, phase, outcome, (after, limit))
    };
    let found = call.store.scan(call.scope()?, verb).await?;
    let next = found.last().map(|last| last.row).filter(|_| found.len() as i64 == limit);
    Ok(Json(RowList { items: found.into_iter().map(RowShown::from).collect(), next }))
}
