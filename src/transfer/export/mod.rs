//! A tenant written out in our own lines: settings, namespaces, roles and groups of its own, users with the roles given to them,
//! their groups, pictures and keys, service users, what is known of credentials, the words of mails that it has chosen, and
//! objects in namespaces.
//!
//! - What opens an account is not read here at all: no hash, no token, no secret of a second factor, no link, no session. By a call
//!   of its own, for owners alone, hashes come along sealed for one other tenant.
//! - A page is one snapshot. Users come in the order of their ids outside, which never change, so a user who stays is in the
//!   pages exactly once, whatever is changed meanwhile.
//! - The head tells the revision, and so does each page, with the latest record: from them a client knows that something was
//!   changed between the first page and the last.

mod hashes;
mod page;
mod rows;
mod sealed_api;
mod users;

use http::header::{HeaderName, HeaderValue};
use schemars::JsonSchema;
use serde::Serialize;

use self::page::{Page, Place, Wanted};
pub(super) use self::sealed_api::operation as sealed_operation;
use super::Parts;
use crate::access::{ApiGroup, SYSTEM};
use crate::error::{Error, Result};
use crate::http::{Answer, Call, Operation, PageSize, Permission, Success, bind};

const LIMIT_USUAL: i64 = 100;
const NEXT: HeaderName = HeaderName::from_static("tenantry-next-cursor");
const HASHES: HeaderName = HeaderName::from_static("tenantry-hashes");
const REVISION: HeaderName = HeaderName::from_static("tenantry-revision");
const LAST_RECORD: HeaderName = HeaderName::from_static("tenantry-last-record");

/// What a line is about; what else is in it follows from that.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(extend("additionalProperties" = true))]
struct ExportLine {
    /// `head`, `settings`, `namespace`, `role`, `group`, `user`, `credential`, `mail_text` or `object`.
    #[schemars(example = &"user")]
    kind: String,
}

/// The operation that writes a tenant out.
pub(super) fn operation(parts: &Parts) -> Operation {
    let read = Permission::Group(ApiGroup::UamAdminRead);
    let operation = Operation::get("/api/tenantry/v1/export", read, bind(parts, export))
        .id("tenantry.tenant.export")
        .summary("Write out the tenant as JSON lines, page by page: all of it but what opens an account.")
        .query::<String>("after", "From the header of the answer before, unchanged.")
        .query::<PageSize>("limit", "How many lines at most, up to 1000, head and settings aside; 100 unless said.");
    in_pages(operation)
}

/// What the pages of a tenant have in common.
fn in_pages(operation: Operation) -> Operation {
    operation
        .answers(&[Success::lines::<ExportLine>("One JSON object on each line, as `application/x-ndjson`.")])
        .answer_header::<String>("Tenantry-Next-Cursor", "What to give as `after` for the lines behind these.")
        .answer_header::<String>("Tenantry-Revision", "Of the settings and words of the tenant, when the page was read.")
        .answer_header::<String>(
            "Tenantry-Last-Record",
            "The latest audit record when the page was read: another one at the end tells that something was done meanwhile.",
        )
}

async fn export(parts: Parts, call: Call) -> Result<Answer> {
    let caller = call.caller()?;
    // Namespaces, roles, groups and users are read by this right where each has its own call.
    if !caller.rights.allow(ApiGroup::UamRead, SYSTEM) {
        return Err(Error::forbidden(format!(
            "Writing out a tenant takes the right {} in the namespace {SYSTEM} too.{}",
            ApiGroup::UamRead.name(),
            caller.rights.note()
        )));
    }
    let (tenant, now, limit) = (call.tenant()?.id, call.now(), call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let after = parts.cursors.read_place_in(&call, "after", b"")?;
    let after = after.map(|place| Place::read(&place)).transpose()?.unwrap_or_default();
    let wanted = Wanted { limit, now, sealing: None };
    let page = call.store.scan(call.scope()?, move |tx| page::read(tx, tenant, &after, &wanted)).await?;
    let next = page.next.as_ref().map(|place| parts.cursors.behind_place(&call, b"", &place.to_keep())).transpose()?;
    answer(page, next, None)
}

/// A page, with the cursor for the one behind it, and how many hashes it holds if that is to be told.
fn answer(page: Page, next: Option<String>, hashes: Option<i64>) -> Result<Answer> {
    let mut answer = Answer::new("application/x-ndjson", page.text);
    let headers = [
        (NEXT, next),
        (REVISION, Some(page.revision.to_string())),
        (LAST_RECORD, page.last_record),
        (HASHES, hashes.map(|hashes| hashes.to_string())),
    ];
    for (name, value) in headers {
        if let Some(value) = value {
            answer = answer.with(name, HeaderValue::from_str(&value).map_err(Error::internal)?);
        }
    }
    Ok(answer)
}
