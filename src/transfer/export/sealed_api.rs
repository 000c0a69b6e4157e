//! A tenant written out with the hashes of its passwords, sealed for one other tenant: for owners, by a proof of a moment ago, with a
//! record. The pages behind the first one belong to its record, and can be had for a day.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::hashes::Sealing;
use super::page::{self, Place, Wanted};
use super::{LIMIT_USUAL, answer, in_pages};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, PageSize, Permission, bind_body};
use crate::secret::Secret;
use crate::store::Tx;
use crate::transfer::Parts;
use crate::transfer::sealed::TransferKey;

/// How long after its record a page can be had, in seconds.
const PAGES_SECONDS: i64 = 24 * 3600;

/// What is to be written out, and for whom.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SealedExportAsk")]
struct Ask {
    /// The key of the target, as `tenantry transfer key` prints it there.
    seal_with: Secret<String>,
    /// From the header of the answer before, unchanged.
    #[serde(default)]
    after: Option<String>,
    /// How many lines at most, up to 1000, head and settings aside; 100 unless said.
    #[serde(default)]
    #[schemars(example = 1000)]
    limit: Option<i64>,
}

/// The operation that writes a tenant out with its hashes.
pub(in crate::transfer) fn operation(parts: &Parts) -> Operation {
    let owner = Permission::Group(ApiGroup::TenantOwner);
    let operation = Operation::post("/api/tenantry/v1/export/hashes", owner, bind_body(parts, export))
        .fresh("/account")
        .id("tenantry.tenant.export_hashes")
        .summary(
            "Write out the tenant as JSON lines, page by page, with its users' hashes sealed for one other tenant.",
        );
    in_pages(operation).answer_header::<i64>("Tenantry-Hashes", "How many users of the page have a sealed hash.")
}

async fn export(parts: Parts, call: Call, ask: Ask) -> Result<Answer> {
    let act = Act::of(&call)?;
    let key = TransferKey::read(ask.seal_with.expose(), act.now)?;
    let limit = ask.limit.unwrap_or(LIMIT_USUAL);
    if !(1..=PageSize::MAX).contains(&limit) {
        return Err(Error::invalid(format!("Field limit must be a whole number from 1 to {}.", PageSize::MAX)));
    }
    // A page of another caller, or for another key, has no record.
    let asked = [act.caller.user.0.to_be_bytes().as_slice(), key.id.as_bytes()].concat();
    let given = ask.after.as_deref().filter(|after| !after.is_empty());
    let given = given.map(|after| parts.cursors.read_place_given(&call, ("after", after), &asked)).transpose()?;
    let is_first = given.is_none();
    let (began, after) = match given {
        Some(place) => read_place(&place, act.now)?,
        None => (act.now, Place::default()),
    };
    let (tenant, now, scope, id) = (act.tenant.id, act.now, call.scope()?, key.id.clone());
    let verb = move |tx: &mut Tx<'_>| {
        act.require_owner(tx)?;
        if is_first { act.record(tx, "export.hashes", &act.tenant.name, json!({ "key": id })) } else { Ok(()) }
    };
    if is_first {
        call.store.write(scope, verb).await?
    } else {
        call.store.read(scope, verb)?
    }
    let wanted = Wanted { limit, now, sealing: Some(Sealing { key, random: call.random.clone() }) };
    let page = call.store.scan(scope, move |tx| page::read(tx, tenant, &after, &wanted)).await?;
    let place = |place: &Place| [began.0.to_be_bytes().as_slice(), &place.to_keep()].concat();
    let next = page.next.as_ref().map(|next| parts.cursors.behind_place(&call, &asked, &place(next))).transpose()?;
    let hashes = page.hashes;
    answer(page, next, Some(hashes))
}

/// The place in a cursor, which this server has written: when the first page was read, and where this one begins.
fn read_place(bytes: &[u8], now: Timestamp) -> Result<(Timestamp, Place)> {
    let (began, place) = bytes.split_first_chunk::<8>().ok_or_else(|| Error::internal("a cursor is too short"))?;
    let began = Timestamp(i64::from_be_bytes(*began));
    match began.lasts(PAGES_SECONDS, now) {
        true => Ok((began, Place::read(place)?)),
        false => Err(Error::invalid("Field after is older than a day. Start again without it.")),
    }
}
