//! `tenantry tenant`: the operator's calls about tenants.

use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use super::arguments::{Open, Tenant as Verb};
use super::client::in_path;
use super::local::{Use, call};
use super::output::{Output, aligned, cell, moment};
use super::row::Operation::{Get, Pages, Patch, Post};
use super::row::{Operation, Shows, Table};
use crate::error::Result;
use crate::identity::TenantSettings;
use crate::tenants;

/// The path of the operator's calls about tenants.
pub const TENANTS: &str = "/api/tenantry/v1/system/tenants";
const TABLE: Table = Table {
    columns: &[
        ("NAME", |tenant| cell(&tenant["name"])),
        ("ID", |tenant| cell(&tenant["uid"])),
        ("DISPLAY NAME", |tenant| cell(&tenant["display_name"])),
        ("USERS", |tenant| cell(&tenant["users"])),
        ("STATE", state),
    ],
    nothing: "No tenants.",
};

/// # Errors
/// The server's refusal, or that neither it nor the store can be reached.
pub fn run(verb: Verb, output: Output, runtime: &Runtime) -> Result<()> {
    let to = match verb {
        Verb::Create(_) => Use::Make,
        Verb::List { .. } | Verb::Show { .. } => Use::Read,
        _ => Use::Change,
    };
    let Some((open, operation, shows)) = asked(verb) else { return Ok(()) };
    call(&open, to, (operation, shows), output, runtime)
}

/// The operator's call of a verb. Export and import are calls of the tenant's own, which never come here.
fn asked(verb: Verb) -> Option<(Open, Operation<'static>, Shows)> {
    let at = |name: &str, call: &str| format!("{TENANTS}/{}{call}", in_path(name));
    Some(match verb {
        Verb::Export(_) | Verb::Import(_) => return None,
        Verb::Create(ask) => {
            let body = json!({ "name": ask.name, "display_name": ask.display_name });
            (ask.open, Post(TENANTS.into(), body), Shows::Told(made))
        }
        Verb::List { open } => (open, Pages(TENANTS.into(), &[], u32::MAX), Shows::Table(&TABLE)),
        Verb::Show { name, open } => (open, Get(at(&name, "")), Shows::Told(told)),
        Verb::Set(ask) => {
            let changes: Map<_, _> = ask.changes.into_iter().map(|(key, value)| (key, value.into())).collect();
            (ask.open, Patch(at(&ask.name, "/settings"), changes.into()), Shows::Told(told))
        }
        Verb::Rename { name, new, open } => {
            (open, Post(at(&name, "/rename"), json!({ "name": new })), Shows::Told(told))
        }
        Verb::Suspend { name, reason, open } => {
            (open, Post(at(&name, "/suspend"), json!({ "reason": reason })), Shows::Told(told))
        }
        Verb::Resume { name, open } => (open, Post(at(&name, "/resume"), json!({})), Shows::Told(told)),
        Verb::Remove { name, grace_days, open } => {
            (open, Post(at(&name, "/remove"), json!({ "grace_days": grace_days })), Shows::Told(removed))
        }
        Verb::Owner { name, email, open } => {
            (open, Post(at(&name, "/owner"), json!({ "email": email })), Shows::Told(invited))
        }
    })
}

fn made(tenant: &Value) -> String {
    format!(
        "Tenant {} is made; its id in the API is {}. It has no users yet.",
        cell(&tenant["name"]),
        cell(&tenant["uid"])
    )
}

fn removed(tenant: &Value) -> String {
    let (name, due) = (cell(&tenant["name"]), moment(&tenant["removal"]["due_at"]));
    format!(
        "Tenant {name} is out of service, and everything of it is deleted after {due} UTC.\n\
         Until then this takes it back:\n\n  tenantry tenant resume {name}"
    )
}

fn invited(tenant: &Value) -> String {
    format!(
        "Tenant {} has its owner. Open this link within 24 hours and choose a password. It works once, and it is shown this\n\
         once:\n\n  {}",
        cell(&tenant["name"]),
        cell(&tenant["link"])
    )
}

fn state(tenant: &Value) -> String {
    let state = cell(&tenant["state"]);
    if tenant["deletion_requested"].is_null() { state } else { format!("{state}, deletion requested") }
}

/// A tenant with its settings.
fn told(tenant: &Value) -> String {
    let settings: TenantSettings = serde_json::from_value(tenant["settings"].clone()).unwrap_or_default();
    let (usual, named) = (TenantSettings::default(), tenants::named);
    let usual = named(&usual).unwrap_or_default();
    let rows = named(&settings).unwrap_or_default().into_iter().map(|(key, value)| {
        let is_usual = usual.iter().any(|(name, default)| *name == key && *default == value);
        vec![key, cell(&value), if is_usual { "default" } else { "chosen" }.into()]
    });
    let rows: Vec<_> = rows.collect();
    let head = format!("Tenant {}, id {}\n{}", cell(&tenant["name"]), cell(&tenant["uid"]), asked_for(tenant));
    format!("{head}\n\n{}", aligned(&["SETTING", "VALUE", ""], &rows))
}

/// What was asked for the tenant, a line each.
fn asked_for(tenant: &Value) -> String {
    let said = |what: &str, asked: &Value| {
        let words = ["reason", "feedback", "email"].map(|word| asked[word].as_str().unwrap_or_default());
        let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let words = if words.is_empty() { String::new() } else { format!(": {}", words.join(", ")) };
        format!("{what} by {} on {}{words}\n", cell(&asked["by"]), cell(&asked["at"]))
    };
    let lines = [("Suspended", "suspended"), ("Deletion requested", "deletion_requested"), ("Removed", "removal")];
    let lines = lines.into_iter().filter(|(_, member)| !tenant[*member].is_null());
    let mut lines: String = lines.map(|(what, member)| said(what, &tenant[member])).collect();
    if let Some(due) = tenant["removal"]["due_at"].as_str() {
        lines += &format!("It can be taken back until {due}\n");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_a_tenant_has_a_line_each() {
        let asked = |by: &str| json!({ "by": by, "at": "2026-03-04T09:15:27Z", "reason": "", "feedback": "moved", "email": "" });
        let mut tenant = json!({ "name": "acme", "uid": "acme-abcdefgh", "state": "served", "settings": {} });
        assert_eq!((state(&tenant).as_str(), asked_for(&tenant).as_str()), ("served", ""));
        tenant["deletion_requested"] = asked("owner@example.com");
        tenant["state"] = "removed".into();
        tenant["removal"] =
            json!({ "by": "command line", "at": "2026-03-04T09:15:27Z", "due_at": "2026-04-03T09:15:27Z" });
        assert_eq!(state(&tenant), "removed, deletion requested");
        assert_eq!(
            asked_for(&tenant),
            "Deletion requested by owner@example.com on 2026-03-04T09:15:27Z: moved\n\
             Removed by command line on 2026-03-04T09:15:27Z\nIt can be taken back until 2026-04-03T09:15:27Z\n"
        );
        assert!(told(&tenant).contains("link_lifetime_minutes"), "{}", told(&tenant));
        assert!(removed(&tenant).contains("tenantry tenant resume acme"));
    }
}
