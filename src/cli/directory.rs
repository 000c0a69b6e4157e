//! `tenantry group`, `role`, `namespace` and `setting`: over the API of a running server.

use serde_json::{Map, Value, json};

use super::arguments::{Group, GroupCreate, GroupMembers, Named, Namespace, Role, Setting};
use super::client::{Client, in_path};
use super::output::{Output, cell, person};
use super::row::Operation::{Delete, Get, Patch, Post, Put};
use super::row::{Row, Shows, Table, show};
use crate::address::{shown, spelt};
use crate::error::Result;

const GROUPS: &str = "/api/web/custom/namespaces/system/user_groups";
const ROLES: &str = "/api/web/custom/namespaces/system/roles";
const NAMESPACES: &str = "/api/web/namespaces";
const SETTINGS: &str = "/api/tenantry/v1/settings";
const COOL_OFF: &str = "/api/tenantry/v1/address_cool_off";

const HEAD_MAIL: &str = "/api/tenantry/v1/audit/head_mail";

const OF_GROUPS: Table = Table {
    columns: &[
        ("NAME", |group| cell(&group["name"])),
        ("DISPLAY NAME", |group| cell(&group["display_name"])),
        ("MEMBERS", |group| group["usernames"].as_array().map_or(0, Vec::len).to_string()),
        ("ROLES", |group| grants(&group["namespace_roles"])),
    ],
    nothing: "No groups.",
};
const OF_ROLES: Table = Table {
    columns: &[("NAME", |role| cell(&role["name"])), ("API GROUPS", |role| list(&role["api_groups"]))],
    nothing: "No roles.",
};
const OF_NAMESPACES: Table = Table {
    columns: &[
        ("NAME", |namespace| cell(&namespace["name"])),
        ("DESCRIPTION", |namespace| cell(&namespace["description"])),
    ],
    nothing: "No namespaces.",
};
const OF_SETTINGS: Table = Table {
    columns: &[
        ("NAME", |setting| cell(&setting["name"])),
        ("VALUE", |setting| cell(&setting["value"])),
        ("DEFAULT", |setting| cell(&setting["default"])),
        ("SET BY", |setting| cell(&setting["set_by"])),
    ],
    nothing: "No settings.",
};

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn group(verb: &Group, output: Output) -> Result<()> {
    let at = |name: &str, call: &str| format!("{GROUPS}/{}{call}", in_path(name));
    let (api, operation, shows) = match verb {
        Group::List { api } => (api, Get(GROUPS.into()), Shows::TableOf("user_groups", &OF_GROUPS)),
        Group::Show(Named { name, api }) => (api, Get(at(name, "")), Shows::Told(told_of_group)),
        Group::Create(ask) => (&ask.api, Post(GROUPS.into(), new_group(ask)), Shows::Told(told_of_group)),
        Group::Delete(Named { name, api }) => {
            (api, Delete(at(name, "")), Shows::Text(format!("The group {name} is gone. Its users stay.")))
        }
        Group::Add(ask) => return each_member(ask, "group_add", "is in", output),
        Group::Remove(ask) => return each_member(ask, "group_remove", "is not in", output),
        Group::Give(ask) => {
            let body = json!({ "namespace_roles": wire(&ask.roles) });
            (&ask.api, Put(at(&ask.name, "/assign_namespace_roles"), body), Shows::Told(told_of_group))
        }
        Group::Take(ask) => {
            let body = json!({ "namespace_roles": wire(&ask.roles) });
            (&ask.api, Put(at(&ask.name, "/remove_namespace_roles"), body), Shows::Told(told_of_group))
        }
    };
    Row { api, operation, shows }.run(output)
}

fn new_group(ask: &GroupCreate) -> Value {
    let GroupCreate { name, display_name, description, members, roles, .. } = ask;
    json!({
        "name": name,
        "display_name": display_name,
        "description": description,
        "usernames": members,
        "namespace_roles": wire(roles),
    })
}

