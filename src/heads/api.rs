//! The heads of a tenant over HTTP, and the address to which they are mailed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rows::{self, Kept};
use crate::access::ApiGroup;
use crate::act::Act;
use crate::clock::Timestamp;
use crate::error::Result;
use crate::hex::hex;
use crate::http::{Call, CursorKey, Json, Operation, PageSize, Permission, bind};
use crate::signing::Head;
use crate::signing::note::text_of;
use crate::store::Tx;
use crate::tenants;

const LIMIT_USUAL: i64 = 100;

/// The operations of this room.
pub fn operations(cursors: &CursorKey) -> Vec<Operation> {
    vec![
        Operation::get("/api/tenantry/v1/audit/heads", Permission::Group(ApiGroup::UamAdminRead), bind(cursors, list))
            .id("tenantry.v1.audit.heads")
            .summary("Lists the signed ends of the audit log, newest first.")
            .query::<String>("cursor", "From the answer before, unchanged.")
            .query::<PageSize>("limit", "How many at most, up to 1000; 100 unless said."),
        Operation::put("/api/tenantry/v1/audit/head_mail", Permission::Group(ApiGroup::TenantOwner), set_mail)
            .id("tenantry.v1.audit.head_mail")
            .summary("Set the address to which the signed ends of the audit log are mailed, once an hour."),
    ]
}

/// A head.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditHead")]
struct Item {
    /// The number of the link that it ends with.
    #[schemars(example = 812)]
    number: i64,
    /// The hash of that link, in 64 hexadecimal digits.
    #[schemars(example = "0".repeat(64))]
    hash: String,
    /// How many records are sealed up to and with that link.
    #[schemars(example = 48210)]
    records: i64,
    /// When it was made.
    at: Timestamp,
    /// The signed note (C2SP signed-note).
    #[schemars(example = &"id.example.com/tenantry/example-corp/audit\n812\n…\n")]
    note: String,
    /// When the operator's syslog receiver has taken it.
    sent_at: Option<Timestamp>,
}

impl Item {
    fn of(kept: Kept) -> Self {
        let Kept { number, records, note, made_at, sent_at } = kept;
        let head = text_of(&note).and_then(Head::read).map(|(_, head)| hex(&head.hash));
        Self { number, hash: head.unwrap_or_default(), records, at: made_at, note, sent_at }
    }
}

/// A page of heads.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AuditHeads")]
struct Page {
    items: Vec<Item>,
    next: Option<String>,
}

async fn list(cursors: CursorKey, call: Call) -> Result<Json<Page>> {
    let (tenant, limit) = (call.tenant()?.id, call.limit(LIMIT_USUAL, PageSize::MAX)?);
    let before = cursors.read(&call)?.and_then(number_of).unwrap_or(i64::MAX);
    let found = call.store.scan(call.scope()?, move |tx| rows::list_before(tx, tenant, before, limit)).await?;
    let next = cursors.behind(&call, found.last().map(id_of), found.len(), limit)?;
    Ok(Json(Page { items: found.into_iter().map(Item::of).collect(), next }))
}

/// Cursors hold ids.
fn id_of(head: &Kept) -> Uuid {
    Uuid::from_u128(u128::from(head.number.unsigned_abs()))
}

fn number_of(id: Uuid) -> Option<i64> {
    i64::try_from(id.as_u128()).ok()
}

/// Where heads are mailed.
#[derive(Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AuditHeadMail")]
struct HeadMail {
    /// Any address; empty for none.
    #[schemars(example = &"audit@example.net")]
    email: String,
}

async fn set_mail(call: Call, asked: HeadMail) -> Result<Json<HeadMail>> {
    let (act, changes) = (Act::of(&call)?, [("audit_head_mail".to_string(), asked.email)]);
    let verb = move |tx: &mut Tx<'_>| tenants::set_by_id(tx, act.tenant.id, &changes, &act.actor, act.now);
    let tenant = call.store.write(call.scope()?, verb).await?;
    Ok(Json(HeadMail { email: tenant.settings.mail.audit_head.unwrap_or_default() }))
}
