//! The calls of an incident: planned and looked at, begun, agreed to, and led to its end.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::asks::{AgreeAsk, DeclineAsk, EvidenceAsk, EvidenceLine, PartShown, ReleaseAsk, Retried, StartAsk};
use super::course::{self, Change};
use super::due::Due;
use super::people::{self, Outcome, PersonList, PersonShown};
use super::rows::{self, Incident};
use super::state::State;
use super::tally::Tallies;
use super::terms::Terms;
use super::wire::{IncidentList, Shown};
use super::worker::{Running, slices};
use super::{agree, begin, drift, evidence, lines, listed, remind, stuck};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::error::{Error, Result};
use crate::hex::digest_from_hex;
use crate::http::{Call, Created, CursorKey, Json, Lines, Nothing, Operation, PageSize, Permission, bind, bind_body};
use crate::keys::Keys;
use crate::mail::address::Email;
use crate::signing::Signer;
use crate::store::Tx;

const INCIDENTS: &str = "/api/tenantry/v1/incidents";
const LIMIT_USUAL: i64 = 100;
/// So long a call waits for the plan that it begins.
const WAITS: Duration = Duration::from_secs(2);
/// Parts of a list.
const PARTS_MAX: i64 = 999;
/// Bytes of one of them, and of terms that name users by their addresses.
const BODY_MAX: usize = 1024 * 1024;

/// What the calls of this room need.
#[derive(Clone)]
struct Parts {
    keys: Keys,
    cursors: CursorKey,
    tallies: Tallies,
    signer: Signer,
}

/// The operations of this room.
pub fn operations(keys: &Keys, signer: &Signer) -> Vec<Operation> {
    let (tallies, signer) = (Tallies::default(), signer.clone());
    let parts = &Parts { keys: keys.clone(), cursors: CursorKey::of(keys), tallies, signer };
    [of_plans(parts), of_runs(parts)].concat()
}

fn of_plans(parts: &Parts) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post(INCIDENTS, write, bind_body(parts, declare))
            .id("tenantry.incidents.declare")
            .summary("Plan to end the passwords of many users; nothing is changed.")
            .body_max(BODY_MAX),
        Operation::get(INCIDENTS, read, bind(parts, list))
            .id("tenantry.incidents.list")
            .summary("List the incidents of the tenant, newest first.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::put_lines("/api/tenantry/v1/incidents/{id}/lines/{part}", write, bind(parts, take_lines))
            .id("tenantry.incidents.lines")
            .summary("Send a part of the list of an incident: addresses, or a table with them, of at most 1 MiB.")
            .body_max(BODY_MAX),
        Operation::post("/api/tenantry/v1/incidents/{id}/plan", write, bind_body(parts, plan))
            .id("tenantry.incidents.plan")
            .summary("Plan an incident whose list is complete."),
        Operation::get("/api/tenantry/v1/incidents/{id}", read, bind(parts, show))
            .id("tenantry.incidents.show")
            .summary("Show an incident, and how far it has come."),
        Operation::get("/api/tenantry/v1/incidents/{id}/people", read, bind(parts, list_people))
            .id("tenantry.incidents.people")
            .summary("List the users of an incident, with what has become of each.")
            .query::<Outcome>("is", "Only users of whom this has become.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
    ]
}

fn of_runs(parts: &Parts) -> Vec<Operation> {
    let (read, write) = (Permission::Group(ApiGroup::UamAdminRead), Permission::Group(ApiGroup::UamAdminWrite));
    vec![
        Operation::post("/api/tenantry/v1/incidents/{id}/start", write, bind_body(parts, start))
            .fresh("/account")
            .id("tenantry.incidents.start")
            .summary("End the passwords of a plan that was looked at, or ask a second person to agree."),
        Operation::post("/api/tenantry/v1/incidents/{id}/agree", write, bind_body(parts, agree_to))
            .fresh("/account")
            .id("tenantry.incidents.agree")
            .summary("Agree to a plan as the second person: its passwords begin to end."),
        Operation::post("/api/tenantry/v1/incidents/{id}/decline", write, bind_body(parts, decline))
            .id("tenantry.incidents.decline")
            .summary("Decline a plan as the second person."),
        Operation::post("/api/tenantry/v1/incidents/{id}/pause", write, bind_body(parts, pause))
            .id("tenantry.incidents.pause")
            .summary("Let an incident stand still where it is."),
        Operation::post("/api/tenantry/v1/incidents/{id}/go_on", write, bind_body(parts, go_on))
            .id("tenantry.incidents.go_on")
            .summary("Go on with an incident that was paused."),
        Operation::post("/api/tenantry/v1/incidents/{id}/cancel", write, bind_body(parts, cancel))
            .fresh("/account")
            .id("tenantry.incidents.cancel")
            .summary("End an incident where it is: passwords that have ended stay so, and nothing more is mailed."),
        Operation::post("/api/tenantry/v1/incidents/{id}/release", write, bind_body(parts, release))
            .fresh("/account")
            .id("tenantry.incidents.release")
            .summary("Let the mails of an incident go, of all its users or of some."),
        Operation::post("/api/tenantry/v1/incidents/{id}/retry", write, bind_body(parts, retry))
            .id("tenantry.incidents.retry")
            .summary("Try the mails again that the relay did not take, some thousands at once."),
        Operation::post("/api/tenantry/v1/incidents/{id}/remind", write, bind_body(parts, remind_users))
            .id("tenantry.incidents.remind")
            .summary("Mail the link once more to users who have not chosen a password."),
        Operation::post("/api/tenantry/v1/incidents/{id}/change", write, bind_body(parts, change))
            .id("tenantry.incidents.change")
            .summary("Say something else in the mails that have not left, or let them go at another pace."),
        Operation::post("/api/tenantry/v1/incidents/{id}/evidence", read, bind_body(parts, prove))
            .reads()
            .id("tenantry.incidents.evidence")
            .summary(
                "Write out what an incident has done, signed, so that anyone can verify it; each time leaves a record.",
            )
            .answer_header::<String>(
                "Tenantry-Evidence-Key",
                "Where addresses are hidden, the key under which they are: it is told this once.",
            ),
    ]
}

