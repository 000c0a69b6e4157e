//! Reading the records over HTTP: listing, verifying, exporting.

use http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::Outcome;
use super::digest::AuditKey;
use super::query::{self, Filter};
use super::rows::Record;
use super::verify::{self, Anchor, Verified};
use crate::access::ApiGroup;
use crate::address::spelt;
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::hex::hex;
use crate::http::{Answer, Call, CursorKey, Json, Operation, PageSize, Permission, Success, bind};
use crate::identity::TenantId;

const LIMIT_USUAL: i64 = 100;
const NEXT: HeaderName = HeaderName::from_static("tenantry-next-cursor");

/// The operations of this room.
pub fn operations(key: &AuditKey, cursors: &CursorKey) -> Vec<Operation> {
    let reading = Permission::Group(ApiGroup::UamAdminRead);
    vec![
        filtered(Operation::get("/api/tenantry/v1/audit", reading, bind(cursors, list)))
            .id("tenantry.v1.audit.list")
            .summary("Lists audit records, newest first."),
        Operation::get("/api/tenantry/v1/audit/verify", reading, bind(key, verify))
            .id("tenantry.v1.audit.verify")
            .summary("Checks that no sealed audit record was changed, removed, reordered or added.")
            .query::<i64>("number", "The link of an anchor that was kept, together with its hash.")
            .query::<String>("hash", "The hash of that anchor, in 64 hexadecimal digits.")
            .query::<String>(
                "kept",
                "Further links that were kept, by heads: number:hash, up to 64 of them with commas between.",
            ),
        filtered(Operation::get("/api/tenantry/v1/audit/export", reading, bind(cursors, export)))
            .id("tenantry.v1.audit.export")
            .summary("Exports audit records as JSON lines, oldest first, each with its digest.")
            .answers(&[Success::lines::<Item>("One record on each line, as `application/x-ndjson`.")])
            .answer_header::<String>("Tenantry-Next-Cursor", "What to give as `cursor` for the records behind these."),
    ]
}

/// Shows the records that its query asks for.
fn filtered(operation: Operation) -> Operation {
    operation
        .query::<String>("action", "Only records of this action, such as `reset.request`.")
        .query::<String>("actor", "Only records of what this user or program did.")
        .query::<String>("subject", "Only records of what was done to this user or object.")
        .query::<Outcome>("outcome", "Only records of actions that ended so.")
        .query::<Timestamp>("since", "Not before this moment.")
        .query::<Timestamp>("until", "Before this moment.")
        .query::<String>("cursor", "From the answer before, unchanged.")
        .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said.")
}

/// A record, the same in a listing and in an export.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditRecord")]
pub struct Item {
    /// The number of the tenant, which is part of what the digest is over.
    tenant: i64,
    #[schemars(example = &"0194f3a15c2e7b608d4f3a9e6c71b208")]
    id: String,
    at: Timestamp,
    #[schemars(example = &"reset.request")]
    action: String,
    #[schemars(with = "Outcome")]
    outcome: String,
    #[schemars(example = &"owner@example.com")]
    actor: String,
    credential: Option<String>,
    #[schemars(example = &"jane@example.com")]
    subject: String,
    #[schemars(example = &"203.0.113.7")]
    address: String,
    /// Stored as this object, without blanks and with its members in order; the digest is over that text.
    #[schemars(example = json!({ "kind": "administrator" }))]
    facts: Value,
    /// The SHA-256 of the record, in 64 hexadecimal digits. Its link keeps all of it; links of older releases keep the first half.
    #[schemars(example = &"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    digest: String,
    /// The record that vouches for this one, which was rewritten when a person was erased: its link keeps another digest.
    erased_by: Option<String>,
}

impl Item {
    /// A record as it is shown.
    pub fn of(tenant: TenantId, record: Record) -> Self {
        Self {
            tenant: tenant.0,
            digest: hex(&record.entry(tenant).digest),
            erased_by: record.erased_by.map(|by| by.simple().to_string()),
            id: record.id.simple().to_string(),
            at: record.at,
            action: record.action,
            outcome: record.outcome,
            actor: record.actor,
            credential: record.credential,
            subject: record.subject,
            address: record.address,
            // Facts that are no JSON were tampered with: they are shown as they are.
            facts: serde_json::from_str(&record.facts).unwrap_or(Value::String(record.facts)),
        }
    }
}

/// A page of records.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditPage")]
pub struct Page {
    items: Vec<Item>,
    next: Option<String>,
}