/// The public API names one user in each call. What was done stays done where a later one is refused.
fn each_member(ask: &GroupMembers, call: &str, done: &str, output: Output) -> Result<()> {
    let client = Client::of(&ask.api)?;
    for member in &ask.members {
        let body = json!({ "username": spelt(member), "group_names": [ask.name] });
        let answer =
            client.send("PUT", &format!("/api/web/custom/namespaces/system/users/{call}"), Some(&body))?.json();
        show(&answer, Shows::Text(format!("{} {done} the group {}.", shown(member), ask.name)), output)?;
    }
    Ok(())
}

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn role(verb: &Role, output: Output) -> Result<()> {
    let at = |name: &str| format!("{ROLES}/{}", in_path(name));
    let (api, operation, shows) = match verb {
        Role::List { api } => (api, Get(ROLES.into()), Shows::Table(&OF_ROLES)),
        Role::Show(Named { name, api }) => (api, Get(at(name)), Shows::Told(told_of_role)),
        Role::Create(ask) => {
            let body = json!({ "metadata": { "name": ask.name }, "api_groups": ask.api_groups });
            let done = format!("The role {} is made. It allows {}.", ask.name, ask.api_groups.join(", "));
            (&ask.api, Post(ROLES.into(), body), Shows::Text(done))
        }
        Role::Set(ask) => {
            let done = format!("{} allows {} from the next call on.", ask.name, ask.api_groups.join(", "));
            (&ask.api, Put(at(&ask.name), json!({ "api_groups": ask.api_groups })), Shows::Text(done))
        }
        Role::Delete(Named { name, api }) => {
            let path = format!("{NAMESPACES}/system/roles/{}", in_path(name));
            (api, Delete(path), Shows::Text(format!("The role {name} is gone.")))
        }
    };
    Row { api, operation, shows }.run(output)
}

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn namespace(verb: &Namespace, output: Output) -> Result<()> {
    let at = |name: &str, call: &str| format!("{NAMESPACES}/{}{call}", in_path(name));
    let (api, operation, shows) = match verb {
        Namespace::List { api } => (api, Get(NAMESPACES.into()), Shows::Table(&OF_NAMESPACES)),
        Namespace::Show(Named { name, api }) => (api, Get(at(name, "")), Shows::Told(told_of_namespace)),
        Namespace::Create(ask) => {
            let body = json!({ "metadata": { "name": ask.name, "description": ask.description } });
            (&ask.api, Post(NAMESPACES.into(), body), Shows::Told(told_of_namespace))
        }
        Namespace::Delete(Named { name, api }) => {
            let done = format!("The namespace {name} is gone, with all that was in it.");
            (api, Post(at(name, "/cascade_delete"), json!({})), Shows::Text(done))
        }
    };
    Row { api, operation, shows }.run(output)
}

/// # Errors
/// The server's refusal, or that it could not be reached.
pub fn setting(verb: &Setting, output: Output) -> Result<()> {
    let shows = Shows::TableOf("settings", &OF_SETTINGS);
    let (api, operation) = match verb {
        Setting::List { api } => (api, Get(SETTINGS.into())),
        Setting::Set(ask) => {
            let changes: Map<_, _> =
                ask.changes.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            (&ask.api, Patch(SETTINGS.into(), changes.into()))
        }
        Setting::AddressCoolOff(ask) => {
            let said = format!("For {} hours after a change of an address mail goes to the former one.", ask.hours);
            let operation = Put(COOL_OFF.into(), json!({ "hours": ask.hours }));
            return Row { api: &ask.api, operation, shows: Shows::Text(said) }.run(output);
        }
        Setting::AuditHeadMail(ask) => {
            let said = match &ask.email {
                Some(email) => format!("The signed ends of the audit log are mailed to {email}, once an hour."),
                None => "The signed ends of the audit log are mailed no more.".into(),
            };
            let operation = Put(HEAD_MAIL.into(), json!({ "email": ask.email.clone().unwrap_or_default() }));
            return Row { api: &ask.api, operation, shows: Shows::Text(said) }.run(output);
        }
    };
    Row { api, operation, shows }.run(output)
}

fn wire(roles: &[(String, String)]) -> Vec<Value> {
    roles.iter().map(|(namespace, role)| json!({ "namespace": namespace, "role": role })).collect()
}

fn grants(found: &Value) -> String {
    let one = |grant: &Value| format!("{}:{}", cell(&grant["namespace"]), cell(&grant["role"]));
    join(found, one)
}

fn list(found: &Value) -> String {
    join(found, cell)
}

fn join(found: &Value, one: impl Fn(&Value) -> String) -> String {
    let all: Vec<_> = found.as_array().into_iter().flatten().map(one).collect();
    if all.is_empty() { "-".into() } else { all.join(", ") }
}

fn told_of_group(group: &Value) -> String {
    let lines = [
        ("name", cell(&group["name"])),
        ("display name", cell(&group["display_name"])),
        ("description", cell(&group["description"])),
        ("members", join(&group["usernames"], person)),
        ("roles", grants(&group["namespace_roles"])),
    ];
    lines.map(|(name, value)| format!("{name:<13} {value}")).join("\n")
}

fn told_of_role(role: &Value) -> String {
    let name = cell(&role["object"]["metadata"]["name"]);
    format!("{:<13} {name}\n{:<13} {}", "name", "API groups", list(&role["api_groups"]))
}

fn told_of_namespace(namespace: &Value) -> String {
    let metadata = &namespace["metadata"];
    let (name, description) = (cell(&metadata["name"]), cell(&metadata["description"]));
    format!("{:<13} {name}\n{:<13} {description}", "name", "description")
}
