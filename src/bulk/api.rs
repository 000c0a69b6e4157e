//! The calls by which many users are changed at once: a plan is made and looked at, and then acted by.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::course;
use super::listed;
use super::rows::{self, Due};
use super::terms::Terms;
use super::wire::{ActAsk, BulkList, Shown, UserList, UserShown};
use super::worker::{slices, step};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::hex::digest_from_hex;
use crate::http::{Call, Created, CursorKey, Json, Nothing, Operation, PageSize, Permission, bind};
use crate::store::Tx;

const BULK: &str = "/api/tenantry/v1/bulk";
const LIMIT_USUAL: i64 = 100;
/// So long a call waits for the plan that it begins.
const WAITS: Duration = Duration::from_secs(2);

/// The operations of this room.
pub fn operations(cursors: &CursorKey) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post(BULK, write, plan)
            .id("tenantry.bulk.plan")
            .summary("Plan what is done to all users who pass a filter; nothing is changed."),
        Operation::get(BULK, read, bind(cursors, list))
            .id("tenantry.bulk.list")
            .summary("List the plans and runs of the tenant, newest first.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::get("/api/tenantry/v1/bulk/{id}", read, show)
            .id("tenantry.bulk.show")
            .summary("Show a plan, or how far its run has come."),
        Operation::get("/api/tenantry/v1/bulk/{id}/users", read, bind(cursors, list_users))
            .id("tenantry.bulk.users")
            .summary("List the users of a plan, with what becomes of each and why one is left out, for 30 days.")
            .query::<bool>("left_out", "Whether to list those alone who are left out.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::post("/api/tenantry/v1/bulk/{id}/act", write, act)
            .fresh("/account")
            .id("tenantry.bulk.act")
            .summary("Act by a plan that was looked at: the server goes through its users."),
        Operation::post("/api/tenantry/v1/bulk/{id}/stop", write, stop)
            .id("tenantry.bulk.stop")
            .summary("End a plan or a run; what was done stays."),
    ]
}

/// The act that the path names.
fn id_of(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| rows::not_found())
}

async fn plan(call: Call, terms: Terms) -> Result<Created<Shown>> {
    let (begun, call_act) = (Instant::now(), Act::of(&call)?);
    let (scope, now) = (call.scope()?, call.now());
    let due = Due { tenant: call_act.tenant.id, id: call.random.uuid(now) };
    let act = call_act.clone();
    call.store.write(scope, move |tx| course::begin(tx, due.id, &terms, &act)).await?;
    let (mut is_more, mut stride) = (true, slices());
    while is_more && begun.elapsed() < WAITS {
        is_more = step(&call.store, scope, due, &mut stride, now).await?;
    }
    let bulk = match is_more {
        true => call.store.write(scope, move |tx| course::hand_over(tx, due.id, &call_act)).await?,
        false => call.store.read(scope, |tx| rows::get(tx, due.tenant, due.id))?,
    };
    Ok(Created { value: Shown::new(bulk, now), location: format!("{BULK}/{}", due.id) })
}

async fn act(call: Call, ask: ActAsk) -> Result<Json<Shown>> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    let plan = digest_from_hex(&ask.plan).ok_or_else(|| Error::invalid("Field plan must be 64 hexadecimal digits."))?;
    let bulk = call.store.write(call.scope()?, move |tx| course::act(tx, id, (&plan, ask.users), &act)).await?;
    Ok(Json(Shown::new(bulk, call.now())))
}

async fn stop(call: Call, _: Nothing) -> Result<Json<Shown>> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    let bulk = call.store.write(call.scope()?, move |tx| course::stop(tx, id, &act)).await?;
    Ok(Json(Shown::new(bulk, call.now())))
}

async fn list(cursors: CursorKey, call: Call) -> Result<Json<BulkList>> {
    let (tenant, limit) = (call.tenant()?.id, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let before = cursors.read(&call)?.unwrap_or(Uuid::max());
    let found = call.store.scan(call.scope()?, move |tx| rows::list(tx, tenant, before, limit)).await?;
    let next = cursors.behind(&call, found.last().map(|last| last.id), found.len(), limit)?;
    let items = found.into_iter().map(|bulk| Shown::new(bulk, call.now())).collect();
    Ok(Json(BulkList { items, next }))
}

async fn show(call: Call) -> Result<Json<Shown>> {
    let (tenant, id) = (call.tenant()?.id, id_of(&call)?);
    let bulk = call.store.read(call.scope()?, |tx| rows::get(tx, tenant, id))?;
    Ok(Json(Shown::new(bulk, call.now())))
}

async fn list_users(cursors: CursorKey, call: Call) -> Result<Json<UserList>> {
    let (tenant, id, limit) = (call.tenant()?.id, id_of(&call)?, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let left_out = call.flag("left_out")?;
    let asked = [id.as_bytes().as_slice(), &[u8::from(left_out)]].concat();
    let behind = cursors.read_place(&call, &asked)?.map(|place| read_place(&place)).transpose()?.unwrap_or_default();
    let verb = move |tx: &mut Tx<'_>| {
        let bulk = rows::get(tx, tenant, id)?;
        Ok((bulk, listed::page(tx, tenant, id, left_out, (behind, limit))?))
    };
    let (bulk, seen) = call.store.scan(call.scope()?, verb).await?;
    let last = seen.last().map(|last| last.place).filter(|_| seen.len() as i64 == limit);
    let next = last.map(|place| cursors.behind_place(&call, &asked, &place.to_be_bytes())).transpose()?;
    Ok(Json(UserList { items: seen.into_iter().map(|seen| UserShown::new(seen, bulk.acted_to)).collect(), next }))
}

/// The place in a cursor, which this server has written.
fn read_place(bytes: &[u8]) -> Result<i64> {
    bytes.try_into().map(i64::from_be_bytes).map_err(Error::internal)
}
