//! The name of a tenant is the first label of its host.

use serde_json::json;

use super::create::check_name;
use super::get_standing_by_id;
use crate::audit::{self, Event, Outcome};
use crate::clock::Timestamp;
use crate::error::{Error, Result};
use crate::identity::{Actor, TenantId};
use crate::params;
use crate::store::Tx;

/// Gives a tenant another name, and with it another host; its id stays. From the next request on nothing answers at the host
/// before: links in mails that were sent are dead there, and people sign in anew. Tokens go on. That the name is free must
/// have been asked: in the scope of one tenant no other is seen.
///
/// # Errors
/// `Invalid` for a name that cannot be part of a host name; `NotFound`; `Conflict` for the operators' tenant.
pub fn rename(tx: &mut Tx<'_>, tenant: TenantId, name: &str, actor: &Actor, now: Timestamp) -> Result<()> {
    check_name(name)?;
    let before = get_standing_by_id(tx, tenant)?.tenant.name;
    if tenant == TenantId::SYSTEM {
        return Err(Error::conflict("The operators' tenant keeps its name: it has the bare base domain as its host."));
    }
    tx.run("UPDATE tenants SET name = $2, revision = revision + 1 WHERE id = $1", &params![tenant, name])?;
    let (action, outcome, facts) = ("tenant.rename", Outcome::Accepted, json!({ "before": before, "after": name }));
    audit::record(tx, &Event { tenant, at: now, action, outcome, actor, subject: name, facts })
}