/// The incident that the path names.
fn id_of(call: &Call) -> Result<Uuid> {
    Uuid::parse_str(call.param("id")).map_err(|_| rows::not_found())
}

/// The digest of a plan, as a caller gives it.
///
/// # Errors
/// `Invalid`.
pub fn digest_of(plan: &str) -> Result<Vec<u8>> {
    let digest = digest_from_hex(plan).map(|digest| digest.to_vec());
    digest.ok_or_else(|| Error::invalid("Field plan must be 64 hexadecimal digits."))
}

/// What is shown of an incident, with what has become of its links.
async fn shown(parts: &Parts, call: &Call, incident: Incident) -> Result<Shown> {
    let (tenant, now) = (call.tenant()?.id, call.now());
    let run = incident.run.filter(|_| incident.ended_to > 0);
    let links = match run {
        Some(run) => Some(parts.tallies.of(&call.store, tenant, (run, State::of(&incident, now)), now).await?),
        None => None,
    };
    Ok(Shown::new(incident, links, now))
}

/// Carries out a verb on the incident that the path names.
async fn change_it(
    parts: &Parts,
    call: &Call,
    verb: impl Fn(&mut Tx<'_>, Uuid, &Act) -> Result<Incident> + Send + 'static,
) -> Result<Json<Shown>> {
    let (act, id) = (Act::of(call)?, id_of(call)?);
    let incident = call.store.write(call.scope()?, move |tx| verb(tx, id, &act)).await?;
    shown(parts, call, incident).await.map(Json)
}

async fn declare(parts: Parts, call: Call, terms: Terms) -> Result<Created<Shown>> {
    let (begun, call_act) = (Instant::now(), Act::of(&call)?);
    let (scope, now) = (call.scope()?, call.now());
    let due = Due { tenant: call_act.tenant.id, id: call.random.uuid(now) };
    let act = call_act.clone();
    let mut incident = call.store.write(scope, move |tx| begin::declare(tx, due.id, &terms, &act)).await?;
    let (mut is_more, mut stride) = (incident.planning_at.is_some(), slices());
    let running = Running { store: call.store.clone(), keys: parts.keys.clone() };
    while is_more && begun.elapsed() < WAITS {
        is_more = running.step(scope, due, &mut stride, now).await?;
    }
    if incident.planning_at.is_some() {
        incident = call.store.write(scope, move |tx| begin::hand_over(tx, due.id, &call_act)).await?;
    }
    Ok(Created { value: Shown::new(incident, None, now), location: format!("{INCIDENTS}/{}", due.id) })
}

async fn take_lines(_: Parts, call: Call) -> Result<Json<PartShown>> {
    let part = call.param("part").parse::<i64>().ok().filter(|part| (1..=PARTS_MAX).contains(part));
    let part = part.ok_or_else(|| Error::invalid("The part in the path must be a number from 1 to 999."))?;
    let text = std::str::from_utf8(&call.body).map_err(|_| Error::invalid("The list must be text in UTF-8."))?;
    if text.contains('\0') {
        return Err(Error::invalid("The list holds a character that no text has (NUL). Save it as text in UTF-8."));
    }
    let (act, id, read) = (Act::of(&call)?, id_of(&call)?, lines::read(text));
    let emails = read.emails.clone();
    let verb = move |tx: &mut Tx<'_>| begin::take_lines(tx, id, part, &emails, &act);
    let incident = call.store.write(call.scope()?, verb).await?;
    Ok(Json(PartShown::new(read, incident.lines)))
}

async fn plan(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change_it(&parts, &call, begin::plan).await
}

async fn start(parts: Parts, call: Call, ask: StartAsk) -> Result<Json<Shown>> {
    let (plan, tenant, id) = (digest_of(&ask.plan)?, call.tenant()?, id_of(&call)?);
    let incident = call.store.read(call.scope()?, |tx| rows::get(tx, tenant.id, id))?;
    let is_to_be_counted = !ask.accept_drift && State::of(&incident, call.now()) == State::Planned;
    if is_to_be_counted && incident.authority.user == call.caller()?.user {
        let drift = drift::of(&call.store, tenant, &incident, call.now()).await?;
        drift.unwrap_or_default().check()?;
    }
    change_it(&parts, &call, move |tx, id, act| begin::start(tx, id, (&plan, ask.users), act)).await
}

async fn retry(_: Parts, call: Call, _: Nothing) -> Result<Json<Retried>> {
    let (act, id) = (Act::of(&call)?, id_of(&call)?);
    let (_, users) = call.store.write(call.scope()?, move |tx| stuck::retry(tx, id, &act)).await?;
    Ok(Json(Retried { users }))
}

async fn remind_users(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change_it(&parts, &call, remind::remind).await
}

async fn agree_to(parts: Parts, call: Call, ask: AgreeAsk) -> Result<Json<Shown>> {
    let (plan, tenant, id, caller) = (digest_of(&ask.plan)?, call.tenant()?.id, id_of(&call)?, call.caller()?.user);
    // The list may be long, and nobody waits for the one who walks through it here.
    let place = call.store.scan(call.scope()?, move |tx| listed::place_of(tx, tenant, id, caller)).await?;
    change_it(&parts, &call, move |tx, id, act| agree::agree(tx, id, &plan, place, act)).await
}

async fn decline(parts: Parts, call: Call, ask: DeclineAsk) -> Result<Json<Shown>> {
    crate::text::check("why", &ask.why)?;
    change_it(&parts, &call, move |tx, id, act| agree::decline(tx, id, &ask.why, act)).await
}

async fn pause(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change_it(&parts, &call, course::pause).await
}

async fn go_on(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change_it(&parts, &call, course::go_on).await
}

async fn cancel(parts: Parts, call: Call, _: Nothing) -> Result<Json<Shown>> {
    change_it(&parts, &call, course::cancel).await
}

async fn release(parts: Parts, call: Call, ask: ReleaseAsk) -> Result<Json<Shown>> {
    let emails = ask.emails.iter().map(|email| Email::parse(email)).collect::<Result<Vec<_>>>()?;
    let key = parts.keys.current();
    change_it(&parts, &call, move |tx, id, act| course::release(tx, id, (&emails, key), act)).await
}

async fn change(parts: Parts, call: Call, ask: Change) -> Result<Json<Shown>> {
    change_it(&parts, &call, move |tx, id, act| course::change(tx, id, &ask, act)).await
}

async fn prove(parts: Parts, call: Call, ask: EvidenceAsk) -> Result<Lines<EvidenceLine>> {
    evidence::begin(&call, id_of(&call)?, &ask, &parts.signer).await
}

async fn list(parts: Parts, call: Call) -> Result<Json<IncidentList>> {
    let (tenant, limit) = (call.tenant()?.id, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let before = parts.cursors.read(&call)?.unwrap_or(Uuid::max());
    let found = call.store.scan(call.scope()?, move |tx| rows::list(tx, tenant, before, limit)).await?;
    let next = parts.cursors.behind(&call, found.last().map(|last| last.id), found.len(), limit)?;
    let items = found.into_iter().map(|incident| Shown::new(incident, None, call.now())).collect();
    Ok(Json(IncidentList { items, next }))
}

async fn show(parts: Parts, call: Call) -> Result<Json<Shown>> {
    let (tenant, id) = (call.tenant()?.id, id_of(&call)?);
    let incident = call.store.read(call.scope()?, |tx| rows::get(tx, tenant, id))?;
    shown(&parts, &call, incident).await.map(Json)
}

async fn list_people(parts: Parts, call: Call) -> Result<Json<PersonList>> {
    let (tenant, id, limit) = (call.tenant()?.id, id_of(&call)?, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let (wanted, now) = (call.one_of::<Outcome>("is")?, call.now());
    let asked = [id.as_bytes().as_slice(), &[wanted.map_or(u8::MAX, |outcome| outcome as u8)]].concat();
    let behind = parts.cursors.read_place(&call, &asked)?.map(|place| read_place(&place)).transpose()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let verb = move |tx: &mut Tx<'_>| {
        let incident = rows::get(tx, tenant, id)?;
        people::page(tx, tenant, &incident, wanted, (behind.unwrap_or_default(), limit), now)
    };
    let (found, last) = call.store.scan(call.scope()?, verb).await?;
    let next = last.map(|place| parts.cursors.behind_place(&call, &asked, &place.to_be_bytes())).transpose()?;
    Ok(Json(PersonList { items: found.into_iter().map(PersonShown::from).collect(), next }))
}

/// The place in a cursor, which this server has written.
fn read_place(bytes: &[u8]) -> Result<i64> {
    bytes.try_into().map(i64::from_be_bytes).map_err(Error::internal)
}