async fn list(cursors: CursorKey, call: Call) -> Result<Json<Page>> {
    let (tenant, filter) = asked(&cursors, &call)?;
    let limit = filter.limit;
    let records = call.store.scan(call.scope()?, move |tx| query::list_newest(tx, tenant, &filter)).await?;
    let next = next(&cursors, &call, &records, limit)?;
    Ok(Json(Page { items: records.into_iter().map(|record| Item::of(tenant, record)).collect(), next }))
}

async fn export(cursors: CursorKey, call: Call) -> Result<Answer> {
    let (tenant, filter) = asked(&cursors, &call)?;
    let limit = filter.limit;
    let records = call.store.scan(call.scope()?, move |tx| query::list_oldest(tx, tenant, &filter)).await?;
    let next = next(&cursors, &call, &records, limit)?;
    let mut lines = Vec::new();
    for record in records {
        serde_json::to_writer(&mut lines, &Item::of(tenant, record)).map_err(Error::internal)?;
        lines.push(b'\n');
    }
    let answer = Answer::new("application/x-ndjson", lines);
    Ok(match next {
        Some(cursor) => answer.with(NEXT, HeaderValue::from_str(&cursor).map_err(Error::internal)?),
        None => answer,
    })
}

fn next(cursors: &CursorKey, call: &Call, records: &[Record], limit: i64) -> Result<Option<String>> {
    cursors.behind(call, records.last().map(|last| last.id), records.len(), limit)
}

fn asked(cursors: &CursorKey, call: &Call) -> Result<(TenantId, Filter)> {
    let filter = Filter {
        action: call.text("action"),
        actor: call.text("actor").map(|actor| spelt(&actor)),
        subject: call.text("subject").map(|subject| spelt(&subject)),
        outcome: call.one_of("outcome")?,
        since: call.moment("since")?,
        until: call.moment("until")?,
        after: cursors.read(call)?,
        limit: call.limit(LIMIT_USUAL, PageSize::MAX)?,
    };
    Ok((call.tenant()?.id, filter))
}

/// What a verification answers.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "AuditVerdict")]
pub struct Verdict {
    #[schemars(example = true)]
    sound: bool,
    #[schemars(example = &"All 12 sealed records in 3 links are as they were written; 0 wait to be sealed.")]
    sentence: String,
    #[serde(flatten)]
    verified: Verified,
}

async fn verify(key: AuditKey, call: Call) -> Result<Json<Verdict>> {
    let (tenant, kept) = (call.tenant()?.id, kept_anchors(&call)?);
    let verified = call.store.scan(call.scope()?, move |tx| verify::verify(tx, &key, tenant, &kept)).await?;
    Ok(Json(Verdict { sound: verified.fault.is_none(), sentence: sentence(&verified), verified }))
}

/// As many as an address has room for.
const KEPT_MAX: usize = 64;

fn kept_anchors(call: &Call) -> Result<Vec<Anchor>> {
    let mut kept = match (call.text("number"), call.text("hash")) {
        (None, None) => Vec::new(),
        (Some(number), Some(hash)) => vec![Anchor::parse(&number, &hash)?],
        _ => {
            return Err(Error::invalid(
                "Fields number and hash of a kept anchor belong together: give both or neither.",
            ));
        }
    };
    let listed = call.text("kept").unwrap_or_default();
    for one in listed.split(',').filter(|one| !one.is_empty()) {
        let (number, hash) = one
            .split_once(':')
            .ok_or_else(|| Error::invalid("Field kept must be a list of number:hash, with commas between."))?;
        kept.push(Anchor::parse(number, hash)?);
    }
    if kept.len() > KEPT_MAX {
        return Err(Error::invalid(format!(
            "Field kept must have {KEPT_MAX} links at most. Ask again for the others."
        )));
    }
    Ok(kept)
}

/// What a walk along the chain found, in a sentence.
pub fn sentence(verified: &Verified) -> String {
    match &verified.fault {
        None => format!(
            "All {} sealed records in {} links are as they were written{}; {} wait to be sealed. \
             Keep the anchor elsewhere: it shows later that nothing was cut off.",
            verified.records,
            verified.links,
            told_of_erased(verified.erased),
            verified.unsealed
        ),
        Some(fault) => {
            let record = fault.record.map_or_else(String::new, |id| format!(", record {}", id.simple()));
            let link = if fault.link > 0 { format!(" at link {}", fault.link) } else { String::new() };
            format!("The records are not as they were sealed: {}{link}{record}.", fault.what.words())
        }
    }
}

fn told_of_erased(erased: i64) -> String {
    match erased {
        0 => String::new(),
        1 => ", but for 1 from which a person was erased".into(),
        erased => format!(", but for {erased} from which a person was erased"),
    }
}

#[cfg(test)]
#[path = "api_tests.rs"]
mod tests;
